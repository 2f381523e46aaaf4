/**
 * The Miner: frames in, signed packs out. It decodes only with approved decoders, keeps what it signed until a
 * gateway's receipt, and takes its clock, storage, trust and uplink as arguments, so that the code that runs live
 * runs in a simulation too.
 */
import type { ApprovedDecoder, DecoderFile, RefusedDecoder } from './approved-decoder.ts';
import { BusMeter, type BusRates } from './bus-meter.ts';
import { type FrameBatch, FrameFlag } from './can/index.ts';
import { needsJ1939Transport, SignalStatus } from './decode/index.ts';
import { type DecoderChanges, DecoderSet } from './decoder-set.ts';
import { MinerError } from './errors/index.ts';
import { createJ1939Reassembler, isTransportFrame, type J1939Reassembler } from './j1939/index.ts';
import { type MinerCounters, newCounters, packCounters } from './miner-counters.ts';
import {
  AnchorSource,
  type Column,
  decodeBody,
  type FrameColumn,
  type PackBody,
  packAad,
  packHash,
  parseCose,
  SamplesBuilder,
  type Signer,
  signPack,
  type WallClockAnchor,
} from './pack/index.ts';
import { RawFrames } from './raw-frames.ts';
import { Sampler, type SamplingPolicy } from './sampler.ts';
import type { Clock } from './sim/index.ts';
import type { PackLog } from './store/index.ts';
import type { TrustView } from './trust/index.ts';
import {
  Outbox,
  type OutboxEvent,
  type OutboxOptions,
  openReceipt,
  receiptAad,
  type UplinkPort,
} from './uplink/index.ts';

export type { MinerCounters } from './miner-counters.ts';

/** Which frames go into packs as they came: none, those that came while trust had expired, or all that nobody decodes. */
export type RecordFrames = 'never' | 'untrusted' | 'undecoded';

export interface MinerSettings {
  /** Of values, and of the payloads of recorded frames. */
  sampling: SamplingPolicy;
  recordFrames: RecordFrames;
  /** A pack is closed this long after the one before, when it holds anything. */
  packIntervalMs: number;
  /** A pack is closed early at this many samples and recorded frames. */
  packSamplesMax: number;
  /** How often the approval of decoders is asked for again. */
  trustIntervalMs: number;
}

export const defaultSettings: MinerSettings = {
  sampling: { intervalMsMin: 1_000, intervalMsMax: 60_000 },
  recordFrames: 'untrusted',
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
  /** How packs are sent and sent again where the uplink is no broker, and receipts believed otherwise than by `gateways`. */
  outbox?: Partial<Pick<OutboxOptions, 'windowCount' | 'resendMs' | 'openReceipt'>>;
  /** Of the bus, so that packs can tell its load. */
  bus?: BusRates;
  /** SHA-256 of the running firmware image, 32 bytes: every pack carries it. */
  imageHash?: Uint8Array;
  settings?: Partial<MinerSettings>;
  onEvent?: (event: MinerEvent) => void;
}

export type MinerEvent =
  | { kind: 'decoder-approved'; decoder: ApprovedDecoder }
  | { kind: 'decoder-refused'; decoder: RefusedDecoder }
  | { kind: 'decoder-withdrawn'; decoder: RefusedDecoder }
  | { kind: 'trust-unavailable'; error: MinerError }
  | { kind: 'trust-expired'; error: MinerError }
  | { kind: 'trust-restored' }
  | { kind: 'pack-given-up'; seq: number; decoder: Uint8Array }
  | { kind: 'pack-signed'; seq: number; bytes: Uint8Array; samples: number; stored: boolean }
  | OutboxEvent;

/** What a link lost before anybody could read it; see `Miner.noteLoss`. */
export interface LinkLoss {
  /** Frames known to be lost. */
  frames?: number;
  /** Times that the adapter said it lost some. */
  overruns?: number;
  busOffs?: number;
}

/** Beyond this many times `packSamplesMax`, samples that can't be stored are given up. */
const backlogPacksMax = 4;

export class Miner {
  readonly counters: MinerCounters = newCounters();
  /** Present when there is an uplink. */
  readonly outbox: Outbox | undefined;
  readonly #options: MinerOptions;
  #settings: MinerSettings;
  readonly #aad: Uint8Array;
  readonly #emit: (event: MinerEvent) => void;
  readonly #samples = new SamplesBuilder();
  readonly #frames: RawFrames;
  readonly #bus: BusMeter | undefined;
  /** As many samples and recorded frames close a pack early; more while the storage refuses, so that it isn't asked at every frame. */
  #flushAtCount: number;
  #decoders: DecoderSet;
  /** One for each approved decoder, in their order. */
  #samplers: Sampler[] = [];
  /** While some approved decoder has messages of several frames. */
  #reassembler: J1939Reassembler | undefined;
  /** Nobody can say which decoders are approved: nothing is decoded until somebody does. */
  #isExpired = false;
  #previousHash: Uint8Array | undefined;
  /** The check under way. */
  #checking: Promise<void> | undefined;
  #cancelPackTimer: () => void = () => {};
  #cancelTrustTimer: () => void = () => {};
  /** Between start and stop. */
  #hasTimers = false;
  #stopped = false;

  constructor(options: MinerOptions) {
    const { trust, signer, log, clock, uplink, gateways = [], bus, settings, onEvent = () => {} } = options;
    this.#options = options;
    this.#settings = { ...defaultSettings, ...settings };
    this.#flushAtCount = this.#settings.packSamplesMax;
    this.#frames = new RawFrames(this.#settings.sampling);
    this.#bus = bus && new BusMeter(bus, clock.nowMs());
    this.#decoders = new DecoderSet([], trust);
    this.#emit = onEvent;
    this.#aad = packAad(trust.chainId, trust.minerRegistry);
    if (uplink) {
      const externalAad = receiptAad(trust.chainId, trust.minerRegistry);
      const trusted = { gateways, device: signer.kid, externalAad };
      this.outbox = new Outbox({
        openReceipt: (bytes) => openReceipt(bytes, trusted),
        ...options.outbox,
        log,
        port: uplink,
        clock,
        onEvent: (event) => this.#heard(event),
      });
    }
  }

  /** The decoders in use. */
  get decoders(): readonly ApprovedDecoder[] {
    return this.#isExpired ? [] : this.#decoders.approved;
  }

  /** What waits to be signed. */
  get backlog(): { samples: number; frames: number } {
    return { samples: this.#samples.count, frames: this.#frames.count };
  }

  /** Milliseconds since boot in which a frame was on the bus; 0 where its bit rate is not known. */
  get busBusyMs(): number {
    return this.#bus?.busyMs ?? 0;
  }

  /** True while nothing is decoded because nobody can say what is approved. */
  get isTrustExpired(): boolean {
    return this.#isExpired;
  }

  get settings(): Readonly<MinerSettings> {
    return this.#settings;
  }

  /** Takes effect at once; what was sampled under the old settings is kept. */
  changeSettings(changes: Partial<MinerSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    const { sampling, packSamplesMax } = this.#settings;
    for (const sampler of this.#samplers) sampler.policy = sampling;
    this.#frames.policy = sampling;
    this.#flushAtCount = packSamplesMax;
    if (this.#hasTimers) this.#schedule();
  }

  /**
   * Asks which of these decoders are approved, loads those, and starts the timers. Refused ones are reported, and
   * asked for again later: a vote may list them. Where trust has expired, frames are recorded until it is back.
   * @throws {MinerError} CHAIN_UNREACHABLE: without a first answer nothing may be decoded
   */
  async start(files: readonly DecoderFile[]): Promise<void> {
    this.#decoders = new DecoderSet(files, this.#options.trust);
    try {
      const changes = await this.#decoders.ask();
      if (changes.unanswered) throw changes.unanswered;
      if (this.#stopped) return;
      for (const decoder of changes.refused) this.#emit({ kind: 'decoder-refused', decoder });
      this.#adopt(changes);
    } catch (error) {
      if (!isExpiry(error)) throw error;
      if (this.#stopped) return;
      this.#expire(error);
    }
    this.#hasTimers = true;
    this.#schedule();
  }

  #adopt(changes: DecoderChanges): void {
    const samplerOf = new Map(this.#decoders.approved.map((decoder, k) => [decoder, this.#samplers[k]]));
    this.#decoders.apply(changes);
    const { approved } = this.#decoders;
    this.#samplers = approved.map(
      (decoder) => samplerOf.get(decoder) ?? new Sampler(decoder.plan.signals.length, this.#settings.sampling),
    );
    const isNeeded = approved.some(({ plan }) => needsJ1939Transport(plan));
    this.#reassembler = isNeeded ? (this.#reassembler ?? createJ1939Reassembler()) : undefined;
    for (const decoder of changes.gained) this.#emit({ kind: 'decoder-approved', decoder });
  }

  /** Takes frames whose times are microseconds since boot. Never throws, whatever they hold. */
  receive(batch: FrameBatch): void {
    const { counters } = this;
    const { count, flags } = batch;
    counters.framesReceived += count;
    this.#bus?.add(batch);
    const recordsAll = this.#settings.recordFrames === 'undecoded';
    const records = recordsAll || (this.#isExpired && this.#settings.recordFrames !== 'never');
    for (let i = 0; i < count; i++) {
      if ((flags[i] & FrameFlag.error) !== 0) {
        counters.errorFrames++;
        continue;
      }
      if (this.#decode(batch, i)) counters.framesDecoded++;
      else if (this.#reassemble(batch, i)) counters.framesTransport++;
      else {
        counters.framesUndecoded++;
        if (records && this.#frames.add(batch, i)) counters.framesRecorded++;
      }
      if (this.#samples.count + this.#frames.count >= this.#flushAtCount) this.flush();
    }
  }

  /** @returns whether some approved decoder knows frame `index` */
  #decode({ id, flags, data, stride, length, timeUs }: FrameBatch, index: number): boolean {
    if (this.#isExpired) return false;
    const { approved } = this.#decoders;
    let known = false;
    for (let k = 0; k < approved.length; k++) {
      const message = approved[k].decoder.decode(id[index], flags[index], data, index * stride, length[index]);
      if (message === undefined) continue;
      known = true;
      this.#sample(k, message.signals, timeUs[index] / 1000);
    }
    return known;
  }

  /** Puts a frame to the others of its message. @returns whether it is such a part */
  #reassemble({ id, flags, data, stride, length, timeUs }: FrameBatch, index: number): boolean {
    const reassembler = this.#reassembler;
    if (reassembler === undefined || this.#isExpired || !isTransportFrame(id[index], flags[index])) return false;
    const whole = reassembler.push(timeUs[index], id[index], flags[index], data, index * stride, length[index]);
    if (whole === undefined) return true;
    this.counters.messagesReassembled++;
    const { approved } = this.#decoders;
    for (let k = 0; k < approved.length; k++) {
      const message = approved[k].decoder.decode(whole.id, whole.flags, whole.data, 0, whole.data.length);
      if (message !== undefined) this.#sample(k, message.signals, whole.timeUs / 1000);
    }
    return true;
  }

  /** Reads the decoder's last result. */
  #sample(k: number, signals: readonly { signalIndex: number }[], timeMs: number): void {
    const { decoder, wide } = this.#decoders.approved[k];
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

  /** The link says what never arrived. */
  noteLoss({ frames = 0, overruns = 0, busOffs = 0 }: LinkLoss): void {
    this.counters.framesDropped += frames;
    this.counters.adapterOverruns += overruns;
    this.counters.busOffs += busOffs;
  }

  /** Signs and stores what was sampled since the last pack. Nothing sampled and nothing to declare: no pack. */
  flush(): void {
    const isEmpty = this.#samples.count + this.#frames.count === 0;
    if (!isEmpty || this.#options.log.declarationWanted) this.signStatus();
  }

  /** Signs and stores a pack now, even one without samples: a sign of life with the counters. */
  signStatus(): void {
    if (this.#sign(this.#samples.columns(), this.#frames.columns())) this.#clear();
    else this.#keepBacklog();
  }

  /** @returns false when there is no number for the pack now: the storage takes nothing */
  #sign(columns: readonly Column[], frames: readonly FrameColumn[]): boolean {
    const { log, signer, clock, imageHash } = this.#options;
    const seq = log.nextSeq();
    if (seq === undefined) return false;
    const samples = countOf(columns);
    const nowMs = clock.nowMs();
    const startMs = Math.floor(Math.min(this.#samples.firstMs, this.#frames.firstMs, nowMs));
    const body = {
      seq,
      bootCount: log.bootCount,
      ...this.#numberedAnew(columns),
      startMs,
      frames,
      counters: packCounters(this.counters, log.status.evicted, this.#bus?.take(nowMs)),
      gaps: log.gapsToDeclare(),
      ...(this.#previousHash && { previousHash: this.#previousHash.slice(0, 16) }),
      ...this.#anchor(startMs),
      ...(imageHash && { imageHash }),
    };
    const bytes = signPack(signer, body, { externalAad: this.#aad });
    const stored = log.append(seq, bytes);
    if (!stored) this.#countDropped(samples, countOf(frames));
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
        const { contentHash, registryIndex } = this.#decoders.approved[k];
        return { contentHash, registryIndex };
      }),
    };
  }

  /** Wall-clock time at t0, where the device knows one. */
  #anchor(startMs: number): { anchor?: WallClockAnchor } {
    const { clock } = this.#options;
    const unixMs = clock.unixMs();
    if (unixMs === undefined) return {};
    const atStart = Math.round(unixMs - (clock.nowMs() - startMs));
    return { anchor: { unixMs: Math.max(0, atStart), source: AnchorSource.rtc, uncertaintyMs: 1000 } };
  }

  /** The storage takes nothing: what was read waits, but not without end. */
  #keepBacklog(): void {
    const { packSamplesMax } = this.#settings;
    const waiting = this.#samples.count + this.#frames.count;
    if (waiting < backlogPacksMax * packSamplesMax) {
      this.#flushAtCount = waiting + packSamplesMax;
      return;
    }
    this.#giveUpBacklog();
  }

  #giveUpBacklog(): void {
    this.#countDropped(this.#samples.count, this.#frames.count);
    this.#clear();
  }

  #countDropped(samples: number, frames: number): void {
    this.counters.samplesDropped += samples;
    this.counters.recordsDropped += frames;
  }

  #clear(): void {
    this.#samples.clear();
    this.#frames.clear();
    this.#flushAtCount = this.#settings.packSamplesMax;
  }

  #schedule(): void {
    this.#schedulePack();
    this.#scheduleTrust();
  }

  #schedulePack(): void {
    this.#cancelPackTimer();
    this.#cancelPackTimer = this.#options.clock.schedule(this.#settings.packIntervalMs, () => {
      this.flush();
      this.#schedulePack();
    });
  }

  #scheduleTrust(): void {
    // Settings may have changed during a check: one timer, whoever set it.
    this.#cancelTrustTimer();
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
    let changes: DecoderChanges;
    try {
      changes = await this.#decoders.ask();
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      if (this.#stopped) return;
      if (isExpiry(error)) this.#expire(error);
      else this.#emit({ kind: 'trust-unavailable', error });
      return;
    }
    if (this.#stopped) return;
    if (changes.unanswered) this.#emit({ kind: 'trust-unavailable', error: changes.unanswered });
    else if (this.#isExpired) {
      this.#isExpired = false;
      this.#emit({ kind: 'trust-restored' });
    }
    if (changes.lost.length + changes.gained.length > 0) this.#replaceDecoders(changes);
  }

  /** What was read while trust held is signed; from now on frames are only recorded. */
  #expire(error: MinerError): void {
    if (this.#isExpired) return;
    this.flush();
    this.#isExpired = true;
    this.#emit({ kind: 'trust-expired', error });
  }

  #replaceDecoders(changes: DecoderChanges): void {
    if (changes.lost.length > 0) {
      const { approved } = this.#decoders;
      const kept = new Set(changes.kept);
      // Signed before the decoders' places change, and without any value of one that was withdrawn.
      const columns = this.#samples.columns().filter(({ decoder }) => kept.has(approved[decoder]));
      const frames = this.#frames.columns();
      const signed = columns.length + frames.length > 0 && this.#sign(columns, frames);
      this.counters.samplesDropped += this.#samples.count - (signed ? countOf(columns) : 0);
      if (!signed) this.counters.recordsDropped += this.#frames.count;
      this.#clear();
    }
    this.#adopt(changes);
    for (const decoder of changes.lost) this.#emit({ kind: 'decoder-withdrawn', decoder });
  }

  /** What the uplink tells, and what follows from it. */
  #heard(event: OutboxEvent): void {
    this.#emit(event);
    // A refusal is nobody's signed word: what the Miner's own trust says of the pack's decoders decides.
    if (event.kind === 'refused' && event.code === 'DECODER_NOT_LISTED')
      this.#giveUpIfWithdrawn(event.seq).catch(() => {});
  }

  /** A pack with values of a decoder that can never be listed again would hold back all receipts behind it. */
  async #giveUpIfWithdrawn(seq: number): Promise<void> {
    const bytes = this.#options.log.read(seq);
    if (!bytes) return;
    for (const { contentHash } of decodeBody(parseCose(bytes).payload).decoders) {
      const { state } = await this.#options.trust.decoder(contentHash);
      if (this.#stopped) return;
      if (state !== 'revoked' && state !== 'retired') continue;
      this.#options.log.discard(seq);
      this.counters.packsGivenUp++;
      this.#emit({ kind: 'pack-given-up', seq, decoder: contentHash });
      this.outbox?.notify();
      return;
    }
  }

  /** Signs what is left, makes it durable, and stops. What has no receipt yet goes out after the next start. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#hasTimers = false;
    this.#cancelPackTimer();
    this.#cancelTrustTimer();
    this.flush();
    this.#giveUpBacklog();
    this.#options.log.close();
    this.outbox?.close();
  }
}

function isExpiry(error: unknown): error is MinerError {
  return error instanceof MinerError && error.code === 'TRUST_EXPIRED';
}

function countOf(columns: readonly { timesMs: ArrayLike<number> }[]): number {
  return columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
}
