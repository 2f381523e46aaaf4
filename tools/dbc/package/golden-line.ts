/** Golden frames as JSON lines: a frame, and what decoding it must give. */
import { fromHex, toHex } from '../../../edge/pack/index.ts';
import { isObject, shown } from './json.ts';

/** A frame and its expected values. */
export interface GoldenFrame {
  /** Arbitration id without flag bits. */
  id: number;
  extended: boolean;
  data: Uint8Array;
  /** Of the message that answers. */
  message: string;
  /** Physical value by name, of the signals that the frame holds; past 2^53 the exact bigint. */
  signals: Map<string, number | bigint>;
  /** Of signals that are neither ok nor inactive: the status' name. */
  status: Map<string, string>;
}

/** A line that is no golden frame, or a decoder that disagrees with one. */
export interface GoldenProblem {
  /** From 1. */
  line: number;
  problem: string;
}

/** The longest payload there is: a J1939 message of 255 packets. */
export const payloadBytesMax = 1785;
/** Frames of one file; far more than covering the largest DBC takes. */
export const goldenFramesMax = 200_000;

/** Characters of one line; the largest real message takes some 100,000. */
const lineLengthMax = 4 << 20;

const keys = ['id', 'ext', 'data', 'name', 'signals', 'status'];
/** What JSON numbers cannot say. */
const specialNumbers = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/**
 * One line, without its line end. A value that JSON numbers cannot hold (bigint, NaN, infinities, -0) is a string.
 * @example goldenLine(frame)  // {"id":419,"ext":false,"data":"1027","name":"M","signals":{"Speed":100},"status":{}}
 */
export function goldenLine({ id, extended, data, message, signals, status }: GoldenFrame): string {
  const values = [...signals].map(([name, value]) => `${JSON.stringify(name)}:${valueText(value)}`);
  const statuses = [...status].map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`);
  const head = `{"id":${id},"ext":${extended},"data":"${toHex(data).toUpperCase()}","name":${JSON.stringify(message)}`;
  return `${head},"signals":{${values.join(',')}},"status":{${statuses.join(',')}}}`;
}

/** A value as JSON. */
export function valueText(value: number | bigint): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (Object.is(value, -0)) return '"-0"';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/**
 * Reads a whole file: every good line is a frame, every other one a located problem. Blank lines are passed over.
 * @returns `lines`: the number of each frame's line, from 1
 */
export function readGolden(text: string): { frames: GoldenFrame[]; lines: number[]; problems: GoldenProblem[] } {
  const frames: GoldenFrame[] = [];
  const lines: number[] = [];
  const problems: GoldenProblem[] = [];
  // No split: a file of nothing but line ends would cost eight times its size.
  for (let at = 0, line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    const one = text.slice(at, end < 0 ? text.length : end);
    at += one.length + 1;
    if (one.trim() === '') continue;
    if (frames.length + problems.length === goldenFramesMax) {
      problems.push({ line, problem: `more than ${goldenFramesMax} frames; this and what follows was not read` });
      break;
    }
    const found = one.length > lineLengthMax ? `longer than ${lineLengthMax} characters` : parseGoldenLine(one);
    if (typeof found === 'string') problems.push({ line, problem: found });
    else {
      frames.push(found);
      lines.push(line);
    }
  }
  return { frames, lines, problems };
}

/** @returns the frame, or what is wrong with the line */
export function parseGoldenLine(line: string): GoldenFrame | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (!isObject(value)) return 'expected an object';
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) return `unknown key ${JSON.stringify(unknown)}, expected ${keys.join(', ')}`;
  const { id, ext, data, name, signals, status = {} } = value;
  if (typeof ext !== 'boolean') return `ext is ${shown(ext)}, expected true or false`;
  const idMax = ext ? 0x1fffffff : 0x7ff;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > idMax)
    return `id is ${shown(id)}, expected a whole number from 0 to ${idMax}`;
  if (typeof data !== 'string' || !/^([0-9a-fA-F]{2})*$/.test(data) || data.length > 2 * payloadBytesMax)
    return `data is ${shown(data)}, expected up to ${payloadBytesMax} bytes in hex`;
  if (typeof name !== 'string') return `name is ${shown(name)}, expected a message's name`;
  if (!isObject(signals)) return `signals is ${shown(signals)}, expected an object`;
  if (!isObject(status)) return `status is ${shown(status)}, expected an object`;
  const values = new Map<string, number | bigint>();
  for (const [signal, given] of Object.entries(signals)) {
    const parsed = parseValue(given);
    if (parsed === undefined) return `signals.${signal} is ${shown(given)}, expected a number, or its digits as text`;
    values.set(signal, parsed);
  }
  const statuses = new Map<string, string>();
  for (const [signal, given] of Object.entries(status)) {
    if (typeof given !== 'string') return `status.${signal} is ${shown(given)}, expected a text`;
    statuses.set(signal, given);
  }
  return { id, extended: ext, data: fromHex(data), message: name, signals: values, status: statuses };
}

function parseValue(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (specialNumbers.has(value)) return specialNumbers.get(value);
  if (!/^-?\d{1,60}$/.test(value)) return undefined;
  const exact = Number(value);
  return Number.isSafeInteger(exact) ? exact : BigInt(value);
}
