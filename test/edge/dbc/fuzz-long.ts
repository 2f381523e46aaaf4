/**
 * The long run of what fuzz.test.ts does briefly: broken files, one seed each, every promise checked.
 *
 *     node test/edge/dbc/fuzz-long.ts --cases 100000 --seed 1
 *     node test/edge/dbc/fuzz-long.ts --case 4711        one case again; --save F writes its file
 *
 * Prints a line per broken promise, and a summary; exit code 1 when there was any.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkInvariants } from './invariants.ts';
import { Draw, mutated } from './mutate.ts';
import { corpus, everySection } from './parsing.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    save: { type: 'string' },
  },
});

/** A case that takes longer than this is reported, though on a busy machine it may be innocent. */
const caseMsMax = 2000;

const files = [everySection, ...(corpus() ?? []).map(({ bytes }) => bytes)];
const first = Number(values.case ?? values.seed);
const count = values.case === undefined ? Number(values.cases) : 1;

interface Failure {
  seed: number;
  steps: string;
  reason: string;
}

function run(seed: number): { failure: Failure | undefined; ms: number; bytes: number } {
  const draw = new Draw(seed);
  const { bytes, steps } = mutated(files, draw);
  if (values.save !== undefined) writeFileSync(values.save, bytes);
  const start = performance.now();
  let reason: string | undefined;
  try {
    checkInvariants(bytes, draw);
  } catch (error) {
    reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
  }
  const ms = performance.now() - start;
  if (reason === undefined && ms > caseMsMax) reason = `took ${ms.toFixed(0)} ms`;
  const failure = reason === undefined ? undefined : { seed, steps: steps.join(', '), reason };
  return { failure, ms, bytes: bytes.length };
}

const start = performance.now();
const failures: Failure[] = [];
let slowest = { ms: 0, seed: first };
let bytesRead = 0;
for (let done = 0; done < count; done++) {
  const { failure, ms, bytes } = run(first + done);
  if (ms > slowest.ms) slowest = { ms, seed: first + done };
  bytesRead += bytes;
  if (failure !== undefined) {
    failures.push(failure);
    const reason = values.case === undefined ? failure.reason.slice(0, 600) : failure.reason;
    process.stdout.write(`case ${failure.seed} (${failure.steps}): ${reason}\n`);
  }
  if ((done + 1) % 1000 === 0 && process.stderr.isTTY) {
    process.stderr.write(`\r${done + 1} of ${count} cases, ${failures.length} failures`);
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  `${count} cases from seed ${first}, ${files.length} files, ${(bytesRead / 1e6).toFixed(0)} MB: ` +
    `${failures.length} failures, ${seconds.toFixed(0)} s, slowest case ${slowest.seed} took ${slowest.ms.toFixed(0)} ms\n`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
