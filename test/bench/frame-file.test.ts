// Frame files at the bench: what is drawn, written and read back is the same, and mistakes are told.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readFrameFile, writeFrameFile } from '../../bench/frame-input.ts';
import { drawFrames } from '../../bench/frames.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { dbc, electricCar, planOf } from './databases.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-frames-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);
const silent = (): void => {};
const { plan } = electricCar();

const fdPlan = planOf(
  dbc('BO_ 1 Long: 20 X\n SG_ A : 0|8@1+ (1,0) [0|0] "" X', 'BO_ 2 Short: 8 X\n SG_ A : 0|8@1+ (1,0) [0|0] "" X'),
);

test('more frames than a reader holds at once come back as they were drawn', async () => {
  const output = file('car.frames');
  const request = { dbc: 'car.dbc', plan, output, count: 20_000, seed: 5, fd: false };
  assert.deepEqual(writeFrameFile(request), { frames: 20_000, messagesLeftOut: 0 });
  const drawn = drawFrames(plan, 20_000, 5);
  const read = await readFrameFile(output, 8, silent);
  assert.equal(read.count, drawn.count);
  for (const key of ['id', 'flags', 'length', 'data'] as const) assert.deepEqual(read[key], drawn[key], key);
});

test('the same seed writes the same file', () => {
  const bytes = [1, 2].map((number) => {
    const output = file(`same-${number}`);
    writeFrameFile({ dbc: 'car.dbc', plan, output, count: 500, seed: 9, fd: false });
    return readFileSync(output);
  });
  assert.equal(bytes[0].length, 500 * 16);
  assert.deepEqual(bytes[0], bytes[1]);
});

test('CAN FD messages need records of 64 bytes; without, it is told how many are left out', async () => {
  const request = { dbc: 'fd.dbc', plan: fdPlan, output: file('fd'), count: 100, seed: 1 };
  assert.deepEqual(writeFrameFile({ ...request, fd: false }), { frames: 100, messagesLeftOut: 1 });
  assert.deepEqual(writeFrameFile({ ...request, fd: true }), { frames: 100, messagesLeftOut: 0 });
  const read = await readFrameFile(file('fd'), 64, silent);
  assert.equal(read.stride, 64);
  assert.ok(read.length.includes(20) && read.length.includes(8));
});

const refusals: [string, () => unknown, string, RegExp][] = [
  ['a number instead of a file', () => readFrameFile('200000', 8, silent), 'OPTION_INVALID', /--count 200000/],
  ['a file that is not there', () => readFrameFile(file('none'), 8, silent), 'LOG_NOT_FOUND', /none/],
  ['an empty file', () => readFrameFile(file('empty'), 8, silent), 'BENCH_FRAMES_NONE', /no frame .* 0 records/],
  ['half a record', () => readFrameFile(file('half'), 8, silent), 'FRAMES_SIZE', /24 bytes .* 16-byte records/],
  [
    'a database without frames',
    async () => writeFrameFile({ dbc: 'x.dbc', plan: planOf(dbc()), output: file('x'), count: 1, seed: 1, fd: true }),
    'BENCH_NOTHING_TO_DECODE',
    /^x\.dbc/,
  ],
  [
    'a folder that is not there',
    async () => writeFrameFile({ dbc: 'x.dbc', plan, output: file('no/where'), count: 1, seed: 1, fd: false }),
    'BENCH_OUTPUT',
    /no\/where/,
  ],
];
writeFileSync(file('empty'), '');
writeFileSync(file('half'), new Uint8Array(24));
for (const [what, act, code, message] of refusals) {
  test(`refuses ${what}`, async () => {
    await assert.rejects(
      async () => act(),
      (error: unknown) => {
        assert.ok(error instanceof MinerError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('malformed records are left out, and the first is named', async () => {
  const records = new Uint8Array(48);
  records[4] = 8;
  records[16 + 4] = 9;
  records[32 + 4] = 1;
  writeFileSync(file('mixed'), records);
  const said: string[] = [];
  const frames = await readFrameFile(file('mixed'), 8, (text) => said.push(text));
  assert.equal(frames.count, 2);
  assert.match(said.join(), /1 of 3 records left out, the first at record 2: length 9/);
});
