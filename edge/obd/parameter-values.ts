/** Answers of OBD service 01, for people and for the poller. */
import { rawOf } from './field.ts';
import { parameterBytes, parameterTable } from './parameter-table.ts';

export interface ParameterValue {
  name: string;
  unit: string;
  value: number;
  /** For enumerated ones. */
  label?: string;
}

/**
 * The values that one parameter's data hold.
 * @returns empty for a parameter that is not in the table, or data that are too short
 * @example parameterValues(0x0c, Uint8Array.of(0x1a, 0xf8)) // [{ name: 'EngineSpeed', unit: 'rpm', value: 1726 }]
 */
export function parameterValues(pid: number, data: Uint8Array): ParameterValue[] {
  const parameter = parameterTable.get(pid);
  if (parameter === undefined || data.length < parameter.bytes) return [];
  return parameter.fields.map((field) => {
    const { name, unit, scale, offset } = field;
    const raw = rawOf(field, data);
    const label = field.labels?.[raw];
    return { name, unit, value: raw * scale + offset, ...(label !== undefined && { label }) };
  });
}

/** One parameter of an answer. */
export interface ParameterData {
  pid: number;
  data: Uint8Array;
}

/**
 * Takes an answer of service 01 (`41 ...`) apart.
 * @param asked the parameters of the request; of one alone the length need not be known
 * @returns those that the answer holds whole, in its order
 */
export function splitAnswer(answer: Uint8Array, asked: readonly number[]): ParameterData[] {
  if (asked.length === 1) {
    const isWhole = answer[1] === asked[0] && answer.length >= 2 + (parameterBytes(asked[0]) ?? 1);
    return isWhole ? [{ pid: asked[0], data: answer.slice(2) }] : [];
  }
  const found: ParameterData[] = [];
  for (let at = 1; at < answer.length; ) {
    const pid = answer[at];
    const bytes = parameterBytes(pid);
    // Behind one of unknown length nothing can be found any more.
    if (bytes === undefined || at + 1 + bytes > answer.length || !asked.includes(pid)) break;
    found.push({ pid, data: answer.slice(at + 1, at + 1 + bytes) });
    at += 1 + bytes;
  }
  return found;
}

/**
 * Reads which of the 32 numbers after `base` there are.
 * @param data four bytes: a bit for each, the first one highest
 * @example supportedNumbers(0x00, Uint8Array.of(0xbe, 0x1f, 0xa8, 0x13)) // [1, 3, 4, 5, 6, 7, 12, ...]
 */
export function supportedNumbers(base: number, data: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let place = 0; place < 32; place++) {
    if ((data[place >> 3] & (0x80 >> (place & 7))) !== 0) numbers.push(base + place + 1);
  }
  return numbers;
}
