// Other forms of a database: JSON holds all of it, lists hold what they say, nothing goes missing on the way.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Database, parseDbc, writeDbc } from '../../../edge/dbc/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import type { Json } from '../../../tools/dbc/convert/codec.ts';
import {
  databaseFromJson,
  databaseToJson,
  differenceOf,
  signalsToCsv,
  signalsToMarkdown,
  toWindows1252,
} from '../../../tools/dbc/index.ts';
import { corpus, corpusMissing, everySection, withoutPlaces } from '../../edge/dbc/parsing.ts';
import { anyMessage } from '../../edge/decode/support/arbitraries.ts';
import { gearbox, layouts, read } from './fixtures.ts';

const files = corpus();

const throughText = (database: Database): Database =>
  databaseFromJson(JSON.parse(JSON.stringify(databaseToJson(database))));

for (const [name, database] of [
  ['the gearbox', read(gearbox)],
  ['layouts', read(layouts)],
  ['a file with every section of the language', parseDbc(everySection).database],
  ['nothing', read('')],
] as const) {
  test(`JSON and back: ${name}`, () => {
    const again = throughText(database);
    assert.deepEqual(again, database);
    assert.deepEqual(writeDbc(again), writeDbc(database));
  });
}

test('JSON and back: real files', { skip: files === undefined && corpusMissing }, () => {
  for (const { name, bytes } of files ?? []) {
    const { database } = parseDbc(bytes);
    assert.deepEqual(withoutPlaces(throughText(database)), withoutPlaces(database), name);
    assert.equal(differenceOf(database, throughText(database)), undefined, name);
  }
});

test('JSON keeps what its numbers cannot hold', () => {
  const source = gearbox
    .replace(
      '(1,0) [0|0] "" Vector__XXX\n\nCM_',
      '(1,-0) [-9223372036854775808|18446744073709551615] "" Vector__XXX\n\nCM_',
    )
    .replace('0 "Park"', '-9223372036854775808 "Park"')
    .replace('1 "Reverse"', '18446744073709551615 "Reverse"');
  const database = read(source);
  const [{ signals }] = throughText(database).messages;
  assert.deepEqual(
    signals[0].labels.map(({ raw }) => raw),
    [-9223372036854775808n, 18446744073709551615n, 3n],
  );
  assert.ok(Object.is(signals[3].offset, -0));
  assert.equal(signals[3].maxText, '18446744073709551615');
  assert.deepEqual(throughText(database), database);
});

test('any database that a DBC can hold comes back from JSON as it was', () => {
  fc.assert(
    fc.property(anyMessage(0x100), (message) => {
      const drawn = { ...parseDbc(everySection).database, messages: [message] };
      const { database } = parseDbc(writeDbc(drawn));
      assert.deepEqual(throughText(database), database);
    }),
    { numRuns: 100 },
  );
});

type Path = [...(string | number)[], string | number];

/** Puts a value at a path of the gearbox's JSON; undefined deletes. */
function edited(path: Path, value: Json | undefined): Json {
  const json = databaseToJson(read(gearbox)) as Record<string, Json>;
  let at: Json = json;
  for (const step of path.slice(0, -1)) at = (at as Record<string, Json>)[step];
  const last = path[path.length - 1];
  if (value === undefined) delete (at as Record<string, Json>)[last];
  else (at as Record<string, Json>)[last] = value;
  return json;
}

const bad: [string, Json, RegExp][] = [
  ['no object', [], /^the document: found \[\], expected an object$/],
  ['another format', { format: 'kcd' }, /^format: found "kcd", expected "miner-dbc"$/],
  ['a later version', edited(['formatVersion'], 2), /^formatVersion: found 2, expected 1$/],
  [
    'a field that is missing',
    edited(['messages', 0, 'signals', 1, 'length'], undefined),
    /^messages\[0\]\.signals\[1\]\.length: found nothing, expected this field$/,
  ],
  ['a field too many', edited(['messages', 0, 'lenght'], 8), /^messages\[0\]\.lenght: found 8, expected only name, /],
  [
    'a text for a number',
    edited(['messages', 0, 'length'], '8'),
    /^messages\[0\]\.length: found "8", expected a whole number$/,
  ],
  ['a number for a text', edited(['version'], 1), /^version: found 1, expected a string$/],
  ['a list that is none', edited(['nodes'], {}), /^nodes: found \{\}, expected a list$/],
  [
    'a byte order that is none',
    edited(['messages', 0, 'signals', 0, 'byteOrder'], 'big'),
    /found "big", expected one of intel, motorola$/,
  ],
  [
    'a fraction as a raw value',
    edited(['messages', 0, 'signals', 0, 'labels', 0, 'raw'], 0.5),
    /raw: found 0\.5, expected an integer; past 2\^53 as a string$/,
  ],
  [
    'a number next to the text it comes from',
    edited(['messages', 0, 'signals', 1, 'scale'], 0.5),
    /^messages\[0\]\.signals\[1\]\.scale: found 0\.5, expected what a DBC can hold; read back, it is 0\.01$/,
  ],
  [
    'a cycle time without its attribute',
    edited(['messages', 0, 'cycleTimeMs'], 20),
    /^messages\[0\]\.cycleTimeMs: found 20, expected what a DBC can hold; read back, it is missing$/,
  ],
  ['a name with a blank', edited(['messages', 0, 'signals', 0, 'name'], 'Ge ar'), /expected what a DBC can hold/],
  ['a signal of 65 bits', edited(['messages', 0, 'signals', 0, 'length'], 65), /expected what a DBC can hold/],
  [
    'two messages with one id',
    edited(['messages', 1], (databaseToJson(read(gearbox)) as { messages: Json[] }).messages[0]),
    /expected what a DBC can hold/,
  ],
];

for (const [name, json, message] of bad) {
  test(`JSON with ${name}: the place and what was expected`, () => {
    assert.throws(
      () => databaseFromJson(json),
      (error) => {
        assert.ok(error instanceof MinerError);
        assert.equal(error.code, 'DBC_JSON');
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('whatever the JSON, it is read or it is our error', () => {
  const json = databaseToJson(read(gearbox)) as Record<string, Json>;
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(json)), fc.jsonValue(), (key, value) => {
      try {
        databaseFromJson({ ...json, [key]: value as Json });
      } catch (error) {
        assert.ok(error instanceof MinerError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('CSV: one row a signal, RFC 4180 quoting, a row for a message without signals', () => {
  const rows = signalsToCsv(read(layouts.replace('"°C"', '"a ""b"", c"').replace('"On"', '"On; off"'))).split('\r\n');
  assert.equal(rows[0].split(',').length, 21);
  assert.equal(rows.length, 1 + 3 + 6 + 2 + 1 + 1 + 1);
  assert.equal(rows[4], 'Mux,101,false,8,,ECU,Mode,0,4,intel,unsigned,1,0,0,0,,true,,0=Off; 1=On; off,Vector__XXX,');
  assert.equal(rows[7].includes('"Mode = 1, 3-5"'), true);
  assert.equal(rows[12], `Empty,103,false,0,,ECU${','.repeat(15)}`);
  assert.match(rows[13], /^Twin,100,true,8,/);
});

test('Markdown: a section a message; what a file says cannot leave its cell', () => {
  const text = signalsToMarkdown(read(gearbox.replace('Over ground.', 'a | b\n<script>*')));
  assert.match(text, /^## 0x101 Gearbox\n\n8 bytes, from ECU\n\n\| signal \|/);
  assert.match(
    text,
    /\| Speed \| 8\\\|16 intel \| unsigned \| raw × 0\.01 \+ 0 km\/h \| 0 to 400 \| a \\\| b &lt;script\\>\\\* \|/,
  );
});

test('windows-1252: each character it has, and the line of the first it lacks', () => {
  const text = 'a°€äÿ';
  assert.deepEqual([...toWindows1252(new TextEncoder().encode(text))], [0x61, 0xb0, 0x80, 0xe4, 0xff]);
  assert.throws(
    () => toWindows1252(new TextEncoder().encode('a\nb→')),
    /line 2 of the output: windows-1252 has no "→" \(U\+2192\)/,
  );
  const degrees = read(layouts);
  assert.deepEqual(read(new TextDecoder('latin1').decode(writeDbc(degrees))).messages.length, degrees.messages.length);
  assert.deepEqual(withoutPlaces(parseDbc(toWindows1252(writeDbc(degrees))).database), withoutPlaces(degrees));
});
