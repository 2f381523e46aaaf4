/** `miner pack show`: every field of a pack in words; with the decoder at hand, names and physical values too. */
import { FrameFlag } from '../../edge/can/index.ts';
import {
  AnchorSource,
  type Column,
  CoseHeader,
  type FrameColumn,
  GapReason,
  PackCounter,
  sampleCount,
  schemaVersion,
  type TextColumn,
  toHex,
} from '../../edge/pack/index.ts';
import { type LoadedDecoder, placeOf } from './decoders.ts';
import { flagsOf, SampleReader, unixMsAt } from './samples.ts';
import type { UnverifiedPack } from './unverified.ts';

export interface ShownColumn {
  decoder: number;
  signalIndex: number;
  /** Message and signal, where the decoder is at hand. */
  name?: string;
  samples: number;
  firstMs: number;
  lastMs: number;
  /** Raw integers beyond 2^53 are texts, as JSON has no number for them. */
  firstRaw?: number | string;
  lastRaw?: number | string;
  /** Physical, with unit and label, where the decoder is at hand. */
  lastValue?: string;
  lastText?: string;
}

export interface ShownFrames {
  /** Without flag bits. */
  id: string;
  extended: boolean;
  remote: boolean;
  error: boolean;
  frames: number;
  firstMs: number;
  lastMs: number;
  /** Hex. */
  lastPayload: string;
  /** The message's, where a decoder at hand has it. */
  name?: string;
}

export interface ShownPack {
  file: string;
  device: string;
  algorithm: string;
  /** `typ`, where there is one. */
  type?: string;
  recoveryHint?: number;
  bytes: number;
  hash: string;
  schema: number;
  seq: number;
  boot: number;
  previousHash?: string;
  startMs: number;
  clock?: { unixMs: number; time: string; source: string; uncertaintyMs: number };
  samples: number;
  decoders: { contentHash: string; registryIndex?: number; name?: string }[];
  columns: ShownColumn[];
  frames: ShownFrames[];
  counters: Record<string, number>;
  gaps: { from: number; to: number; reason: number; name: string }[];
  imageHash?: string;
}

/**
 * @param loaded names and values come from those of them that the pack names
 * @throws {MinerError} PACK_SIGNAL_UNKNOWN, PACK_RAW_RANGE
 */
export function explainPack(pack: UnverifiedPack, loaded: readonly LoadedDecoder[]): ShownPack {
  const { name: file, bytes, message, body, algorithm, device, hash } = pack;
  const decoders = body.decoders.map(({ contentHash, registryIndex }) => {
    const wanted = toHex(contentHash);
    return { contentHash: wanted, registryIndex, found: loaded.find((decoder) => decoder.hash === wanted) };
  });
  const reader = new SampleReader();
  const columns = [...body.columns, ...(body.texts ?? [])].map((column) =>
    shownColumn(file, column, decoders[column.decoder].found, reader),
  );
  const type = message.protectedHeader.get(CoseHeader.type);
  const hint = message.unprotectedHeader.get(CoseHeader.recoveryHint);
  return {
    file,
    device,
    algorithm,
    ...(typeof type === 'string' && { type }),
    ...(typeof hint === 'number' && { recoveryHint: hint }),
    bytes: bytes.length,
    hash,
    schema: schemaVersion,
    seq: body.seq,
    boot: body.bootCount,
    ...(body.previousHash && { previousHash: toHex(body.previousHash) }),
    startMs: body.startMs,
    ...shownClock(pack),
    samples: sampleCount(body),
    decoders: decoders.map(({ contentHash, registryIndex, found }) => ({
      contentHash,
      ...(registryIndex !== undefined && { registryIndex }),
      ...(found && { name: found.name }),
    })),
    columns,
    frames: (body.frames ?? []).map((column) => shownFrames(column, loaded)),
    counters: Object.fromEntries([...(body.counters ?? [])].map(([key, count]) => [counterName(key), count])),
    gaps: (body.gaps ?? []).map((gap) => ({ ...gap, name: nameOf(GapReason, gap.reason) })),
    ...(body.imageHash && { imageHash: toHex(body.imageHash) }),
  };
}

/** A writer may know more than this reader: what has no name is shown by its number. */
function nameOf(table: Readonly<Record<string, number>>, number: number): string {
  return Object.entries(table).find(([, value]) => value === number)?.[0] ?? `unknown (${number})`;
}

function counterName(key: number): string {
  return Object.entries(PackCounter).find(([, value]) => value === key)?.[0] ?? `counter ${key}`;
}

function shownClock({ body }: UnverifiedPack): Pick<ShownPack, 'clock'> {
  const { anchor } = body;
  if (anchor === undefined) return {};
  const { unixMs, source, uncertaintyMs } = anchor;
  const known = unixMsAt(body, body.startMs);
  const time = known === undefined ? 'not known' : new Date(known).toISOString();
  return { clock: { unixMs, time, source: nameOf(AnchorSource, source), uncertaintyMs } };
}

function shownColumn(
  pack: string,
  column: Column | TextColumn,
  decoder: LoadedDecoder | undefined,
  reader: SampleReader,
): ShownColumn {
  const { signalIndex, timesMs } = column;
  const place = decoder && placeOf(pack, decoder, signalIndex);
  const head = {
    decoder: column.decoder,
    signalIndex,
    ...(place && { name: `${place.message.name}.${place.signal.name}` }),
    samples: timesMs.length,
    firstMs: timesMs[0],
    lastMs: timesMs[timesMs.length - 1],
  };
  if ('texts' in column) return { ...head, lastText: column.texts[column.texts.length - 1] };
  const first = column.values[0];
  const last = column.values[column.values.length - 1];
  const shown = { ...head, firstRaw: plainRaw(first), lastRaw: plainRaw(last) };
  if (place === undefined) return shown;
  const { value, label } = reader.reading(pack, place, last);
  const unit = place.signal.unit === '' ? '' : ` ${place.signal.unit}`;
  return { ...shown, lastValue: `${value}${unit}${label === undefined ? '' : ` (${label})`}` };
}

function plainRaw(raw: number | bigint): number | string {
  return typeof raw === 'bigint' ? String(raw) : raw;
}

function shownFrames({ id, timesMs, payloads }: FrameColumn, loaded: readonly LoadedDecoder[]): ShownFrames {
  const flags = flagsOf(id);
  const extended = (flags & FrameFlag.extended) !== 0;
  const plain = id % 2 ** 29;
  const found = loaded.map(({ plan }) => plan.find(plain, extended)).find((message) => message !== undefined);
  return {
    id: `0x${plain
      .toString(16)
      .toUpperCase()
      .padStart(extended ? 8 : 3, '0')}`,
    extended,
    remote: (flags & FrameFlag.remote) !== 0,
    error: (flags & FrameFlag.error) !== 0,
    frames: payloads.length,
    firstMs: timesMs[0],
    lastMs: timesMs[timesMs.length - 1],
    lastPayload: toHex(payloads[payloads.length - 1]),
    ...(found && { name: found.name }),
  };
}
