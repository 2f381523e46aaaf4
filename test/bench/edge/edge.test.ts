// `miner bench edge`: every part gives its figures, the same input the same checksum, and faults end it with 1.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EdgeReport, edgeParts, type Figure, isReached } from '../../../bench/edge/figures.ts';
import { edgeTables } from '../../../bench/edge/page.ts';
import { boundFramesPerSecond } from '../../../bench/edge/pty.ts';
import { latenciesOf, latencyQuantile } from '../../../bench/edge/pty-run.ts';
import { reportEdgeBench } from '../../../bench/edge/report.ts';
import { edgeClosingText, partText } from '../../../bench/edge/text.ts';
import { sharedPath } from '../../shared.ts';
import { runMiner } from '../../tools/cli/miner-process.ts';

const timing = { rounds: 5, roundMs: 1, warmUpMs: 0 };
const inProcess = ['codec', 'packs', 'sign', 'log', 'sizes', 'gateway', 'rewards'] as const;
const report = await reportEdgeBench({ only: inProcess, seconds: 0.2, timing, isTrial: true });
const figureOf = (key: string, { parts }: EdgeReport = report): Figure => {
  const figure = Object.values(parts)
    .flatMap(({ figures }) => figures)
    .find((candidate) => candidate.key === key);
  assert.ok(figure, key);
  return figure;
};

describe('a report', () => {
  test('has every part asked for, in order, each with figures that are numbers, and no fault', () => {
    assert.deepEqual(Object.keys(report.parts), inProcess);
    assert.equal(report.good, true);
    for (const { figures, faults } of Object.values(report.parts)) {
      assert.deepEqual(faults, []);
      assert.ok(figures.length > 0);
      for (const { key, value, slowest = value, fastest = value, better } of figures) {
        assert.ok(value > 0 && Number.isFinite(value), key);
        const ordered = better === 'less' ? fastest <= value && value <= slowest : slowest <= value && value <= fastest;
        assert.ok(ordered, key);
      }
    }
  });

  test('gives keys that are all different, and rates over at least five rounds', () => {
    const figures = Object.values(report.parts).flatMap((part) => part.figures);
    assert.equal(new Set(figures.map(({ key }) => key)).size, figures.length);
    for (const { unit, rounds, key } of figures) if (/\/s$/.test(unit)) assert.ok((rounds ?? 0) >= 5, key);
  });

  test('gives the same checksums again', async () => {
    const again = await reportEdgeBench({ only: ['sign', 'sizes'], seconds: 0.2, timing, isTrial: true });
    for (const part of ['sign', 'sizes'] as const) {
      assert.match(report.parts[part]?.checksum ?? '', /^[\da-f]{64}$/);
      assert.equal(again.parts[part]?.checksum, report.parts[part]?.checksum, part);
    }
  });

  test('holds the sizes that packs keep to', () => {
    assert.equal(isReached(figureOf('sizes_minute_1')), true);
    if (sharedPath('vectors/pack')) assert.equal(figureOf('sizes_status').value, 325);
  });
});

describe('through a pty', () => {
  test('every frame arrives; exit code 0, and nothing but the report on stdout', async () => {
    const args = ['bench', 'edge', '--only', 'pty,baud', '--seconds', '0.3', '--json'];
    const { code, stdout, stderr } = await runMiner(args);
    assert.equal(code, 0, stderr);
    const run = JSON.parse(stdout) as EdgeReport;
    assert.deepEqual(Object.keys(run.parts), ['pty', 'baud']);
    if (run.parts.pty?.skipped.length) return;
    assert.equal(figureOf('pty_lost', run).value, 0);
    assert.equal(figureOf('pty_sent', run).value, figureOf('pty_received', run).value);
    assert.ok(figureOf('pty_p50', run).value <= figureOf('pty_max', run).value);
    assert.ok(figureOf('baud_carried', run).value <= 1.2 * boundFramesPerSecond);
    assert.equal(Math.round(boundFramesPerSecond), 524);
  });

  test('a part that does not exist is wrong usage', async () => {
    const { code, stderr } = await runMiner(['bench', 'edge', '--only', 'codec,brakes']);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(edgeParts.join(',')));
  });
});

describe('latencies', () => {
  test('go from the write that held a frame to the batch that decoded it, weighted by frames', () => {
    const written = { counts: [2, 2, 5, 9], timesMs: [0, 1, 10, 20] };
    const decoded = { counts: [1, 4, 9], timesMs: [3, 12, 25] };
    // Frames 0; 1; 2 and 3; 4; 5 to 8.
    assert.deepEqual(latenciesOf(written, decoded), [
      { ms: 2, frames: 2 },
      { ms: 3, frames: 1 },
      { ms: 5, frames: 4 },
      { ms: 12, frames: 1 },
      { ms: 15, frames: 1 },
    ]);
  });
  const quantiles: [share: number, ms: number][] = [
    [0.2, 1],
    [0.5, 1],
    [0.51, 4],
    [1, 4],
  ];
  for (const [share, ms] of quantiles) {
    test(`${share} of them within ${ms} ms`, () => {
      assert.equal(
        latencyQuantile(
          [
            { ms: 1, frames: 5 },
            { ms: 4, frames: 5 },
          ],
          share,
        ),
        ms,
      );
    });
  }
  test('of no frames are no number', () => assert.ok(Number.isNaN(latencyQuantile([], 0.99))));
});

describe('in words', () => {
  const figure = (changes: Partial<Figure>): Figure => ({
    key: 'k',
    label: 'L',
    value: 10,
    unit: 'frames/s',
    ...changes,
  });
  const goals: [changes: Partial<Figure>, reached: boolean | undefined][] = [
    [{}, undefined],
    [{ goal: 10 }, true],
    [{ goal: 11 }, false],
    [{ goal: 10, better: 'less' }, true],
    [{ goal: 9, better: 'less' }, false],
    [{ value: 0, goal: 0, better: 'less' }, true],
    [{ value: Number.NaN, goal: 1 }, false],
  ];
  for (const [changes, reached] of goals) {
    test(`${JSON.stringify(changes)}: ${reached}`, () => assert.equal(isReached(figure(changes)), reached));
  }

  const missed: EdgeReport = {
    ...report,
    parts: {
      pty: {
        figures: [
          figure({ goal: 20, label: 'headroom' }),
          figure({ value: 3, goal: 0, better: 'less', unit: 'frames' }),
        ],
        faults: ['pty: 3 of 9 frames lost'],
        skipped: [],
        notes: ['Said so.'],
      },
    },
    good: false,
  };

  test('a goal missed and a fault are told, on the terminal and in the page', () => {
    assert.match(partText('pty', missed.parts.pty!), /at least 20: missed[\s\S]*none: missed[\s\S]*FAULT pty: 3 of 9/);
    assert.match(edgeClosingText(missed), /0 of 2 goals reached; missed: headroom; L\nframes were lost/);
    assert.match(edgeTables(missed), /\| headroom \| 10 \| frames\/s \| {2}\| ≥ 20 \| \*\*missed\*\* \|/);
    assert.match(edgeTables(missed), /\*\*pty: 3 of 9 frames lost\*\*/);
  });

  test('the page has a table for every part, and says so while there is none', () => {
    assert.equal(edgeTables(report).match(/^\| --- /gm)?.length, inProcess.length);
    assert.doesNotMatch(edgeTables(report), /undefined|NaN|Infinity|\[object/);
    assert.match(edgeTables(undefined), /Not measured yet/);
  });
});
