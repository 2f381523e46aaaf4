import { type CanFrame, FrameBatch, FrameFlag } from '../can/index.ts';
import { edgeError, type MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { encodeSlcanFrame, slcanFrameBytesMax } from './encode.ts';
import { type SlcanCounters, SlcanParser } from './parser.ts';
import { lawicel, type SlcanProfile } from './profile.ts';

export interface SlcanHostOptions {
  clock: Clock;
  profile?: SlcanProfile;
  /** CAN bit rate, bit/s; default 500,000. */
  bitRate?: number;
  /** Never acknowledge or send on the bus. */
  listenOnly?: boolean;
  /** Ask the adapter for its millisecond time stamps (`Z1`). */
  timestamps?: boolean;
  /** How long an answer may take, default 500 ms. */
  answerTimeoutMs?: number;
  /** Frames handed over at most at once, default 1024. */
  batchFrames?: number;
  /** Takes received frames, times in microseconds since boot; the batch is valid during the call. */
  onFrames: (batch: FrameBatch) => void;
}

/** What the adapter says of itself. */
export interface SlcanDevice {
  /** Two digits hardware, two digits software: `1013`. */
  version: string;
  serialNumber: string;
}

export interface SlcanHostCounters extends SlcanCounters {
  transmitted: number;
  /** Frames from before our channel was opened: another program's leftovers. */
  discarded: number;
}

/** A command whose answer is awaited. */
interface Question {
  command: string;
  /** First letter of the answer, or undefined for a plain acknowledgement. */
  letter: string | undefined;
  /** Acknowledgements and refusals that come first belong to earlier commands. */
  synchronises: boolean;
  settle: (answer: string | MinerError) => void;
}

/**
 * Drives an SLCAN adapter over a transport: opens its CAN channel and hands its frames over in batches.
 * One command is under way at a time. A lost transport ends everything with PORT_LOST; for a new connection make
 * a new host.
 */
export class SlcanHost {
  readonly #transport: Transport;
  readonly #options: SlcanHostOptions;
  readonly #profile: SlcanProfile;
  readonly #timeoutMs: number;
  readonly #parser: SlcanParser;
  readonly #batch: FrameBatch;
  readonly #line = new Uint8Array(slcanFrameBytesMax);
  #question: Question | undefined;
  #lastAsked: Promise<unknown> = Promise.resolve();
  /** An answer is overdue, so the next one may not be to the next command. */
  #outOfStep = true;
  #isOpen = false;
  #fault: MinerError | undefined;
  #transmitted = 0;
  #discarded = 0;

  constructor(transport: Transport, options: SlcanHostOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#profile = options.profile ?? lawicel;
    this.#timeoutMs = options.answerTimeoutMs ?? 500;
    this.#batch = new FrameBatch(options.batchFrames ?? 1024, this.#profile.fd ? 64 : 8);
    this.#parser = new SlcanParser(this.#profile, 'adapter', {
      onAck: () => this.#answered(''),
      onBell: () => this.#refused(),
      onLine: (bytes, start, end) => this.#answered(String.fromCharCode(...bytes.subarray(start, end))),
    });
    transport.onData((bytes) => this.#receive(bytes));
    transport.onClose((fault) => this.#lost(fault));
  }

  get counters(): SlcanHostCounters {
    return { ...this.#parser.counters, transmitted: this.#transmitted, discarded: this.#discarded };
  }

  /** True from the adapter's answer to `O` until `close` or the loss of the transport. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Brings the adapter into step, sets it up and opens its channel. Whatever it was doing before is ended.
   * @throws {MinerError} SLCAN_BIT_RATE, SLCAN_NO_ANSWER, SLCAN_REFUSED, PORT_LOST
   */
  async open(): Promise<SlcanDevice> {
    const { bitRate = 500_000, timestamps = false, listenOnly = false } = this.#options;
    const digit = this.#profile.bitRates.indexOf(bitRate);
    if (digit < 0) {
      throw edgeError('SLCAN_BIT_RATE', { bitRate, profile: this.#profile.name, allowed: this.#profile.bitRates });
    }
    // Ends a half-written line and closes the channel. Asked twice, as the first bytes may only wake the adapter up.
    const start = () => this.#synchronise('\r\r\rC\r');
    const version = await start().catch((problem: MinerError) => {
      if (problem.code !== 'SLCAN_NO_ANSWER') throw problem;
      return start();
    });
    const serialNumber = await this.#ask('N', { letter: 'N' }).catch(ifRefused('N'));
    await this.#ask(`S${digit}`);
    // Without this command an adapter has no time stamps to turn off.
    await (timestamps ? this.#ask('Z1') : this.#ask('Z0').catch(ifRefused('')));
    if (this.#profile.autoSend !== undefined) await this.#ask(this.#profile.autoSend).catch(ifRefused(''));
    await this.#ask(listenOnly ? 'L' : 'O', { onAnswer: () => this.#opened() });
    return { version: version.slice(1), serialNumber: serialNumber.slice(1) };
  }

  /**
   * Sends one frame; resolves once the adapter took it.
   * @throws {MinerError} SLCAN_FRAME, SLCAN_REFUSED, SLCAN_NO_ANSWER, PORT_LOST
   */
  async transmit({ id, flags, data }: Pick<CanFrame, 'id' | 'flags' | 'data'>): Promise<void> {
    const problem = this.#problemWith(id, flags, data.length);
    if (problem !== undefined) throw edgeError('SLCAN_FRAME', { problem, profile: this.#profile.name });
    const size = encodeSlcanFrame(this.#line, 0, id, flags, data, 0, data.length);
    await this.#ask(String.fromCharCode(...this.#line.subarray(0, size - 1)));
    this.#transmitted++;
  }

  #problemWith(id: number, flags: number, length: number): string | undefined {
    const idMax = (flags & FrameFlag.extended) !== 0 ? 0x1fff_ffff : 0x7ff;
    if (!this.#isOpen) return 'the channel is not open';
    if (this.#options.listenOnly) return 'the channel is open to listen only';
    if (!(id >= 0 && id <= idMax)) return `id 0x${id.toString(16)} is past 0x${idMax.toString(16)}`;
    if ((flags & FrameFlag.fd) !== 0 && !this.#profile.fd) return 'it is a CAN FD frame';
    if (length > ((flags & FrameFlag.fd) !== 0 ? 64 : 8)) return `${length} bytes do not fit`;
    return undefined;
  }

  /** Bits of SlcanStatus since last asked. @throws {MinerError} SLCAN_REFUSED, SLCAN_NO_ANSWER, PORT_LOST */
  async readStatus(): Promise<number> {
    return Number.parseInt((await this.#ask('F', { letter: 'F' })).slice(1), 16);
  }

  /** Closes the channel, not the transport. Never fails: an adapter that is gone needs no closing. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#ask('C', { onAnswer: () => this.#handOver() }).catch(() => {});
    this.#isOpen = false;
  }

  #opened(): void {
    this.#discarded += this.#batch.count;
    this.#batch.clear();
    this.#parser.reset();
    this.#isOpen = true;
  }

  #receive(bytes: Uint8Array): void {
    this.#parser.push(bytes, this.#batch, this.#options.clock.nowMs() * 1000, () => this.#handOver());
    if (this.#batch.count > 0) this.#handOver();
  }

  #handOver(): void {
    if (this.#isOpen) this.#options.onFrames(this.#batch);
    else this.#discarded += this.#batch.count;
    this.#batch.clear();
  }

  /**
   * Gets an answer that can only be to this very question: what is still on its way from before comes ahead of it.
   * @param before further commands to send first, whose answers do not matter
   */
  async #synchronise(before = ''): Promise<string> {
    const answer = await this.#askNow(`${before}V`, { letter: 'V', synchronises: true });
    this.#outOfStep = false;
    return answer;
  }

  /** Sends a command after those before it were answered. */
  #ask(command: string, how: { letter?: string; onAnswer?: () => void } = {}): Promise<string> {
    const asked = this.#lastAsked.then(async () => {
      if (this.#outOfStep) await this.#synchronise();
      return this.#askNow(command, how);
    });
    this.#lastAsked = asked.catch(() => {});
    return asked;
  }

  #askNow(
    command: string,
    { letter, synchronises = false, onAnswer }: { letter?: string; synchronises?: boolean; onAnswer?: () => void },
  ): Promise<string> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const name = synchronises ? 'V' : command;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#options.clock.schedule(this.#timeoutMs, () => {
        this.#outOfStep = true;
        question.settle(
          edgeError('SLCAN_NO_ANSWER', { port: this.#transport.name, command: name, waitedMs: this.#timeoutMs }),
        );
      });
      const question: Question = {
        command: name,
        letter,
        synchronises,
        settle: (answer) => {
          this.#question = undefined;
          cancelTimeout();
          if (typeof answer !== 'string') return reject(answer);
          onAnswer?.();
          resolve(answer);
        },
      };
      this.#question = question;
      // A failed write shows as the loss of the transport, which settles the question.
      this.#transport.write(asciiLine(command)).catch((problem: MinerError) => this.#lost(problem));
    });
  }

  /** An acknowledgement (empty, or `z`/`Z` for a frame), or a reply that begins with its letter. */
  #answered(line: string): void {
    const question = this.#question;
    if (question === undefined) return;
    const isAck = line === '' || line === 'z' || line === 'Z';
    if (question.letter === undefined ? isAck : line.startsWith(question.letter)) question.settle(line);
  }

  #refused(): void {
    const question = this.#question;
    if (question === undefined || question.synchronises) return;
    question.settle(edgeError('SLCAN_REFUSED', { port: this.#transport.name, command: question.command }));
  }

  #lost(fault: MinerError | undefined): void {
    this.#isOpen = false;
    this.#fault ??= fault ?? edgeError('PORT_LOST', { port: this.#transport.name, reason: 'it was closed' });
    this.#question?.settle(this.#fault);
  }
}

function asciiLine(text: string): Uint8Array {
  return Uint8Array.from(`${text}\r`, (character) => character.charCodeAt(0));
}

/** Goes on with `fallback` when the adapter does not know a command that we can do without. */
function ifRefused(fallback: string) {
  return (problem: MinerError): string => {
    if (problem.code === 'SLCAN_REFUSED') return fallback;
    throw problem;
  };
}
