/** Small two-way codecs between our models and JSON, so that one table says both directions. */
import { toolError } from '../../errors/index.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Where in a JSON document something stands: `messages[3].signals[0].length`. */
export type Place = string;

export interface Codec<Value> {
  write(value: Value): Json;
  /** @throws {MinerError} `DBC_JSON` with the place, what is there and what was expected */
  read(json: Json, place: Place): Value;
}

const shownCharsMax = 40;

/** The error for a place that holds something else than expected. */
export function jsonError(place: Place, found: Json | undefined, expected: string) {
  const text = found === undefined ? 'nothing' : JSON.stringify(found);
  const shown = text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text;
  return toolError('DBC_JSON', { place: place || 'the document', found: shown, expected });
}

function primitive<Value extends Json>(expected: string, isOne: (json: Json) => boolean): Codec<Value> {
  return {
    write: (value) => value,
    read(json, place) {
      if (!isOne(json)) throw jsonError(place, json, expected);
      return json as Value;
    },
  };
}

export const text = primitive<string>('a string', (json) => typeof json === 'string');
export const flag = primitive<boolean>('true or false', (json) => typeof json === 'boolean');

export function oneOf<const Choice extends string>(...choices: Choice[]): Codec<Choice> {
  const expected = `one of ${choices.join(', ')}`;
  return primitive<Choice>(expected, (json) => (choices as readonly Json[]).includes(json));
}

/** A number; what JSON has no number for (-0, infinities, NaN) as a string. */
export const number: Codec<number> = {
  write: (value) =>
    Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : `${value}`,
  read(json, place) {
    if (typeof json === 'number') return json;
    if (json === '-0' || json === 'Infinity' || json === '-Infinity' || json === 'NaN') return Number(json);
    throw jsonError(place, json, 'a number');
  },
};

/** A whole number from 0 up, exact. */
export const count: Codec<number> = {
  write: (value) => value,
  read(json, place) {
    if (Number.isSafeInteger(json) && (json as number) >= 0) return json as number;
    throw jsonError(place, json, 'a whole number');
  },
};

/** An integer of any size: a number as long as that is exact, else a string. */
export const integer: Codec<bigint> = {
  write: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`),
  read(json, place) {
    if (Number.isSafeInteger(json)) return BigInt(json as number);
    if (typeof json === 'string' && /^-?\d{1,400}$/.test(json)) return BigInt(json);
    throw jsonError(place, json, 'an integer; past 2^53 as a string');
  },
};

export function list<Item>(item: Codec<Item>): Codec<Item[]> {
  return {
    write: (items) => items.map((each) => item.write(each)),
    read(json, place) {
      if (!Array.isArray(json)) throw jsonError(place, json, 'a list');
      return json.map((each, index) => item.read(each, `${place}[${index}]`));
    },
  };
}

/** A map by name, as an object. */
export function record<Item>(item: Codec<Item>): Codec<Map<string, Item>> {
  return {
    write: (items) => Object.fromEntries(Array.from(items, ([key, each]) => [key, item.write(each)])),
    read(json, place) {
      const entries = Object.entries(asObject(json, place));
      return new Map(entries.map(([key, each]) => [key, item.read(each, `${place}[${JSON.stringify(key)}]`)]));
    },
  };
}

type OptionalKeys<Shape> = { [Key in keyof Shape]-?: undefined extends Shape[Key] ? Key : never }[keyof Shape];
/** A codec for every field, none forgotten; those that may be missing are marked `optional`. */
export type Fields<Shape> = {
  [Key in keyof Shape]-?: Key extends OptionalKeys<Shape>
    ? { optional: Codec<NonNullable<Shape[Key]>> }
    : Codec<Shape[Key]>;
};

export function optional<Value>(codec: Codec<Value>): { optional: Codec<Value> } {
  return { optional: codec };
}

/** An object with exactly these fields, written in their order. */
export function object<Shape extends object>(fields: Fields<Shape>): Codec<Shape> {
  const entries = Object.entries<Codec<unknown> | { optional: Codec<unknown> }>(fields);
  return {
    write(value) {
      const written: { [key: string]: Json } = {};
      for (const [key, field] of entries) {
        const each = value[key as keyof Shape];
        if (each !== undefined) written[key] = ('optional' in field ? field.optional : field).write(each);
      }
      return written;
    },
    read(json, place) {
      const given = asObject(json, place);
      const at = (key: string) => (place === '' ? key : `${place}.${key}`);
      const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key));
      if (unknown !== undefined)
        throw jsonError(at(unknown), given[unknown], `only ${entries.map(([key]) => key).join(', ')}`);
      const value: Record<string, unknown> = {};
      for (const [key, field] of entries) {
        const isOptional = 'optional' in field;
        if (Object.hasOwn(given, key)) value[key] = (isOptional ? field.optional : field).read(given[key], at(key));
        else if (!isOptional) throw jsonError(at(key), undefined, 'this field');
      }
      return value as Shape;
    },
  };
}

export function asObject(json: Json, place: Place): { [key: string]: Json } {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw jsonError(place, json, 'an object');
  return json;
}
