/** Breaks DBC files the way that editors, tools and disks do; one seed replays every step. */
import { SeededRandom } from '../../../edge/sim/index.ts';

const encoder = new TextEncoder();

/** Pieces that the grammar is sensitive to. */
const pieces = [
  ...[
    '"',
    '\\"',
    ';',
    '\n',
    '\r',
    '\r\n',
    ':',
    '|',
    '@',
    '(',
    ')',
    '[',
    ']',
    ',',
    '//',
    '/*',
    '*/',
    ' ',
    '\0',
    'é',
    '-',
  ],
  ...['BO_ 1 A: 8 N\n', ' SG_ S m1M : 0|8@1+ (1,0) [0|0] "" N\n', '\nCM_ "', '\nVAL_ 1 S ', '\nBA_ "I" ', '\nBU_: '],
  ...['\nSG_MUL_VAL_ 1 S S 0-1;', '\nVAL_TABLE_ T 0 "a" ;', '\nSIG_VALTYPE_ 1 S : 1;', '\nEV_ E: 0 [0|0] "" 0 1 D N;'],
].map((piece) => encoder.encode(piece));

const numbers = [
  '0',
  '-1',
  '+1',
  '1.',
  '.5',
  '1e999',
  '1E-300',
  '64',
  '65',
  '2047',
  '2048',
  '4294967295',
  '2147483648',
];
const inflated = [...numbers, '18446744073709551616', '99999999999999999999999', '3221225472', '0x10', '1,5', 'NaN'];

type Change = (bytes: Uint8Array, other: Uint8Array, draw: Draw) => Uint8Array;

/** Draws from one seed. */
export class Draw {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Uniform in 0..count-1; 0 when count is 0. */
  below(count: number): number {
    return count > 0 ? this.#random.nextUint32() % count : 0;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  bytes(count: number): Uint8Array {
    const drawn = new Uint8Array(count);
    this.#random.fill(drawn);
    return drawn;
  }
}

function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function splice(bytes: Uint8Array, from: number, to: number, insert: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, from), insert, bytes.subarray(to));
}

/** From the start of the line at an offset to the start of the next. */
function lineAt(bytes: Uint8Array, at: number): [from: number, to: number] {
  const to = bytes.indexOf(0x0a, at);
  return [bytes.lastIndexOf(0x0a, at - 1) + 1, to < 0 ? bytes.length : to + 1];
}

const isWord = (byte: number) => byte > 0x20 && !'":;,|@()[]'.includes(String.fromCharCode(byte));

/** The word at an offset or after it. */
function wordAt(bytes: Uint8Array, at: number): [from: number, to: number] {
  let from = at;
  while (from < bytes.length && !isWord(bytes[from])) from++;
  while (from > 0 && isWord(bytes[from - 1])) from--;
  let to = from;
  while (to < bytes.length && isWord(bytes[to])) to++;
  return [from, to];
}

function numberAt(bytes: Uint8Array, at: number): [from: number, to: number] {
  const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
  let from = at;
  while (from < bytes.length && !isDigit(bytes[from])) from++;
  let to = from;
  while (to < bytes.length && isDigit(bytes[to])) to++;
  return [from, to];
}

function swap(bytes: Uint8Array, a: [number, number], b: [number, number]): Uint8Array {
  const [[from1, to1], [from2, to2]] = a[0] <= b[0] ? [a, b] : [b, a];
  if (to1 > from2) return bytes;
  const between = bytes.subarray(to1, from2);
  return join(
    bytes.subarray(0, from1),
    bytes.subarray(from2, to2),
    between,
    bytes.subarray(from1, to1),
    bytes.subarray(to2),
  );
}

/** Each way to break a file, by name. */
export const changes: Record<string, Change> = {
  'flip a bit': (bytes, _, draw) => {
    const changed = bytes.slice();
    changed[draw.below(bytes.length)] ^= 1 << draw.below(8);
    return changed;
  },
  'overwrite bytes': (bytes, _, draw) => {
    const at = draw.below(bytes.length);
    return splice(bytes, at, at + draw.below(4), draw.bytes(draw.below(4)));
  },
  'insert a piece': (bytes, _, draw) => {
    const at = draw.below(bytes.length + 1);
    return splice(bytes, at, at, draw.one(pieces));
  },
  'delete a stretch': (bytes, _, draw) => {
    const at = draw.below(bytes.length);
    return splice(bytes, at, at + draw.below(400), new Uint8Array(0));
  },
  'delete a byte': (bytes, _, draw) => {
    const at = draw.below(bytes.length);
    return splice(bytes, at, at + 1, new Uint8Array(0));
  },
  'delete a line': (bytes, _, draw) => splice(bytes, ...lineAt(bytes, draw.below(bytes.length)), new Uint8Array(0)),
  'double a line': (bytes, _, draw) => {
    const [from, to] = lineAt(bytes, draw.below(bytes.length));
    return splice(bytes, from, from, bytes.slice(from, to));
  },
  'swap two lines': (bytes, _, draw) =>
    swap(bytes, lineAt(bytes, draw.below(bytes.length)), lineAt(bytes, draw.below(bytes.length))),
  'join two lines': (bytes, _, draw) => {
    const [, to] = lineAt(bytes, draw.below(bytes.length));
    return splice(bytes, to - 1, to, encoder.encode(' '));
  },
  'swap two words': (bytes, _, draw) =>
    swap(bytes, wordAt(bytes, draw.below(bytes.length)), wordAt(bytes, draw.below(bytes.length))),
  'replace a word by another': (bytes, _, draw) => {
    const [from, to] = wordAt(bytes, draw.below(bytes.length));
    return splice(bytes, ...wordAt(bytes, draw.below(bytes.length)), bytes.slice(from, to));
  },
  'inflate a number': (bytes, _, draw) =>
    splice(bytes, ...numberAt(bytes, draw.below(bytes.length)), encoder.encode(draw.one(inflated))),
  truncate: (bytes, _, draw) => bytes.slice(0, draw.below(bytes.length + 1)),
  'splice in part of another file': (bytes, other, draw) => {
    const at = draw.below(bytes.length + 1);
    const from = draw.below(other.length);
    return splice(bytes, at, at, other.subarray(from, from + draw.below(2000)));
  },
  'other line ends': (bytes, _, draw) => {
    const end = encoder.encode(draw.one(['\r\n', '\r', '\n\n', ' \n']));
    return join(...splitLines(bytes).flatMap((line) => [line, end]));
  },
};

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

/** Of a large file some lines here and there, so that a case stays small. */
export function excerptOf(bytes: Uint8Array, draw: Draw, bytesMax = 6000): Uint8Array {
  if (bytes.length <= bytesMax) return bytes;
  const parts = Array.from({ length: 3 }, () => {
    const [from] = lineAt(bytes, draw.below(bytes.length));
    return bytes.subarray(from, lineAt(bytes, Math.min(from + bytesMax / 3, bytes.length - 1))[1]);
  });
  return join(...parts);
}

/** One case: a file, or an excerpt of it, with one to six changes. */
export function mutated(files: readonly Uint8Array[], draw: Draw): { bytes: Uint8Array; steps: string[] } {
  let bytes = excerptOf(draw.one(files), draw);
  const other = draw.one(files);
  const steps: string[] = [];
  for (let left = 1 + draw.below(6); left > 0; left--) {
    // Other line ends are tried on few, or nearly no case would keep its own.
    const names = draw.below(12) === 0 ? Object.keys(changes) : Object.keys(changes).slice(0, -1);
    const step = draw.one(names);
    bytes = changes[step](bytes, other, draw);
    steps.push(step);
  }
  return { bytes, steps };
}
