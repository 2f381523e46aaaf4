/**
 * JavaScript text that reads one signal, shared by all that is generated for frames one at a time. The payload lies
 * at a fixed place, so that every load has a constant address and no bound to check. Only numbers and slots of the
 * plan reach the text.
 */
import { j1939Indicator } from './indicator.ts';
import { bitPosition, canLeaveRange, isSigned, offsetIsNeutral } from './layout.ts';
import { type PlanMessage, type PlanSelectorRange, type PlanSignal, SignalStatus } from './types.ts';

/** A condition on a signal's variables, and the status it means. */
export interface StatusTest {
  test: string;
  status: number;
}

/** The words of the payload that a generated function uses. */
export class PayloadWords {
  readonly #used = new Set<string>();

  /** The variable of bytes 4 * index to 4 * index + 3: `i1` as Intel, `m1` as Motorola reads them. */
  name(motorola: boolean, index: number): string {
    const name = `${motorola ? 'm' : 'i'}${index}`;
    this.#used.add(name);
    return name;
  }

  /** Statements that load what was named, from a DataView called `payload`. */
  loads(): string[] {
    return [...this.#used].map((name) => {
      const at = Number(name.slice(1)) * 4;
      return `const ${name} = payload.getInt32(${at}, ${name[0] === 'i'});`;
    });
  }
}

/**
 * Statements that read signal k into `r<k>`, its raw integer (rounded past 2^53; `low<k>` and `high<k>` are its
 * halves past 32 bits), and `p<k>`, its physical value. They use `float`, a DataView of 8 bytes.
 */
export function readStatements(signal: PlanSignal, words: PayloadWords): string[] {
  const { slot, scale } = signal;
  const lines = rawStatements(signal, words);
  const number = signal.valueType === 'integer' ? `r${slot}` : `n${slot}`;
  const product = scale === 1 ? number : `${number} * ${literal(scale)}`;
  lines.push(`const p${slot} = ${offsetIsNeutral(signal) ? product : `${product} + ${literal(signal.offset)}`};`);
  return lines;
}

function rawStatements(signal: PlanSignal, words: PayloadWords): string[] {
  const { slot, length, valueType } = signal;
  if (length <= 32) {
    const lines = [`const r${slot} = ${bits(signal, words, 0, length, isSigned(signal))};`];
    if (valueType === 'float32') lines.push(`float.setUint32(0, r${slot});`, `const n${slot} = float.getFloat32(0);`);
    return lines;
  }
  const lines = [
    `const low${slot} = ${bits(signal, words, 0, 32, false)};`,
    `const high${slot} = ${bits(signal, words, 32, length - 32, isSigned(signal))};`,
    `const r${slot} = high${slot} * 4294967296 + low${slot};`,
  ];
  if (valueType === 'float64')
    lines.push(
      `float.setUint32(0, high${slot});`,
      `float.setUint32(4, low${slot});`,
      `const n${slot} = float.getFloat64(0);`,
    );
  return lines;
}

/** `count` (1..32) bits of the signal, `from` its least significant bit upwards, as an integer expression. */
function bits(signal: PlanSignal, words: PayloadWords, from: number, count: number, signed: boolean): string {
  const motorola = signal.byteOrder === 'motorola';
  const position = bitPosition(signal);
  const lowest = motorola ? position + signal.length - 1 - from : position + from;
  const word = lowest >>> 5;
  const shift = motorola ? 31 - (lowest & 31) : lowest & 31;
  const low = words.name(motorola, word);
  if (shift + count <= 32) return cut(low, shift, count, signed);
  const high = words.name(motorola, motorola ? word - 1 : word + 1);
  return cut(`(${low} >>> ${shift} | ${high} << ${32 - shift})`, 0, count, signed);
}

/** Cuts `count` bits at `shift` out of a 32-bit word. */
function cut(word: string, shift: number, count: number, signed: boolean): string {
  if (signed) {
    const left = 32 - shift - count;
    const lifted = left === 0 ? word : `(${word} << ${left})`;
    return count === 32 ? `(${word} | 0)` : `(${lifted} >> ${32 - count})`;
  }
  if (shift + count === 32) return `(${word} >>> ${shift})`;
  return shift === 0 ? `(${word} & ${2 ** count - 1})` : `(${word} >>> ${shift} & ${2 ** count - 1})`;
}

/** What makes a signal that was read other than ok, the first that holds deciding; without unknownMultiplexer. */
export function statusTests(message: PlanMessage, signal: PlanSignal): StatusTest[] {
  const { slot } = signal;
  const tests: StatusTest[] = [];
  const indicator = j1939Indicator(message, signal);
  if (indicator !== undefined) {
    const top = topBits(signal, indicator.shift);
    tests.push({ test: `(${top}) === ${indicator.notAvailable}`, status: SignalStatus.notAvailable });
    tests.push({ test: `(${top}) === ${indicator.error}`, status: SignalStatus.error });
  }
  if (canLeaveRange(signal))
    tests.push({
      test: `p${slot} < ${literal(signal.minimum)} || p${slot} > ${literal(signal.maximum)}`,
      status: SignalStatus.outOfRange,
    });
  return tests;
}

/** The bits from `shift` upwards, 8 at most, unsigned. */
function topBits({ slot, length }: PlanSignal, shift: number): string {
  const mask = 2 ** (length - shift) - 1;
  if (length <= 32) return `r${slot} >>> ${shift} & ${mask}`;
  // The top byte stands in `high`, whose sign bits the mask drops, or on both sides of its lower end.
  if (shift >= 32) return `high${slot} >> ${shift - 32} & ${mask}`;
  return `high${slot} << ${32 - shift} & ${mask} | low${slot} >>> ${shift}`;
}

/** What a selector's ranges are compared with: past 53 bits a bigint, as `r` alone would not be exact. */
export function selectorValue(signal: PlanSignal): string {
  return signal.length > 53 ? exactRaw(signal) : `r${signal.slot}`;
}

/** The raw integer as a bigint. */
export function exactRaw(signal: PlanSignal): string {
  const { slot, length } = signal;
  if (length <= 53) return `BigInt(r${slot})`;
  // Through memory: putting two bigints together would allocate five.
  const get = isSigned(signal) ? 'getBigInt64' : 'getBigUint64';
  return `(float.setInt32(0, high${slot}), float.setInt32(4, low${slot}), float.${get}(0))`;
}

/** Whether the value called `name` lies in one of the ranges. */
export function rangeTest(name: string, ranges: readonly PlanSelectorRange[], isBig: boolean): string {
  const tests = ranges.map(({ from, to }) =>
    from === to
      ? `${name} === ${integer(from, isBig)}`
      : `${name} >= ${integer(from, isBig)} && ${name} <= ${integer(to, isBig)}`,
  );
  return tests.join(' || ') || 'false';
}

/** A part of a selection: the branch's ranges, and statements that end with a jump out of the switch. */
export interface SelectionCase {
  ranges: readonly PlanSelectorRange[];
  body: string;
}

/**
 * Chooses between disjoint branches by the selector's value called `name`. Single values become a switch, which
 * engines turn into a jump table; ranges are asked one after the other.
 */
export function selection(name: string, isBig: boolean, cases: readonly SelectionCase[], otherwise: string): string {
  const labelled: string[] = [];
  let rest = `{ ${otherwise} }`;
  for (const { ranges, body } of cases) {
    if (ranges.length === 0) continue;
    if (ranges.every(({ from, to }) => from === to)) {
      const labels = ranges.map(({ from }) => `case ${integer(from, isBig)}:`).join(' ');
      labelled.push(`${labels} {\n${body}\nbreak; }`);
    } else {
      rest = `if (${rangeTest(name, ranges, isBig)}) {\n${body}\n} else ${rest}`;
    }
  }
  return `switch (${name}) {\n${labelled.join('\n')}\ndefault: ${rest} }`;
}

const integer = (value: bigint, isBig: boolean): string => (isBig ? `${value}n` : `${value}`);

/** A double as source text that reads back as the same double. */
export function literal(value: number): string {
  return Object.is(value, -0) ? '(-0)' : `(${value})`;
}
