/** Broken real files: whatever is done to them, parsing and writing never throw, and writing loses nothing that was read. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contentHash, parseDbc, writeDbc } from '../../../edge/dbc/index.ts';
import { checkInvariants } from './invariants.ts';
import { Draw, mutated } from './mutate.ts';
import { corpus, everySection, parse } from './parsing.ts';

const files = [everySection, ...(corpus() ?? []).map(({ bytes }) => bytes)];
const runs = Number(process.env.FUZZ_RUNS ?? 3000);

test(`${runs} broken files: nothing throws, nothing is lost in silence, and writing keeps all (fuzz-long.ts runs more)`, () => {
  for (let seed = 1; seed <= runs; seed++) {
    const draw = new Draw(seed);
    const { bytes, steps } = mutated(files, draw);
    try {
      checkInvariants(bytes, draw);
    } catch (error) {
      throw new Error(`case ${seed}: ${steps.join(', ')}`, { cause: error });
    }
  }
});

test('the whole corpus, unbroken, keeps every promise', () => {
  for (const bytes of files) checkInvariants(bytes, new Draw(1));
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
