/** Packs under a newer decoder: raw integers serve as long as a signal lies in the same bits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DecodeOutcome,
  decodePacks,
  decoderOf,
  matchSignal,
  type SignalOutcome,
} from '../../../tools/pack/index.ts';
import { driveBody, newer, older, olderDecoder, rawFrames, scratch, signalIndex, signed } from './fixtures.ts';

const utf8 = new TextEncoder();

const edits: [string, string, [string, string], SignalOutcome, string[]][] = [
  ['nothing changed', 'Speed', ['VERSION ""', 'VERSION "2"'], 'same', []],
  ['a comment', 'Speed', ['BA_DEF_DEF_', 'CM_ SG_ 416 Speed "fast";\nBA_DEF_DEF_'], 'same', []],
  ['another scale', 'Speed', ['(0.01,0)', '(0.1,0)'], 'changed', ['scale']],
  ['another offset', 'Temperature', ['(1,-40)', '(1,-50)'], 'changed', ['offset']],
  ['another unit', 'Speed', ['km/h', 'mph'], 'changed', ['unit']],
  ['another range', 'Speed', ['[0|655.35]', '[0|100]'], 'changed', ['range']],
  ['another label', 'Gear', ['3 "D"', '4 "D"'], 'changed', ['labels']],
  ['labels in another order', 'Gear', ['0 "P" 1 "R" 3 "D"', '3 "D" 1 "R" 0 "P"'], 'same', []],
  ['no longer J1939', 'Temperature', ['BO_ 2566844672 3', 'BO_ 2566844672 1'], 'changed', ['J1939']],
  ['another start bit', 'Brake', ['20|1@1+', '21|1@1+'], 'moved', ['start bit']],
  ['another length', 'Torque', ['24|16@1-', '24|12@1-'], 'moved', ['length']],
  ['another byte order', 'Speed', ['0|16@1+', '0|16@0+'], 'moved', ['byte order']],
  ['another sign', 'Speed', ['0|16@1+', '0|16@1-'], 'moved', ['sign']],
  ['another type', 'Latitude', ['SIG_VALTYPE_ 417 Latitude : 1;', ''], 'moved', ['type']],
  ['another page', 'Cell_A', ['Cell_A m1', 'Cell_A m3'], 'gone', []],
  ['another selector', 'Cell_A', ['Page M', 'Sheet M'], 'gone', []],
  ['another name', 'Speed', ['SG_ Speed', 'SG_ Velocity'], 'gone', []],
  ['another id', 'Counter', ['BO_ 419', 'BO_ 420'], 'gone', []],
];
for (const [what, name, [from, to], outcome, differences] of edits) {
  test(`${what}: ${outcome}${differences.length > 0 ? `, in its ${differences.join()}` : ''}`, () => {
    assert.ok(older.includes(from));
    const { plan } = decoderOf('new.dbc', utf8.encode(older.replace(from, to)));
    const match = matchSignal(olderDecoder.places[signalIndex(name)], plan);
    assert.deepEqual([match.outcome, match.differences], [outcome, differences]);
  });
}

const { file } = scratch();
const dbc = file('older.dbc', older);
const next = file('newer.dbc', newer);
const withFrames = file('frames.pack', signed(driveBody({ frames: rawFrames })));
const without = file('plain.pack', signed(driveBody()));

async function redecode(pack: string, onlyCount = false): Promise<DecodeOutcome & { rows: Record<string, unknown>[] }> {
  let text = '';
  const outcome = await decodePacks(
    [pack],
    { dbc: [dbc], with: next, format: 'jsonl', enterpriseNumber: 1 },
    { write: (piece) => (text += piece), pause: async () => {}, note: () => assert.fail('a note'), onlyCount },
  );
  const rows = text.split('\n').filter(Boolean);
  return { ...outcome, rows: rows.map((row) => JSON.parse(row)) };
}

test('new scale, offset and labels apply to the stored integers; what moved or is gone is left out', async () => {
  const { rows, redecoding } = await redecode(without);
  const of = (signal: string) => rows.filter((row) => row.signal === signal).map(({ value, label }) => label ?? value);
  assert.deepEqual(of('Speed'), [101, 5012 * 0.02 + 1]);
  assert.deepEqual(of('Gear'), ['Drive', 7]);
  assert.deepEqual([of('Torque'), of('Odd__Name'), of('Cell_B'), of('Lights')], [[], [], [], []]);
  const { summary } = redecoding as NonNullable<typeof redecoding>;
  const { samples, same, changed, moved, gone, valuesChanged, fromFrames } = summary;
  assert.deepEqual(
    { samples, same, changed, moved, gone, valuesChanged, fromFrames },
    { samples: 14, same: 7, changed: 4, moved: 1, gone: 2, valuesChanged: 3, fromFrames: 0 },
  );
});

test('what moved, and what only the new decoder has, comes from raw frames', async () => {
  const { rows, redecoding } = await redecode(withFrames);
  const torque = rows.filter(({ signal }) => signal === 'Torque');
  // 12 bits of 0C FF: 0xF0C is -244; of 05 00: 5.
  assert.deepEqual(
    torque.map(({ raw, value, from }) => [raw, value, from]),
    [
      [-244, -132, 'frame'],
      [5, -7.5, 'frame'],
    ],
  );
  const { summary, changes } = redecoding as NonNullable<typeof redecoding>;
  assert.equal(summary.framesUnknown, 1);
  const ofSignal = (name: string) => changes.find(({ signal }) => signal === name);
  assert.deepEqual(ofSignal('Torque'), {
    message: 'Drive',
    signal: 'Torque',
    outcome: 'moved',
    differences: ['length'],
    samples: 1,
    samplesChanged: 0,
    samplesFromFrames: 2,
  });
  assert.deepEqual([ofSignal('Lights')?.outcome, ofSignal('Lights')?.samplesFromFrames], ['frames-only', 2]);
});

test('the report alone writes no sample, and says the same', async () => {
  const [whole, alone] = [await redecode(withFrames), await redecode(withFrames, true)];
  assert.deepEqual(alone.rows, []);
  assert.deepEqual(alone.redecoding, whole.redecoding);
});
