/** `npm run mutate`: does a test notice when a contract is changed? See docs/mutation.md. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import hardhatConfig from '../../hardhat.config.ts';
import { type Journal, runCampaign, type Verdict } from './campaign.ts';
import { parse } from './compile.ts';
import { findMutants } from './mutants.ts';
import { operators } from './operators.ts';
import type { Depth } from './runner.ts';
import { describe, type Explanation, passes, summary, tally } from './survivors.ts';

const root = path.resolve(import.meta.dirname, '../..');
const usage = `npm run mutate -- [--only PATH]... [--list] [--jobs N] [--json FILE] [--deep] [--fresh]
  --only PATH   mutate only contracts whose path starts with this; more than once for more
  --list        list the mutants without running them
  --jobs N      mutants tried at a time (2)
  --json FILE   write every verdict there
  --deep        try what survives with as much fuzzing as npm test does (far slower)
  --fresh       forget what an interrupted or earlier run of the same sources found`;

const options = readOptions();
const jobs = Number(options.jobs);
if (!Number.isInteger(jobs) || jobs < 1) misused(`--jobs ${options.jobs}: expected a whole number from 1`);

function readOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        jobs: { type: 'string', default: '2' },
        json: { type: 'string' },
        deep: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return misused((error as Error).message);
  }
}

function misused(why: string): never {
  console.error(`${why}\n\n${usage}`);
  process.exit(2);
}

/** Unit tests kill nearly all; brief fuzzing sees what is left, and fuzzing as in `npm test` what that leaves. */
const depths: Depth[] = [
  { name: 'unit tests' },
  { name: 'brief fuzzing', fuzz: { runs: 48, invariantRuns: 8, invariantDepth: 24 } },
  ...(options.deep ? [{ name: 'fuzzing', fuzz: { runs: 512, invariantRuns: 64, invariantDepth: 64 } }] : []),
];

/** What the tests create from artifacts without importing it. */
const packageFiles = (hardhatConfig.solidity as { npmFilesToBuild?: string[] }).npmFilesToBuild ?? [];

function readSources(): Map<string, string> {
  const own = globSync(['contracts/**/*.sol', 'test/contracts/**/*.sol'], { cwd: root }).sort();
  return new Map([
    ...own.map((file) => [file, readFileSync(path.join(root, file), 'utf8')] as const),
    ...packageFiles.map((file) => [file, readFileSync(path.join(root, 'node_modules', file), 'utf8')] as const),
  ]);
}

const isMutated = (file: string): boolean =>
  file.startsWith('contracts/') && (options.only.length === 0 || options.only.some((start) => file.startsWith(start)));

/** One file a set of sources: the same sources have the same mutants with the same numbers. */
function openJournal(texts: ReadonlyMap<string, string>): Journal {
  const hash = createHash('sha256')
    .update(JSON.stringify([...texts, options.only, depths]))
    .digest('hex')
    .slice(0, 16);
  const file = path.join(root, 'cache/mutation', `${hash}.jsonl`);
  mkdirSync(path.dirname(file), { recursive: true });
  if (options.fresh || !existsSync(file)) writeFileSync(file, '');
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const known = new Map(
    lines.map((line) => {
      const { id, ...verdict } = JSON.parse(line) as { id: number } & Omit<Verdict, 'mutant'>;
      return [id, verdict] as const;
    }),
  );
  const write = ({ mutant, status, killer }: Verdict): void =>
    appendFileSync(file, `${JSON.stringify({ id: mutant.id, status, killer })}\n`);
  return { known, write };
}

/** Shows how far it is: on a terminal in place, else a line every ten seconds. */
function progressLine(): (done: number, total: number, survived: number) => void {
  let first: { done: number; at: number } | undefined;
  let shownAt = 0;
  return (done, total, survived) => {
    const now = performance.now();
    first ??= { done, at: now };
    if (now - shownAt < (process.stderr.isTTY ? 200 : 10_000) && done < total) return;
    shownAt = now;
    const seconds = ((now - first.at) / Math.max(1, done - first.done) / 1000) * (total - done);
    const text = `${done} of ${total}, ${survived} survived, ${Math.ceil(seconds)} s left`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}${done === total ? '\n' : ''}` : `${text}\n`);
  };
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const texts = readSources();
  if (options.list) {
    const mutants = findMutants(parse(texts), isMutated);
    for (const mutant of mutants) console.log(`${mutant.id} ${describe(mutant)}`);
    console.log(`mutate: ${mutants.length} mutants by ${Object.keys(operators).length} operators`);
    return 0;
  }
  if (![...texts.keys()].some(isMutated)) {
    misused(`no contract's path starts with ${options.only.join(' or ')}`);
  }
  const started = performance.now();
  const stop = new AbortController();
  process.once('SIGINT', () => {
    process.stderr.write('\nstopping; what is known is kept in cache/mutation\n');
    stop.abort();
  });
  const { verdicts, interrupted } = await runCampaign({
    texts,
    isMutated,
    isSuite: (file) => file.startsWith('test/'),
    projectRoot: root,
    jobs,
    depths,
    journal: openJournal(texts),
    say: (text) => process.stderr.write(`${text}\n`),
    progress: progressLine(),
    signal: stop.signal,
  });
  const explanations = JSON.parse(
    readFileSync(path.join(import.meta.dirname, 'survivors.json'), 'utf8'),
  ) as Explanation[];
  const result = tally(verdicts, interrupted ? [] : explanations, isMutated);
  if (options.json) {
    const rows = verdicts.map(({ mutant: { site, ...mutant }, ...verdict }) => ({ ...mutant, ...verdict }));
    writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  }
  if (!interrupted) {
    for (const { verdict, explanation } of result.survivors) {
      console.log(`${verdict.status} ${describe(verdict.mutant)}${explanation ? ` (${explanation.reason})` : ''}`);
    }
  }
  for (const { file, place, operator, before, after } of result.stale) {
    console.log(`stale explanation: ${file} ${place} ${operator}: ${before} → ${after}`);
  }
  if (result.invalid > 0) console.log(`${result.invalid} more don't compile and don't count`);
  console.log(summary(result, (performance.now() - started) / 1000));
  if (interrupted) return 130;
  return passes(result) ? 0 : 1;
}

process.exitCode = await main();
