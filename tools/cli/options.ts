/** Parsers for option values that commander hands over as text. */
import { InvalidArgumentError } from 'commander';
import type { Hex } from 'viem';
import { getAddress, isAddress, parseUnits } from 'viem/utils';
import { type HttpAddress, parseHttpAddress } from '../metrics/address.ts';
import { platformKey } from '../registry/platform-key.ts';

/** A number within [minimum, maximum]; commander names the option in its message. */
export function numberBetween(minimum: number, maximum: number, unit = ''): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`Expected a number${unit && ` of ${unit}`} from ${minimum} to ${maximum}.`);
  };
}

/** A whole number within [minimum, maximum]. */
export function integerBetween(minimum: number, maximum: number): (text: string) => number {
  const parse = numberBetween(minimum, maximum);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
  };
}

/** A whole number in decimal, in hex after 0x, or in KiB before k. */
export function sizeBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const [, digits, kibi] = /^(0x[0-9a-fA-F]+|\d+)(k?)$/.exec(text) ?? [];
    const value = Number(digits ?? Number.NaN) * (kibi ? 1024 : 1);
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}, such as 512, 0x200 or 32k.`);
  };
}

/** `port` or `host:port` to serve HTTP on; only this machine may ask unless a host is given. */
export function httpAddress(text: string): HttpAddress {
  const address = parseHttpAddress(text);
  if (address) return address;
  throw new InvalidArgumentError('Expected port or host:port, such as 9100 or 0.0.0.0:9100.');
}

export function addressArgument(text: string): Hex {
  // A mixed-case address has a checksum, and one with a slip in it is refused.
  if (isAddress(text, { strict: text !== text.toLowerCase() })) return getAddress(text);
  throw new InvalidArgumentError('Expected an address: 0x and 40 hex digits, with its checksum when in mixed case.');
}

/** An amount of tokens with its unit, `1250.5 DIMO`, in units of 18 decimals: a bare number could mean either. */
export function dimoArgument(text: string): bigint {
  const [, amount] = /^(\d{1,10}(?:\.\d{1,18})?) ?DIMO$/.exec(text.replaceAll(',', '')) ?? [];
  const units = amount === undefined ? 0n : parseUnits(amount, 18);
  if (units > 0n) return units;
  throw new InvalidArgumentError('Expected an amount of tokens above 0 with its unit, such as "1250.5 DIMO".');
}

/** The key of a platform as it stands, or of its name. */
export function platformArgument(text: string): Hex {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex;
  const isName = text !== '' && text === text.trim() && !/^0x|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
  if (isName) return platformKey(text);
  throw new InvalidArgumentError('Expected a platform: 0x and 64 hex digits, or its name.');
}
