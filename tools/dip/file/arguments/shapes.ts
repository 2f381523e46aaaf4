/** Arguments made of others: lists, maps, choices, and those that may be left out. */
import { nearest } from '../../../dbc/index.ts';
import { type Kind, Refusal, type Scope, shapeOf, shown, textOf, type ValueOf, within } from './kind.ts';

export function choice<Value>(values: Readonly<Record<string, Value>>): Kind<Value> {
  const names = Object.keys(values);
  return {
    form: names.map((name) => `\`${name}\``).join(' or '),
    read(written) {
      const text = textOf(written, names.join(' or '));
      if (!Object.hasOwn(values, text)) throw new Refusal(`expected ${names.join(' or ')}, found ${shown(text)}`);
      return values[text]!;
    },
  };
}

export const yesOrNo: Kind<boolean> = choice({ yes: true, no: false });

/** Without a fallback it is undefined when it is left out. */
export function optional<Value>(kind: Kind<Value>): Kind<Value | undefined>;
export function optional<Value>(kind: Kind<Value>, fallback: Value): Kind<Value>;
export function optional<Value>(kind: Kind<Value>, fallback?: Value): Kind<Value | undefined> {
  return { ...kind, missing: { value: fallback } };
}

export function list<Value>(kind: Kind<Value>, sizeMin = 1, sizeMax = 100): Kind<Value[]> {
  return {
    form: `list of ${kind.form}`,
    read(written, scope) {
      if (!Array.isArray(written)) throw new Refusal(`expected a list, found a ${shapeOf(written)}`);
      if (written.length < sizeMin || written.length > sizeMax) {
        const expected = sizeMin === sizeMax ? sizeMin : `from ${sizeMin} to ${sizeMax}`;
        throw new Refusal(`a list of ${written.length}, expected ${expected}`);
      }
      return written.map((item, index) => within(index, () => kind.read(item, scope)));
    },
  };
}

export type Fields = Readonly<Record<string, Kind<unknown>>>;
export type ValuesOf<F extends Fields> = { [K in keyof F]: ValueOf<F[K]> };

export function map<F extends Fields>(fields: F): Kind<ValuesOf<F>> {
  return {
    form: `map of ${Object.entries(fields)
      .map(([name, kind]) => `${name}: ${kind.form}`)
      .join(', ')}`,
    read(written, scope) {
      if (shapeOf(written) !== 'map') {
        throw new Refusal(`expected a map of ${Object.keys(fields).join(', ')}, found a ${shapeOf(written)}`);
      }
      const { values, refusals } = readFields(fields, written as Record<string, unknown>, scope);
      if (refusals[0]) throw refusals[0];
      return values;
    },
  };
}

/** Reads each field, and goes on after one that is refused. */
export function readFields<F extends Fields>(
  fields: F,
  written: Readonly<Record<string, unknown>>,
  scope: Scope,
): { values: ValuesOf<F>; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const names = Object.keys(fields);
  for (const key of Object.keys(written).filter((key) => !names.includes(key))) {
    const near = nearest(key, names);
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `expected ${names.join(', ') || 'none'}`;
    refusals.push(new Refusal(`there is no argument ${shown(key)}; ${hint}`, [key]));
  }
  const values: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(fields)) {
    if (!Object.hasOwn(written, name)) {
      if (kind.missing) values[name] = kind.missing.value;
      else refusals.push(new Refusal(`${name} is missing; expected ${kind.form}`));
      continue;
    }
    const warn: Scope['warn'] = (text, path = []) => scope.warn(text, [name, ...path]);
    try {
      values[name] = within(name, () => kind.read(written[name], { ...scope, warn }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error);
    }
  }
  return { values: values as ValuesOf<F>, refusals };
}
