import { FrameBatch, FrameFlag } from '../can/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { answerCommand, type SlcanChannel, type SlcanIdentity } from './adapter-commands.ts';
import { AdapterErrors } from './adapter-errors.ts';
import { AdapterLine } from './adapter-line.ts';
import { isSameBitRate } from './bit-rates.ts';
import { SlcanSuffix } from './encode.ts';
import type { CanErrorCounters, CanErrorState } from './error-lines.ts';
import { FrameQueue } from './frame-queue.ts';
import { SlcanParser } from './parser.ts';
import { lawicel, type SlcanProfile } from './profile.ts';
import { frameTimeMs } from './typical-frame-bits.ts';

export interface SlcanAdapterOptions {
  clock: Clock;
  profile?: SlcanProfile;
  identity?: SlcanIdentity;
  /** The bus's bit rate, bit/s, default 500,000: a host that sets another one hears nothing but bus errors. */
  busBitRate?: number;
  /** Of CAN FD's data phase on the bus, bit/s; whatever the host sets unless told. */
  busDataBitRate?: number;
  /** Whether frames take their time on the bus (default) or arrive at once. */
  paceToBitRate?: boolean;
  /** Bits a second towards the host, ten to a byte; 0 (default) for as fast as it reads. */
  serialBaud?: number;
  /** Frames held at most for a bus or host that is behind, default 65,536; what comes then is an overrun. */
  queueFrames?: number;
  /** Milliseconds after which a controller that went bus-off starts again by itself; default never. */
  restartMs?: number;
  /** Whether frames come unasked from the start; as the profile's adapters leave the factory unless told. */
  autoSend?: boolean;
  /** Frames that the host sends on to the bus; the batch is valid during the call. */
  onTransmit?: (batch: FrameBatch) => void;
  /** The host opened or closed the channel. */
  onChannel?: (channel: Readonly<SlcanChannel>) => void;
}

/** `Z2` counts up to an hour. */
const microsecondWrapMs = 3_600_000;

/** Where every offered frame went: `offered = sent + unheard + overrun + discarded +` those still queued. */
export interface SlcanAdapterCounters {
  offered: number;
  /** Handed to the host's line. */
  sent: number;
  /**
   * Came while the channel was closed or bus-off, or while the host listens at another bit rate; CAN FD frames for a
   * classic adapter, and error frames.
   */
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
  readonly #errors: AdapterErrors;
  /** Of a firmware that takes an empty line for the line before it: the last frame, if that was one. */
  readonly #lastSent: FrameBatch;
  #isClosed = false;
  #framesRefused = 0;
  /** When the bus has carried what was sent so far. */
  #busFreeMs = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => {};
  #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor(transport: Transport, options: SlcanAdapterOptions) {
    this.#options = options;
    this.#profile = options.profile ?? lawicel;
    this.#identity = options.identity ?? this.#profile.identity;
    this.#busBitRate = options.busBitRate ?? 500_000;
    this.#channel = {
      state: 'closed',
      bitRate: this.#busBitRate,
      dataBitRate: this.#profile.dataBitRates[2] ?? 0,
      timestamps: 0,
      autoSend: options.autoSend ?? this.#profile.autoSendAtPowerOn,
      silent: false,
      reports: { received: true, transmitted: false, errorState: false },
      status: 0,
      errorRegister: 0,
      serialBaud: options.serialBaud ?? 0,
    };
    const stride = this.#profile.fd ? 64 : 8;
    this.#received = new FrameBatch(256, stride);
    this.#queue = new FrameQueue(options.queueFrames ?? 65_536, stride);
    this.#lastSent = new FrameBatch(1, stride);
    this.#line = new AdapterLine(transport, () => this.#pump());
    this.#errors = new AdapterErrors({
      clock: options.clock,
      channel: this.#channel,
      profile: this.#profile,
      restartMs: options.restartMs,
      say: (line) => this.#say(line),
    });
    this.#parser = new SlcanParser(this.#profile, 'host', {
      onAck: () => this.#emptyLine(),
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

  /** Frames from the host that the bus did not get: the channel was closed, listening or bus-off. */
  get framesRefused(): number {
    return this.#framesRefused;
  }

  /** Fault confinement of the emulated controller. */
  get errorState(): CanErrorState {
    return this.#errors.state;
  }

  /**
   * An error on the bus, told to the host as far as the profile can.
   * @param errorClass bits of linux/can/error.h, as in an error frame's id
   * @param data its eight bytes
   */
  busError(errorClass: number, data = new Uint8Array(8)): void {
    this.#errors.busError({ errorClass, data });
  }

  /** The controller reaches a state of fault confinement. Past bus-off only `recover`, or closing and opening, lead. */
  setErrorState(state: CanErrorState, counters?: Partial<CanErrorCounters>): void {
    this.#errors.setState(state, counters);
    if (state === 'bus-off') this.#discardQueue();
    this.#wakeWaiting();
  }

  /** The controller leaves the bus: no frame is heard or sent until it recovers. */
  busOff(): void {
    this.setErrorState('bus-off', { transmitErrors: 256 });
  }

  /** Back from bus-off, with counters at 0. */
  recover(): void {
    this.setErrorState('error-active', { transmitErrors: 0, receiveErrors: 0 });
  }

  /** Puts frames `from` up to `to` of the batch on the bus, now; all are copied or counted. */
  offer(batch: FrameBatch, from = 0, to = batch.count): void {
    this.counters.offered += to - from;
    if (this.#isClosed || this.#channel.state === 'closed' || this.#errors.state === 'bus-off') {
      this.counters.unheard += to - from;
    } else if (!isSameBitRate(this.#channel.bitRate, this.#busBitRate)) {
      this.counters.unheard += to - from;
      this.#errors.wrongBitRate();
    } else {
      this.#enqueue(batch, from, to);
      this.#pump();
    }
  }

  #enqueue(batch: FrameBatch, from: number, to: number): void {
    const nowUs = this.#options.clock.nowMs() * 1000;
    for (let index = from; index < to; index++) {
      if ((batch.flags[index] & (FrameFlag.error | FrameFlag.fd)) !== 0 && !this.#isHeard(batch, index)) {
        this.counters.unheard++;
      } else if (!this.#queue.push(batch, index, nowUs)) {
        this.counters.overrun += to - index;
        this.#errors.overrun();
        return;
      }
    }
  }

  /** Error frames are told in the profile's own way; a controller without CAN FD answers an FD frame with an error. */
  #isHeard(batch: FrameBatch, index: number): boolean {
    if ((batch.flags[index] & FrameFlag.error) !== 0) {
      const at = index * batch.stride;
      this.#errors.busError({ errorClass: batch.id[index], data: batch.data.slice(at, at + 8) });
      return false;
    }
    const { busDataBitRate = this.#channel.dataBitRate } = this.#options;
    const isSwitched = (batch.flags[index] & FrameFlag.bitRateSwitch) !== 0;
    if (this.#profile.fd && (!isSwitched || this.#channel.dataBitRate === busDataBitRate)) return true;
    this.#errors.wrongBitRate();
    return false;
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
    if (this.#profile.emptyLineRepeats) this.#remember(batch);
    if (this.#channel.state !== 'open' || this.#errors.state === 'bus-off') {
      this.#framesRefused += batch.count;
      this.#acknowledge('\x07'.repeat(batch.count));
    } else {
      for (let i = 0; i < batch.count; i++) this.#acknowledgeFrame(batch, i);
      this.counters.received += batch.count;
      this.#options.onTransmit?.(batch);
    }
    batch.clear();
  }

  #acknowledgeFrame(batch: FrameBatch, index: number): void {
    const letter = (batch.flags[index] & FrameFlag.extended) !== 0 ? 'Z' : 'z';
    const { mode } = this.#profile;
    const { autoSend, reports } = this.#channel;
    this.#acknowledge(mode === 'silent' || !autoSend || reports.transmitted ? '\r' : `${letter}\r`);
    if (!reports.transmitted || !this.#line.hasRoom(0)) return;
    this.#answer(letter);
    this.#line.frame(batch, index, this.#stamp(this.#options.clock.nowMs()), this.#suffix());
  }

  #remember(batch: FrameBatch): void {
    const last = batch.count - 1;
    this.#lastSent.clear();
    this.#lastSent.push(0, batch.id[last], batch.flags[last], batch.data, last * batch.stride, batch.length[last]);
  }

  #emptyLine(): void {
    this.#takeReceived();
    if (!this.#profile.emptyLineRepeats) this.#acknowledge('\r');
    if (this.#lastSent.count === 0) return;
    const { id, flags, data } = this.#lastSent.frame(0);
    this.#received.push(0, id, flags, data, 0, this.#lastSent.length[0]);
    this.#takeReceived();
  }

  #answerAfterFrames(text: string): void {
    this.#takeReceived();
    this.#acknowledge(text);
  }

  #command(line: string): void {
    this.#takeReceived();
    this.#lastSent.clear();
    const isPoll = (line === 'P' || line === 'A') && this.#profile.commands.includes('P');
    if (isPoll) this.#poll(line);
    else this.#changeChannel(line);
  }

  #changeChannel(line: string): void {
    const stateBefore = this.#channel.state;
    const answer = answerCommand(this.#channel, line, this.#profile, this.#identity);
    if (this.#channel.state === 'closed') this.#discardQueue();
    if (answer === '\r' || answer === '\x07') this.#acknowledge(answer);
    else this.#answer(answer);
    if (this.#channel.state !== stateBefore) {
      this.#busFreeMs = this.#options.clock.nowMs();
      this.#errors.restart();
      this.#options.onChannel?.(this.#channel);
    }
  }

  /** CR or BEL, which not every firmware gives. */
  #acknowledge(text: string): void {
    // Linux's driver reads past acknowledgements, so an adapter for it gives them as Lawicel's does.
    if (this.#profile.acknowledges || this.#profile.pushesErrors) this.#answer(text);
  }

  /** A line that the adapter sends by itself, while somebody listens. */
  #say(line: string): void {
    if (this.#isClosed || this.#channel.state === 'closed') return;
    this.#answer(`${line}\r`);
    this.#pump();
  }

  /** `P` hands out one frame that waits, `A` all of them and an `A`; only with `X0`. */
  #poll(letter: string): void {
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
      const dataBitRate = this.#options.busDataBitRate ?? this.#channel.dataBitRate;
      const endMs = startMs + frameTimeMs(frames.flags[head], frames.length[head], this.#busBitRate, dataBitRate);
      if (endMs > atMs) {
        this.#wakeAt(endMs);
        return false;
      }
      this.#busFreeMs = endMs;
      atMs = endMs;
    }
    if (this.#channel.reports.received) this.#line.frame(frames, head, this.#stamp(atMs), this.#suffix());
    this.#queue.shift();
    this.counters.sent++;
    return true;
  }

  /** As the channel's time stamps are, negative for none. */
  #stamp(atMs: number): number {
    const { timestamps } = this.#channel;
    if (timestamps === 0) return -1;
    const wrapMs = timestamps === 2 ? microsecondWrapMs : this.#profile.timestampWrapMs;
    return timestamps === 2 ? Math.floor((atMs % wrapMs) * 1000) : Math.floor(atMs) % wrapMs;
  }

  #suffix(): number {
    const microseconds = this.#channel.timestamps === 2 ? SlcanSuffix.microseconds : 0;
    return microseconds | (this.#channel.reports.errorState ? SlcanSuffix.errorState : 0);
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
    this.#errors.stop();
    this.#discardQueue();
    if (this.#channel.state !== 'closed') {
      this.#channel.state = 'closed';
      this.#options.onChannel?.(this.#channel);
    }
    this.#wakeWaiting();
  }
}
