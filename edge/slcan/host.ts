import { type CanFrame, FrameBatch, FrameFlag } from '../can/index.ts';
import { edgeError, type MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { type BusCounters, BusEvents, type SlcanBusEvent } from './bus-events.ts';
import { isVersionReply } from './detect.ts';
import { Dialogue } from './dialogue.ts';
import { encodeSlcanFrame, slcanFrameBytesMax } from './encode.ts';
import type { CanErrorFrame, CanErrorState } from './error-lines.ts';
import { HostWatch } from './host-watch.ts';
import { askSerialNumber, findProfile, greet, probing, settingsOf, setUp } from './opening.ts';
import { type SlcanCounters, SlcanParser } from './parser.ts';
import { lawicel, type SlcanProfile } from './profile.ts';

export interface SlcanHostOptions {
  clock: Clock;
  /** How the adapter speaks; `lawicel` unless told, `auto` to find out from its answer to `V`. */
  profile?: SlcanProfile | 'auto';
  /** CAN bit rate, bit/s; default 500,000. */
  bitRate?: number;
  /** Of CAN FD's data phase, bit/s; as the adapter has it unless told. */
  dataBitRate?: number;
  /** Never acknowledge or send on the bus. */
  listenOnly?: boolean;
  /** Ask the adapter for its time stamps, the finest that the profile has. */
  timestamps?: boolean;
  /** How long an answer may take, default 500 ms. */
  answerTimeoutMs?: number;
  /** Frames handed over at most at once, default 1024. */
  batchFrames?: number;
  /** Frames sent ahead of their acknowledgement, default 16. */
  windowFrames?: number;
  /** Frames that may wait for that, default 1024. */
  sendQueueFrames?: number;
  /**
   * How often an open adapter is asked how its bus and its queues are doing, and a silent one whether it is still
   * there; 0 (default) for never.
   */
  statusIntervalMs?: number;
  /** Takes received frames, times in microseconds since boot; the batch is valid during the call. */
  onFrames: (batch: FrameBatch) => void;
  /** State changes, bus errors and overruns. Errors and states are error frames in the batches, too. */
  onBus?: (event: SlcanBusEvent) => void;
  /** Lines came that cannot be read: told once after the bytes that held them, while the channel is open. */
  onGarbage?: () => void;
  /** The adapter no longer answers, though its line is up. */
  onStall?: (fault: MinerError) => void;
}

/** What the adapter says of itself. */
export interface SlcanDevice {
  /** Two digits hardware, two digits software: `1013`; or a line of text; empty when it told nothing. */
  version: string;
  serialNumber: string;
  /** The profile it is driven by. */
  profile: string;
}

export interface SlcanHostCounters extends SlcanCounters, BusCounters {
  transmitted: number;
  /** Frames from before our channel was opened: another program's leftovers. */
  discarded: number;
}

/**
 * Drives an SLCAN adapter over a transport: opens its CAN channel, hands its frames over in batches and sends ours.
 * A lost transport ends everything with PORT_LOST; for a new connection make a new host.
 */
export class SlcanHost {
  readonly #transport: Transport;
  readonly #options: SlcanHostOptions;
  readonly #dialogue: Dialogue;
  readonly #bus: BusEvents;
  readonly #watch: HostWatch;
  #profile: SlcanProfile;
  #parser: SlcanParser;
  #batch: FrameBatch;
  #isOpen = false;
  #isLost = false;
  #transmitted = 0;
  #discarded = 0;
  /** As last told in answer to `E`. */
  #errorRegister: number | undefined;

  constructor(transport: Transport, options: SlcanHostOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#profile = options.profile === undefined ? lawicel : options.profile === 'auto' ? probing : options.profile;
    this.#dialogue = new Dialogue({
      transport,
      clock: options.clock,
      timeoutMs: options.answerTimeoutMs ?? 500,
      windowFrames: options.windowFrames ?? 16,
      queueFrames: options.sendQueueFrames ?? 1024,
      onLost: (fault) => this.#lost(fault),
    });
    this.#bus = new BusEvents({
      onEvent: (event) => options.onBus?.(event),
      onErrorFrame: (timeUs, frame) => this.#takeErrorFrame(timeUs, frame),
    });
    this.#watch = new HostWatch({
      clock: options.clock,
      intervalMs: options.statusIntervalMs ?? 0,
      bytesReceived: () => this.#parser.counters.bytes,
      askStatus: () => this.#askStatus(),
      askVersion: () => this.#dialogue.ask('V', { letter: 'V' }),
      onStall: (fault) => options.onStall?.(fault),
    });
    this.#parser = new SlcanParser(this.#profile);
    this.#batch = new FrameBatch(1);
    this.#speak(this.#profile);
    transport.onData((bytes) => this.#receive(bytes));
    transport.onClose((fault) => this.#lost(fault));
  }

  get counters(): SlcanHostCounters {
    return {
      ...this.#parser.counters,
      ...this.#bus.counters,
      transmitted: this.#transmitted,
      discarded: this.#discarded,
    };
  }

  /** True from the adapter's answer to `O` until `close` or the loss of the transport. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The profile in use; with `auto` the one that was found, once `identify` or `open` has resolved. */
  get profile(): SlcanProfile {
    return this.#profile;
  }

  /** Fault confinement of the adapter as it last told. */
  get errorState(): CanErrorState {
    return this.#bus.state;
  }

  /** From here on the adapter is spoken to, and read, as this profile has it. */
  #speak(profile: SlcanProfile): void {
    this.#profile = profile;
    this.#dialogue.acknowledges = profile.acknowledges;
    this.#dialogue.versionIsText = profile.version === 'text' || this.#isProbing;
    this.#batch = new FrameBatch(this.#options.batchFrames ?? 1024, profile.fd ? 64 : 8);
    const events = {
      onAck: () => void this.#dialogue.answered(''),
      onBell: () => this.#dialogue.refused(),
      onLine: (bytes: Uint8Array, start: number, end: number) => void this.#takeLine(bytes, start, end),
      onUnknown: (bytes: Uint8Array, start: number, end: number) => this.#takeLine(bytes, start, end),
      onErrorRegister: (value: number) => {
        this.#errorRegister ??= value;
      },
    };
    this.#parser = new SlcanParser(profile, 'adapter', events, this.#parser.counters);
  }

  /**
   * Closes the channel, whoever opened it, and asks the adapter what it is.
   * @throws {MinerError} SLCAN_NO_ANSWER, PORT_LOST
   */
  async identify(): Promise<SlcanDevice> {
    const version = await greet(this.#dialogue, this.#profile, () => this.#isProbing && this.#hasSigns());
    if (this.#isProbing) this.#speak(await findProfile(this.#dialogue, version));
    const { name, version: form } = this.#profile;
    const serialNumber = await askSerialNumber(this.#dialogue, this.#profile);
    return { version: form === 'letter' ? version.slice(1) : version, serialNumber, profile: name };
  }

  get #isProbing(): boolean {
    return this.#profile === probing;
  }

  /** Whether anything came that an adapter sends. */
  #hasSigns(): boolean {
    const { acks, bells, frames } = this.#parser.counters;
    return acks + bells + frames > 0;
  }

  /**
   * Brings the adapter into step, sets it up and opens its channel. Whatever it was doing before is ended.
   * @throws {MinerError} SLCAN_BIT_RATE, SLCAN_DATA_BIT_RATE, SLCAN_TIMESTAMPS, SLCAN_NO_ANSWER, SLCAN_REFUSED, PORT_LOST
   */
  async open(): Promise<SlcanDevice> {
    // A profile that was named is checked before anything is said.
    if (!this.#isProbing) settingsOf(this.#profile, this.#options);
    const device = await this.identify();
    const settings = settingsOf(this.#profile, this.#options);
    await setUp(this.#dialogue, this.#profile, settings, () => this.#opened());
    this.#watch.start({ asksStatus: this.#profile.status !== 'none', asksVersion: device.version !== '' });
    return device;
  }

  /**
   * Sends one frame; resolves once the adapter took it, or, where it answers nothing, once it left our hands. Frames
   * of several calls go out in their order, without waiting for each other's acknowledgement.
   * @throws {MinerError} SLCAN_FRAME, SLCAN_SEND_QUEUE, SLCAN_REFUSED, SLCAN_NO_ANSWER, PORT_LOST
   */
  async transmit({ id, flags, data }: Pick<CanFrame, 'id' | 'flags' | 'data'>): Promise<void> {
    const problem = this.#problemWith(id, flags, data.length);
    if (problem !== undefined) throw edgeError('SLCAN_FRAME', { problem, profile: this.#profile.name });
    const line = new Uint8Array(slcanFrameBytesMax);
    const size = encodeSlcanFrame(line, 0, id, flags, data, 0, data.length);
    await this.#dialogue.send(line.subarray(0, size));
    this.#transmitted++;
  }

  #problemWith(id: number, flags: number, length: number): string | undefined {
    const idMax = (flags & FrameFlag.extended) !== 0 ? 0x1fff_ffff : 0x7ff;
    if (!this.#isOpen) return 'the channel is not open';
    if (this.#options.listenOnly) return 'the channel is open to listen only';
    if (!(id >= 0 && id <= idMax)) return `id 0x${id.toString(16)} is past 0x${idMax.toString(16)}`;
    if ((flags & FrameFlag.error) !== 0) return 'it is an error frame';
    if ((flags & FrameFlag.fd) !== 0 && !this.#profile.fd) return 'it is a CAN FD frame';
    if ((flags & FrameFlag.fd) !== 0 && (flags & FrameFlag.remote) !== 0) return 'CAN FD has no remote frames';
    if (length > ((flags & FrameFlag.fd) !== 0 ? 64 : 8)) return `${length} bytes do not fit`;
    return undefined;
  }

  /**
   * Bits of SlcanStatus since last asked, or of SlcanErrorRegister since power-on, as the profile has it; 0 where
   * there is nothing to ask.
   * @throws {MinerError} SLCAN_REFUSED, SLCAN_NO_ANSWER, PORT_LOST
   */
  async readStatus(): Promise<number> {
    if (this.#profile.status === 'none') return 0;
    if (this.#profile.status === 'flags') {
      return Number.parseInt((await this.#dialogue.ask('F', { letter: 'F' })).slice(1), 16) || 0;
    }
    this.#errorRegister = undefined;
    // The register has no terminator. Asked twice, the first one ends where the second begins; V ends the line.
    await this.#dialogue.ask('E\rE\rV', { letter: 'V' });
    return this.#errorRegister ?? 0;
  }

  async #askStatus(): Promise<void> {
    const status = await this.readStatus();
    if (!this.#isOpen) return;
    const timeUs = this.#options.clock.nowMs() * 1000;
    if (this.#profile.status === 'flags') this.#bus.takeFlags(status, timeUs);
    else this.#bus.takeErrorRegister(status, timeUs);
    this.#handOverRest();
  }

  /** Closes the channel, not the transport. Never fails: an adapter that is gone needs no closing. */
  async close(): Promise<void> {
    this.#watch.stop();
    if (!this.#isOpen) return;
    await this.#dialogue.ask('C', { onAnswer: () => this.#handOver() }).catch(() => {});
    this.#isOpen = false;
  }

  #opened(): void {
    this.#discarded += this.#batch.count;
    this.#batch.clear();
    this.#parser.reset();
    this.#isOpen = true;
    this.#bus.restart(this.#options.clock.nowMs() * 1000);
    this.#handOverRest();
  }

  #receive(bytes: Uint8Array): void {
    const { malformed, overlong } = this.#parser.counters;
    this.#parser.push(bytes, this.#batch, this.#options.clock.nowMs() * 1000, () => this.#handOver());
    this.#handOverRest();
    const { counters } = this.#parser;
    if (this.#isOpen && (counters.malformed !== malformed || counters.overlong !== overlong))
      this.#options.onGarbage?.();
  }

  #handOverRest(): void {
    if (this.#batch.count > 0) this.#handOver();
  }

  #handOver(): void {
    if (this.#isOpen) this.#options.onFrames(this.#batch);
    else this.#discarded += this.#batch.count;
    this.#batch.clear();
  }

  /** @returns whether it was of use */
  #takeLine(bytes: Uint8Array, start: number, end: number): boolean {
    // A flood of garbage should not cost a string a line: only answers, and what begins with s or e, are looked at.
    const mayBeTold = !this.#isOpen || bytes[start] === 0x73 || bytes[start] === 0x65;
    if (!mayBeTold && !this.#dialogue.isWaiting) return false;
    const line = String.fromCharCode(...bytes.subarray(start, end));
    if (this.#dialogue.answered(line)) return true;
    if (!this.#isOpen) return isVersionReply(line);
    return this.#bus.takeLine(line, this.#options.clock.nowMs() * 1000);
  }

  #takeErrorFrame(timeUs: number, { errorClass, data }: CanErrorFrame): void {
    if (!this.#isOpen) return;
    this.#batch.push(timeUs, errorClass, FrameFlag.error, data);
    if (this.#batch.full) this.#handOver();
  }

  #lost(fault: MinerError | undefined): void {
    this.#isOpen = false;
    this.#watch.stop();
    if (this.#isLost) return;
    this.#isLost = true;
    this.#dialogue.lose(fault ?? edgeError('PORT_LOST', { port: this.#transport.name, reason: 'it was closed' }));
  }
}
