/** The progress line: what it says, when it is drawn, and that nothing is left of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesText, countText, createProgress } from '../../../tools/progress.ts';

function watched(options: { totalBytes?: number; isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  const clock = { ms: 1000 };
  const { isTTY = true, columns = 80, totalBytes } = options;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = createProgress({ label: 'decode', unit: 'lines', totalBytes, stream, now: () => clock.ms });
  return { written, clock, progress };
}

const clear = '\r\u001b[K';

test('rate and time left, five times a second at most', () => {
  const { written, clock, progress } = watched({ totalBytes: 2e9 });
  for (let ms = 0; ms < 1000; ms += 50) {
    clock.ms = 1000 + ms;
    progress.update(ms * 1e6, ms * 2000);
  }
  assert.deepEqual(written, [
    `${clear}decode  200 MB  10 %`,
    `${clear}decode  400 MB  20 %`,
    `${clear}decode  600 MB  30 %  2 M lines/s  0:02 left`,
    `${clear}decode  800 MB  40 %  2 M lines/s  0:02 left`,
  ]);
  progress.end();
  progress.end();
  progress.update(1, 1);
  assert.deepEqual(written.slice(4), [clear]);
});

test('without a total there is no share and no time left', () => {
  const { written, clock, progress } = watched();
  clock.ms += 1000;
  progress.update(1000, 950);
  assert.deepEqual(written, [`${clear}decode  1 kB  950 lines/s`]);
});

test('long work is told in hours', () => {
  const { written, clock, progress } = watched({ totalBytes: 1e12 });
  clock.ms += 10_000;
  progress.update(1e9, 1e7);
  assert.match(written[0], /1 M lines\/s {2}2:46:30 left$/);
});

test('a narrow terminal gets a line that does not wrap', () => {
  const { written, clock, progress } = watched({ totalBytes: 2e9, columns: 30 });
  clock.ms += 1000;
  progress.update(1e9, 1e6);
  assert.equal(written[0].length, clear.length + 29);
});

test('nothing is written to what is no terminal, nor cleared when nothing was drawn', () => {
  const pipe = watched({ isTTY: false });
  pipe.clock.ms += 1000;
  pipe.progress.update(1, 1);
  pipe.progress.end();
  const short = watched();
  short.progress.update(1, 1);
  short.progress.end();
  assert.deepEqual([pipe.written, short.written], [[], []]);
});

const counts: [count: number, text: string][] = [
  [0, '0 '],
  [950, '950 '],
  [999.6, '1 k'],
  [1234, '1.23 k'],
  [2_130_000, '2.13 M'],
  [999_600, '1 M'],
  [12_345_678_901, '12.3 G'],
  [5e15, '5000 T'],
];

for (const [count, text] of counts) {
  test(`${count} is ${JSON.stringify(text)}`, () => {
    assert.equal(countText(count), text);
    assert.equal(bytesText(count), `${text}B`);
  });
}
