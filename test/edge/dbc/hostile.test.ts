/** Files that mean harm, or are none: bounded time, bounded memory, and always an answer. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { limits, parseDbc } from '../../../edge/dbc/index.ts';
import { codes, message, parse, plain } from './parsing.ts';

const megabyte = 1 << 20;

/** Repeats a piece of text up to some bytes; `#` becomes a counter. */
function fill(piece: string, bytes: number): string {
  const pieces: string[] = [];
  for (let length = 0, n = 0; length < bytes; n++) {
    const text = piece.replace('#', n.toString(36));
    pieces.push(text);
    length += text.length;
  }
  return pieces.join('');
}

/** Each takes a few tenths of a second; were one of them quadratic, this file would run for hours. */
const parseText = (source: string) => parseDbc(new TextEncoder().encode(source));

const inMessage = (piece: string) => message([]) + fill(piece, 2 * megabyte);

const sources: Record<string, () => string> = {
  'quotes that never close': () => fill('CM_ "\n', 2 * megabyte),
  'escaped quotes': () => fill('CM_ \\"\n', 2 * megabyte),
  'escaped quotes in an open string': () => `CM_ "${fill('CM_ \\"\n', 2 * megabyte)}`,
  'backslashed quotes before semicolons': () => `CM_ "${fill('\\";  \n', 2 * megabyte)}`,
  'endless blanks after backslashed quotes': () => `CM_ "${fill('\\"', megabyte)}${' '.repeat(megabyte)}`,
  'an open string before many lines': () => `VERSION "${fill('BO_ # A: 8 N\n', 2 * megabyte)}`,
  'inner quotes': () => fill('CM_ "a "b" c\n', 2 * megabyte),
  'open block comments': () => fill('/* ', 2 * megabyte),
  'half a comment in each word': () => fill('a/*b ', 2 * megabyte),
  'comments behind statements on one line': () => fill('x;/**/', 2 * megabyte),
  'line comments': () => fill('//\n', 2 * megabyte),
  'strings on one line': () => `${message([`S ${plain}`])}VAL_ 1 S ${fill('0 "a" ', 2 * megabyte)}`,
  'every printable character, on one line': () =>
    fill(String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 126 - i)), 2 * megabyte),
  'block comments': () => fill('/**/', 2 * megabyte),
  'one line of SG_': () => fill('SG_ ', 2 * megabyte),
  'one line of BO_': () => fill('BO_ x ', 2 * megabyte),
  'keywords alone': () => fill('VAL_\n', 2 * megabyte),
  'NS_ lines': () => `NS_ :\n${fill('CM_\n', 2 * megabyte)}`,
  'one NS_ line': () => `NS_ : ${fill('CM_ ', 2 * megabyte)}(`,
  nodes: () => `BU_: ${fill('n# ', 3 * megabyte)}`,
  messages: () =>
    fill('BO_ # A:8 N\n', 2 * megabyte).replaceAll(
      /BO_ [0-9a-z]+/g,
      (head) => `BO_ ${Number.parseInt(head.slice(4), 36)}`,
    ),
  'duplicates of one message': () => fill(`BO_ 1 A: 8 N\n SG_ S ${plain}\n`, 2 * megabyte),
  'signals in one message': () => inMessage(` SG_ s# ${plain}\n`),
  'multiplexed signals in one message': () => message([`M M ${plain}`]) + fill(` SG_ s# m# ${plain}\n`, 2 * megabyte),
  labels: () => `${message([`S ${plain}`])}VAL_ 1 S ${fill('0""', 3 * megabyte)};`,
  attributes: () => fill('BA_"a"1;', 2 * megabyte),
  redefinitions: () => fill('BA_DEF_ "a" INT 0 1;', 2 * megabyte),
  'definitions on all targets': () => fill('BA_DEF_ BO_ "a#" INT 0 1;', 2 * megabyte),
  'enum values': () => `BA_DEF_ "a" ENUM ${fill('"x#",', 2 * megabyte)};`,
  'comments on one thing': () => fill('CM_"x";', 2 * megabyte),
  digits: () => `BO_ ${'9'.repeat(2 * megabyte)} A: 8 N`,
  'digits in a range': () =>
    `${message([`M M ${plain}`, `S m0 ${plain}`])}SG_MUL_VAL_ 1 S M 0-${'9'.repeat(megabyte)};`,
  'digits of a scale': () => message([`S : 0|8@1+ (0.${'1'.repeat(megabyte)},0) [0|0] "" N`]),
  'unknown sections': () => fill('x;', 2 * megabyte),
  receivers: () => message([`S : 0|8@1+ (1,0) [0|0] "" ${fill('a,', 2 * megabyte)}`]),
};

for (const [name, source] of Object.entries(sources)) {
  test(`in time: ${name}`, () => {
    parseText(source());
  });
}

test('garbage of every byte value is read in time', () => {
  let state = 1;
  const bytes = Uint8Array.from({ length: 4 * megabyte }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return state >>> 24;
  });
  const { diagnostics, encoding } = parseDbc(bytes);
  assert.equal(encoding, 'windows-1252');
  assert.ok(diagnostics.length > 1000 && diagnostics.length <= limits.diagnostics + 1);
});

test('4,000,000 ranges: the first are kept, and the rest is reported', () => {
  const head = message([`M M : 0|8@1+ (1,0) [0|0] "" N`, 'S m0 : 8|8@1+ (1,0) [0|0] "" N'], 'SG_MUL_VAL_ 1 S M ');
  const result = parseText(`${head}${'1-1,'.repeat(4_000_000)}2-2;`);
  assert.deepEqual(codes(result), ['LIMIT_REACHED']);
  assert.equal(result.database.messages[0].signals[1].multiplexedBy?.ranges.length, limits.selectorRanges);
});

test('a chain of 20,000 selectors is followed, and cut where it bites its tail', () => {
  const count = 20_000;
  const signals = Array.from({ length: count }, (_, i) => `s${i} m0M ${plain}`);
  const rules = Array.from({ length: count }, (_, i) => `SG_MUL_VAL_ 1 s${i} s${(i + 1) % count} 0-0;`);
  const { database, diagnostics } = parseText(message(signals, rules.join('\n')));
  assert.equal(diagnostics.filter(({ code }) => code === 'MULTIPLEXER_CYCLE').length, 1);
  assert.equal(database.messages[0].signals.filter(({ multiplexedBy }) => multiplexedBy === undefined).length, 1);
});

test('very many multiplexer branches: the search for overlaps ends, and says so', () => {
  const signals = Array.from({ length: 3000 }, (_, i) => `s${i} m${i} : 16|8@1+ (1,0) [0|0] "" N`);
  const result = parseText(message(['M M : 0|16@1+ (1,0) [0|0] "" N', ...signals]));
  assert.deepEqual(codes(result), ['OVERLAP_UNCHECKED']);
});

test('diagnostics are capped, and the last says how bad the rest is', () => {
  const { diagnostics } = parse(`${fill('x;', megabyte)}BO_ x\n`);
  assert.equal(diagnostics.length, limits.diagnostics + 1);
  const last = diagnostics.at(-1);
  assert.deepEqual([last?.code, last?.severity], ['DIAGNOSTICS_TRUNCATED', 'error']);
});

test('a file beyond the limit is refused without being read', () => {
  const { diagnostics, database } = parseDbc(new Uint8Array(limits.fileBytes + 1));
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['FILE_TOO_LARGE'],
  );
  assert.deepEqual(database.messages, []);
});

test('a file with CR alone, or NUL bytes, loses no signal', () => {
  const source = `VERSION ""\n\nBU_: N\n\nBO_ 1 A: 8 N\n SG_ S ${plain}\n SG_ T : 8|8@1+ (1,0) [0|0] "" N\n\nCM_ SG_ 1 S "c";\nVAL_ 1 S 0 "a" ; // text\nCM_ "the end";\n`;
  for (const ends of ['\r', '\r\n', '\0\n', '\r\r\n']) {
    const { database, diagnostics } = parse(source.replaceAll('\n', ends));
    assert.equal(database.comment, 'the end');
    const [{ signals }] = database.messages;
    assert.deepEqual(
      signals.map(({ name, receivers, comment, labels }) => [name, receivers, comment, labels.length]),
      [
        ['S', ['N'], 'c', 1],
        ['T', ['N'], undefined, 0],
      ],
      JSON.stringify(ends),
    );
    const found = diagnostics.map(({ code }) => code);
    assert.deepEqual(
      found,
      ends === '\r' ? ['FILE_LINE_ENDS', 'SOURCE_COMMENT'] : ['SOURCE_COMMENT'],
      JSON.stringify(ends),
    );
  }
});

test('encodings: UTF-16 either way, windows-1252 with its upper rows, UTF-8', () => {
  const text = 'CM_ "Tür 20°C €";';
  const utf16 = (littleEndian: boolean) => {
    const view = new DataView(new ArrayBuffer(2 + text.length * 2));
    view.setUint16(0, 0xfeff, littleEndian);
    for (let i = 0; i < text.length; i++) view.setUint16(2 + i * 2, text.charCodeAt(i), littleEndian);
    return new Uint8Array(view.buffer);
  };
  const windows = Uint8Array.from(text, (char) => (char === '€' ? 0x80 : char.charCodeAt(0)));
  for (const [bytes, encoding, found] of [
    [utf16(true), 'utf-8', ['FILE_UTF16', 'PREAMBLE_MISSING']],
    [utf16(false), 'utf-8', ['FILE_UTF16', 'PREAMBLE_MISSING']],
    [utf16(true).subarray(2), 'utf-8', ['FILE_UTF16', 'PREAMBLE_MISSING']],
    [utf16(false).subarray(2), 'utf-8', ['FILE_UTF16', 'PREAMBLE_MISSING']],
    [windows, 'windows-1252', ['PREAMBLE_MISSING']],
    [new TextEncoder().encode(text), 'utf-8', ['PREAMBLE_MISSING']],
  ] as const) {
    const result = parseDbc(bytes);
    assert.equal(result.database.comment, 'Tür 20°C €');
    assert.equal(result.encoding, encoding);
    assert.deepEqual(
      result.diagnostics.map(({ code }) => code),
      found,
    );
  }
});
