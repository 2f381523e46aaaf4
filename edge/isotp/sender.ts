import type { CanFrame } from '../can/index.ts';
import { edgeError, MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Framing } from './framing.ts';
import { FlowStatus, type IsoTpTimeouts, longLengthMax, PciType, shortLengthMax } from './protocol-table.ts';
import { separationMsOf } from './separation-time.ts';

export interface SenderOptions {
  clock: Clock;
  framing: Framing;
  timeouts: IsoTpTimeouts;
  /** WAIT frames in a row after which the other side is given up. */
  waitsMax: number;
  transmit: (frame: CanFrame) => void | Promise<void>;
}

/**
 * `transmitting`: a frame is on its way, nothing follows it before it left. `flow`: the other side speaks next.
 * `ready`: the next consecutive frame may go.
 */
type State = 'idle' | 'transmitting' | 'flow' | 'ready';

/** Sends one message at a time as single frame, or as first and consecutive frames under the receiver's control. */
export class Sender {
  readonly #options: SenderOptions;
  #state: State = 'idle';
  #message = new Uint8Array();
  #offset = 0;
  #sequence = 0;
  /** Frames until the next flow control; Infinity when the receiver wants none. */
  #blockLeft = 0;
  #separationMs = 0;
  #waits = 0;
  #settle: ((fault?: MinerError) => void) | undefined;
  #cancelTimer: () => void = () => {};
  /** Counts what happened, so that a late confirmation of something that is over changes nothing. */
  #step = 0;
  #isPumping = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  send(message: Uint8Array): Promise<void> {
    const { framing } = this.#options;
    const { txId } = framing.address;
    if (this.#state !== 'idle') return Promise.reject(edgeError('ISOTP_BUSY', { id: txId }));
    if (message.length < 1 || message.length > longLengthMax) {
      const problem = { id: txId, bytes: message.length, bytesMax: longLengthMax };
      return Promise.reject(edgeError('ISOTP_LENGTH', problem));
    }
    return new Promise((resolve, reject) => {
      this.#settle = (fault) => (fault === undefined ? resolve() : reject(fault));
      if (message.length <= framing.singleBytesMax) {
        this.#state = 'transmitting';
        this.#transmit(framing.single(message), () => this.#end());
      } else {
        // A copy: the caller may go on with its buffer while the other side takes its time.
        this.#message = message.slice();
        this.#sendFirst();
      }
    });
  }

  #sendFirst(): void {
    const { framing } = this.#options;
    const { length } = this.#message;
    const isShort = length <= shortLengthMax;
    const control = isShort
      ? [(PciType.first << 4) | (length >> 8), length & 0xff]
      : [PciType.first << 4, 0, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
    const count = framing.frameBytes - framing.address.prefix - control.length;
    this.#offset = count;
    this.#sequence = 1;
    this.#waits = 0;
    this.#awaitFlowControl(framing.frame(control, this.#message, 0, count));
  }

  /** The state is set ahead of the frame: its answer may come before its confirmation does. */
  #awaitFlowControl(frame: Omit<CanFrame, 'timeUs'>): void {
    this.#state = 'flow';
    this.#transmit(frame, () => this.#startTimer('N_Bs'));
  }

  /** Takes a flow control frame; one that nobody waits for is passed over, as the standard says. */
  takeFlowControl(status: number, blockSize: number, separationCode: number): void {
    if (this.#state !== 'flow') return;
    const { waitsMax, framing } = this.#options;
    const { txId: id } = framing.address;
    this.#step++;
    this.#cancelTimer();
    if (status === FlowStatus.continueToSend) {
      this.#waits = 0;
      this.#blockLeft = blockSize === 0 ? Number.POSITIVE_INFINITY : blockSize;
      this.#separationMs = separationMsOf(separationCode);
      this.#state = 'ready';
      this.#pump();
    } else if (status === FlowStatus.wait) {
      this.#waits++;
      if (this.#waits > waitsMax) this.#end(edgeError('ISOTP_WAITS', { id, waits: this.#waits, waitsMax }));
      else this.#startTimer('N_Bs');
    } else if (status === FlowStatus.overflow) {
      this.#end(edgeError('ISOTP_OVERFLOW', { id, bytes: this.#message.length }));
    } else {
      this.#end(edgeError('ISOTP_FLOW_STATUS', { id, status }));
    }
  }

  /** A loop, not a recursion: a message may have millions of frames. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#state === 'ready') this.#sendConsecutive();
    this.#isPumping = false;
  }

  #sendConsecutive(): void {
    const { framing, clock } = this.#options;
    const count = Math.min(framing.frameBytes - framing.address.prefix - 1, this.#message.length - this.#offset);
    const control = [(PciType.consecutive << 4) | this.#sequence];
    const frame = framing.frame(control, this.#message, this.#offset, count);
    this.#offset += count;
    this.#sequence = (this.#sequence + 1) & 15;
    this.#blockLeft--;
    if (this.#offset < this.#message.length && this.#blockLeft === 0) {
      this.#awaitFlowControl(frame);
      return;
    }
    this.#state = 'transmitting';
    this.#transmit(frame, () => {
      if (this.#offset === this.#message.length) this.#end();
      else if (this.#separationMs === 0) this.#goOn();
      else this.#cancelTimer = clock.schedule(this.#separationMs, () => this.#goOn());
    });
  }

  #goOn(): void {
    this.#state = 'ready';
    this.#pump();
  }

  /** Sends a frame and goes on `then` once it is on the bus, unless something else came first. */
  #transmit(frame: Omit<CanFrame, 'timeUs'>, then: () => void): void {
    const { clock, transmit } = this.#options;
    const step = ++this.#step;
    const unlessOver = (task: () => void) => () => {
      if (this.#step !== step) return;
      this.#cancelTimer();
      task();
    };
    const refused = (cause: unknown) => unlessOver(() => this.#end(sendFault(frame.id, cause)))();
    let leaving: void | Promise<void>;
    try {
      leaving = transmit({ ...frame, timeUs: clock.nowMs() * 1000 });
    } catch (cause) {
      refused(cause);
      return;
    }
    if (leaving === undefined) {
      unlessOver(then)();
      return;
    }
    if (this.#step === step) this.#startTimer('N_As');
    leaving.then(unlessOver(then), refused);
  }

  #startTimer(timer: 'N_As' | 'N_Bs'): void {
    const { clock, timeouts, framing } = this.#options;
    const waitedMs = timer === 'N_As' ? timeouts.asMs : timeouts.bsMs;
    this.#cancelTimer = clock.schedule(waitedMs, () => {
      this.#end(edgeError('ISOTP_TIMEOUT', { id: framing.address.txId, timer, waitedMs }));
    });
  }

  /** Ends what is under way, with a fault or well. */
  #end(fault?: MinerError): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#step++;
    this.#cancelTimer();
    this.#state = 'idle';
    this.#message = new Uint8Array();
    settle?.(fault);
  }

  /** Gives up what is under way. */
  close(): void {
    if (this.#state !== 'idle') this.#end(edgeError('ISOTP_CLOSED', { id: this.#options.framing.address.txId }));
  }
}

/** What the link said when it could not take a frame. */
export function sendFault(id: number, cause: unknown): MinerError {
  const reason = cause instanceof MinerError ? cause.message : String(cause);
  return edgeError('ISOTP_SEND', { id, reason }, cause);
}
