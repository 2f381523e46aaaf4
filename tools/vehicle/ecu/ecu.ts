/** One control unit: takes requests, from whatever address they came, and answers in its own time. */
import type { Clock } from '../../../edge/sim/index.ts';
import type { DriveState } from '../drive-model.ts';
import { type Answer, answerBytes, Refusal } from './answer.ts';
import type { EcuDescription } from './description.ts';
import { DtcStore } from './dtc-store.ts';
import { answerObd, type ObdContext } from './obd-services.ts';
import { answerUds, p2Ms, p2StarMs, type Session, SessionType } from './uds-services.ts';

export interface EcuOptions {
  clock: Clock;
  description: EcuDescription;
  state: () => DriveState;
  vin: string;
}

/** S3: a session other than the default one ends after this long without a request. */
const s3Ms = 5000;

const testerPresentService = 0x3e;

export class Ecu {
  readonly description: EcuDescription;
  readonly dtcs: DtcStore;
  readonly #options: EcuOptions;
  #session: Session = SessionType.default;
  #clearedAtKm: number | undefined;
  #cancelSession: () => void = () => {};
  #powerCycle = 0;
  #isBusy = false;

  constructor(options: EcuOptions) {
    this.#options = options;
    this.description = options.description;
    this.dtcs = new DtcStore(options.description.dtcs);
  }

  /** 1 default, 3 extended. */
  get session(): number {
    return this.#session;
  }

  /**
   * Takes one request.
   * @param respond gets the answer, after the ECU's time for it; first `response pending` when that takes long
   */
  request(request: Uint8Array, isFunctional: boolean, respond: (answer: Uint8Array) => void): void {
    const { description } = this.#options;
    const ownDelayMs = description.answerDelayMs ?? 8;
    if (this.#isBusy && request[0] !== testerPresentService) {
      const busy = answerBytes(request[0], { refusal: Refusal.busyRepeatRequest }, isFunctional)!;
      this.#after(ownDelayMs, () => respond(busy));
      return;
    }
    this.#keepSession();
    const answer = this.#answer(request);
    const bytes = answerBytes(request[0], answer, isFunctional);
    if (bytes === undefined) return;
    const needsMs = typeof answer === 'object' && 'bytes' in answer ? (answer.delayMs ?? 0) : 0;
    if (needsMs <= p2Ms) {
      this.#after(Math.max(needsMs, ownDelayMs), () => respond(bytes));
      return;
    }
    this.#isBusy = true;
    const pending = Uint8Array.of(0x7f, request[0], Refusal.responsePending);
    this.#after(ownDelayMs, () => respond(pending));
    // Said again well within P2*, for as long as it takes.
    for (let saidMs = p2StarMs / 2; saidMs < needsMs; saidMs += p2StarMs / 2)
      this.#after(saidMs, () => respond(pending));
    this.#after(needsMs, () => {
      this.#isBusy = false;
      respond(bytes);
    });
  }

  /** Runs a task later, unless the power went off in between. */
  #after(delayMs: number, task: () => void): void {
    const powerCycle = this.#powerCycle;
    this.#options.clock.schedule(delayMs, () => {
      if (this.#powerCycle === powerCycle) task();
    });
  }

  #answer(request: Uint8Array): Answer {
    const { description: ecu, vin, state } = this.#options;
    const now = state();
    this.#clearedAtKm ??= now.odometerKm;
    const confirmedDtcs = this.dtcs.count('confirmed');
    const obd: ObdContext = {
      ecu,
      vin,
      dtcs: this.dtcs,
      state: now,
      confirmedDtcs,
      clearedAtKm: this.#clearedAtKm,
      lampSinceKm: confirmedDtcs > 0 ? this.#clearedAtKm : undefined,
      onCleared: () => {
        this.#clearedAtKm = now.odometerKm;
      },
    };
    const uds = {
      ecu,
      vin,
      dtcs: this.dtcs,
      session: this.#session,
      setSession: (session: Session) => this.#setSession(session),
    };
    return answerObd(request, obd) ?? answerUds(request, uds) ?? { refusal: Refusal.serviceNotSupported };
  }

  #setSession(session: Session): void {
    this.#session = session;
    this.#keepSession();
  }

  #keepSession(): void {
    this.#cancelSession();
    if (this.#session === SessionType.default) return;
    this.#cancelSession = this.#options.clock.schedule(s3Ms, () => {
      this.#session = SessionType.default;
    });
  }

  /** Power off: forgets the session and what it was about to say, not its trouble codes. */
  stop(): void {
    this.#cancelSession();
    this.#powerCycle++;
    this.#session = SessionType.default;
    this.#isBusy = false;
  }
}
