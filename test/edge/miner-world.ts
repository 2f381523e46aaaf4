/** A Miner in virtual time with a storage in memory, and the decoders that its tests speak of. */
import type { DecoderFile } from '../../edge/approved-decoder.ts';
import type { BusRates } from '../../edge/bus-meter.ts';
import { FrameBatch } from '../../edge/can/index.ts';
import { contentHash } from '../../edge/dbc/index.ts';
import { Miner, type MinerEvent, type MinerSettings } from '../../edge/miner.ts';
import {
  fromHex,
  type OpenedPack,
  openPack,
  packAad,
  type Signer,
  samplesOf,
  softwareSigner,
  toHex,
} from '../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../edge/sim/index.ts';
import { type LogOptions, PackLog } from '../../edge/store/index.ts';
import type { UplinkPort } from '../../edge/uplink/index.ts';
import { SettableTrust } from './trust/settable-trust.ts';

export const device = softwareSigner(new Uint8Array(32).fill(1));

export function dbcFile(name: string, text: string): DecoderFile {
  return { name, bytes: new TextEncoder().encode(`VERSION ""\n\nBU_: ECU\n\n${text}`) };
}

export const hashOf = ({ bytes }: DecoderFile): Uint8Array => fromHex(contentHash(bytes));

/** Signals by index: Speed 0, Temperature 1 (id 0x100), Total 2 (id 0x101, 64 bits). */
export const powertrain = dbcFile(
  'powertrain',
  `BO_ 256 Engine: 8 ECU
 SG_ Speed : 0|16@1+ (0.1,0) [0|0] "km/h" ECU
 SG_ Temperature : 16|8@1- (1,-40) [0|0] "degC" ECU

BO_ 257 Energy: 8 ECU
 SG_ Total : 0|64@1+ (1,0) [0|0] "Wh" ECU
`,
);

/** Signals by index: Duty 0 (id 0x100, as powertrain has it), Open 1 (id 0x200). */
export const body = dbcFile(
  'body',
  `BO_ 256 Fan: 8 ECU
 SG_ Duty : 24|8@1+ (1,0) [0|0] "%" ECU

BO_ 512 Doors: 1 ECU
 SG_ Open : 0|1@1+ (1,0) [0|0] "" ECU
`,
);

/** `[id, payload hex, flags, time in ms]`; flags and time are 0 when left out. */
export type FrameRow = [id: number, hex: string, flags?: number, timeMs?: number];

export function batchOf(...rows: FrameRow[]): FrameBatch {
  const batch = new FrameBatch(Math.max(1, rows.length));
  for (const [id, hex, flags = 0, timeMs = 0] of rows) batch.push(timeMs * 1000, id, flags, fromHex(hex));
  return batch;
}

/** Every sample is kept and no timer interferes unless a test says otherwise. */
export const keepAll: Partial<MinerSettings> = {
  sampling: { intervalMsMin: 0, intervalMsMax: 0 },
  packIntervalMs: 1_000,
  packSamplesMax: 1_000_000,
  trustIntervalMs: 5_000,
};

export interface MinerWorld {
  clock: VirtualClock;
  trust: SettableTrust;
  storage: MemoryStorage;
  log: PackLog;
  miner: Miner;
  events: MinerEvent[];
  /** Every pack signed so far, verified. */
  packs(): OpenedPack[];
  /** The kinds of the events so far, packs and receipts left out. */
  told(): string[];
}

export function minerWorld(
  options: {
    settings?: Partial<MinerSettings>;
    listed?: DecoderFile[];
    storage?: MemoryStorage;
    trust?: SettableTrust;
    uplink?: UplinkPort;
    gateways?: Uint8Array[];
    clock?: VirtualClock;
    logOptions?: LogOptions;
    signer?: Signer;
    bus?: BusRates;
    imageHash?: Uint8Array;
  } = {},
): MinerWorld {
  const {
    storage = new MemoryStorage(),
    trust = new SettableTrust(),
    listed = [],
    clock = new VirtualClock(),
  } = options;
  const { settings, uplink, gateways, logOptions, signer = device, bus, imageHash } = options;
  for (const file of listed) trust.setDecoder(hashOf(file), 'listed');
  const { log } = PackLog.open(storage, logOptions);
  const events: MinerEvent[] = [];
  const miner = new Miner({
    signer,
    trust,
    log,
    clock,
    ...(uplink && { uplink }),
    ...(gateways && { gateways }),
    ...(bus && { bus }),
    ...(imageHash && { imageHash }),
    settings: { ...keepAll, ...settings },
    onEvent: (event) => events.push(event),
  });
  const externalAad = packAad(trust.chainId, trust.minerRegistry);
  return {
    clock,
    trust,
    storage,
    log,
    miner,
    events,
    packs: () =>
      events.flatMap((event) => (event.kind === 'pack-signed' ? [openPack(event.bytes, { externalAad })] : [])),
    told: () => events.map(({ kind }) => kind).filter((kind) => kind !== 'pack-signed' && kind !== 'receipted'),
  };
}

/** The samples of packs as `decoder hash, signal, raw`, in pack order. */
export function valuesOf(packs: readonly OpenedPack[]): [decoder: string, signalIndex: number, raw: number | bigint][] {
  return packs.flatMap(({ body }) =>
    Array.from(samplesOf(body), ({ decoder, signalIndex, raw }): [string, number, number | bigint] => [
      toHex(decoder),
      signalIndex,
      raw,
    ]),
  );
}
