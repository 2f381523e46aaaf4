/** Packs made to break their reader: refused in a line, never with anything but our error, in bounded time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import { encodeBody, fromHex, signCose } from '../../../edge/pack/index.ts';
import { table } from '../../../tools/cli/table.ts';
import { decodePacks, decoderOf, explainPack, formats, openUnverified } from '../../../tools/pack/index.ts';
import { packText } from '../../../tools/pack/words.ts';
import { exampleSigner } from '../../edge/pack/example.ts';
import { driveBody, newer, older, olderDecoder, olderHash, rawFrames, scratch, signed } from './fixtures.ts';

const { file } = scratch();
const dbc = file('older.dbc', older);
const next = file('newer.dbc', newer);

const whole = signed(
  driveBody({ frames: rawFrames, counters: new Map([[1, 7]]), gaps: [{ from: 1, to: 2, reason: 9 }] }),
);

async function outcomeOf(bytes: Uint8Array, options: object): Promise<string> {
  try {
    await decodePacks(
      [file('it.pack', bytes)],
      { dbc: [dbc], format: 'jsonl', enterpriseNumber: 1, ...options },
      { write: () => {}, pause: async () => {}, note: () => {} },
    );
    return 'decoded';
  } catch (error) {
    assert.ok(error instanceof MinerError, (error as Error).stack);
    assert.ok(!/\n/.test(error.message));
    return 'refused';
  }
}

test('damaged packs are decoded or refused, in every format, with a newer decoder or without', async () => {
  const counts = { decoded: 0, refused: 0 };
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(changes, fc.constantFrom(...formats), fc.boolean(), async (bytesChanged, format, redecodes) => {
      const bytes = whole.slice();
      for (const [at, byte] of bytesChanged) bytes[at] = byte;
      const outcome = await outcomeOf(bytes, { format, ...(redecodes && { with: next }) });
      counts[outcome as 'decoded']++;
      try {
        packText(explainPack(openUnverified('it', bytes), [olderDecoder]), table);
      } catch (error) {
        assert.ok(error instanceof MinerError, (error as Error).stack);
      }
    }),
    { numRuns: 80 },
  );
  assert.ok(counts.decoded > 3 && counts.refused > 10, JSON.stringify(counts));
});

test('a pack cut short anywhere is refused', () => {
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => openUnverified('it', whole.subarray(0, length)), MinerError);
  }
});

test('a clock beyond all dates is shown, and no time is made of it', async () => {
  const body = driveBody({ anchor: { unixMs: 2 ** 53 - 1, source: 2, uncertaintyMs: 1 } });
  const bytes = signed(body);
  assert.equal(explainPack(openUnverified('it', bytes), []).clock?.time, 'not known');
  assert.equal(await outcomeOf(bytes, {}), 'decoded');
  assert.equal(await outcomeOf(bytes, { format: 'csv' }), 'decoded');
  for (const format of ['senml', 'cloudevent']) assert.equal(await outcomeOf(bytes, { format }), 'refused');
});

test('a constant of 2^16 samples in a few bytes is decoded, sample by sample', async () => {
  const count = 2 ** 16;
  const timesMs = Float64Array.from({ length: count }, (_, i) => i);
  const values = new Float64Array(count).fill(3);
  const columns = [{ decoder: 0, signalIndex: 1, timesMs, values }];
  const body = { ...driveBody(), startMs: 0, columns, decoders: [{ contentHash: olderHash }] };
  const bytes = signCose(exampleSigner, encodeBody(body), {});
  assert.ok(bytes.length < 250, `${bytes.length}`);
  let lines = 0;
  const { samples } = await decodePacks(
    [file('long.pack', bytes)],
    { dbc: [dbc], format: 'csv', enterpriseNumber: 1 },
    { write: () => void lines++, pause: async () => {}, note: () => {} },
  );
  assert.deepEqual([samples, lines], [count, count + 1]);
});

test('names and labels that would steer a terminal are shown with their escapes', () => {
  const text = older.replace('3 "D"', '7 "D\u001b[2J\u202e"');
  const decoder = decoderOf('odd.dbc', new TextEncoder().encode(text));
  const body = driveBody({ decoders: [{ contentHash: fromHex(decoder.hash) }] });
  const shown = packText(explainPack(openUnverified('it', signed(body)), [decoder]), table);
  assert.match(shown, /7 \(D\\x1b\[2J\\u202e\)/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u202e]/);
});
