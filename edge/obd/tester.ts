/** Asks all control units at once, or one of them, over the frames of one bus. */
import { type CanFrame, type FrameBatch, FrameFlag } from '../can/index.ts';
import { edgeError, type MinerError } from '../errors/index.ts';
import { Framing, resolveAddress } from '../isotp/index.ts';
import type { Clock } from '../sim/index.ts';
import { negativeResponse, ResponseCode, UdsClient } from '../uds/index.ts';
import { type Addressing, answererOf, type EcuAddress, functionalIds, isRequestId } from './addresses.ts';

export interface TesterOptions {
  clock: Clock;
  /** Until an answer begins. */
  p2Ms: number;
  /** Puts one frame on the bus. */
  send: (frame: CanFrame) => void | Promise<void>;
}

/** One control unit's answer to a question to all. */
export interface EcuAnswer {
  ecu: EcuAddress;
  answer: Uint8Array;
}

/** As many control units may speak OBD on one bus; more answerers are not listened to. */
const ecusMax = 8;
/** How long one question to all may take, whatever is said to be pending. */
const totalMsMax = 10_000;
/** While an answer is on its way, looked at this often. */
const lookMs = 50;
/** Own frames kept for telling an echo from another tester. */
const echoFramesMax = 16;
/** Later than this it is no echo. */
const echoUsMax = 1_000_000;

export class Tester {
  readonly counters = { framesSent: 0, framesReceived: 0, echoes: 0, faults: 0 };
  readonly #options: TesterOptions;
  readonly #clients = new Map<number, UdsClient>();
  /** Takes answers while a question to all is under way. */
  #collect: ((ecu: EcuAddress, message: Uint8Array) => void) | undefined;
  #recentlySent: CanFrame[] = [];
  #otherTesterMs: number | undefined;
  #isClosed = false;

  constructor(options: TesterOptions) {
    this.#options = options;
  }

  /** When another tester's request was heard last, in ms since boot. */
  get otherTesterMs(): number | undefined {
    return this.#otherTesterMs;
  }

  /** Takes frames from the bus. Those that nobody here asked for are left alone: they may be another tester's. */
  receive({ count, id, flags, data, stride, length }: FrameBatch): void {
    for (let i = 0; i < count; i++) {
      // Almost all frames of a bus end here.
      const isDiagnostic = (flags[i] & FrameFlag.extended) === 0 ? id[i] >>> 6 === 0x7c0 >>> 6 : id[i] >>> 17 === 0xc6d;
      if (isDiagnostic) this.#take(id[i], flags[i], data, i * stride, length[i]);
    }
  }

  #take(id: number, flags: number, data: Uint8Array, offset: number, length: number): void {
    if ((flags & (FrameFlag.error | FrameFlag.remote | FrameFlag.transmitted)) !== 0) return;
    const ecu = answererOf(id, flags);
    if (ecu === undefined) {
      if (isRequestId(id, flags)) this.#heardRequest(id, data, offset, length);
      return;
    }
    const client = this.#collect === undefined ? this.#clients.get(id) : this.#clientOf(ecu);
    if (client === undefined || (this.#collect === undefined && !client.isExpecting)) return;
    this.counters.framesReceived++;
    client.receive(id, flags, data, offset, length);
  }

  /** Some adapters hand our own frames back unmarked; any other request is somebody else's. */
  #heardRequest(id: number, data: Uint8Array, offset: number, length: number): void {
    const nowUs = this.#options.clock.nowMs() * 1000;
    const own = this.#recentlySent.findIndex((sent) => {
      if (sent.id !== id || sent.data.length !== length || nowUs - sent.timeUs > echoUsMax) return false;
      return sent.data.every((byte, i) => byte === data[offset + i]);
    });
    if (own >= 0) {
      this.#recentlySent.splice(own, 1);
      this.counters.echoes++;
    } else {
      this.#otherTesterMs = this.#options.clock.nowMs();
    }
  }

  /** The client for one control unit, made when first needed; undefined for one too many. */
  #clientOf(ecu: EcuAddress): UdsClient | undefined {
    const known = this.#clients.get(ecu.rxId);
    if (known !== undefined || this.#clients.size >= ecusMax || this.#isClosed) return known;
    const { clock, p2Ms } = this.#options;
    const client = new UdsClient({
      clock,
      p2Ms,
      txId: ecu.txId,
      rxId: ecu.rxId,
      extended: ecu.addressing === '29-bit',
      send: (frame) => this.#put(frame),
      onUnasked: (message) => this.#collect?.(ecu, message),
      onFault: () => {
        this.counters.faults++;
      },
    });
    this.#clients.set(ecu.rxId, client);
    return client;
  }

  #put(frame: CanFrame): void | Promise<void> {
    this.counters.framesSent++;
    this.#recentlySent.push(frame);
    if (this.#recentlySent.length > echoFramesMax) this.#recentlySent.shift();
    return this.#options.send(frame);
  }

  /**
   * Asks all control units; waits for P2, and for answers that have begun or are said to be pending.
   * @param request at most 7 bytes
   * @returns positive answers, in the order of their coming; empty when there is none
   * @throws {MinerError} ISOTP_SEND when the request did not get on the bus
   */
  async askAll(addressing: Addressing, request: Uint8Array): Promise<EcuAnswer[]> {
    const { clock, p2Ms } = this.#options;
    const answers: EcuAnswer[] = [];
    const pending = new Set<number>();
    this.#collect = (ecu, answer) => {
      if (ecu.addressing !== addressing) return;
      const isNegative = answer[0] === negativeResponse && answer[1] === request[0];
      if (isNegative && answer[2] === ResponseCode.responsePending) pending.add(ecu.rxId);
      else pending.delete(ecu.rxId);
      if (answer[0] === request[0] + 0x40) answers.push({ ecu, answer });
    };
    try {
      await this.#sendToAll(addressing, request);
      const deadlineMs = clock.nowMs() + totalMsMax;
      await this.#sleep(p2Ms);
      while ((pending.size > 0 || this.#isReceiving()) && clock.nowMs() < deadlineMs && !this.#isClosed) {
        await this.#sleep(lookMs);
      }
      return answers;
    } finally {
      this.#collect = undefined;
    }
  }

  async #sendToAll(addressing: Addressing, request: Uint8Array): Promise<void> {
    const txId = functionalIds[addressing];
    const framing = new Framing(resolveAddress({ txId, rxId: txId, extended: addressing === '29-bit' }), {});
    const bytesMax = framing.singleBytesMax;
    if (request.length > bytesMax) throw edgeError('ISOTP_LENGTH', { id: txId, bytes: request.length, bytesMax });
    try {
      await this.#put({ ...framing.single(request), timeUs: this.#options.clock.nowMs() * 1000 });
    } catch (cause) {
      throw edgeError('ISOTP_SEND', { id: txId, reason: (cause as Error).message }, cause);
    }
  }

  #isReceiving(): boolean {
    for (const client of this.#clients.values()) if (client.isReceiving) return true;
    return false;
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.schedule(delayMs, resolve));
  }

  /**
   * Asks one control unit.
   * @throws {MinerError} as UdsClient.request
   */
  ask(ecu: EcuAddress, request: Uint8Array): Promise<Uint8Array> {
    const client = this.#clientOf(ecu);
    if (client === undefined) return Promise.reject(closedFault(ecu));
    return client.request(request);
  }

  /** Forgets the control units: another drive, perhaps another car. */
  forget(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  /** Gives up what is under way, for good. */
  close(): void {
    this.#isClosed = true;
    this.forget();
  }
}

function closedFault({ txId }: EcuAddress): MinerError {
  return edgeError('ISOTP_CLOSED', { id: txId });
}
