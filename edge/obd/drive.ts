/** One drive: from the first answer of a vehicle until it falls silent, its battery is no longer charged, or we stop. */
import { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { EcuState } from './ecu-state.ts';
import type { ObdCounters, ObdEvent } from './events.ts';
import { type ParameterData, parameterValues, splitAnswer } from './parameter-values.ts';
import type { Pauses } from './pauses.ts';
import { type PollEntry, PollSchedule } from './poll-schedule.ts';
import type { Questioner } from './questioner.ts';
import type { ObdSettings } from './settings.ts';
import { identify, readTroubleCodes } from './survey.ts';
import type { VinReading } from './vin-choice.ts';

export type DriveEnd = Extract<ObdEvent, { kind: 'drive-ended' }>['reason'];

/** The parameter that tells the control unit's supply voltage, and how often it is asked for at least. */
export const voltagePid = 0x42;
const voltageIntervalMs = 10_000;

export interface DriveOptions {
  clock: Clock;
  settings: ObdSettings;
  asker: Questioner;
  pauses: Pauses;
  counters: ObdCounters;
  /** At least one. */
  ecus: readonly EcuState[];
  emit: (event: ObdEvent) => void;
  isStopped: () => boolean;
  /** Whether the voltage gate is closed. */
  isGateClosed: () => boolean;
  /** Whether somebody else tells the voltage, so that the vehicle need not be asked. */
  isVoltageTold: () => boolean;
  onVoltage: (volts: number) => void;
  /** Takes the VINs that were read, all at once. */
  onVins: (readings: readonly VinReading[]) => void;
}

export class Drive {
  readonly #options: DriveOptions;
  readonly #schedule: PollSchedule;

  constructor(options: DriveOptions) {
    this.#options = options;
    const { settings, isVoltageTold, ecus, clock } = options;
    const isAsked = isVoltageTold() || settings.pids.some(({ pid }) => pid === voltagePid);
    const items = isAsked ? settings.pids : [...settings.pids, { pid: voltagePid, intervalMs: voltageIntervalMs }];
    this.#schedule = new PollSchedule(items, ecus, clock.nowMs());
  }

  async run(): Promise<DriveEnd> {
    const { clock, settings, ecus, asker, emit, pauses } = this.#options;
    const schedule = this.#schedule;
    // The voltage first: it decides whether anything else is asked.
    const ofVoltage = schedule.takeOne(voltagePid);
    if (ofVoltage !== undefined) await this.#poll([ofVoltage]);
    if (settings.identify) await this.#identify();
    let dtcDueMs = settings.dtcIntervalMs > 0 ? clock.nowMs() : Number.POSITIVE_INFINITY;
    let silentCount = 0;
    for (;;) {
      const silentBefore = silentCount;
      silentCount = ecus.filter(({ isSilent }) => isSilent).length;
      // One more fell silent: is anybody still there? Others may be asked so rarely that they would not show it.
      if (silentCount > silentBefore && !(await this.#isAnybodyThere())) return this.#endReason() ?? 'silent';
      const end = this.#endReason();
      if (end !== undefined) return end;
      const nowMs = clock.nowMs();
      const due = schedule.take(nowMs);
      if (nowMs >= dtcDueMs) {
        dtcDueMs = nowMs + settings.dtcIntervalMs;
        for (const ecu of ecus) if (!ecu.isSilent) await readTroubleCodes(asker, ecu, emit);
      } else if (due.length > 0) {
        await this.#poll(due);
      } else {
        // With nothing to poll, somebody must still notice that the vehicle went to sleep.
        const nextMs = Math.min(schedule.nextDueMs(), dtcDueMs, nowMs + voltageIntervalMs);
        await pauses.sleep(nextMs - nowMs);
        if (schedule.size === 0 && this.#endReason() === undefined && !(await this.#isAnybodyThere())) {
          return this.#endReason() ?? 'silent';
        }
      }
    }
  }

  #endReason(): DriveEnd | undefined {
    const { isStopped, isGateClosed, ecus } = this.#options;
    if (isStopped()) return 'stopped';
    if (isGateClosed()) return 'voltage';
    // Of one that is asked nothing, silence says nothing.
    const asked = this.#schedule.ecus.length > 0 ? this.#schedule.ecus : ecus;
    return asked.every(({ isSilent }) => isSilent) ? 'silent' : undefined;
  }

  async #isAnybodyThere(): Promise<boolean> {
    const { asker, ecus } = this.#options;
    try {
      return (await asker.askAll(ecus[0].address.addressing, Uint8Array.of(0x01, 0x00))).length > 0;
    } catch (fault) {
      if (!(fault instanceof MinerError)) throw fault;
      return false;
    }
  }

  async #identify(): Promise<void> {
    const { ecus, asker, emit, onVins } = this.#options;
    const readings: VinReading[] = [];
    for (const ecu of ecus) {
      if (this.#endReason() !== undefined) break;
      readings.push(...(await identify(asker, ecu, emit)));
    }
    onVins(readings);
  }

  /** Asks one control unit for some parameters, in one request. */
  async #poll(due: readonly PollEntry[]): Promise<void> {
    const { asker } = this.#options;
    const [{ ecu }] = due;
    const asked = due.map(({ pid }) => pid);
    try {
      const found = splitAnswer(await asker.ask(ecu, Uint8Array.of(0x01, ...asked)), asked);
      for (const parameter of found) this.#read(ecu, parameter);
      this.#settle(due, found);
    } catch (fault) {
      if (!(fault instanceof MinerError)) throw fault;
      this.#failed(due, fault);
    }
  }

  #read(ecu: EcuState, { pid, data }: ParameterData): void {
    const { counters, emit, clock, isVoltageTold, onVoltage } = this.#options;
    counters.readings++;
    emit({ kind: 'reading', ecu: ecu.name, pid, data, timeMs: clock.nowMs() });
    if (pid !== voltagePid || isVoltageTold()) return;
    for (const { value } of parameterValues(pid, data)) onVoltage(value);
  }

  #settle(due: readonly PollEntry[], found: readonly ParameterData[]): void {
    // One that answers fewer than asked knows only one at a time; those left out stay due.
    if (found.length < due.length && due.length > 1) due[0].ecu.pidsPerRequest = 1;
    const answered = new Set(found.map(({ pid }) => pid));
    for (const entry of due) {
      if (answered.has(entry.pid)) this.#schedule.answered(entry, this.#options.clock.nowMs());
      else if (due.length === 1) this.#missed(entry, 'its answer is malformed');
    }
  }

  #failed(due: readonly PollEntry[], fault: MinerError): void {
    const [first] = due;
    // Which of several it was about nobody knows: asked one by one they show.
    if (due.length > 1) first.ecu.pidsPerRequest = 1;
    else if (fault.code === 'UDS_NEGATIVE') {
      this.#schedule.drop(first);
      this.#unsupported(first, String(fault.facts.name));
    } else if (!this.#options.isStopped()) this.#missed(first, fault.message);
  }

  #missed(entry: PollEntry, reason: string): void {
    if (this.#schedule.missed(entry, this.#options.clock.nowMs())) this.#unsupported(entry, reason);
  }

  #unsupported({ ecu, pid }: PollEntry, reason: string): void {
    this.#options.emit({ kind: 'unsupported', ecu: ecu.name, pid, reason });
  }
}
