/** Golden frames: what they cover, that they say exactly what was decoded, and that checking them bites. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDbc } from '../../../../edge/dbc/index.ts';
import { compilePlan } from '../../../../edge/decode/index.ts';
import {
  checkGolden,
  type GoldenFrame,
  generateGolden,
  goldenCollector,
  goldenLine,
  readGolden,
} from '../../../../tools/dbc/package/index.ts';
import { anyMessage } from '../../../edge/decode/support/arbitraries.ts';
import { database, message, signal } from '../../../edge/decode/support/build.ts';
import { skipWithoutProgram } from '../../../programs.ts';
import { golden, plan } from './support.ts';

const of = (message: string): GoldenFrame[] => golden.filter((frame) => frame.message === message);
const valuesOf = (message: string, signal: string) => new Set(of(message).map(({ signals }) => signals.get(signal)));
const statusesOf = (message: string, signal: string) => new Set(of(message).map(({ status }) => status.get(signal)));

test('generated frames show every message, branch, extreme and status', () => {
  assert.deepEqual(new Set(golden.map(({ message }) => message)), new Set(['Motor', 'Muxed', 'Big', 'DM1']));
  assert.ok([0, 65535 * 0.25].every((speed) => valuesOf('Motor', 'Speed').has(speed)));
  assert.ok([-1124, 923.5].every((torque) => valuesOf('Motor', 'Torque').has(torque)));
  assert.ok([-128, 127].every((deep) => valuesOf('Muxed', 'Deep').has(deep)));
  assert.ok([0, 65535].every((second) => valuesOf('Muxed', 'Second').has(second)));
  assert.ok([0, 2n ** 64n - 1n].every((exact) => valuesOf('Big', 'Exact').has(exact)));
  const floats = [...valuesOf('Big', 'Float')];
  assert.ok(
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].every((one) =>
      floats.some((value) => Object.is(value, one)),
    ),
  );
  assert.ok(statusesOf('Motor', 'Speed').has('out-of-range'));
  assert.ok(statusesOf('Motor', 'Beyond').has('absent') && valuesOf('Motor', 'Beyond').size > 1);
  assert.ok(statusesOf('Muxed', 'Mode').has('unknown-multiplexer'));
  assert.ok(['error', 'not-available'].every((status) => statusesOf('DM1', 'Lamp').has(status)));
});

test('the same seed gives the same frames, another seed others', () => {
  const lines = (seed: number) => generateGolden(plan, { count: 200, seed }).frames.map(goldenLine);
  assert.deepEqual(lines(5), golden.map(goldenLine));
  assert.notDeepEqual(lines(6), lines(5));
  assert.equal(lines(5).length, 200);
});

test('a database whose frames run out ends with fewer', () => {
  const { database: tiny } = parseDbc(new TextEncoder().encode('BO_ 1 M: 1 X\n SG_ S : 0|1@1+ (1,0) [0|0] "" X\n'));
  const { frames } = generateGolden(compilePlan(tiny), { count: 100_000, seed: 1 });
  assert.ok(frames.length <= 257);
});

test('from a log: the few frames that show something new, and the messages that never came', () => {
  const collector = goldenCollector(plan);
  for (let speed = 0; speed < 5000; speed++) {
    collector.offer(256, 0, Uint8Array.of(speed % 256, speed >> 8, 0, 0, 0, 0, 0, 0), 0, 8);
  }
  const { frames, unseen } = collector.finish();
  assert.deepEqual(
    frames.map(({ signals }) => signals.get('Speed')),
    [0, 4999 / 4],
  );
  assert.deepEqual(
    unseen.map(({ name }) => name),
    ['Muxed', 'Big', 'DM1'],
  );
});

test('every back end agrees with the frames it is given', () => {
  const report = checkGolden(plan, golden);
  assert.deepEqual(report.backEnds, ['interpreter', 'per-frame', 'wasm', 'batch']);
  assert.deepEqual([report.differenceCount, report.differingFrames, report.skipped], [0, 0, []]);
});

test('the emitted C agrees too', { skip: skipWithoutProgram('gcc') }, () => {
  const report = checkGolden(plan, golden, { withC: true });
  assert.deepEqual([report.backEnds.at(-1), report.differenceCount, report.skipped], ['c', 0, []]);
  const wrong = golden.map((frame) => ({
    ...frame,
    signals: new Map([...frame.signals].map(([name]) => [name, 0.3])),
  }));
  assert.ok(checkGolden(plan, wrong, { withC: true }).differences.some(({ backEnd }) => backEnd === 'c'));
});

test('any value or status altered is found, by signal, in every back end', () => {
  const changes: [string, (frame: GoldenFrame) => GoldenFrame][] = [
    ['value', (frame) => ({ ...frame, signals: new Map([...frame.signals, ['Speed', 0.125]]) })],
    ['sign of zero', (frame) => ({ ...frame, signals: new Map([...frame.signals, ['Speed', -0]]) })],
    ['status', (frame) => ({ ...frame, status: new Map([...frame.status, ['Speed', 'error']]) })],
    ['missing signal', (frame) => ({ ...frame, signals: new Map([...frame.signals].slice(1)) })],
    ['unknown signal', (frame) => ({ ...frame, signals: new Map([...frame.signals, ['Nothing', 1]]) })],
    ['message', (frame) => ({ ...frame, message: 'Other' })],
    ['id', (frame) => ({ ...frame, id: 0x7ff })],
  ];
  for (const [what, change] of changes) {
    const frames = golden.map((frame) => (frame === of('Motor')[0] ? change(frame) : frame));
    const report = checkGolden(plan, frames);
    assert.equal(report.differingFrames, 1, what);
    assert.deepEqual(new Set(report.differences.map(({ backEnd }) => backEnd)).size, 4, what);
  }
});

test('random databases: lines keep values bit by bit, and every back end agrees', () => {
  fc.assert(
    fc.property(anyMessage(0x123), fc.integer({ min: 0, max: 1000 }), (drawnMessage, seed) => {
      const drawn = compilePlan(database({ ...drawnMessage, id: drawnMessage.extended ? 0x18fef100 : 0x123 }));
      const { frames } = generateGolden(drawn, { count: 20, seed });
      const back = readGolden(frames.map(goldenLine).join('\n'));
      assert.deepEqual(back.problems, []);
      assert.deepEqual(back.frames, frames);
      assert.deepEqual(checkGolden(drawn, back.frames).differences, []);
    }),
    { numRuns: 60 },
  );
});

test('a negative zero of a signal too long for doubles, and integers past 64 bits: no back end differs', () => {
  const long = signal('Long', { length: 54, scale: -1, offset: -0 });
  const huge = signal('Huge', { startBit: 0, length: 62, signed: true, scale: 100 });
  const { frames } = generateGolden(compilePlan(database(message(1, [long, huge]))), { count: 30, seed: 1 });
  assert.ok(frames.some(({ signals }) => Object.is(signals.get('Long'), -0)));
  assert.ok(frames.some(({ signals }) => signals.get('Huge') === -(2n ** 61n) * 100n));
  assert.deepEqual(checkGolden(compilePlan(database(message(1, [long, huge]))), frames).differences, []);
});

const good = '{"id":1,"ext":false,"data":"00","name":"M","signals":{"S":0}}';
const rows: [string, RegExp][] = [
  ['{"id":1', /^not JSON: /],
  ['[1]', /^expected an object$/],
  [good.replace('"id"', '"ids"'), /^unknown key "ids", expected id, ext, data, name, signals, status$/],
  [good.replace('1', '2048'), /^id is 2048, expected a whole number from 0 to 2047$/],
  [good.replace('1', '-1'), /^id is -1,/],
  [good.replace('1', '"1"'), /^id is "1",/],
  [good.replace('false', '0'), /^ext is 0, expected true or false$/],
  [good.replace('"00"', '"0"'), /^data is "0", expected up to 1785 bytes in hex$/],
  [good.replace('"00"', `"${'00'.repeat(1786)}"`), /^data is "0{50,}.*\.\.\., expected up to 1785/],
  [good.replace('"M"', 'null'), /^name is null, expected a message's name$/],
  [good.replace('{"S":0}', '[0]'), /^signals is \[0\], expected an object$/],
  [good.replace('0}', '"x"}'), /^signals\.S is "x", expected a number, or its digits as text$/],
  [good.replace('0}', `"${'9'.repeat(61)}"}`), /^signals\.S is "9+/],
  [good.replace('0}', '{"deep":[[[[]]]]}}'), /^signals\.S is an object,/],
  [good.replace('}}', '},"status":{"S":1}}'), /^status\.S is 1, expected a text$/],
];

for (const [line, problem] of rows) {
  test(`a bad line is located: ${line.slice(0, 70)}`, () => {
    const { frames, lines, problems } = readGolden(`${good}\r\n\n${line}\n${good}\n`);
    assert.deepEqual(lines, [1, 4]);
    assert.equal(frames.length, 2);
    assert.equal(problems.length, 1);
    assert.equal(problems[0].line, 3);
    assert.match(problems[0].problem, problem);
  });
}

test('lines without end and files without end are bounded', () => {
  const long = readGolden(`${' '.repeat(5 << 20)}1\n${good}`);
  assert.deepEqual(long.lines, [2]);
  assert.match(long.problems[0].problem, /^longer than 4194304 characters$/);
  const many = readGolden('{\n'.repeat(200_010));
  assert.equal(many.problems.length, 200_001);
  assert.match(many.problems.at(-1)!.problem, /^more than 200000 frames/);
  assert.deepEqual(readGolden('\n'.repeat(1 << 20)), { frames: [], lines: [], problems: [] });
});

test('numbers that JSON cannot hold come back as they were', () => {
  const values = [0, -0, 0.1, 1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const integers = [2n ** 53n, -(2n ** 63n), 2n ** 64n - 1n];
  const signals = new Map([...values, ...integers].map((value, i) => [`S${i}`, value]));
  const frame = { id: 1, extended: true, data: Uint8Array.of(1), message: '"\\', signals, status: new Map() };
  assert.deepEqual(readGolden(goldenLine(frame)).frames, [frame]);
});
