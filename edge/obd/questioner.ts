/** Asks a control unit at the poller's pace, by the way that reaches it, and keeps count. */
import { edgeError, type MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import { describeRequest } from '../uds/index.ts';
import { type Addressing, functionalIds } from './addresses.ts';
import type { EcuState } from './ecu-state.ts';
import type { ObdCounters } from './events.ts';
import type { Pauses } from './pauses.ts';
import type { ObdSettings } from './settings.ts';
import type { EcuAnswer, Tester } from './tester.ts';

export interface QuestionerOptions {
  clock: Clock;
  tester: Tester;
  pauses: Pauses;
  settings: ObdSettings;
  counters: ObdCounters;
  isStopped: () => boolean;
  onOtherTester: (pauseMs: number) => void;
}

export class Questioner {
  readonly #options: QuestionerOptions;
  #lastTurn: Promise<void> = Promise.resolve();
  #nextTurnMs = 0;
  /** Until when it was said that another tester keeps us waiting. */
  #toldUntilMs = -1;

  constructor(options: QuestionerOptions) {
    this.#options = options;
  }

  /** Asks one control unit. @throws {MinerError} as UdsClient.request */
  async ask(ecu: EcuState, request: Uint8Array): Promise<Uint8Array> {
    const { tester, clock } = this.#options;
    if (ecu.reach === 'functional') return this.#askThroughAll(ecu, request);
    try {
      const answer = await this.#counted(ecu.address.txId, () => tester.ask(ecu.address, request));
      ecu.reach = 'physical';
      ecu.answered();
      return answer;
    } catch (fault) {
      const { code } = fault as MinerError;
      if (code === 'UDS_NEGATIVE') {
        ecu.reach = 'physical';
        ecu.answered();
      } else if (code === 'UDS_NO_ANSWER' && ecu.reach === 'unknown' && isObd(request)) {
        // A gateway may let only requests to all pass, as the law demands no more.
        return this.#askThroughAll(ecu, request);
      } else ecu.missed(clock.nowMs());
      throw fault;
    }
  }

  async #askThroughAll(ecu: EcuState, request: Uint8Array): Promise<Uint8Array> {
    const { settings, clock } = this.#options;
    const answers = await this.askAll(ecu.address.addressing, request);
    const own = answers.find((one) => one.ecu.rxId === ecu.address.rxId);
    if (own === undefined) {
      ecu.missed(clock.nowMs());
      const service = describeRequest(request);
      throw edgeError('UDS_NO_ANSWER', { id: ecu.address.rxId, service, waitedMs: settings.p2Ms });
    }
    ecu.reach = 'functional';
    ecu.answered();
    return own.answer;
  }

  /** Asks all. @throws {MinerError} ISOTP_SEND, ISOTP_LENGTH */
  askAll(addressing: Addressing, request: Uint8Array): Promise<EcuAnswer[]> {
    const { tester, counters } = this.#options;
    return this.#counted(
      functionalIds[addressing],
      async () => {
        const answers = await tester.askAll(addressing, request);
        if (answers.length === 0) counters.unanswered++;
        return answers;
      },
      false,
    );
  }

  async #counted<Answer>(id: number, question: () => Promise<Answer>, isAnswer = true): Promise<Answer> {
    const { counters, tester, isStopped } = this.#options;
    await this.#turn();
    if (isStopped()) throw edgeError('ISOTP_CLOSED', { id });
    counters.requests++;
    try {
      const answer = await question();
      if (isAnswer || (answer as unknown[]).length > 0) counters.positive++;
      return answer;
    } catch (fault) {
      const { code } = fault as MinerError;
      if (code === 'UDS_NEGATIVE') counters.negative++;
      else if (code === 'UDS_NO_ANSWER' || code === 'UDS_PENDING') counters.unanswered++;
      else counters.faults++;
      throw fault;
    } finally {
      counters.framesSent = tester.counters.framesSent;
      counters.framesReceived = tester.counters.framesReceived;
    }
  }

  /** Turns are taken one after another, also by those who ask at the same time. */
  #turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => this.#waitForTurn());
    return this.#lastTurn;
  }

  /** Never more questions a second than set, and none while another tester is at work. */
  async #waitForTurn(): Promise<void> {
    const { clock, settings, pauses, tester, isStopped, onOtherTester } = this.#options;
    while (!isStopped()) {
      const heardMs = tester.otherTesterMs;
      const freeMs = heardMs === undefined ? 0 : heardMs + settings.otherTesterMs;
      const nowMs = clock.nowMs();
      if (heardMs !== undefined && freeMs > nowMs && heardMs > this.#toldUntilMs) {
        // Told once for all that is heard while we wait.
        this.#toldUntilMs = freeMs;
        onOtherTester(freeMs - nowMs);
      }
      const waitMs = Math.max(this.#nextTurnMs, freeMs) - nowMs;
      if (waitMs <= 0) {
        this.#nextTurnMs = nowMs + 1000 / settings.requestsPerSecondMax;
        return;
      }
      await pauses.sleep(waitMs);
    }
  }
}

/** Services below 0x10 are OBD's; control units answer those alone when everybody is asked. */
function isObd(request: Uint8Array): boolean {
  return request[0] < 0x10;
}
