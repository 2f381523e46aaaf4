/** Asks one device and waits for its answers: sequence numbers, repetition, late and stray answers. */
import { edgeError, type MinerError } from '../../errors/index.ts';
import { type CborMap, encodeCbor } from '../../pack/index.ts';
import type { Clock } from '../../sim/index.ts';
import { decodeSmpBody, type SmpBody } from '../cbor-read.ts';
import { decodeSmp, encodeSmp, type SmpMessage, smpHeaderBytes } from '../header.ts';
import { SmpError, type SmpOp } from '../protocol.ts';
import { refusedError, type SmpRefused } from './errors.ts';
import type { SmpLink } from './link.ts';

export interface SmpClientOptions {
  link: SmpLink;
  clock: Clock;
  /** 2 unless told. A device that finds it too new is asked with 1 from then on. */
  version?: 1 | 2;
  /** Until a request is sent a second time, beside what the line itself takes; each wait is twice the one before. */
  timeoutMs?: number;
  /** How often a request is sent before the device counts as silent. */
  attempts?: number;
  /** Where sequence numbers begin; random, so that an answer to an earlier client is not taken for ours. */
  firstSequence?: number;
}

export interface SmpQuestion {
  op: typeof SmpOp.read | typeof SmpOp.write;
  group: number;
  command: number;
  /** For errors: "image upload". */
  name: string;
  body?: CborMap;
  timeoutMs?: number;
  attempts?: number;
}

export interface PendingAnswer {
  /** @throws {MinerError} SMP_REFUSED, SMP_NO_ANSWER, SMP_ANSWER, and what ended the link */
  readonly answer: Promise<SmpBody>;
  /** Nobody waits any longer: no repetition, and the answer promise stays open. An answer that comes is a stray one. */
  abandon(): void;
}

interface Pending {
  question: SmpQuestion;
  sequence: number;
  sent: number;
  bytes: number;
  isSending: boolean;
  startedMs: number;
  cancelTimer: () => void;
  resolve: (body: SmpBody) => void;
  reject: (problem: unknown) => void;
}

const defaultTimeoutMs = 1000;
const defaultAttempts = 4;
const sequences = 256;

export class SmpClient {
  readonly counters = { sent: 0, repeated: 0, answered: 0, strays: 0 };
  readonly #options: Required<Omit<SmpClientOptions, 'version'>>;
  readonly #pending = new Map<number, Pending>();
  #version: 1 | 2;
  #sequence: number;
  #end: { fault: unknown } | undefined;

  constructor({ version = 2, ...options }: SmpClientOptions) {
    this.#options = { timeoutMs: defaultTimeoutMs, attempts: defaultAttempts, firstSequence: 0, ...options };
    this.#version = version;
    this.#sequence = this.#options.firstSequence % sequences;
    const { link } = this.#options;
    link.onMessage((message) => this.#receive(message));
    link.onClose((fault) => this.#ended(fault ?? edgeError('PORT_LOST', { port: link.name, reason: 'it was closed' })));
  }

  /** What errors call the device. */
  get name(): string {
    return this.#options.link.name;
  }

  get link(): SmpLink {
    return this.#options.link;
  }

  get version(): 1 | 2 {
    return this.#version;
  }

  /**
   * Asks, and repeats the request under its sequence number until an answer comes.
   * @throws {MinerError} SMP_REFUSED, SMP_NO_ANSWER, SMP_ANSWER, and what ended the link
   */
  ask(question: SmpQuestion): Promise<SmpBody> {
    return this.begin(question).answer;
  }

  /** The same where one may want to stop waiting. Several may be under way at once, 256 at most. */
  begin(question: SmpQuestion): PendingAnswer {
    if (this.#end !== undefined) return { answer: Promise.reject(this.#end.fault), abandon() {} };
    const sequence = this.#freeSequence();
    const started = { question, sequence, sent: 0, bytes: 0, isSending: false, cancelTimer() {} };
    const answer = new Promise<SmpBody>((resolve, reject) => {
      this.#pending.set(sequence, { ...started, startedMs: this.#options.clock.nowMs(), resolve, reject });
    });
    this.#send(this.#pending.get(sequence) as Pending);
    return { answer, abandon: () => this.#forget(sequence) };
  }

  /** Bytes of the message that would carry this body. */
  static messageBytes(body: CborMap): number {
    return smpHeaderBytes + encodeCbor(body).length;
  }

  close(): Promise<void> {
    return this.#options.link.close();
  }

  #freeSequence(): number {
    if (this.#pending.size === sequences) throw new RangeError('all sequence numbers wait for their answers');
    while (this.#pending.has(this.#sequence)) this.#sequence = (this.#sequence + 1) % sequences;
    const free = this.#sequence;
    this.#sequence = (free + 1) % sequences;
    return free;
  }

  #send(pending: Pending): void {
    const { link, timeoutMs, clock } = this.#options;
    const { op, group, command, body = new Map() } = pending.question;
    this.counters[pending.sent === 0 ? 'sent' : 'repeated']++;
    const waitMs = (pending.question.timeoutMs ?? timeoutMs) * 2 ** pending.sent++;
    if (!pending.isSending) {
      const { sequence } = pending;
      const message = encodeSmp({ op, version: this.#version, group, sequence, command, body: encodeCbor(body) });
      pending.bytes = message.length;
      pending.isSending = true;
      link.send(message).then(
        () => {
          pending.isSending = false;
        },
        // The end of the link tells why.
        () => {},
      );
    }
    // What was sent before it is on the line first.
    let lineMs = 0;
    for (const { bytes } of this.#pending.values()) lineMs += link.wireMs(bytes);
    pending.cancelTimer = clock.schedule(waitMs + lineMs, () => this.#timedOut(pending));
  }

  #timedOut(pending: Pending): void {
    const { question, sequence, sent, startedMs } = pending;
    if (sent < (question.attempts ?? this.#options.attempts)) {
      this.#send(pending);
      return;
    }
    this.#forget(sequence);
    const waitedMs = Math.round(this.#options.clock.nowMs() - startedMs);
    const facts = { device: this.name, request: question.name, attempts: sent, waitedMs };
    pending.reject(edgeError('SMP_NO_ANSWER', facts));
  }

  #receive(bytes: Uint8Array): void {
    const message = decodeSmp(bytes);
    const pending = message && this.#pending.get(message.sequence);
    if (!message || !pending || !isAnswerTo(pending.question, message)) {
      this.counters.strays++;
      return;
    }
    // The bytes are the link's own.
    const answer = readAnswer(message.body.slice());
    if (answer === undefined) this.#unreadable(pending);
    else if (this.#version === 2 && isTooNew(answer.refusal)) this.#askOlder(pending);
    else this.#settle(pending, answer);
  }

  #settle({ question, sequence, resolve, reject }: Pending, { body, refusal }: Answer): void {
    this.#forget(sequence);
    this.counters.answered++;
    if (refusal) reject(refusedError(this.name, question.name, refusal));
    else resolve(body);
  }

  #askOlder(pending: Pending): void {
    this.#version = 1;
    pending.cancelTimer();
    this.#send(pending);
  }

  /** Damaged in spite of a checksum, or by a device that speaks something else: the next answer may be right. */
  #unreadable({ question, sequence, sent, reject }: Pending): void {
    this.counters.strays++;
    if (sent < (question.attempts ?? this.#options.attempts)) return;
    this.#forget(sequence);
    reject(answerError(this, question.name, 'it is no CBOR map of known types'));
  }

  #forget(sequence: number): void {
    this.#pending.get(sequence)?.cancelTimer();
    this.#pending.delete(sequence);
  }

  #ended(fault: MinerError): void {
    this.#end = { fault };
    for (const { cancelTimer, reject } of this.#pending.values()) {
      cancelTimer();
      reject(fault);
    }
    this.#pending.clear();
  }
}

function isAnswerTo({ op, group, command }: SmpQuestion, message: SmpMessage): boolean {
  return message.op === op + 1 && message.group === group && message.command === command;
}

interface Answer {
  body: SmpBody;
  refusal: SmpRefused | undefined;
}

/** @returns undefined for what is no answer of this protocol */
function readAnswer(bytes: Uint8Array): Answer | undefined {
  try {
    const body = decodeSmpBody(bytes);
    return { body, refusal: refusalOf(body) };
  } catch {
    return undefined;
  }
}

/** Both forms, whatever version was asked with: `{err: {group, rc}}`, and `{rc}`, which version 2 has as well. */
function refusalOf(body: SmpBody): SmpRefused | undefined {
  const error = body.map('err');
  const rc = (error === undefined ? body.integer('rc') : error.unsigned('rc')) ?? SmpError.ok;
  return rc === SmpError.ok ? undefined : { group: error?.unsigned('group'), rc };
}

function isTooNew(refusal: SmpRefused | undefined): boolean {
  return refusal !== undefined && refusal.group === undefined && refusal.rc === SmpError.tooNew;
}

/** An answer whose fields are not what the protocol says. */
export function answerError(client: SmpClient, request: string, problem: string): MinerError {
  return edgeError('SMP_ANSWER', { device: client.name, request, problem });
}
