// What the benchmark says of one database: its shape, and that a wrong value never stays hidden.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackEnd, ownBackEnds } from '../../bench/back-ends.ts';
import { canonicalSources, fileSource } from '../../bench/databases.ts';
import { type DecodeReport, reportDecodeBench } from '../../bench/decode-report.ts';
import { closingText, databaseText } from '../../bench/decode-text.ts';
import type { Timing } from '../../bench/measure.ts';
import { peerNames } from '../../bench/peers.ts';
import type { Plan } from '../../edge/decode/index.ts';
import { skipWithoutProgram } from '../programs.ts';
import { electricCarFile } from './databases.ts';

const timing: Timing = { rounds: 5, roundMs: 0, warmUpMs: 0 };
const ours = ['interpret', 'wasmScalar', 'perFrameObjects', 'perFrame', 'batchRecords', 'batch'];

function run(isCanonical: boolean, backEnds?: (plan: Plan) => BackEnd[]): Promise<DecodeReport> {
  const sources = [fileSource(electricCarFile, isCanonical)];
  return reportDecodeBench({ sources, count: 3000, seed: 1, timing, backEnds });
}

const report = await run(true);
const car = report.databases['electric-car'];

test('every back end has a rate, signals a second, a spread and a ratio', () => {
  for (const name of ours) {
    const rate = car.frames_per_second[name];
    assert.ok(rate > 0 && Number.isFinite(rate), name);
    assert.equal(car.signals_per_second[name], rate * car.signals_per_frame);
    assert.ok(car.frames_per_second_spread[name].slowest <= rate);
    assert.ok(car.frames_per_second_spread[name].fastest >= rate);
    assert.equal(car.ratio[name], rate / car.frames_per_second[car.baseline]);
    assert.ok(car.ns_per_frame_p99[name] > 0);
  }
});

test('of a single database the rates stand at the top, too', () => {
  assert.deepEqual(report.frames_per_second, car.frames_per_second);
});

test('our back ends agree, and every value is right', () => {
  assert.equal(report.agree, true);
  assert.equal(new Set(ours.map((name) => car.checksums[name])).size, 1);
  for (const name of ours) assert.equal(car.wrong_values[name], 0);
  assert.equal(car.checked_frames, 3000);
});

test('compiled C says the same', { skip: skipWithoutProgram('gcc') }, () => {
  assert.equal(car.checksums.c, car.checksums.interpret);
  assert.equal(car.baseline, 'c');
  assert.ok(car.frames_per_second.c > 0 && car.frames_per_second.cFull > 0);
});

test('every peer is either measured, with its faults counted, or named with the reason', () => {
  for (const name of peerNames) {
    if (name in car.skipped) assert.match(car.skipped[name], /cannot be loaded|refuses|not installed/);
    else {
      const peer = car.peers[name];
      assert.equal(car.wrong_values[name], peer.wrong + peer.missing + peer.invented);
      assert.ok(peer.clamped <= peer.wrong && peer.wrong <= peer.values);
      assert.ok(car.frames_per_second[name] > 0);
    }
  }
});

test('the bound: what comes in and goes out, at the speed of a copy', () => {
  const { in: bytesIn, out } = car.bytes_per_frame;
  assert.equal(bytesIn, 8 + 8 + 4 + 1 + 1);
  assert.ok(out >= 8 * car.signals_per_frame);
  assert.equal(car.bound.memory, report.memory.memory_bytes_per_second / bytesIn);
  assert.equal(car.bound.batch_share, car.frames_per_second.batch / car.bound.least);
});

test('the text names everyone, and the frames checked', () => {
  const text = databaseText('electric-car', car);
  for (const name of [...ours, ...peerNames]) assert.match(text, new RegExp(`^  ${name} `, 'm'));
  assert.match(text, /checked on 3000 frames: our back ends agree, [0-9a-f]{16}/);
  assert.match(closingText(report), /^memory: copies [\d.]+ GB\/s/);
});

/** A back end that gets one value of one frame wrong. */
function lying(plan: Plan): BackEnd[] {
  const [interpret, ...others] = ownBackEnds(plan);
  const liar: BackEnd = {
    name: 'liar',
    contestant: (frames) => ({ ...interpret.contestant(frames), name: 'liar' }),
    read(layout) {
      const readings = interpret.read(layout);
      readings.physical[17] += 1;
      return readings;
    },
  };
  return [interpret, ...others, liar];
}

test('one wrong value of one frame: no agreement, counted, and shouted', async () => {
  const disagreeing = await run(false, lying);
  const { wrong_values, agree } = disagreeing.databases['electric-car'];
  assert.equal(disagreeing.agree, false);
  assert.equal(agree, false);
  assert.equal(wrong_values.liar, 1);
  assert.equal(wrong_values.batch, 0);
  const text = databaseText('electric-car', disagreeing.databases['electric-car']);
  assert.match(text, /liar DISAGREES WITH THE INTERPRETER/);
});

test('the built-in databases: the car, and 29 multiplexed messages', () => {
  const names = canonicalSources().map(({ name }) => name);
  assert.deepEqual(names.slice(0, 2), ['electric-car', 'multiplexed-29']);
});

test('two files of one name are both reported; one without frames is named with its reason', async () => {
  const source = { ...fileSource(electricCarFile), isCanonical: false };
  const read = source.read;
  const empty = { ...source, name: 'empty', read: () => ({ ...read(), plan: { ...read().plan, messages: [] } }) };
  const both = await reportDecodeBench({ sources: [source, source, empty], count: 1000, seed: 1, timing });
  assert.deepEqual(Object.keys(both.databases), ['electric-car', 'electric-car (2)']);
  assert.deepEqual(both.nothing_to_decode, { empty: 'it has no messages' });
  assert.equal(both.frames_per_second, undefined);
});
