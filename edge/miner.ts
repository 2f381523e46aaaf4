/**
 * The Miner: frames in, signed packs out. It decodes only with approved decoders, keeps what it signed until a
 * gateway's receipt, and takes its clock, storage, trust and uplink as arguments, so that the code that runs live
 * runs in a simulation too.
 */
import { type ApprovedDecoder, approveDecoder, type DecoderFile, type RefusedDecoder } from './approved-decoder.ts';
import { type FrameBatch, FrameFlag } from './can/index.ts';
import { contentHash } from './dbc/index.ts';
import { SignalStatus } from './decode/index.ts';
import { MinerError } from './errors/index.ts';
import {
  AnchorSource,
  type Column,
  type PackBody,
  PackCounter,
  packAad,
  packHash,
  SamplesBuilder,
  type Signer,
  signPack,
  type WallClockAnchor,
} from './pack/index.ts';
import { Sampler, type SamplingPolicy } from './sampler.ts';
import type { Clock } from './sim/index.ts';
import type { PackLog } from './store/index.ts';
import type { TrustView } from './trust/index.ts';
import { Outbox, type OutboxEvent, openReceipt, receiptAad, type UplinkPort } from './uplink/index.ts';

export interface MinerSettings {
  sampling: SamplingPolicy;
  /** A pack is closed this long after the one before, when it holds anything. */
  packIntervalMs: number;
  /** A pack is closed early at this many samples. */
  packSamplesMax: number;
  /** How often the approval of decoders is asked for again. */
  trustIntervalMs: number;
}

export const defaultSettings: MinerSettings = {
  sampling: { intervalMsMin: 1_000, intervalMsMax: 60_000 },
  packIntervalMs: 10_000,
  packSamplesMax: 4_096,
  trustIntervalMs: 30_000,
};

export interface MinerOptions {
  signer: Signer;
  trust: TrustView;
  log: PackLog;
  clock: Clock;
  /** Without one, packs wait in the log. */
  uplink?: UplinkPort;
  /** Addresses of the gateways whose receipts count, 20 bytes each. */
  gateways?: readonly Uint8Array[];
  settings?: Partial<MinerSettings>;
  onEvent?: (event: MinerEvent) => void;
}

export type MinerEvent =
  | { kind: 'decoder-approved'; decoder: ApprovedDecoder }
  | { kind: 'decoder-refused'; decoder: RefusedDecoder }
  | { kind: 'decoder-withdrawn'; decoder: RefusedDecoder }
  | { kind: 'trust-unavailable'; error: MinerError }
  | { kind: 'pack-signed'; seq: number; bytes: Uint8Array; samples: number; stored: boolean }
  | OutboxEvent;

export interface MinerCounters {
  framesReceived: number;
  framesDecoded: number;
  /** With an id that no approved decoder has; remote frames among them. */
  framesUndecoded: number;
  /** Lost before they reached us, as far as the link can tell. */
  framesDropped: number;
  errorFrames: number;
  samples: number;
  /** Given up: no pack could be stored, or their decoder was withdrawn before they were signed. */
  samplesDropped: number;
  packsSigned: number;
  packBytes: number;
}

/** Beyond this many times `packSamplesMax`, samples that can't be stored are given up. */
const backlogPacksMax = 4;

export class Miner {
  readonly counters: MinerCounters = {
    framesReceived: 0,
    framesDecoded: 0,
    framesUndecoded: 0,
    framesDropped: 0,
    errorFrames: 0,
    samples: 0,
    samplesDropped: 0,
    packsSigned: 0,
    packBytes: 0,
  };
  /** Present when there is an uplink. */
  readonly outbox: Outbox | undefined;
  readonly #options: MinerOptions;
  readonly #settings: MinerSettings;
  readonly #aad: Uint8Array;
  readonly #emit: (event: MinerEvent) => void;
  readonly #samples = new SamplesBuilder();
  /** As many samples close a pack early; more while the storage refuses, so that it isn't asked at every frame. */
  #flushAtCount: number;
  #files: readonly DecoderFile[] = [];
  #approved: ApprovedDecoder[] = [];
  /** One for each approved decoder. */
  #samplers: Sampler[] = [];
  #previousHash: Uint8Array | undefined;
  /** The check under way. */
  #checking: Promise<void> | undefined;
  #cancelPackTimer: () => void = () => {};
  #cancelTrustTimer: () => void = () => {};
  #stopped = false;

  constructor(options: MinerOptions) {
    const { trust, signer, log, clock, uplink, gateways = [], settings, onEvent = () => {} } = options;
    this.#options = options;
    this.#settings = { ...defaultSettings, ...settings };
    this.#flushAtCount = this.#settings.packSamplesMax;
    this.#emit = onEvent;
    this.#aad = packAad(trust.chainId, trust.minerRegistry);
    if (uplink) {
      const externalAad = receiptAad(trust.chainId, trust.minerRegistry);
      const trusted = { gateways, device: signer.kid, externalAad };
      this.outbox = new Outbox({
        log,
        port: uplink,
        clock,
        openReceipt: (bytes) => openReceipt(bytes, trusted),
        onEvent: this.#emit,
      });
    }
  }

  /** The decoders in use. */
  get decoders(): readonly ApprovedDecoder[] {
    return this.#approved;
  }

  /**
   * Asks which of these decoders are approved, loads those, and starts the timers. Refused ones are reported, and
   * asked for again later: a vote may list them. A file given twice counts once.
   * @throws {MinerError} CHAIN_UNREACHABLE: without a first answer nothing may be decoded
   */
  async start(files: readonly DecoderFile[]): Promise<void> {
    this.#files = [...new Map(files.map((file) => [contentHash(file.bytes), file])).values()];
    const answers = await Promise.all(this.#files.map((file) => approveDecoder(file, this.#options.trust)));
    if (this.#stopped) return;
    for (const answer of answers) {
      if ('refused' in answer) this.#emit({ kind: 'decoder-refused', decoder: answer.refused });
      else this.#load(answer.approved);
    }
    this.#schedulePack();
    this.#scheduleTrust();
  }

  #load(decoder: ApprovedDecoder): void {
    this.#approved.push(decoder);
    this.#samplers.push(new Sampler(decoder.plan.signals.length, this.#settings.sampling));
    this.#emit({ kind: 'decoder-approved', decoder });
  }

  /** Takes frames whose times are microseconds since boot. Never throws, whatever they hold. */
  receive(batch: FrameBatch): void {
    const { counters } = this;
    const { count, stride, flags, id, data, length, timeUs } = batch;
    counters.framesReceived += count;
    for (let i = 0; i < count; i++) {
      if ((flags[i] & FrameFlag.error) !== 0) {
        counters.errorFrames++;
        continue;
      }
      let known = false;
      for (let k = 0; k < this.#approved.length; k++) {
        const { decoder } = this.#approved[k];
        const message = decoder.decode(id[i], flags[i], data, i * stride, length[i]);
        if (message === undefined) continue;
        known = true;
        this.#sample(k, message.signals, timeUs[i] / 1000);
      }
      if (known) counters.framesDecoded++;
      else counters.framesUndecoded++;
      if (this.#samples.count >= this.#flushAtCount) this.flush();
    }
  }

  /** Reads the decoder's last result. */
  #sample(k: number, signals: readonly { signalIndex: number }[], timeMs: number): void {
    const { decoder, wide } = this.#approved[k];
    const sampler = this.#samplers[k];
    for (let slot = 0; slot < signals.length; slot++) {
      const status = decoder.status[slot];
      if (status === SignalStatus.absent || status === SignalStatus.inactive) continue;
      const { signalIndex } = signals[slot];
      const raw = wide[signalIndex] === 1 ? decoder.rawAt(slot) : decoder.raw[slot];
      if (sampler.keep(signalIndex, timeMs, raw)) {
        this.#samples.add(k, signalIndex, timeMs, raw);
        this.counters.samples++;
      }
    }
  }

  /** The link says that this many frames never arrived. */
  noteLoss(frames: number): void {
    this.counters.framesDropped += frames;
  }

  /** Signs and stores what was sampled since the last pack. Nothing sampled and nothing to declare: no pack. */
  flush(): void {
    if (this.#samples.count > 0 || this.#options.log.declarationWanted) this.signStatus();
  }

  /** Signs and stores a pack now, even one without samples: a sign of life with the counters. */
  signStatus(): void {
    if (this.#sign(this.#samples.columns())) this.#clearSamples();
    else this.#keepBacklog();
  }

  /** @returns false when there is no number for the pack now: the storage takes nothing */
  #sign(columns: readonly Column[]): boolean {
    const { log, signer, clock } = this.#options;
    const seq = log.nextSeq();
    if (seq === undefined) return false;
    const samples = countOf(columns);
    const startMs = Math.floor(samples > 0 ? this.#samples.firstMs : clock.nowMs());
    const body = {
      seq,
      bootCount: log.bootCount,
      ...this.#numberedAnew(columns),
      startMs,
      counters: this.#packCounters(),
      gaps: log.gapsToDeclare(),
      ...(this.#previousHash && { previousHash: this.#previousHash.slice(0, 16) }),
      ...this.#anchor(startMs),
    };
    const bytes = signPack(signer, body, { externalAad: this.#aad });
    const stored = log.append(seq, bytes);
    if (!stored) this.counters.samplesDropped += samples;
    this.#previousHash = packHash(bytes);
    this.counters.packsSigned++;
    this.counters.packBytes += bytes.length;
    this.#emit({ kind: 'pack-signed', seq, bytes, samples, stored });
    this.outbox?.notify();
    return true;
  }

  /** A pack lists only the decoders that it uses, and its columns go by their place in that list. */
  #numberedAnew(columns: readonly Column[]): Pick<PackBody, 'columns' | 'decoders'> {
    const used = [...new Set(columns.map(({ decoder }) => decoder))];
    return {
      columns: columns.map((column) => ({ ...column, decoder: used.indexOf(column.decoder) })),
      decoders: used.map((k) => {
        const { contentHash, registryIndex } = this.#approved[k];
        return { contentHash, registryIndex };
      }),
    };
  }

  #packCounters(): ReadonlyMap<number, number> {
    const { framesReceived, framesDropped, framesUndecoded, errorFrames } = this.counters;
    const counts: [number, number][] = [
      [PackCounter.framesReceived, framesReceived],
      [PackCounter.framesDropped, framesDropped],
      [PackCounter.packsEvicted, this.#options.log.status.evicted],
      [PackCounter.framesUndecoded, framesUndecoded],
      [PackCounter.errorFrames, errorFrames],
    ];
    return new Map(counts.filter(([, count]) => count > 0));
  }

  /** Wall-clock time at t0, where the device knows one. */
  #anchor(startMs: number): { anchor?: WallClockAnchor } {
    const { clock } = this.#options;
    const unixMs = clock.unixMs();
    if (unixMs === undefined) return {};
    const atStart = Math.round(unixMs - (clock.nowMs() - startMs));
    return { anchor: { unixMs: Math.max(0, atStart), source: AnchorSource.rtc, uncertaintyMs: 1000 } };
  }

  /** The storage takes nothing: samples wait, but not without end. */
  #keepBacklog(): void {
    const { packSamplesMax } = this.#settings;
    if (this.#samples.count < backlogPacksMax * packSamplesMax) {
      this.#flushAtCount = this.#samples.count + packSamplesMax;
      return;
    }
    this.counters.samplesDropped += this.#samples.count;
    this.#clearSamples();
  }

  #clearSamples(): void {
    this.#samples.clear();
    this.#flushAtCount = this.#settings.packSamplesMax;
  }

  #schedulePack(): void {
    this.#cancelPackTimer = this.#options.clock.schedule(this.#settings.packIntervalMs, () => {
      this.flush();
      this.#schedulePack();
    });
  }

  #scheduleTrust(): void {
    this.#cancelTrustTimer = this.#options.clock.schedule(this.#settings.trustIntervalMs, async () => {
      await this.checkTrust();
      if (!this.#stopped) this.#scheduleTrust();
    });
  }

  /**
   * Asks again which decoders are approved: drops those that no longer are, loads those that came to be. Without an
   * answer, what was known goes on.
   */
  checkTrust(): Promise<void> {
    // Two checks at one time would each load what came to be approved.
    this.#checking ??= this.#checkTrust().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #checkTrust(): Promise<void> {
    let answers: Awaited<ReturnType<typeof approveDecoder>>[];
    try {
      const known = new Map(this.#approved.map((decoder) => [decoder.file, decoder]));
      answers = await Promise.all(
        this.#files.map(async (file) => {
          const approved = known.get(file);
          const standing = approved && (await this.#options.trust.decoder(approved.contentHash));
          // What is loaded stays loaded: only its standing is asked for.
          if (approved && standing?.active) return { approved };
          return approveDecoder(file, this.#options.trust);
        }),
      );
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#emit({ kind: 'trust-unavailable', error });
      return;
    }
    const stays = new Set(answers.flatMap((answer) => ('approved' in answer ? [answer.approved] : [])));
    const changed = stays.size !== this.#approved.length || this.#approved.some((decoder) => !stays.has(decoder));
    if (!changed || this.#stopped) return;
    this.#replaceDecoders(stays, answers);
  }

  #replaceDecoders(stays: Set<ApprovedDecoder>, answers: Awaited<ReturnType<typeof approveDecoder>>[]): void {
    const before = this.#approved;
    const samplers = this.#samplers;
    // Signed before the decoders' places change, and without any value of one that was withdrawn.
    const columns = this.#samples.columns().filter(({ decoder }) => stays.has(before[decoder]));
    const signed = columns.length > 0 && this.#sign(columns);
    this.counters.samplesDropped += this.#samples.count - (signed ? countOf(columns) : 0);
    this.#clearSamples();
    this.#approved = before.filter((decoder) => stays.has(decoder));
    this.#samplers = samplers.filter((_, k) => stays.has(before[k]));
    const kept = new Set(this.#approved);
    for (const decoder of stays) if (!kept.has(decoder)) this.#load(decoder);
    const lost = new Set(before.filter((decoder) => !stays.has(decoder)).map(({ file }) => file));
    for (const answer of answers) {
      if ('refused' in answer && lost.has(answer.refused.file)) {
        this.#emit({ kind: 'decoder-withdrawn', decoder: answer.refused });
      }
    }
  }

  /** Signs what is left, makes it durable, and stops. What has no receipt yet goes out after the next start. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelPackTimer();
    this.#cancelTrustTimer();
    this.flush();
    this.counters.samplesDropped += this.#samples.count;
    this.#clearSamples();
    this.#options.log.close();
    this.outbox?.close();
  }
}

function countOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
}
