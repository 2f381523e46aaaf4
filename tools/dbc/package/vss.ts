/** Which standard name a signal has: its path in the COVESA Vehicle Signal Specification. */
import type { Plan, PlanSignal } from '../../../edge/decode/index.ts';
import { isObject, shown } from './json.ts';
import type { Problems } from './problem.ts';

export interface VssEntry {
  message: string;
  signal: string;
  /** `Vehicle.Powertrain.CombustionEngine.Speed`; no catalogue is shipped, so a path is checked by its grammar only. */
  path: string;
  /** Unit of the decoded values, in VSS' words: `rpm`, `km/h`, `celsius`; left out for values without one. */
  unit?: string;
}

export const vssEntriesMax = 131_072;
const keys = ['message', 'signal', 'path', 'unit'];
/** Branches and leaves of VSS: words run together, the first letter large. */
const pathGrammar = /^[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)+$/;
const unitGrammar = /^[A-Za-z0-9%][A-Za-z0-9%/^._-]*$/;

/**
 * Checks a mapping as JSON gave it: shape, grammar, and that each signal is in the decoder and mapped once.
 * @param plan undefined when the decoder could not be read: then names are not looked up
 * @see COVESA Vehicle Signal Specification, "Naming conventions", "Units"
 */
export function checkVss(value: unknown, plan: Plan | undefined, problems: Problems, file = 'vss.json'): VssEntry[] {
  if (!Array.isArray(value) || value.length > vssEntriesMax) {
    problems.error(file, `expected an array of at most ${vssEntriesMax} entries`);
    return [];
  }
  const index = plan && signalIndexByName(plan);
  const mapped = new Map<string, number>();
  const entries: VssEntry[] = [];
  value.forEach((entry: unknown, i) => {
    const place = `${file} /${i}`;
    if (!isEntry(entry, place, problems)) return;
    const name = `${entry.message}.${entry.signal}`;
    if (index !== undefined && !index.has(name)) problems.error(place, `the decoder has no signal ${shown(name)}`);
    else if (mapped.has(name)) problems.error(place, `${name} is mapped by /${mapped.get(name)} already`);
    else entries.push(entry);
    mapped.set(name, i);
  });
  return entries;
}

function isEntry(entry: unknown, place: string, problems: Problems): entry is VssEntry {
  const errorsBefore = problems.errorCount;
  if (!isObject(entry)) {
    problems.error(place, `expected an object, found ${shown(entry)}`);
    return false;
  }
  for (const key of Object.keys(entry)) {
    if (!keys.includes(key)) problems.error(`${place}/${key}`, `unknown key, expected ${keys.join(', ')}`);
  }
  for (const key of ['message', 'signal'] as const) {
    if (typeof entry[key] !== 'string') problems.error(`${place}/${key}`, `${shown(entry[key])}: expected a name`);
  }
  const { path, unit } = entry;
  if (typeof path !== 'string' || path.length > 256 || !pathGrammar.test(path))
    problems.error(
      `${place}/path`,
      `${shown(path)}: expected a path such as Vehicle.Powertrain.CombustionEngine.Speed`,
    );
  if (unit !== undefined && (typeof unit !== 'string' || unit.length > 32 || !unitGrammar.test(unit)))
    problems.error(`${place}/unit`, `${shown(unit)}: expected a VSS unit such as km/h, rpm or celsius`);
  return problems.errorCount === errorsBefore;
}

/** By `message.signal`; of several messages with one name the first that has the signal. */
export function signalIndexByName(plan: Plan): Map<string, PlanSignal> {
  const index = new Map<string, PlanSignal>();
  for (const message of plan.messages) {
    for (const signal of message.signals) {
      const name = `${message.name}.${signal.name}`;
      if (!index.has(name)) index.set(name, signal);
    }
  }
  return index;
}
