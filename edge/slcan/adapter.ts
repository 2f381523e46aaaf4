import { FrameBatch, FrameFlag } from '../can/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { answerCommand, type SlcanChannel, type SlcanIdentity } from './adapter-commands.ts';
import { AdapterLine } from './adapter-line.ts';
import { frameBits } from './frame-bits.ts';
import { FrameQueue } from './frame-queue.ts';
import { SlcanParser } from './parser.ts';
import { lawicel, type SlcanProfile, SlcanStatus } from './profile.ts';

export interface SlcanAdapterOptions {
  clock: Clock;
  profile?: SlcanProfile;
  identity?: SlcanIdentity;
  /** The bus's bit rate, bit/s, default 500,000: a host that sets another one hears nothing but bus errors. */
  busBitRate?: number;
  /** Whether frames take their time on the bus (default) or arrive at once. */
  paceToBitRate?: boolean;
  /** Bits a second towards the host, ten to a byte; 0 (default) for as fast as it reads. */
  serialBaud?: number;
  /** Frames held at most for a bus or host that is behind, default 65,536; what comes then is an overrun. */
  queueFrames?: number;
  /** Frames that the host sends on to the bus; the batch is valid during the call. */
  onTransmit?: (batch: FrameBatch) => void;
  /** The host opened or closed the channel. */
  onChannel?: (channel: Readonly<SlcanChannel>) => void;
}

/** Where every offered frame went: `offered = sent + unheard + overrun + discarded +` those still queued. */
export interface SlcanAdapterCounters {
  offered: number;
  /** Handed to the host's line. */
  sent: number;
  /** Came while the channel was closed, or while the host listens at another bit rate. */
  unheard: number;
  /** Came while the queue was full. */
  overrun: number;
  /** Were queued when the host closed the channel or the transport ended. */
  discarded: number;
  /** Frames from the host. */
  received: number;
  /** Answers lost to a host that sends commands but does not read. */
  answersDropped: number;
}

/**
 * Plays an SLCAN adapter at one end of a transport, for any host at the other: ours, python-can, slcand, SavvyCAN.
 * Frames are offered as they appear on the emulated bus, and reach the host while its channel is open. Nothing is
 * dropped without a counter.
 */
export class SlcanAdapter {
  readonly counters: SlcanAdapterCounters = {
    offered: 0,
    sent: 0,
    unheard: 0,
    overrun: 0,
    discarded: 0,
    received: 0,
    answersDropped: 0,
  };
  readonly #options: SlcanAdapterOptions;
  readonly #profile: SlcanProfile;
  readonly #identity: SlcanIdentity;
  readonly #busBitRate: number;
  readonly #channel: SlcanChannel;
  readonly #parser: SlcanParser;
  readonly #received: FrameBatch;
  readonly #queue: FrameQueue;
  readonly #line: AdapterLine;
  #isClosed = false;
  /** When the bus has carried what was sent so far. */
  #busFreeMs = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => {};
  #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor(transport: Transport, options: SlcanAdapterOptions) {
    this.#options = options;
    this.#profile = options.profile ?? lawicel;
    this.#identity = options.identity ?? { version: '1013', serialNumber: 'A123' };
    this.#busBitRate = options.busBitRate ?? 500_000;
    this.#channel = {
      state: 'closed',
      bitRate: this.#busBitRate,
      timestamps: false,
      autoSend: true,
      status: 0,
      serialBaud: options.serialBaud ?? 0,
    };
    const stride = this.#profile.fd ? 64 : 8;
    this.#received = new FrameBatch(256, stride);
    this.#queue = new FrameQueue(options.queueFrames ?? 65_536, stride);
    this.#line = new AdapterLine(transport, () => this.#pump());
    this.#parser = new SlcanParser(this.#profile, 'host', {
      onAck: () => this.#answerAfterFrames('\r'),
      onMalformed: () => this.#answerAfterFrames('\x07'),
      onLine: (bytes, start, end) => this.#command(String.fromCharCode(...bytes.subarray(start, end))),
    });
    transport.onData((bytes) => this.#receive(bytes));
    transport.onClose(() => this.#transportClosed());
  }

  get channel(): Readonly<SlcanChannel> {
    return this.#channel;
  }

  /** Frames that can be offered now without an overrun. */
  get free(): number {
    return this.#queue.free;
  }

  /** Puts frames `from` up to `to` of the batch on the bus, now; all are copied or counted. */
  offer(batch: FrameBatch, from = 0, to = batch.count): void {
    const nowMs = this.#options.clock.nowMs();
    this.counters.offered += to - from;
    if (this.#isClosed || this.#channel.state === 'closed') {
      this.counters.unheard += to - from;
    } else if (this.#channel.bitRate !== this.#busBitRate) {
      this.counters.unheard += to - from;
      this.#channel.status |= SlcanStatus.busError | SlcanStatus.errorWarning;
    } else {
      for (let index = from; index < to; index++) {
        if (this.#queue.push(batch, index, nowMs * 1000)) continue;
        this.counters.overrun += to - index;
        this.#channel.status |= SlcanStatus.dataOverrun | SlcanStatus.receiveQueueFull;
        break;
      }
      this.#pump();
    }
  }

  /** Resolves once `frames` more can be offered without an overrun, or nobody listens any more. */
  whenRoom(frames: number): Promise<void> {
    const wanted = Math.min(frames, this.#queue.frames.capacity);
    return this.#when(() => this.#queue.free >= wanted || this.#channel.state === 'closed');
  }

  /** Resolves once everything offered has left for the host, or nobody listens any more. */
  whenDrained(): Promise<void> {
    return this.#when(() => this.#queue.count === 0 && this.#line.isIdle);
  }

  #when(isMet: () => boolean): Promise<void> {
    if (this.#isClosed || isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  #wakeWaiting(): void {
    if (this.#waiting.length === 0) return;
    const met = this.#waiting.filter((waiting) => this.#isClosed || waiting.isMet());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const waiting of met) waiting.resolve();
  }

  // From the host

  #receive(bytes: Uint8Array): void {
    this.#parser.push(bytes, this.#received, this.#options.clock.nowMs() * 1000, () => this.#takeReceived());
    this.#takeReceived();
    this.#pump();
  }

  /** Frames that the host sent, acknowledged one by one in their place among the commands. */
  #takeReceived(): void {
    const batch = this.#received;
    if (batch.count === 0) return;
    if (this.#channel.state !== 'open') {
      this.#answer('\x07'.repeat(batch.count));
    } else {
      for (let i = 0; i < batch.count; i++) {
        this.#answer(!this.#channel.autoSend ? '\r' : (batch.flags[i] & FrameFlag.extended) !== 0 ? 'Z\r' : 'z\r');
      }
      this.counters.received += batch.count;
      this.#options.onTransmit?.(batch);
    }
    batch.clear();
  }

  #answerAfterFrames(text: string): void {
    this.#takeReceived();
    this.#answer(text);
  }

  #command(line: string): void {
    this.#takeReceived();
    if (line === 'P' || line === 'A') this.#poll(line);
    else this.#changeChannel(line);
  }

  #changeChannel(line: string): void {
    const stateBefore = this.#channel.state;
    const answer = answerCommand(this.#channel, line, this.#profile, this.#identity);
    if (this.#channel.state === 'closed') this.#discardQueue();
    this.#answer(answer);
    if (this.#channel.state !== stateBefore) {
      this.#busFreeMs = this.#options.clock.nowMs();
      this.#options.onChannel?.(this.#channel);
    }
  }

  /** `P` hands out one frame that waits, `A` all of them and an `A`; only with `X0`. */
  #poll(letter: 'P' | 'A'): void {
    const isAllowed = this.#channel.state !== 'closed' && !this.#channel.autoSend;
    let count = 0;
    while (isAllowed && (letter === 'A' || count === 0) && this.#sendNext()) count++;
    if (!isAllowed) this.#answer('\x07');
    else if (letter === 'A') this.#answer('A\r');
    else if (count === 0) this.#answer('\r');
  }

  #answer(text: string): void {
    if (!this.#line.answer(text)) this.counters.answersDropped++;
  }

  #discardQueue(): void {
    this.counters.discarded += this.#queue.count;
    this.#queue.clear();
  }

  // To the host

  /** Moves what the bus has carried by now on to the line, and what the line can take to the host. */
  #pump(): void {
    if (this.#isClosed) return;
    if (this.#channel.autoSend) while (this.#sendNext());
    const lineFreeMs = this.#line.flush(this.#options.clock.nowMs(), this.#channel.serialBaud);
    if (lineFreeMs !== undefined) this.#wakeAt(lineFreeMs);
    this.#wakeWaiting();
  }

  /** Puts the oldest frame on the line, if the bus has carried it and there is room for it. */
  #sendNext(): boolean {
    const { frames, head, count } = this.#queue;
    if (count === 0 || !this.#line.hasRoom(this.#channel.serialBaud)) return false;
    let atMs = this.#options.clock.nowMs();
    if (this.#options.paceToBitRate !== false) {
      // Reckoned from when the bus was free, not from when we woke up: a late timer costs no bandwidth.
      const startMs = Math.max(this.#busFreeMs, frames.timeUs[head] / 1000);
      const endMs = startMs + (frameBits(frames.flags[head], frames.length[head]) * 1000) / this.#busBitRate;
      if (endMs > atMs) {
        this.#wakeAt(endMs);
        return false;
      }
      this.#busFreeMs = endMs;
      atMs = endMs;
    }
    this.#line.frame(frames, head, this.#channel.timestamps ? Math.floor(atMs) % this.#profile.timestampWrapMs : -1);
    this.#queue.shift();
    this.counters.sent++;
    return true;
  }

  #wakeAt(timeMs: number): void {
    if (this.#wakeMs <= timeMs) return;
    this.#cancelWake();
    this.#wakeMs = timeMs;
    this.#cancelWake = this.#options.clock.schedule(Math.max(0, timeMs - this.#options.clock.nowMs()), () => {
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#pump();
    });
  }

  #transportClosed(): void {
    this.#isClosed = true;
    this.#cancelWake();
    this.#discardQueue();
    if (this.#channel.state !== 'closed') {
      this.#channel.state = 'closed';
      this.#options.onChannel?.(this.#channel);
    }
    this.#wakeWaiting();
  }
}
