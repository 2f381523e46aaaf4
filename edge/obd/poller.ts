import type { CanFrame, FrameBatch } from '../can/index.ts';
import { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Addressing } from './addresses.ts';
import { Drive, type DriveEnd, voltagePid } from './drive.ts';
import { EcuState } from './ecu-state.ts';
import type { ObdCounters, ObdEvent } from './events.ts';
import { parameterValues, splitAnswer } from './parameter-values.ts';
import { Pauses } from './pauses.ts';
import { Questioner } from './questioner.ts';
import { defaultObdSettings, type ObdSettings } from './settings.ts';
import { surveyParameters } from './survey.ts';
import { Tester } from './tester.ts';
import { chooseVin, type VinReading } from './vin-choice.ts';
import { VoltageGate } from './voltage-gate.ts';

export interface ObdPollerOptions {
  clock: Clock;
  /** Puts one frame on the bus; a promise resolves once it is there. The channel must not be listen-only. */
  send: (frame: CanFrame) => void | Promise<void>;
  settings?: Partial<ObdSettings>;
  onEvent?: (event: ObdEvent) => void;
}

/** What came of service 04 at one control unit. */
export interface ClearOutcome {
  ecu: string;
  cleared: boolean;
  /** Why not. */
  fault?: MinerError;
}

/**
 * Asks a vehicle over OBD: finds its control units, what they have, who the vehicle is, and then the set parameters
 * at their intervals. The answers are frames on the bus, which the Miner decodes like all others; the poller only
 * sees to it that they come. It asks nothing while the battery is not charged, ever more rarely while nobody answers,
 * never more often than set, and not while another tester is at work.
 * @example
 *   const poller = new ObdPoller({ clock, send: (frame) => host.transmit(frame), onEvent: console.log });
 *   poller.start(); // and poller.receive(batch) for every batch that comes from the bus
 */
export class ObdPoller {
  readonly counters: ObdCounters = {
    requests: 0,
    positive: 0,
    negative: 0,
    unanswered: 0,
    faults: 0,
    readings: 0,
    drives: 0,
    framesSent: 0,
    framesReceived: 0,
  };
  readonly #clock: Clock;
  readonly #settings: ObdSettings;
  readonly #emit: (event: ObdEvent) => void;
  readonly #tester: Tester;
  readonly #pauses: Pauses;
  readonly #asker: Questioner;
  readonly #gate: VoltageGate;
  /** The adapter tells the voltage: no control unit need be asked for it. */
  #hasAdapterVoltage = false;
  #addressing: Addressing | undefined;
  #ecus: EcuState[] = [];
  #vin: VinReading | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor({ clock, send, settings, onEvent = () => {} }: ObdPollerOptions) {
    this.#clock = clock;
    this.#settings = { ...defaultObdSettings, ...settings };
    this.#emit = onEvent;
    this.#tester = new Tester({ clock, send, p2Ms: this.#settings.p2Ms });
    this.#pauses = new Pauses(clock);
    this.#gate = new VoltageGate(clock, this.#settings.voltage);
    this.#asker = new Questioner({
      clock,
      tester: this.#tester,
      pauses: this.#pauses,
      settings: this.#settings,
      counters: this.counters,
      isStopped: () => this.#isStopped,
      onOtherTester: (pauseMs) => this.#emit({ kind: 'other-tester', pauseMs }),
    });
  }

  /** The VIN that most of what was asked in this or an earlier drive agrees on. */
  get vin(): VinReading | undefined {
    return this.#vin;
  }

  /** Control units of this drive, by the ids they answer with. */
  get ecus(): readonly string[] {
    return this.#ecus.map(({ name }) => name);
  }

  /** Starts asking, once. @returns a promise that settles when `stop` has ended everything */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let searchMs = this.#settings.searchMs.least;
    while (!this.#isStopped) {
      if (!(await this.#mayAsk())) continue;
      const found = await this.#search(searchMs);
      if (found) {
        searchMs = this.#settings.searchMs.least;
        const reason = await this.#drive();
        this.#emit({ kind: 'drive-ended', reason });
        this.#ecus = [];
        this.#tester.forget();
      } else if (!this.#isStopped) {
        await this.#pauses.sleep(searchMs);
        searchMs = Math.min(this.#settings.searchMs.most, searchMs * 2);
      }
    }
  }

  /** Takes frames from the bus, all there are. Never throws on frame data. */
  receive(batch: FrameBatch): void {
    if (this.#isRunning && !this.#isStopped) this.#tester.receive(batch);
  }

  /** Takes the battery's voltage from whoever can measure it; then no control unit is asked for it. */
  noteVoltage(volts: number): void {
    this.#hasAdapterVoltage = true;
    this.#noteVoltage(volts);
  }

  #noteVoltage(volts: number): void {
    const before = this.#gate.state;
    this.#gate.note(volts);
    const { state } = this.#gate;
    if (state === before || state === 'unknown') return;
    this.#emit({ kind: 'voltage-gate', isOpen: state === 'open', volts });
    this.#pauses.wake();
  }

  /** Gives up what is under way, and asks nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#tester.close();
    this.#pauses.wake();
  }

  /**
   * Clears the trouble codes of this drive's control units (service 04). Never done unasked: it also clears what a
   * workshop would want to see, and what an inspection requires.
   * @returns what came of it; empty when no control unit is known
   */
  async clearTroubleCodes(): Promise<ClearOutcome[]> {
    const outcomes: ClearOutcome[] = [];
    for (const ecu of this.#ecus) {
      try {
        await this.#asker.ask(ecu, Uint8Array.of(0x04));
        outcomes.push({ ecu: ecu.name, cleared: true });
      } catch (fault) {
        if (!(fault instanceof MinerError)) throw fault;
        outcomes.push({ ecu: ecu.name, cleared: false, fault });
      }
    }
    return outcomes;
  }

  /** Waits while the battery forbids questions. @returns whether a search may begin; false to look again */
  async #mayAsk(): Promise<boolean> {
    let probeMs = this.#settings.probeMs.least;
    while (!this.#isStopped) {
      const { state } = this.#gate;
      if (state === 'open' || (state === 'unknown' && this.#settings.withoutVoltage === 'ask')) return true;
      await this.#pauses.sleep(probeMs);
      if (this.#hasAdapterVoltage || this.#isStopped || this.#gate.state === 'open') continue;
      await this.#probeVoltage();
      probeMs = Math.min(this.#settings.probeMs.most, probeMs * 2);
    }
    return false;
  }

  /** One look at the voltage, without anything else. */
  async #probeVoltage(): Promise<void> {
    for (const addressing of this.#addressings()) {
      const answers = await this.#askAll(addressing, Uint8Array.of(0x01, voltagePid));
      for (const { answer } of answers ?? []) this.#noteAnswer(answer);
      if (answers !== undefined && answers.length > 0) return;
    }
  }

  #noteAnswer(answer: Uint8Array): void {
    for (const { pid, data } of splitAnswer(answer, [voltagePid])) {
      for (const { value } of parameterValues(pid, data)) this.#noteVoltage(value);
    }
  }

  /** The one that answered last is tried first. */
  #addressings(): readonly Addressing[] {
    const { addressing } = this.#settings;
    if (addressing !== 'auto') return [addressing];
    return this.#addressing === '29-bit' ? ['29-bit', '11-bit'] : ['11-bit', '29-bit'];
  }

  /** @returns undefined when the request did not get on the bus */
  async #askAll(addressing: Addressing, request: Uint8Array) {
    try {
      return await this.#asker.askAll(addressing, request);
    } catch (fault) {
      if (!(fault instanceof MinerError)) throw fault;
      return undefined;
    }
  }

  /** Looks for control units, and asks each what it has. */
  async #search(retryMs: number): Promise<boolean> {
    let fault: MinerError | undefined;
    for (const addressing of this.#addressings()) {
      try {
        const answers = await this.#asker.askAll(addressing, Uint8Array.of(0x01, 0x00));
        const whole = answers.filter(({ answer }) => answer[1] === 0x00 && answer.length >= 6);
        if (this.#isStopped || whole.length === 0) continue;
        await this.#meet(addressing, whole);
        return true;
      } catch (problem) {
        if (!(problem instanceof MinerError)) throw problem;
        fault = problem;
      }
    }
    if (!this.#isStopped) this.#emit({ kind: 'silent', retryMs, ...(fault && { fault }) });
    return false;
  }

  async #meet(addressing: Addressing, answers: Awaited<ReturnType<Tester['askAll']>>): Promise<void> {
    this.#addressing = addressing;
    this.counters.drives++;
    const sorted = answers.toSorted((a, b) => a.ecu.rxId - b.ecu.rxId);
    this.#ecus = sorted.map(({ ecu }) => new EcuState(ecu, this.#settings.pidsPerRequest));
    this.#emit({ kind: 'drive-started', addressing, ecus: this.#ecus.map(({ name }) => name) });
    for (const [i, ecu] of this.#ecus.entries()) {
      await surveyParameters(this.#asker, ecu, sorted[i].answer);
      this.#emit({ kind: 'supported', ecu: ecu.name, pids: [...ecu.pids] });
    }
  }

  #drive(): Promise<DriveEnd> {
    return new Drive({
      clock: this.#clock,
      settings: this.#settings,
      asker: this.#asker,
      pauses: this.#pauses,
      counters: this.counters,
      ecus: this.#ecus,
      emit: this.#emit,
      isStopped: () => this.#isStopped,
      isGateClosed: () => this.#gate.state === 'closed',
      isVoltageTold: () => this.#hasAdapterVoltage,
      onVoltage: (volts) => this.#noteVoltage(volts),
      onVins: (readings) => {
        this.#vin = chooseVin(readings) ?? this.#vin;
      },
    }).run();
  }
}
