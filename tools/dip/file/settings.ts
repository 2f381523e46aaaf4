/** Arguments of actions from a command line: `amount=5 DIMO`, `2.milestones.0.title=design`. */
import { parseDocument } from 'yaml';
import { toolError } from '../../errors/index.ts';

/** A list or a map on one line, as YAML writes them; anything else is the text that it is. */
export function readSetting(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  return document.errors.length > 0 ? text : document.toJS({ maxAliasCount: 0 });
}

/**
 * @param count how many actions there are; with several, a setting begins with the action's number, from 1.
 * @returns the arguments of each action.
 * @throws {MinerError} OPTION_INVALID
 */
export function readSettings(count: number, settings: readonly string[]): Record<string, unknown>[] {
  const actions: Record<string, unknown>[] = Array.from({ length: count }, () => ({}));
  const refuse = (value: string, expected: string) => toolError('OPTION_INVALID', { option: '--set', value, expected });
  for (const setting of settings) {
    const [, key, text] = /^([A-Za-z0-9]\w*(?:\.\w+)*)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined || text === undefined) throw refuse(setting, 'key=value');
    const steps = key.split('.').filter((step) => step !== '__proto__');
    const number = count > 1 ? Number(steps.shift()) : 1;
    const action = actions[number - 1];
    if (!action || steps.length === 0) throw refuse(setting, `the action's number, 1 to ${count}, a dot, and the key`);
    if (!place(action, steps, readSetting(text))) throw refuse(setting, 'items of a list in order, from 0');
  }
  return actions;
}

/** Puts a value where the steps lead, making lists and maps on the way; false when they lead nowhere. */
function place(into: Record<string, unknown>, steps: readonly string[], value: unknown): boolean {
  let at: Record<string, unknown> | unknown[] = into;
  for (const [index, step] of steps.entries()) {
    const isNumber = /^\d+$/.test(step);
    if (Array.isArray(at) && (!isNumber || Number(step) > at.length)) return false;
    const inside = at as Record<string, unknown>;
    if (index === steps.length - 1) {
      inside[step] = value;
      return true;
    }
    inside[step] ??= /^\d+$/.test(steps[index + 1]!) ? [] : {};
    if (typeof inside[step] !== 'object') return false;
    at = inside[step] as Record<string, unknown>;
  }
  return false;
}
