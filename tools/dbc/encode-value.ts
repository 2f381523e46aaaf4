/** What people write for a value, and what the encoder takes. */
import type { EncodeValue, PlanSignal } from '../../edge/decode/index.ts';
import { toolError } from '../errors/index.ts';

/**
 * The value that stands behind `NAME=`: a physical number, a label, `raw:` and an integer, or `label:` and a label.
 * @param word the whole word, for errors
 * @throws {MinerError} `DBC_ASSIGNMENT`, `DBC_HEX_VALUE`
 */
export function parseValue(word: string, signal: PlanSignal, text: string, message: string): EncodeValue {
  const [, kind, rest] = /^(raw|label):(.*)$/s.exec(text) ?? [];
  // A label may itself begin with `raw:`; one that stands in the file goes first.
  if (signal.labels.some((label) => label.text === text) && !isNumber(text)) return text;
  if (kind === 'label') return rest;
  if (kind === 'raw') {
    if (/^(-?\d+|0x[0-9a-f]+|0b[01]+)$/i.test(rest)) return BigInt(rest);
    throw toolError('DBC_ASSIGNMENT', { word });
  }
  if (/^0x[0-9a-f]+$/i.test(text)) throw toolError('DBC_HEX_VALUE', { message, signal: signal.name, text });
  if (text === '') throw toolError('DBC_ASSIGNMENT', { word });
  return isNumber(text) ? exactRaw(signal, text) : text;
}

function isNumber(text: string): boolean {
  return /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?Infinity|NaN)$/i.test(text);
}

/** Past 2^53 a number would lose digits: where scale and offset are integers, the raw integer is found exactly. */
function exactRaw(signal: PlanSignal, text: string): EncodeValue {
  const value = Number(text);
  const { scale, offset, valueType, hasRange, minimum, maximum } = signal;
  if (Number.isSafeInteger(value) || !/^[+-]?\d+$/.test(text) || valueType !== 'integer') return value;
  if (!Number.isSafeInteger(scale) || !Number.isSafeInteger(offset) || scale === 0) return value;
  const distance = BigInt(text.replace('+', '')) - BigInt(offset);
  const isOutside = hasRange && (value < minimum || value > maximum);
  return distance % BigInt(scale) === 0n && !isOutside ? distance / BigInt(scale) : value;
}
