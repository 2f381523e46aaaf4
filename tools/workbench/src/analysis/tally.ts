/** One pass of the decoder over a log: what is counted, and where the last values stand. */
import { type FrameBatch, FrameFlag } from '../../../../edge/can/index.ts';
import {
  type FrameDecoder,
  labelAt,
  type PlanMessage,
  type PlanSignal,
  physicalAt,
  SignalStatus,
  statusNames,
} from '../../../../edge/decode/index.ts';
import type { DecodedView, MessageTally, SignalTally } from './protocol.ts';

/** Ids past this many are counted in sum only: a log of noise may hold every id there is. */
const unknownIdsMax = 4096;
const extendedKey = 0x80000000;

/** Per message or signal, the frame that last held it: batch and row; batch -1 for none. */
class LastFrames {
  readonly batch: Int32Array;
  readonly row: Uint32Array;

  constructor(count: number) {
    this.batch = new Int32Array(count).fill(-1);
    this.row = new Uint32Array(count);
  }
}

/**
 * Takes the batches of a log in order. Per frame it only counts and notes where values stand; texts, labels and exact
 * integers are read at the end from the frames noted, by decoding those once more.
 */
export class Tally {
  readonly #decoder: FrameDecoder;
  readonly #batches: FrameBatch[] = [];
  readonly #frames = { total: 0, decoded: 0, unknown: 0, remote: 0, error: 0 };
  #startUs = Number.NaN;
  #endUs = Number.NaN;
  readonly #indexOf: Map<PlanMessage, number>;
  readonly #messageFrames: Uint32Array;
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;
  readonly #lastOfMessage: LastFrames;
  readonly #lastOfSignal: LastFrames;
  readonly #held: Uint32Array;
  readonly #absent: Uint32Array;
  readonly #outOfRange: Uint32Array;
  readonly #minimum: Float64Array;
  readonly #maximum: Float64Array;
  readonly #unknown = new Map<number, number>();

  constructor(decoder: FrameDecoder) {
    const { messages, signals } = decoder.plan;
    this.#decoder = decoder;
    this.#indexOf = new Map(messages.map((message, index) => [message, index]));
    this.#messageFrames = new Uint32Array(messages.length);
    this.#firstUs = new Float64Array(messages.length).fill(Number.POSITIVE_INFINITY);
    this.#lastUs = new Float64Array(messages.length).fill(Number.NEGATIVE_INFINITY);
    this.#lastOfMessage = new LastFrames(messages.length);
    this.#lastOfSignal = new LastFrames(signals.length);
    this.#held = new Uint32Array(signals.length);
    this.#absent = new Uint32Array(signals.length);
    this.#outOfRange = new Uint32Array(signals.length);
    this.#minimum = new Float64Array(signals.length).fill(Number.NaN);
    this.#maximum = new Float64Array(signals.length).fill(Number.NaN);
  }

  /** The batch must stay as it is until `finish`. */
  add(batch: FrameBatch): void {
    const batchIndex = this.#batches.push(batch) - 1;
    for (let row = 0; row < batch.count; row++) {
      const message = decodeRow(this.#decoder, batch, row);
      this.#addTime(batch.timeUs[row]);
      if (message === undefined) this.#addUndecoded(batch.id[row], batch.flags[row]);
      else this.#addDecoded(message, batchIndex, row, batch.timeUs[row]);
    }
    this.#frames.total += batch.count;
  }

  #addTime(timeUs: number): void {
    // Written so that the first frame replaces NaN.
    if (!(timeUs >= this.#startUs)) this.#startUs = timeUs;
    if (!(timeUs <= this.#endUs)) this.#endUs = timeUs;
  }

  #addUndecoded(id: number, flags: number): void {
    if ((flags & FrameFlag.remote) !== 0) this.#frames.remote++;
    else if ((flags & FrameFlag.error) !== 0) this.#frames.error++;
    else {
      this.#frames.unknown++;
      const key = (flags & FrameFlag.extended) !== 0 ? id + extendedKey : id;
      const known = this.#unknown.get(key);
      if (known !== undefined || this.#unknown.size < unknownIdsMax) this.#unknown.set(key, (known ?? 0) + 1);
    }
  }

  #addDecoded(message: PlanMessage, batchIndex: number, row: number, timeUs: number): void {
    const index = this.#indexOf.get(message)!;
    this.#frames.decoded++;
    this.#messageFrames[index]++;
    if (timeUs < this.#firstUs[index]) this.#firstUs[index] = timeUs;
    if (timeUs > this.#lastUs[index]) this.#lastUs[index] = timeUs;
    this.#lastOfMessage.batch[index] = batchIndex;
    this.#lastOfMessage.row[index] = row;
    const { status, physical } = this.#decoder;
    const first = message.signals.length > 0 ? message.signals[0].signalIndex : 0;
    for (let slot = 0; slot < message.signals.length; slot++) {
      const outcome = status[slot];
      if (outcome === SignalStatus.inactive) continue;
      const signal = first + slot;
      if (outcome === SignalStatus.absent) {
        this.#absent[signal]++;
        continue;
      }
      this.#held[signal]++;
      this.#lastOfSignal.batch[signal] = batchIndex;
      this.#lastOfSignal.row[signal] = row;
      if (outcome === SignalStatus.outOfRange) this.#outOfRange[signal]++;
      const value = physical[slot];
      if (!(value >= this.#minimum[signal])) this.#minimum[signal] = value;
      if (!(value <= this.#maximum[signal])) this.#maximum[signal] = value;
    }
  }

  /** What the log comes to, so far. */
  finish(): DecodedView {
    const { messages, signals } = this.#decoder.plan;
    const unknownIds = [...this.#unknown].map(([key, frames]) => ({
      id: key % extendedKey,
      extended: key >= extendedKey,
      frames,
    }));
    return {
      frames: { ...this.#frames },
      startUs: this.#startUs,
      endUs: this.#endUs,
      messages: messages.map((_, index) => this.#messageTally(index)),
      signals: signals.map((signal) => this.#signalTally(signal)),
      unknownIds: unknownIds.sort((a, b) => b.frames - a.frames || a.id - b.id),
    };
  }

  #messageTally(index: number): MessageTally {
    const frames = this.#messageFrames[index];
    const spanUs = this.#lastUs[index] - this.#firstUs[index];
    const framesPerSecond = frames > 1 && spanUs > 0 ? ((frames - 1) * 1e6) / spanUs : Number.NaN;
    const batch = this.#batches[this.#lastOfMessage.batch[index]];
    const lastPayload = batch?.frame(this.#lastOfMessage.row[index]).data ?? new Uint8Array(0);
    return { frames, framesPerSecond, lastPayload };
  }

  #signalTally(signal: PlanSignal): SignalTally {
    const index = signal.signalIndex;
    const counts = {
      held: this.#held[index],
      absent: this.#absent[index],
      outOfRange: this.#outOfRange[index],
      minimum: this.#minimum[index],
      maximum: this.#maximum[index],
    };
    const batch = this.#batches[this.#lastOfSignal.batch[index]];
    if (batch === undefined) return counts;
    const row = this.#lastOfSignal.row[index];
    decodeRow(this.#decoder, batch, row);
    const label = labelAt(this.#decoder, signal);
    const status = statusNames[this.#decoder.status[signal.slot]];
    const last = {
      value: physicalAt(this.#decoder, signal),
      timeUs: batch.timeUs[row],
      ...(label !== undefined && { label }),
      ...(status !== undefined && { status }),
    };
    return { ...counts, last };
  }
}

/** Decodes one frame of a batch; see `FrameDecoder.decode`. */
export function decodeRow(decoder: FrameDecoder, batch: FrameBatch, row: number): PlanMessage | undefined {
  return decoder.decode(batch.id[row], batch.flags[row], batch.data, row * batch.stride, batch.length[row]);
}
