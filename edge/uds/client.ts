import { edgeError, type MinerError } from '../errors/index.ts';
import { IsoTpChannel, type IsoTpOptions } from '../isotp/index.ts';
import {
  describeRequest,
  isPositiveAnswer,
  negativeResponse,
  ResponseCode,
  responseCodeName,
} from './service-table.ts';

export interface UdsTiming {
  /** P2: until an answer begins. Default 150: the standard's 50, and what a serial adapter takes. */
  p2Ms?: number;
  /** P2*: until an answer that was said to be pending. Default 5000, the standard's. */
  p2StarMs?: number;
  /** How long one request may take in all, however often its answer is said to be pending. Default 30,000. */
  totalMsMax?: number;
  /** How often a request is repeated that the ECU was too busy for, and how long after. Default 3 times, 250 ms. */
  busyRepeatsMax?: number;
  busyDelayMs?: number;
}

export interface UdsClientOptions extends Omit<IsoTpOptions, 'onMessage' | 'onFault'>, UdsTiming {
  /** Takes messages that answer no request under way: answers to functional requests, and late ones. */
  onUnasked?: (message: Uint8Array) => void;
  /** Takes faults of messages that no request waits for. */
  onFault?: (fault: MinerError) => void;
}

export interface UdsCounters {
  requests: number;
  positive: number;
  negative: number;
  /** Times that an ECU said that its answer is pending, and that it was too busy. */
  pending: number;
  busy: number;
  unanswered: number;
  /** Messages that answered no request under way. */
  unasked: number;
}

interface Question {
  request: Uint8Array;
  phase: 'sending' | 'waiting' | 'pending' | 'busy';
  deadlineMs: number;
  repeats: number;
  settle: (answer: Uint8Array | MinerError) => void;
}

/** What a server's own P2 gets on top for the way there and back. */
const networkMs = 100;

/**
 * Asks one control unit, one question at a time; further ones wait for their turn. Serves UDS (ISO 14229-1) and OBD
 * (SAE J1979), which share their shape on CAN.
 * @example
 *   const client = new UdsClient({ clock, txId: 0x7e0, rxId: 0x7e8, send });
 *   const answer = await client.request(Uint8Array.of(0x22, 0xf1, 0x90)); // 62 F1 90 ...
 */
export class UdsClient {
  readonly counters: UdsCounters = {
    requests: 0,
    positive: 0,
    negative: 0,
    pending: 0,
    busy: 0,
    unanswered: 0,
    unasked: 0,
  };
  readonly #options: UdsClientOptions;
  readonly #channel: IsoTpChannel;
  readonly #totalMsMax: number;
  #p2Ms: number;
  #p2StarMs: number;
  #question: Question | undefined;
  #lastAsked: Promise<unknown> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #isClosed = false;

  constructor(options: UdsClientOptions) {
    this.#options = options;
    this.#p2Ms = options.p2Ms ?? 150;
    this.#p2StarMs = options.p2StarMs ?? 5000;
    this.#totalMsMax = options.totalMsMax ?? 30_000;
    this.#channel = new IsoTpChannel({
      ...options,
      onMessage: (message) => this.#take(message),
      onFault: (fault) => this.#faulted(fault),
    });
  }

  /** Arbitration id that the control unit answers with. */
  get id(): number {
    return this.#options.rxId;
  }

  /** Whether a message of the control unit is on its way. */
  get isReceiving(): boolean {
    return this.#channel.isReceiving;
  }

  /** Whether a frame of the control unit would be one that was asked for. */
  get isExpecting(): boolean {
    return this.#question !== undefined || this.#channel.isReceiving;
  }

  /** Takes one frame, of anyone; see IsoTpChannel.receive. */
  receive(id: number, flags: number, data: Uint8Array, offset: number, length: number): boolean {
    return this.#channel.receive(id, flags, data, offset, length);
  }

  /** Takes over the times that a server gave with the answer to a session request. */
  setServerTiming({ p2Ms, p2StarMs }: { p2Ms: number; p2StarMs: number }): void {
    this.#p2Ms = Math.max(this.#options.p2Ms ?? 150, p2Ms + networkMs);
    this.#p2StarMs = Math.max(this.#options.p2StarMs ?? 5000, p2StarMs + networkMs);
  }

  /**
   * Asks, and waits for the answer through `response pending` and `busy`.
   * @returns the positive answer, its first byte being the service + 0x40
   * @throws {MinerError} UDS_NEGATIVE with the code's name, UDS_NO_ANSWER, UDS_PENDING, and ISOTP_* when a message
   *   broke on its way
   */
  request(request: Uint8Array): Promise<Uint8Array> {
    const asked = this.#lastAsked.then(() => this.#ask(request));
    this.#lastAsked = asked.catch(() => {});
    return asked;
  }

  /** Sends what wants no answer. @throws {MinerError} ISOTP_* */
  tell(request: Uint8Array): Promise<void> {
    const told = this.#lastAsked.then(() => this.#channel.send(request));
    this.#lastAsked = told.catch(() => {});
    return told;
  }

  #ask(request: Uint8Array): Promise<Uint8Array> {
    const { clock } = this.#options;
    if (this.#isClosed) return Promise.reject(edgeError('ISOTP_CLOSED', { id: this.#options.txId }));
    this.counters.requests++;
    return new Promise((resolve, reject) => {
      this.#question = {
        request,
        phase: 'sending',
        deadlineMs: clock.nowMs() + this.#totalMsMax,
        repeats: 0,
        settle: (answer) => {
          this.#question = undefined;
          this.#cancelTimer();
          if (answer instanceof Uint8Array) resolve(answer);
          else reject(answer);
        },
      };
      this.#sendQuestion(this.#question);
    });
  }

  #sendQuestion(question: Question): void {
    question.phase = 'sending';
    this.#channel.send(question.request).then(
      () => {
        // An answer may have been quicker than this confirmation.
        if (this.#question !== question || question.phase !== 'sending') return;
        question.phase = 'waiting';
        this.#startTimer(question, this.#p2Ms);
      },
      (fault: MinerError) => {
        if (this.#question === question) question.settle(fault);
      },
    );
  }

  #startTimer(question: Question, waitMs: number): void {
    const { clock } = this.#options;
    const leftMs = question.deadlineMs - clock.nowMs();
    this.#cancelTimer();
    this.#cancelTimer = clock.schedule(Math.min(waitMs, Math.max(0, leftMs)), () => this.#expired(question, waitMs));
  }

  /** P2 asks for the beginning of an answer; one that has begun has the transport's own timeouts. */
  #expired(question: Question, waitMs: number): void {
    const { clock, rxId: id } = this.#options;
    const isOverall = clock.nowMs() >= question.deadlineMs;
    if (this.#channel.isReceiving && !isOverall) {
      this.#startTimer(question, waitMs);
      return;
    }
    const service = describeRequest(question.request);
    const waitedMs = isOverall ? this.#totalMsMax : waitMs;
    this.counters.unanswered++;
    question.settle(
      edgeError(question.phase === 'pending' ? 'UDS_PENDING' : 'UDS_NO_ANSWER', {
        id,
        service,
        waitedMs: Math.round(waitedMs),
      }),
    );
  }

  #take(message: Uint8Array): void {
    const question = this.#question;
    if (question !== undefined && isPositiveAnswer(question.request, message)) {
      this.counters.positive++;
      question.settle(message);
    } else if (
      question !== undefined &&
      message.length >= 3 &&
      message[0] === negativeResponse &&
      message[1] === question.request[0]
    ) {
      this.#refused(question, message[2]);
    } else {
      this.counters.unasked++;
      this.#options.onUnasked?.(message);
    }
  }

  #refused(question: Question, code: number): void {
    const { clock, rxId: id, busyRepeatsMax = 3, busyDelayMs = 250 } = this.#options;
    if (code === ResponseCode.responsePending) {
      this.counters.pending++;
      question.phase = 'pending';
      this.#startTimer(question, this.#p2StarMs);
    } else if (code === ResponseCode.busyRepeatRequest && question.repeats < busyRepeatsMax) {
      this.counters.busy++;
      question.repeats++;
      question.phase = 'busy';
      this.#cancelTimer();
      this.#cancelTimer = clock.schedule(busyDelayMs, () => this.#sendQuestion(question));
    } else {
      this.counters.negative++;
      const service = describeRequest(question.request);
      question.settle(edgeError('UDS_NEGATIVE', { id, service, code, name: responseCodeName(code) }));
    }
  }

  /** An answer broke on its way. */
  #faulted(fault: MinerError): void {
    if (this.#question !== undefined) this.#question.settle(fault);
    else this.#options.onFault?.(fault);
  }

  /** Gives up what is under way, and takes no more questions. */
  close(): void {
    this.#isClosed = true;
    this.#channel.reset();
    this.#question?.settle(edgeError('ISOTP_CLOSED', { id: this.#options.txId }));
  }
}
