/**
 * Writes the body of a JavaScript function that decodes one message. Only numbers and slots of the plan reach the
 * text, never a name from a file, so a hostile database can't write code.
 */
import { j1939Indicator } from './indicator.ts';
import { bitPosition, bytesNeeded, canLeaveRange, isSigned, offsetIsNeutral } from './layout.ts';
import { type Branch, branchesBySelector, branchesOverlap } from './multiplexer.ts';
import { type PlanMessage, type PlanSelectorRange, type PlanSignal, SignalStatus } from './types.ts';

/** Names the generated text may use for what it is given. */
export const generatedParameters = ['physical', 'raw', 'status', 'rawLow', 'rawHigh', 'float'] as const;

/** Decodes the payload at `offset`, which holds at least the bytes it was generated for. */
export type GeneratedDecoder = (data: Uint8Array, offset: number) => void;

/**
 * Generates the decoder of a message for frames of at least `coveredBytes`; what lies beyond is marked absent.
 * @returns source of a function body that returns a GeneratedDecoder
 */
export function generateDecoder(message: PlanMessage, coveredBytes: number): string {
  return new Generator(message, coveredBytes).generate();
}

class Generator {
  readonly #message: PlanMessage;
  readonly #coveredBytes: number;
  readonly #branches: Map<number, Branch[]>;
  /** Words of payload the signals read: `i3` is bytes 12 to 15 as Intel, `m3` as Motorola reads them. */
  readonly #words = new Set<string>();

  constructor(message: PlanMessage, coveredBytes: number) {
    this.#message = message;
    this.#coveredBytes = coveredBytes;
    this.#branches = branchesBySelector(message);
  }

  generate(): string {
    const { signals } = this.#message;
    const unmultiplexed = signals.filter((signal) => signal.selectorSlot < 0);
    const body = [this.#reset(unmultiplexed.length), ...unmultiplexed.map((signal) => this.#signal(signal))];
    const selectors = signals.filter((signal) => this.#branches.has(signal.slot) && this.#covers(signal));
    const flags = selectors.map(({ slot }) => `let active${slot} = false, selector${slot} = 0;`);
    for (const selector of selectors) body.push(this.#dispatch(selector));
    return ['"use strict";', 'return (data, offset) => {', ...this.#loads(), ...flags, ...body, '};'].join('\n');
  }

  #covers(signal: PlanSignal): boolean {
    return bytesNeeded(signal) <= this.#coveredBytes;
  }

  /** Multiplexed signals stand together behind the others, and begin each frame inactive. */
  #reset(first: number): string {
    const end = this.#message.signals.length;
    if (first === end) return '';
    return [
      `physical.fill(NaN, ${first}, ${end});`,
      `raw.fill(0, ${first}, ${end});`,
      `status.fill(${SignalStatus.inactive}, ${first}, ${end});`,
    ].join('\n');
  }

  #loads(): string[] {
    const byteAt = (byte: number, shift: number): string => {
      const load = `data[offset + ${byte}]`;
      return shift === 0 ? load : `${load} << ${shift}`;
    };
    return [...this.#words].map((word) => {
      const first = Number(word.slice(1)) * 4;
      const bytes = [0, 1, 2, 3].filter((byte) => first + byte < this.#coveredBytes);
      const parts = bytes.map((byte) => byteAt(first + byte, word[0] === 'i' ? byte * 8 : 24 - byte * 8));
      return `const ${word} = ${parts.join(' | ')};`;
    });
  }

  #signal(signal: PlanSignal): string {
    if (!this.#covers(signal)) return this.#absent(signal);
    const { slot } = signal;
    const { lines, pattern } = this.#read(signal);
    const product = signal.scale === 1 ? 'n' : `n * ${literal(signal.scale)}`;
    const sum = offsetIsNeutral(signal) ? product : `${product} + ${literal(signal.offset)}`;
    const stores = [`const p = ${sum};`, `physical[${slot}] = p;`, `raw[${slot}] = r;`];
    stores.push(`status[${slot}] = ${this.#status(signal, pattern)};`);
    if (this.#branches.has(slot)) stores.push(`active${slot} = true;`, `selector${slot} = ${selectorValue(signal)};`);
    return `{ ${[...lines, ...stores].join(' ')} }`;
  }

  /** The signal, and all that hangs on it: without the selector nobody knows what is there. */
  #absent(signal: PlanSignal): string {
    const lines: string[] = [];
    const pending = [signal];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      lines.push(`physical[${next.slot}] = NaN; raw[${next.slot}] = 0; status[${next.slot}] = ${SignalStatus.absent};`);
      for (const { signals } of this.#branches.get(next.slot) ?? []) for (const child of signals) pending.push(child);
    }
    return lines.join('\n');
  }

  /** Sets `r`, the raw integer, and `n`, the number that scale and offset apply to. */
  #read(signal: PlanSignal): { lines: string[]; pattern: string } {
    if (signal.length <= 32) {
      const lines = [`const r = ${this.#bits(signal, 0, signal.length, isSigned(signal))};`];
      if (signal.valueType === 'float32') lines.push('float.setUint32(0, r);', 'const n = float.getFloat32(0);');
      else lines.push('const n = r;');
      return { lines, pattern: isSigned(signal) ? `(r >>> 0 & ${2 ** signal.length - 1}) >>> 0` : 'r' };
    }
    const lines = [
      `const low = ${this.#bits(signal, 0, 32, false)};`,
      `const high = ${this.#bits(signal, 32, signal.length - 32, isSigned(signal))};`,
      'const r = high * 4294967296 + low;',
    ];
    if (signal.length > 53) lines.push(`rawLow[${signal.slot}] = low;`, `rawHigh[${signal.slot}] = high;`);
    if (signal.valueType === 'float64')
      lines.push('float.setUint32(0, high);', 'float.setUint32(4, low);', 'const n = float.getFloat64(0);');
    else lines.push('const n = r;');
    return { lines, pattern: '' };
  }

  /** `count` (1..32) bits of the signal, `from` its least significant bit upwards, as an integer expression. */
  #bits(signal: PlanSignal, from: number, count: number, signed: boolean): string {
    const motorola = signal.byteOrder === 'motorola';
    const position = bitPosition(signal);
    const lowest = motorola ? position + signal.length - 1 - from : position + from;
    const word = lowest >>> 5;
    const shift = motorola ? 31 - (lowest & 31) : lowest & 31;
    const low = this.#word(motorola, word);
    if (shift + count <= 32) return cut(low, shift, count, signed);
    const high = this.#word(motorola, motorola ? word - 1 : word + 1);
    return cut(`(${low} >>> ${shift} | ${high} << ${32 - shift})`, 0, count, signed);
  }

  #word(motorola: boolean, index: number): string {
    const name = `${motorola ? 'm' : 'i'}${index}`;
    this.#words.add(name);
    return name;
  }

  #status(signal: PlanSignal, pattern: string): string {
    let status = canLeaveRange(signal)
      ? `p < ${literal(signal.minimum)} || p > ${literal(signal.maximum)} ? ${SignalStatus.outOfRange} : ${SignalStatus.ok}`
      : `${SignalStatus.ok}`;
    const indicator = j1939Indicator(this.#message, signal);
    if (indicator !== undefined) {
      const { shift, error, notAvailable } = indicator;
      // Past 32 bits the top byte stands in `high`, whose sign bits & 0xFF drops.
      const top = signal.length > 32 ? topByte(signal.length) : `${pattern} >>> ${shift}`;
      status = `(${top}) === ${error} ? ${SignalStatus.error} : ${status}`;
      status = `(${top}) === ${notAvailable} ? ${SignalStatus.notAvailable} : ${status}`;
    }
    return status;
  }

  /** Decodes what the selector's raw value activates. Runs after the selector's own branch, so code never nests. */
  #dispatch(selector: PlanSignal): string {
    const branches = this.#branches.get(selector.slot)!;
    const name = `selector${selector.slot}`;
    const isBig = selector.length > 53;
    const unknown = `status[${selector.slot}] = ${SignalStatus.unknownMultiplexer};`;
    const bodies = branches.map((branch) => branch.signals.map((signal) => this.#signal(signal)).join('\n'));
    const tests = branches.map(({ ranges }) => rangeTest(name, ranges, isBig));
    if (branchesOverlap(branches)) {
      const each = branches.map((_, i) => `if (${tests[i]}) { known = true;\n${bodies[i]}\n}`);
      return `if (active${selector.slot}) { let known = false;\n${each.join('\n')}\nif (!known) ${unknown} }`;
    }
    // A switch over single values becomes a jump table; ranges are asked one after the other.
    const cases: string[] = [];
    let rest = unknown;
    branches.forEach(({ ranges }, i) => {
      if (ranges.length > 0 && ranges.every(({ from, to }) => from === to)) {
        const labels = ranges.map(({ from }) => `case ${integer(from, isBig)}:`).join(' ');
        cases.push(`${labels} {\n${bodies[i]}\nbreak; }`);
      } else if (ranges.length > 0) {
        rest = `if (${tests[i]}) {\n${bodies[i]}\n} else ${rest}`;
      }
    });
    return `if (active${selector.slot}) switch (${name}) {\n${cases.join('\n')}\ndefault: ${rest} }`;
  }
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

function topByte(length: number): string {
  const shift = length - 40;
  if (shift >= 0) return `high >> ${shift} & 255`;
  return `high << ${-shift} & 255 | low >>> ${32 + shift}`;
}

/** Past 53 bits a selector is compared as a bigint: `r` alone would not be exact. */
function selectorValue(signal: PlanSignal): string {
  return signal.length > 53 ? '(BigInt(high) << 32n) + BigInt(low)' : 'r';
}

function rangeTest(name: string, ranges: readonly PlanSelectorRange[], isBig: boolean): string {
  const tests = ranges.map(({ from, to }) =>
    from === to
      ? `${name} === ${integer(from, isBig)}`
      : `${name} >= ${integer(from, isBig)} && ${name} <= ${integer(to, isBig)}`,
  );
  return tests.join(' || ') || 'false';
}

const integer = (value: bigint, isBig: boolean): string => (isBig ? `${value}n` : `${value}`);

/** A double as source text that reads back as the same double. */
function literal(value: number): string {
  return Object.is(value, -0) ? '(-0)' : `(${value})`;
}
