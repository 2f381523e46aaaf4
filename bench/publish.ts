/**
 * `node bench/publish.ts`: runs the benchmarks on all databases at hand, writes bench/results, and draws the tables of
 * docs/benchmarks.md from it. `node bench/publish.ts --page` draws the page alone. Wants a machine that does nothing
 * else; takes some minutes. `--trial` spends a twentieth of the time, to see the page and not to keep the figures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../tools/package-root.ts';
import { sourcesAtHand } from './databases.ts';
import { reportDecodeBench, storedReport } from './decode-report.ts';
import { briefText, closingText, databaseText } from './decode-text.ts';
import { edgeParts } from './edge/figures.ts';
import { reportEdgeBench } from './edge/report.ts';
import { edgeClosingText, partText } from './edge/text.ts';
import { usualTiming } from './measure.ts';
import { largestAtHand, parseText, reportParseBench } from './parse.ts';
import { publishPage } from './results-page.ts';

const results = path.join(packageRoot, 'bench/results');

const isTrial = process.argv.includes('--trial');
const timing = isTrial ? { rounds: 5, roundMs: 5, warmUpMs: 100 } : usualTiming;
/** Of a saturated bus through a pty. */
const edgeSeconds = isTrial ? 3 : 60;

if (!process.argv.includes('--page')) {
  const parse = reportParseBench(largestAtHand(), 9);
  process.stdout.write(`${parseText(parse)}\n`);
  const decode = await reportDecodeBench(
    { sources: sourcesAtHand(), count: 200_000, seed: 1, timing },
    {
      measured(name, report) {
        process.stdout.write(`${report.canonical ? databaseText(name, report) : briefText(name, report)}\n`);
      },
    },
  );
  process.stdout.write(`${closingText(decode)}\n`);
  const edge = await reportEdgeBench(
    { only: edgeParts, seconds: edgeSeconds, timing, isTrial },
    { measured: (part, report) => process.stdout.write(`${partText(part, report)}\n\n`) },
  );
  process.stdout.write(`${edgeClosingText(edge)}\n`);
  mkdirSync(results, { recursive: true });
  write('decode', storedReport(decode));
  write('parse', parse);
  write('edge', edge);
  if (!decode.agree || !edge.good) process.exitCode = 1;
}
publishPage();

/** Five digits are more than the spread leaves meaningful, and keep the file readable. */
function write(name: string, value: object): void {
  const digits = (_: string, field: unknown): unknown =>
    typeof field === 'number' && !Number.isInteger(field) ? Number(field.toPrecision(5)) : field;
  writeFileSync(path.join(results, `${name}.json`), `${JSON.stringify(value, digits, 2)}\n`);
}
