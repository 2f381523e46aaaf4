/** Parsers for option values that commander hands over as text. */
import { InvalidArgumentError } from 'commander';
import { type HttpAddress, parseHttpAddress } from '../metrics/address.ts';

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
