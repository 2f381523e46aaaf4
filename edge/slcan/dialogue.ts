import { edgeError, type MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { isVersionReply } from './detect.ts';

/** How a command is answered. */
export interface AskOptions {
  /** First letter of the answer; without one a plain acknowledgement is the answer. */
  letter?: string;
  /** With `letter`: a plain acknowledgement is an answer too, the empty one. */
  orAcknowledged?: boolean;
  /** Waits for the acknowledgement also of an adapter that is not known to give any. */
  expectsAnswer?: boolean;
  /** Called before anything that follows the answer in the stream. */
  onAnswer?: () => void;
}

/** A command or frame, in the queue or on its way. */
interface Operation {
  /** As people call it: the command, or a frame's line. */
  name: string;
  bytes: Uint8Array;
  /** Frames go out together; a command waits for what is before it, and what follows waits for it. */
  isFrame: boolean;
  letter: string | undefined;
  orAcknowledged: boolean;
  /** An answer to something earlier may come first, and does not count. */
  synchronises: boolean;
  expectsAnswer: boolean;
  onAnswer: (() => void) | undefined;
  resolve: (answer: string) => void;
  reject: (fault: MinerError) => void;
}

export interface DialogueOptions {
  transport: Transport;
  clock: Clock;
  timeoutMs: number;
  /** Frames under way at once, until one of them is answered. */
  windowFrames: number;
  /** Frames that wait at most, besides. */
  queueFrames: number;
  onLost: (fault: MinerError) => void;
}

/**
 * The conversation with an adapter: whose turn it is, and which answer belongs to what. Everything goes out in the
 * order it was asked for. Commands go one at a time; frames up to a window of them before the first is answered, so
 * that a multi-frame message does not pay a round trip each.
 */
export class Dialogue {
  readonly #options: DialogueOptions;
  #queue: Operation[] = [];
  /** Sent and not answered: one command, or some frames. */
  #flight: Operation[] = [];
  /** Being written, and not to be answered. */
  #unanswered = 0;
  #isPumpDue = false;
  #cancelTimeout: () => void = () => {};
  /** An answer is overdue, so the next one may not be to the next command. */
  #outOfStep = true;
  #fault: MinerError | undefined;
  /** Whether the adapter answers commands and frames at all. */
  acknowledges = true;
  /** Whether `V` is answered by any text, or only by a line that begins with V. */
  versionIsText = false;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /** Whether anything awaits an answer. */
  get isWaiting(): boolean {
    return this.#flight.length > 0;
  }

  /** Frames queued or unanswered. */
  get framesPending(): number {
    return [...this.#queue, ...this.#flight].filter(({ isFrame }) => isFrame).length;
  }

  /**
   * Gets an answer that can only be to this very question: what is still on its way from before comes ahead of it.
   * @param before further commands to send first, whose answers do not matter
   */
  async synchronise(before = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#queue.push(this.#synchronisation(before, resolve, reject));
      this.#pump();
    });
  }

  #synchronisation(before: string, resolve: Operation['resolve'], reject: Operation['reject']): Operation {
    return {
      name: 'V',
      bytes: asciiLine(`${before}V`),
      isFrame: false,
      letter: 'V',
      orAcknowledged: false,
      synchronises: true,
      expectsAnswer: true,
      onAnswer: () => {
        this.#outOfStep = false;
      },
      resolve,
      reject,
    };
  }

  /** Sends a command once all before it is answered. @returns the answer, empty when it was an acknowledgement */
  ask(command: string, how: AskOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#queue.push({
        name: command,
        bytes: asciiLine(command),
        isFrame: false,
        letter: how.letter,
        orAcknowledged: how.orAcknowledged ?? false,
        synchronises: false,
        expectsAnswer: how.expectsAnswer ?? (this.acknowledges || how.letter !== undefined),
        onAnswer: how.onAnswer,
        resolve,
        reject,
      });
      this.#pump();
    });
  }

  /**
   * Sends a frame as soon as the window allows; resolves once the adapter took it, or once it left our hands where
   * the adapter answers nothing.
   * @param line ended by CR
   */
  send(line: Uint8Array): Promise<void> {
    const { transport, windowFrames, queueFrames } = this.#options;
    const framesMax = windowFrames + queueFrames;
    if (this.#fault === undefined && this.#queue.length >= queueFrames && this.framesPending >= framesMax) {
      return Promise.reject(edgeError('SLCAN_SEND_QUEUE', { port: transport.name, framesMax }));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({
        name: String.fromCharCode(...line.subarray(0, -1)),
        bytes: line,
        isFrame: true,
        letter: undefined,
        orAcknowledged: false,
        synchronises: false,
        expectsAnswer: this.acknowledges,
        onAnswer: undefined,
        resolve: () => resolve(),
        reject,
      });
      this.#pumpSoon();
    });
  }

  /** An acknowledgement (empty, or `z`/`Z` for a frame), or a line that may be an answer. @returns whether it was */
  answered(line: string): boolean {
    const head = this.#flight[0];
    if (head === undefined) return false;
    const isAck = line === '' || line === 'z' || line === 'Z';
    const { letter } = head;
    const isAnswer =
      letter === undefined
        ? isAck
        : line.startsWith(letter) ||
          (isAck && head.orAcknowledged) ||
          (letter === 'V' && this.versionIsText && isVersionReply(line));
    if (isAnswer) this.#settle(head, line);
    return isAnswer;
  }

  /** BEL. */
  refused(): void {
    const head = this.#flight[0];
    if (head === undefined || head.synchronises) return;
    this.#settle(head, edgeError('SLCAN_REFUSED', { port: this.#options.transport.name, command: head.name }));
  }

  /** Ends it: everything queued or under way fails with the fault, and so does what is asked afterwards. */
  lose(fault: MinerError): void {
    this.#fault ??= fault;
    this.#cancelTimeout();
    const operations = [...this.#flight, ...this.#queue];
    this.#flight = [];
    this.#queue = [];
    for (const operation of operations) operation.reject(this.#fault);
  }

  #settle(operation: Operation, answer: string | MinerError): void {
    this.#flight.splice(this.#flight.indexOf(operation), 1);
    this.#watch();
    if (typeof answer === 'string') {
      operation.onAnswer?.();
      operation.resolve(answer);
    } else {
      operation.reject(answer);
    }
    this.#pump();
  }

  /** Once the caller has handed over all it has: frames of one turn leave in one write. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Sends what may go now, frames together. */
  #pump(): void {
    if (this.#fault !== undefined) {
      this.lose(this.#fault);
      return;
    }
    this.#getIntoStep();
    const sending: Operation[] = [];
    for (let next = this.#queue[0]; next !== undefined && this.#mayGo(next, sending); next = this.#queue[0]) {
      sending.push(next);
      this.#queue.shift();
    }
    if (sending.length === 0) return;
    const isIdle = this.#flight.length === 0;
    const awaited = sending.filter(({ expectsAnswer }) => expectsAnswer);
    this.#flight.push(...awaited);
    if (isIdle) this.#watch();
    // A failed write shows as the loss of the transport, which settles everything.
    this.#options.transport.write(concatenated(sending)).then(
      () => {
        for (const operation of sending.filter(({ expectsAnswer }) => !expectsAnswer)) {
          operation.onAnswer?.();
          operation.resolve('');
        }
        this.#unanswered -= sending.length - awaited.length;
        this.#pump();
      },
      (fault: MinerError) => this.#options.onLost(fault),
    );
    this.#unanswered += sending.length - awaited.length;
  }

  /** Puts a synchronisation first when it is not certain what the next answer would belong to. */
  #getIntoStep(): void {
    const isIdle = this.#flight.length + this.#unanswered === 0;
    if (!this.#outOfStep || !this.acknowledges || !isIdle || this.#queue[0]?.synchronises !== false) return;
    const failed = (fault: MinerError) => this.#queue.shift()?.reject(fault);
    this.#queue.unshift(this.#synchronisation('', () => {}, failed));
  }

  #mayGo(next: Operation, sending: readonly Operation[]): boolean {
    const underWay = this.#flight.length + this.#unanswered + sending.length;
    if (underWay === 0) return true;
    if (!next.isFrame || underWay >= this.#options.windowFrames) return false;
    return this.#flight.every(({ isFrame }) => isFrame) && sending.every(({ isFrame }) => isFrame);
  }

  /** The oldest one under way must be answered in time, counted from when it became the oldest. */
  #watch(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = () => {};
    if (this.#flight.length === 0) return;
    const { clock, timeoutMs, transport } = this.#options;
    this.#cancelTimeout = clock.schedule(timeoutMs, () => {
      this.#outOfStep = true;
      const overdue = this.#flight;
      this.#flight = [];
      for (const { name, reject } of overdue) {
        reject(edgeError('SLCAN_NO_ANSWER', { port: transport.name, command: name, waitedMs: timeoutMs }));
      }
      this.#pump();
    });
  }
}

function concatenated(operations: readonly Operation[]): Uint8Array {
  if (operations.length === 1) return operations[0].bytes;
  const bytes = new Uint8Array(operations.reduce((size, operation) => size + operation.bytes.length, 0));
  let at = 0;
  for (const operation of operations) {
    bytes.set(operation.bytes, at);
    at += operation.bytes.length;
  }
  return bytes;
}

function asciiLine(text: string): Uint8Array {
  return Uint8Array.from(`${text}\r`, (character) => character.charCodeAt(0));
}
