import type { CanFrame } from '../can/index.ts';
import { edgeError, type MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import { type Framing, readSingleFrame } from './framing.ts';
import { FlowStatus, type IsoTpTimeouts, PciType, shortLengthMax, waitIntervalMs } from './protocol-table.ts';
import { sendFault } from './sender.ts';

export interface ReceiverOptions {
  clock: Clock;
  framing: Framing;
  timeouts: IsoTpTimeouts;
  /** Frames after which we allow the next ones; 0 for all at once. */
  blockSize: number;
  /** STmin as its byte. */
  separationCode: number;
  /** Longest message that we take. */
  receiveBytesMax: number;
  /** WAIT frames in a row that we send at most. */
  waitsMax: number;
  /** Asked before each block; while it says no, the sender is told to wait. */
  isReady: () => boolean;
  transmit: (frame: CanFrame) => void | Promise<void>;
  onMessage: (message: Uint8Array) => void;
  onFault: (fault: MinerError) => void;
}

const nothing = new Uint8Array();

/** Puts messages together, one at a time, and tells the sender how fast to go on. */
export class Receiver {
  readonly #options: ReceiverOptions;
  /** What is being received; undefined between messages. */
  #message: Uint8Array | undefined;
  #received = 0;
  #sequence = 0;
  /** RX_DL: bytes of the first frame, and so of every other but the last. */
  #frameBytes = 0;
  #blockLeft = 0;
  #waits = 0;
  /** We told the sender to wait: a consecutive frame now is none that we asked for. */
  #isHolding = false;
  #cancelTimer: () => void = () => {};
  /** As in the sender. */
  #step = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#message === undefined;
  }

  /** Takes the frame whose control byte is at `at`; those that cannot be are passed over, as the standard says. */
  take(data: Uint8Array, at: number, end: number): void {
    const type = data[at] >> 4;
    if (type === PciType.single) this.#takeSingle(data, at, end);
    else if (type === PciType.first) this.#takeFirst(data, at, end);
    else if (type === PciType.consecutive) this.#takeConsecutive(data, at, end);
  }

  #takeSingle(data: Uint8Array, at: number, end: number): void {
    const message = readSingleFrame(data, at, end, this.#options.framing.address.prefix);
    if (message === undefined) return;
    this.#interrupt('a single frame');
    this.#options.onMessage(message);
  }

  #takeFirst(data: Uint8Array, at: number, end: number): void {
    const { framing, receiveBytesMax, onFault } = this.#options;
    const { prefix, rxId: id } = framing.address;
    const frameBytes = end - at + prefix;
    if (frameBytes < 8) return;
    const shortLength = ((data[at] & 15) << 8) | data[at + 1];
    const isEscaped = shortLength === 0;
    const length = isEscaped
      ? data[at + 2] * 2 ** 24 + ((data[at + 3] << 16) | (data[at + 4] << 8) | data[at + 5])
      : shortLength;
    // What a single frame of this size carries, or the short length says, must come that way (9.6.3.1 and table 14).
    const singleBytesMax = frameBytes - (frameBytes > 8 ? 2 : 1) - prefix;
    if (isEscaped ? length <= shortLengthMax : length <= singleBytesMax) return;
    this.#interrupt('a first frame');
    if (length > receiveBytesMax) {
      this.#sendFlowControl(FlowStatus.overflow, () => {});
      onFault(edgeError('ISOTP_TOO_LARGE', { id, bytes: length, bytesMax: receiveBytesMax }));
      return;
    }
    this.#message = new Uint8Array(length);
    const start = at + (isEscaped ? 6 : 2);
    this.#message.set(data.subarray(start, end));
    this.#received = end - start;
    this.#sequence = 1;
    this.#frameBytes = frameBytes;
    this.#waits = 0;
    this.#allowBlock();
  }

  #takeConsecutive(data: Uint8Array, at: number, end: number): void {
    const message = this.#message;
    if (message === undefined || this.#isHolding) return;
    const { rxId: id, prefix } = this.#options.framing.address;
    const wanted = Math.min(message.length - this.#received, this.#frameBytes - 1 - prefix);
    const isLast = this.#received + wanted === message.length;
    const frameBytes = end - at + prefix;
    if (isLast ? end - at - 1 < wanted : frameBytes !== this.#frameBytes) return;
    const sequence = data[at] & 15;
    if (sequence !== this.#sequence) {
      this.#fail(edgeError('ISOTP_SEQUENCE', { id, expected: this.#sequence, got: sequence }));
      return;
    }
    message.set(data.subarray(at + 1, at + 1 + wanted), this.#received);
    this.#received += wanted;
    this.#sequence = (sequence + 1) & 15;
    if (isLast) {
      this.#forget();
      this.#options.onMessage(message);
    } else if (--this.#blockLeft === 0) {
      this.#allowBlock();
    } else {
      this.#step++;
      this.#startTimer('N_Cr');
    }
  }

  /** Tells the sender to go on, or to wait while we are not ready. */
  #allowBlock(): void {
    const { clock, isReady, blockSize, waitsMax, framing } = this.#options;
    this.#isHolding = !isReady();
    if (!this.#isHolding) {
      this.#waits = 0;
      this.#blockLeft = blockSize === 0 ? Number.POSITIVE_INFINITY : blockSize;
      this.#sendFlowControl(FlowStatus.continueToSend, () => this.#startTimer('N_Cr'));
      return;
    }
    this.#waits++;
    if (this.#waits > waitsMax) {
      this.#fail(edgeError('ISOTP_WAITS', { id: framing.address.rxId, waits: this.#waits, waitsMax }));
      return;
    }
    this.#sendFlowControl(FlowStatus.wait, () => {
      this.#cancelTimer = clock.schedule(waitIntervalMs, () => this.#allowBlock());
    });
  }

  #sendFlowControl(status: number, then: () => void): void {
    const { framing, clock, transmit, blockSize, separationCode } = this.#options;
    const step = ++this.#step;
    this.#cancelTimer();
    const unlessOver = (task: () => void) => () => {
      if (this.#step !== step) return;
      this.#cancelTimer();
      task();
    };
    const control = [(PciType.flowControl << 4) | status, blockSize, separationCode];
    const refused = (cause: unknown) => unlessOver(() => this.#fail(sendFault(framing.address.txId, cause)))();
    let leaving: void | Promise<void>;
    try {
      leaving = transmit({ ...framing.frame(control, nothing, 0, 0), timeUs: clock.nowMs() * 1000 });
    } catch (cause) {
      refused(cause);
      return;
    }
    if (leaving === undefined) {
      unlessOver(then)();
      return;
    }
    if (this.#step === step && this.#message !== undefined) this.#startTimer('N_Ar');
    leaving.then(unlessOver(then), refused);
  }

  #startTimer(timer: 'N_Ar' | 'N_Cr'): void {
    const { clock, timeouts, framing } = this.#options;
    const waitedMs = timer === 'N_Ar' ? timeouts.arMs : timeouts.crMs;
    this.#cancelTimer();
    this.#cancelTimer = clock.schedule(waitedMs, () => {
      this.#fail(edgeError('ISOTP_TIMEOUT', { id: framing.address.rxId, timer, waitedMs }));
    });
  }

  /** A new message begins: the one under way will not be whole any more. */
  #interrupt(by: string): void {
    const message = this.#message;
    if (message === undefined) return;
    const { rxId: id } = this.#options.framing.address;
    this.#fail(edgeError('ISOTP_INTERRUPTED', { id, by, received: this.#received, bytes: message.length }));
  }

  #fail(fault: MinerError): void {
    this.#forget();
    this.#options.onFault(fault);
  }

  #forget(): void {
    this.#step++;
    this.#cancelTimer();
    this.#message = undefined;
    this.#isHolding = false;
  }

  /** Drops what is under way. */
  close(): void {
    this.#forget();
  }
}
