// What the page counts and shows is what decoding each frame by itself gives; and no file can bring it down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { createInterpreter, decodeToObject } from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { identifyDecoder } from '../../../tools/decoder.ts';
import type { DecodedView } from '../../../tools/workbench/src/analysis/protocol.ts';
import { readDecoder } from '../../../tools/workbench/src/analysis/read-decoder.ts';
import { type DeskLog, readLog } from '../../../tools/workbench/src/analysis/read-log.ts';
import { collectSeries, thinOut } from '../../../tools/workbench/src/analysis/series.ts';
import { Tally } from '../../../tools/workbench/src/analysis/tally.ts';
import { carDbc, driveLog, namedFile } from './drive.ts';

const logText = driveLog(3000);
const car = readDecoder('electric-car.dbc', carDbc);
const log = (await readLog(namedFile('drive.log', logText)))!;

function tallyOf({ batches }: DeskLog): DecodedView {
  const tally = new Tally(car.decoder);
  for (const batch of batches) tally.add(batch);
  return tally.finish();
}
const decoded = tallyOf(log);

test('a DBC has the hashes and diagnostics that the command line prints', () => {
  const { contentHash, semanticHash, moduleHash, diagnostics } = identifyDecoder(carDbc);
  assert.deepEqual(car.view.hashes, { contentHash, semanticHash, moduleHash });
  assert.deepEqual(car.view.diagnostics, diagnostics);
});

test('every frame is counted once', () => {
  const { total, decoded: known, unknown, remote, error } = decoded.frames;
  assert.equal(total, log.view.stats.frames);
  assert.equal(known + unknown + remote + error, total);
  assert.deepEqual([unknown, remote, error, log.view.stats.malformed], [2, 1, 0, 1]);
  assert.deepEqual(
    decoded.unknownIds.map(({ id, extended }) => [id, extended]),
    [
      [0x7df, false],
      [0x18daf110, true],
    ],
  );
  assert.equal(
    decoded.messages.reduce((sum, { frames }) => sum + frames, 0),
    known,
  );
});

test('counts, ranges and last values are those of an object per frame', () => {
  const interpreter = createInterpreter(identifyDecoder(carDbc).plan);
  const expected = new Map<string, { held: number; minimum: number; maximum: number; last: number | bigint }>();
  for (const batch of log.batches) {
    for (let index = 0; index < batch.count; index++) {
      const { id, flags, data } = batch.frame(index);
      const frame = decodeToObject(interpreter, id, flags, data);
      for (const [name, value] of Object.entries(frame?.signals ?? {})) {
        const key = `${frame!.message.name}.${name}`;
        const seen = expected.get(key) ?? { held: 0, minimum: Infinity, maximum: -Infinity, last: 0 };
        expected.set(key, {
          held: seen.held + 1,
          minimum: Math.min(seen.minimum, Number(value)),
          maximum: Math.max(seen.maximum, Number(value)),
          last: value,
        });
      }
    }
  }
  const found = new Map<string, unknown>();
  for (const message of car.plan.messages) {
    for (const { name, signalIndex } of message.signals) {
      const { held, minimum, maximum, last } = decoded.signals[signalIndex];
      if (last) found.set(`${message.name}.${name}`, { held, minimum, maximum, last: last.value });
    }
  }
  assert.ok(expected.size > 200);
  assert.deepEqual(found, expected);
});

test('rates are those of the frames, without remote ones', () => {
  const speed = car.plan.messages.findIndex(({ name }) => name === 'MotorSpeed');
  assert.equal(Math.round(decoded.messages[speed].framesPerSecond), 100);
});

test('a series has every value of the signal, from the start of the log', () => {
  const signal = car.plan.signals.find(({ name }) => name === 'MotorSpeed')!;
  const { timeS, value, pointCount } = collectSeries(car.decoder, log.batches, signal.signalIndex, decoded.startUs);
  const tally = decoded.signals[signal.signalIndex];
  assert.equal(pointCount, tally.held);
  assert.equal(timeS.length, pointCount);
  assert.ok(timeS[0] >= 0 && timeS[0] < 0.1);
  assert.equal(value.at(-1), tally.last?.value);
});

test('thinning keeps the order, the extremes, and the limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 300 }),
      fc.integer({ min: 4, max: 60 }),
      (value, countMax) => {
        const timeS = value.map((_, index) => index);
        const thin = thinOut(timeS, value, countMax);
        assert.ok(thin.timeS.length <= Math.max(countMax, 0));
        assert.ok(thin.timeS.every((time, index) => index === 0 || time >= thin.timeS[index - 1]));
        assert.ok(thin.value.every((kept, index) => kept === value[thin.timeS[index]]));
        assert.equal(Math.max(...thin.value), Math.max(...value));
        assert.equal(Math.min(...thin.value), Math.min(...value));
      },
    ),
  );
});

test('a log packed with gzip gives the same frames', async () => {
  const packed = await readLog(namedFile('drive.log.gz', gzipSync(logText)));
  assert.deepEqual(tallyOf(packed!), decoded);
});

test('SavvyCAN CSV is recognised by its header', async () => {
  const csv = 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n1000,00000065,false,Rx,0,2,4E,B4,\n';
  const read = await readLog(namedFile('drive.csv', csv));
  assert.deepEqual([read?.view.format, read?.view.stats.frames], ['gvret', 1]);
  assert.deepEqual(tallyOf(read!).frames, { total: 1, decoded: 1, unknown: 0, remote: 0, error: 0 });
});

test('reading tells how far it is, and stops when it is no longer wanted', async () => {
  const told: number[] = [];
  const file = namedFile('drive.log', logText.repeat(20));
  await readLog(file, { onProgress: (done) => told.push(done) });
  assert.equal(told.at(-1), 1);
  assert.ok(told.every((done, index) => index === 0 || done > told[index - 1]));
  // Compared before asserting: a whole log takes minutes to print.
  const isDropped = (await readLog(file, { isStale: () => true })) === undefined;
  assert.ok(isDropped);
});

const unreadable: [string, string | Uint8Array, string][] = [
  ['a binary log of another kind', 'MDF     4.10\0\0', 'LOG_FORMAT_UNKNOWN'],
  ['an empty file', '', 'LOG_FORMAT_UNKNOWN'],
  ['a DBC in place of a log', carDbc, 'LOG_FORMAT_UNKNOWN'],
  ['gzip cut short', gzipSync(logText).subarray(0, 5000), 'LOG_UNREADABLE'],
  ['what only begins as gzip', Uint8Array.of(0x1f, 0x8b, 1, 2, 3), 'LOG_UNREADABLE'],
];
for (const [name, content, code] of unreadable) {
  test(`refused with ${code}: ${name}`, async () => {
    await assert.rejects(
      readLog(namedFile('file', content)),
      (problem) => problem instanceof MinerError && problem.code === code,
    );
  });
}

test('short frames and odd flags are accounted for', async () => {
  const lines = ['(1.0) can0 065#4E', '(2.0) can0 065#4EB4', '(3.0) can0 20000004#0000000000000000', ''];
  const read = (await readLog(namedFile('short.log', lines.join('\n'))))!;
  assert.equal(read.batches[0].flags[2], FrameFlag.error);
  const view = tallyOf(read);
  assert.deepEqual(view.frames, { total: 3, decoded: 2, unknown: 0, remote: 0, error: 1 });
  const counter = car.plan.signals.find(({ name }) => name === 'ModeCounter')!;
  assert.deepEqual([view.signals[counter.signalIndex].held, view.signals[counter.signalIndex].absent], [1, 1]);
});

test('what is no DBC gives diagnostics, and decodes nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const { view, decoder } = readDecoder('noise.dbc', bytes);
      assert.equal(typeof view.hashes.contentHash, 'string');
      for (const batch of log.batches) new Tally(decoder).add(batch);
    }),
    { numRuns: 20 },
  );
});
