/** Which parameter is asked for next, and of which control unit. */
import type { EcuState } from './ecu-state.ts';
import { parameterBytes } from './parameter-table.ts';
import type { PollItem } from './settings.ts';

export interface PollEntry {
  ecu: EcuState;
  pid: number;
  intervalMs: number;
  dueMs: number;
  /** Questions in a row without an answer. */
  misses: number;
}

/** Misses in a row after which a parameter is left alone until the next drive. */
const missesMax = 5;

export class PollSchedule {
  #entries: PollEntry[];

  /** Each parameter is asked of the first control unit that has it. */
  constructor(items: readonly PollItem[], ecus: readonly EcuState[], nowMs: number) {
    this.#entries = items.flatMap(({ pid, intervalMs }) => {
      const ecu = ecus.find(({ pids }) => pids.includes(pid));
      return ecu === undefined ? [] : [{ ecu, pid, intervalMs, dueMs: nowMs, misses: 0 }];
    });
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The control units that anything is asked of. */
  get ecus(): EcuState[] {
    return [...new Set(this.#entries.map(({ ecu }) => ecu))];
  }

  /** When the next question is due; Infinity when there is none to ask. */
  nextDueMs(): number {
    return this.#entries.reduce((least, entry) => Math.min(least, startMs(entry)), Number.POSITIVE_INFINITY);
  }

  /** The entry that is due longest, with others for the same control unit in one request; empty when none is due. */
  take(nowMs: number): PollEntry[] {
    const due = this.#entries.filter((entry) => startMs(entry) <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    if (due.length === 0) return [];
    const [first] = due;
    // Behind a parameter of unknown length no other one could be found in the answer.
    if (parameterBytes(first.pid) === undefined) return [first];
    const together = due.filter(({ ecu, pid }) => ecu === first.ecu && parameterBytes(pid) !== undefined);
    return together.slice(0, first.ecu.pidsPerRequest);
  }

  /** One parameter's entry, whether it is due or not. */
  takeOne(pid: number): PollEntry | undefined {
    return this.#entries.find((entry) => entry.pid === pid);
  }

  answered(entry: PollEntry, nowMs: number): void {
    entry.misses = 0;
    this.#move(entry, nowMs, entry.intervalMs);
  }

  /** Asks later and later. @returns whether the parameter is given up until the next drive */
  missed(entry: PollEntry, nowMs: number): boolean {
    entry.misses++;
    this.#move(entry, nowMs, entry.intervalMs * 2 ** entry.misses);
    if (entry.misses < missesMax) return false;
    this.drop(entry);
    return true;
  }

  drop(entry: PollEntry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }

  /** Keeps the beat where it can; rounds that were missed are left out, not made up for. */
  #move(entry: PollEntry, nowMs: number, intervalMs: number): void {
    const next = entry.dueMs + intervalMs;
    entry.dueMs = next > nowMs ? next : nowMs + intervalMs;
  }
}

/** A control unit that has fallen silent is left alone for a while. */
function startMs({ dueMs, ecu }: PollEntry): number {
  return Math.max(dueMs, ecu.notBeforeMs);
}
