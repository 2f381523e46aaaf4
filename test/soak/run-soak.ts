/**
 * A Miner for as long as you like, with a plug pulled and a broker restarted now and then; then its memory as a line.
 *   node test/soak/run-soak.ts --minutes 60 [--unplug-s 60] [--restart-s 90] [--json]
 * Exit code 1 when a count does not add up. Growth is reported, not judged: its first minutes are the engine's.
 */
import { parseArgs } from 'node:util';
import { countsThatDisagree } from './checks.ts';
import { floors, type Point, slopePerMinute } from './slope.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'unplug-s': { type: 'string', default: '60' },
    'restart-s': { type: 'string', default: '90' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = numberOf('minutes', values.minutes);
const say = (line: string) => process.stderr.write(`${line}\n`);
const report = await soak({
  seconds: minutes * 60,
  times: 1,
  unplugEverySeconds: numberOf('unplug-s', values['unplug-s']),
  restartEverySeconds: numberOf('restart-s', values['restart-s']),
  scrapeEverySeconds: Math.min(10, Math.max(1, minutes / 10)),
  endAlone: false,
  onProgress: say,
});

/** After the first third the engine has compiled what is hot, and its heap has found its size. */
const settled = report.scrapes.filter(({ seconds }) => seconds >= minutes * 20);
const windows = 12;
const growth = (pick: (scrape: (typeof settled)[number]) => number) => {
  const points: Point[] = settled.map((scrape) => ({ seconds: scrape.seconds, value: pick(scrape) }));
  const low = floors(points, windows);
  return {
    firstMb: toMb(low[0]?.value ?? 0),
    lastMb: toMb(low.at(-1)?.value ?? 0),
    mbPerMinute: toMb(slopePerMinute(low)),
  };
};
const problems = countsThatDisagree(report);
const result = {
  minutes,
  unplugs: report.unplugs,
  restarts: report.restarts,
  awayMsMax: Math.max(0, ...report.awayMs),
  frames: report.stopped.framesReceived,
  packs: report.stopped.packsSigned,
  samples: report.stopped.samples,
  waitingMax: Math.max(...report.scrapes.map(({ waiting }) => waiting)),
  inFlightMax: Math.max(...report.scrapes.map(({ inFlight }) => inFlight)),
  stopSeconds: Number(report.stopSeconds.toFixed(2)),
  resident: growth(({ rssBytes }) => rssBytes),
  heap: growth(({ heapBytes }) => heapBytes),
  problems,
};
process.stdout.write(`${values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function toMb(bytes: number): number {
  return Number((bytes / 1e6).toFixed(3));
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  process.stderr.write(`--${name} ${text}: expected a number above 0\n`);
  process.exit(2);
}
