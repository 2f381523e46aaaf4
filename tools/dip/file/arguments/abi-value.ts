/** Arguments of any function, read by the types of its ABI. */
import type { AbiParameter } from 'viem';
import { address } from './address.ts';
import { type Kind, Refusal, type Scope, shapeOf, shown, textOf, within } from './kind.ts';
import { dimo, duration, ether, time, units } from './quantities.ts';
import { list, map, yesOrNo } from './shapes.ts';
import { bytes, findControl } from './text.ts';

/** Whole numbers, or something with a unit that says how many smallest units or seconds it is. */
function integer(type: string): Kind<bigint> {
  const isSigned = type.startsWith('int');
  const bits = BigInt(type.replace(/^u?int/, '') || '256');
  const [minimum, maximum] = isSigned ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
  return {
    form: `\`${type}\``,
    read(written, scope) {
      const text = textOf(written, `a number (${type})`);
      const value = /^-?\d{1,78}$/.test(text) ? BigInt(text) : withUnit(text, scope);
      if (value < minimum || value > maximum) throw new Refusal(`${text} does not fit into ${type}`);
      return value;
    },
  };
}

function withUnit(text: string, scope: Scope): bigint {
  const kinds: [RegExp, Kind<bigint | number>][] = [
    [/ DIMO$/, dimo],
    [/ ETH$/, ether],
    [/ units$/, units],
    [/ (second|minute|hour|day|week)s?$/, duration],
    [/^\d{4}-\d{2}-\d{2}/, time],
  ];
  const found = kinds.find(([pattern]) => pattern.test(text));
  if (!found) throw new Refusal(`expected a whole number, an amount, a duration or a date, found ${shown(text)}`);
  return BigInt(found[1].read(text, scope));
}

const anyText: Kind<string> = {
  form: 'text',
  read(written) {
    if (typeof written !== 'string') throw new Refusal(`expected a text, found a ${shapeOf(written)}`);
    const refused = findControl(written);
    if (refused) throw new Refusal(`the text holds the control character ${refused.name}`);
    return written;
  },
};

function kindOf(parameter: AbiParameter): Kind<unknown> {
  const { type } = parameter;
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array) {
    const size = array[2] === '' ? undefined : Number(array[2]);
    return list(kindOf({ ...parameter, type: array[1]! }), size ?? 0, size ?? 1_000);
  }
  if (type === 'tuple') {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return map(Object.fromEntries(components.map((component, index) => [nameOf(component, index), kindOf(component)])));
  }
  if (type === 'address') return anyAddress;
  if (type === 'bool') return yesOrNo;
  if (type === 'string') return anyText;
  if (type.startsWith('bytes')) return type === 'bytes' ? bytes() : bytes(Number(type.slice(5)), Number(type.slice(5)));
  return integer(type);
}

/** What a function does with nobody's address is its own business. */
const anyAddress: Kind<unknown> = {
  form: address.form,
  read: (written, scope) =>
    written === `0x${'0'.repeat(40)}` || written === 'nobody' ? `0x${'0'.repeat(40)}` : address.read(written, scope),
};

const nameOf = (parameter: AbiParameter, index: number): string => parameter.name?.replace(/_$/, '') || String(index);

/**
 * The arguments of a function, from a list in its order or from a map by its names.
 * @throws {Refusal}
 */
export function readAbiValues(inputs: readonly AbiParameter[], written: unknown, scope: Scope): unknown[] {
  const names = inputs.map(nameOf);
  if (Array.isArray(written)) {
    if (written.length !== inputs.length) {
      throw new Refusal(`${written.length} arguments, expected ${inputs.length}: ${names.join(', ')}`);
    }
    return inputs.map((input, index) => within(index, () => kindOf(input).read(written[index], scope)));
  }
  const fields = Object.fromEntries(inputs.map((input, index) => [names[index]!, kindOf(input)]));
  const values = map(fields).read(written, scope);
  return names.map((name) => values[name]);
}
