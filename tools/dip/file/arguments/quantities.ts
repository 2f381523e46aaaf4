/** Amounts, shares and times with their units. A number without its unit is refused: it could mean anything. */
import { parseUnits } from 'viem';
import { type Kind, Refusal, shown, textOf } from './kind.ts';

/** Contracts keep amounts in 96 bits: 79 billion tokens. */
const amountMax = 2n ** 96n - 1n;

/** A decimal number and what follows it. */
function split(text: string, form: string): { number: string; unit: string } {
  const match = /^((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:\s*)(\S.*)?$/.exec(text);
  if (!match || text.length > 80) throw new Refusal(`expected ${form}, found ${shown(text)}`);
  return { number: match[1]!.replaceAll(',', ''), unit: match[2] ?? '' };
}

/** An amount of one currency in its smallest units. */
function amount(form: string, unitName: string, decimals: number): Kind<bigint> {
  return {
    form: `\`${form}\``,
    read(written) {
      const expected = `an amount with its unit, such as ${form}`;
      const { number, unit } = split(textOf(written, expected), expected);
      if (unit === '') throw new Refusal(`${number} has no unit; expected ${expected}`);
      if (unit !== unitName) throw new Refusal(`${shown(unit)} is not the unit of this; expected ${expected}`);
      const [, fraction = ''] = number.split('.');
      if (fraction.length > decimals) {
        throw new Refusal(`${number} has ${fraction.length} decimals, and ${unitName} at most ${decimals}`);
      }
      const value = parseUnits(number, decimals);
      if (value > amountMax) throw new Refusal(`${number} ${unitName} is more than any contract can hold`);
      return value;
    },
  };
}

/** Tokens of the platform, in units of 18 decimals. */
export const dimo = amount('1250.5 DIMO', 'DIMO', 18);

/** Ether, in wei. */
export const ether = amount('0.1 ETH', 'ETH', 18);

/** Smallest units of some other token or of a vault's shares; a power of ten may follow: `990000.5e18 units`. */
export const units: Kind<bigint> = {
  form: '`990000e18 units`',
  read(written) {
    const expected = 'a number of smallest units, such as 990000e18 units';
    const match = /^(\d+)(?:\.(\d+))?(?:e(\d{1,2}))?\s*units$/.exec(textOf(written, expected).replaceAll(',', ''));
    if (!match) throw new Refusal(`expected ${expected}, found ${shown(String(written))}`);
    const [, whole = '', fraction = '', exponent = '0'] = match;
    if (fraction.length > Number(exponent) || whole.length > 78) {
      throw new Refusal(`${shown(String(written))} is no whole number of units`);
    }
    const value = BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
    if (value >= 2n ** 256n) throw new Refusal(`${shown(String(written))} is more than any contract can hold`);
    return value;
  },
};

/** Either our own token or smallest units of another. */
export const dimoOrUnits: Kind<bigint> = {
  form: `${dimo.form} or ${units.form}`,
  read: (written, scope) =>
    typeof written === 'string' && /units\s*$/.test(written) ? units.read(written, scope) : dimo.read(written, scope),
};

/** A share in percent with at most two decimals, as a number. */
export function percent(minimum = 0, maximum = 100): Kind<number> {
  return {
    form: '`60 %`',
    read(written) {
      const expected = `a share from ${minimum} % to ${maximum} %, such as 60 %`;
      const { number, unit } = split(textOf(written, expected), expected);
      if (unit !== '%') throw new Refusal(`expected ${expected}, found ${shown(String(written))}`);
      const value = Number(number);
      if (value < minimum || value > maximum) throw new Refusal(`${number} % is out of range; expected ${expected}`);
      if (!/^\d+(\.\d{1,2})?$/.test(number)) throw new Refusal(`${number} % has more than two decimals`);
      return value;
    },
  };
}

const secondsOf: Record<string, number> = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 };
const hundredYears = 100 * 365 * 86_400;

/** A length of time, in whole seconds. */
export const duration: Kind<number> = {
  form: '`30 days`',
  read(written) {
    const expected = 'a duration in seconds, minutes, hours, days or weeks, such as 30 days';
    const { number, unit } = split(textOf(written, expected), expected);
    const length = secondsOf[unit.replace(/s$/, '')];
    if (length === undefined) throw new Refusal(`expected ${expected}, found ${shown(String(written))}`);
    const value = Number(number) * length;
    if (!Number.isInteger(value)) throw new Refusal(`${shown(String(written))} is no whole number of seconds`);
    if (value > hundredYears) throw new Refusal(`${shown(String(written))} is longer than 100 years`);
    return value;
  },
};

/** A point in time, in unix seconds: a date begins at 00:00 UTC. */
export const time: Kind<number> = {
  form: '`2027-03-01` or `2027-03-01T12:00:00Z`',
  read(written) {
    const expected = 'a date such as 2027-03-01 or 2027-03-01T12:00:00Z';
    const text = textOf(written, expected);
    const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
    const value = match ? Date.parse(match[2] ? text : `${text}T00:00:00Z`) : Number.NaN;
    // Date.parse takes the 30th of February for a day in March.
    const isDay = match && new Date(`${match[1]}T00:00:00Z`).toJSON()?.startsWith(match[1]!);
    if (Number.isNaN(value) || !isDay) throw new Refusal(`expected ${expected}, found ${shown(text)}`);
    if (value < Date.parse('2020-01-01') || value > Date.parse('2200-01-01')) {
      throw new Refusal(`${text} lies outside the years 2020 to 2199`);
    }
    return value / 1000;
  },
};

/** A whole number without a unit. */
export function count(minimum: number, maximum: number): Kind<number> {
  return {
    form: '`1000`',
    read(written) {
      const expected = `a whole number from ${minimum} to ${maximum}`;
      const text = textOf(written, expected);
      const value = /^(\d{1,3}(,\d{3})+|\d{1,15})$/.test(text) ? Number(text.replaceAll(',', '')) : Number.NaN;
      if (!(value >= minimum && value <= maximum)) throw new Refusal(`expected ${expected}, found ${shown(text)}`);
      return value;
    },
  };
}

/** The number under which a contract keeps something. */
export const id: Kind<bigint> = {
  form: '`1`',
  read: (written, scope) => BigInt(count(1, 2 ** 48).read(written, scope)),
};
