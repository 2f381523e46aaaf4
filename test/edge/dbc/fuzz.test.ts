/** Broken real files: whatever is done to them, parsing and writing never throw, and writing loses nothing that was read. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contentHash, parseDbc, semanticHash, writeDbc } from '../../../edge/dbc/index.ts';
import { corpus, parse } from './parsing.ts';

/** Small files go through more mutations a second; without the corpus a file with all sections stands in. */
const seeds = (corpus() ?? [])
  .filter(({ bytes }) => bytes.length < 12_000)
  .map(({ bytes }) => bytes)
  .concat(
    new TextEncoder().encode(
      'VERSION "1"\nNS_ :\n\tCM_\nBS_:\nBU_: N M\nVAL_TABLE_ T 0 "a" ;\nBO_ 1 A: 8 N\n SG_ S M : 0|8@1+ (1,0) [0|0] "" N\n' +
        ' SG_ X m1 : 8|16@0- (0.5,-1) [0|9] "km" M\nEV_ E: 0 [0|1] "" 0 1 D N;\nCM_ SG_ 1 S "c";\nBA_DEF_ BO_ "I" INT 0 9;\n' +
        'BA_DEF_DEF_ "I" 0;\nBA_ "I" BO_ 1 5;\nVAL_ 1 S 0 "off" ;\nSG_MUL_VAL_ 1 X S 1-2;\nSIG_GROUP_ 1 G 1 : S;\n',
    ),
  );

/** Pieces that the grammar is sensitive to. */
const pieces = [
  '"',
  '\\"',
  ';',
  '\n',
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
  '0',
  '-',
  '1e999',
  'BO_ 1 A: 8 N\n',
  ' SG_ S m1M : 0|8@1+ (1,0) [0|0] "" N\n',
  '\nCM_ ',
  '\nVAL_ 1 S ',
  '\nBA_ "I" ',
  '\nSG_MUL_VAL_ 1 S S ',
].map((piece) => new TextEncoder().encode(piece)); // prettier-ignore

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.nat(3), fc.nat(400)),
  insert: fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 4 })),
});

function mutate(bytes: Uint8Array, mutations: { at: number; remove: number; insert: Uint8Array }[]): Uint8Array {
  let mutated = bytes;
  for (const { at, remove, insert } of mutations) {
    const from = Math.floor(at * mutated.length);
    const rest = mutated.subarray(from + remove);
    const next = new Uint8Array(from + insert.length + rest.length);
    next.set(mutated.subarray(0, from));
    next.set(insert, from);
    next.set(rest, from + insert.length);
    mutated = next;
  }
  return mutated;
}

const runs = Number(process.env.FUZZ_RUNS ?? 3000);

test(`${runs} mutated files: never an exception, and what is written reads as the same signals`, () => {
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 6 }), (seed, mutations) => {
      const bytes = mutate(seed, mutations);
      const { database, diagnostics } = parseDbc(bytes);
      for (const { line, column, message } of diagnostics) assert.ok(line > 0 && column > 0 && message !== '');
      const again = parseDbc(writeDbc(database)).database;
      assert.equal(semanticHash(again), semanticHash(database));
      assert.equal(again.attributeDefinitions.length, database.attributeDefinitions.length);
    }),
    { numRuns: runs },
  );
});

test('any bytes at all: an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      writeDbc(parseDbc(bytes).database);
      contentHash(bytes);
    }),
    { numRuns: 1000 },
  );
});

test('any text in a comment, a label, a unit and an attribute comes back', () => {
  const text = fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((each) => !each.endsWith('\\') && each.isWellFormed());
  fc.assert(
    fc.property(text, (value) => {
      const { database } = parse(
        'BO_ 1 A: 8 N\n SG_ S : 0|8@1+ (1,0) [0|0] "" N\nCM_ "";\nVAL_ 1 S 0 "" ;\nBA_DEF_ "s" STRING ;\nBA_ "s" "";',
      );
      const [signal] = database.messages[0].signals;
      database.comment = value;
      signal.unit = value;
      signal.labels[0].text = value;
      database.attributes.set('s', { kind: 'string', value });
      const again = parseDbc(writeDbc(database)).database;
      const [read] = again.messages[0].signals;
      assert.deepEqual([again.comment, read.unit, read.labels[0].text], [value, value, value]);
      assert.deepEqual(again.attributes.get('s'), { kind: 'string', value });
    }),
    { numRuns: 1000 },
  );
});
