/**
 * `npm test`: Solidity tests in Hardhat, then every TypeScript test in Node's own runner; ends with one line of counts.
 * Arguments choose: `npm test -- contracts`, `npm test -- edge/dbc`, `npm test -- test/edge/dbc/parse.test.ts`.
 * `--solidity` leaves the TypeScript ones out, `--profile ci` fuzzes longer (hardhat.config.ts), FUZZ_SEED=0x1 otherwise.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readHardhatTally, summaryLine, type Tally } from './support/tally.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const started = performance.now();

// What is not known here is the Node runner's, in one word: `--test-name-pattern=x`.
const { tokens } = parseArgs({
  args: process.argv.slice(2),
  options: { profile: { type: 'string' }, solidity: { type: 'boolean' } },
  strict: false,
  tokens: true,
});
const chosen = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
const options = tokens.filter((token) => token.kind === 'option');
const flags = options.flatMap(({ name, rawName, value }) =>
  name === 'profile' || name === 'solidity' ? [] : [value === undefined ? rawName : `${rawName}=${value}`],
);
const profile = options.find(({ name }) => name === 'profile')?.value ?? 'default';
const onlySolidity = options.some(({ name }) => name === 'solidity');

/** A test's path relative to the repository, matched from `test/` on. */
const wanted = (file: string) =>
  chosen.length === 0 || chosen.some((arg) => file.startsWith(arg) || file.startsWith(`test/${arg}`));

// Every test file and every command they start is a process: sources compiled once serve them all.
process.env.NODE_COMPILE_CACHE ??= path.join(tmpdir(), 'node-compile-cache');
process.env.FUZZ_SEED ??= '0x2026';

/** Runs Node with these arguments, showing what it prints: as it comes, or all of it at the end. */
async function run(
  what: string,
  args: string[],
  show: 'live' | 'at the end',
): Promise<{ good: boolean; output: string }> {
  if (show === 'live') process.stdout.write(`\n${what}\n`);
  // Through a pipe nobody would colour what a terminal shows.
  const env = process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env;
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['inherit', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (show === 'live') process.stdout.write(text);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (show === 'at the end') process.stdout.write(`\n${what}\n${output}`);
  if (signal) process.exit(130);
  return { good: code === 0, output };
}

const solidity = globSync('test/contracts/**/*.t.sol', { cwd: root }).filter(wanted).sort();
const typescript = onlySolidity ? [] : globSync('test/**/*.test.ts', { cwd: root }).filter(wanted).sort();
if (solidity.length + typescript.length === 0) {
  process.stderr.write(`no test matches ${chosen.join(' ')}; try: npm test -- edge/dbc\n`);
  process.exit(2);
}

/** In the order of the closing line; one that stays undefined did not finish. */
const tallies: Record<string, Tally | undefined> = {
  ...(solidity.length > 0 && { Solidity: undefined }),
  ...(typescript.length > 0 && { TypeScript: undefined }),
};

async function testSolidity(): Promise<boolean> {
  if (solidity.length === 0) return true;
  const hardhat = path.join(root, 'node_modules/hardhat/dist/src/cli.js');
  const how = `profile ${profile}, seed ${process.env.FUZZ_SEED}`;
  const args = [hardhat, 'test', 'solidity', '--test-profile', profile, ...solidity];
  const title = `Solidity: ${solidity.length} files, ${how}`;
  const result = await run(title, args, typescript.length > 0 ? 'at the end' : 'live');
  tallies.Solidity = readHardhatTally(result.output);
  return result.good;
}

async function testTypescript(): Promise<boolean> {
  if (typescript.length === 0) return true;
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-tests-'));
  const counts = path.join(folder, 'tally.json');
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./test/support/tally-reporter.ts', `--test-reporter-destination=${counts}`],
  ];
  // One file more than two cores: many wait for processes and lines. What hangs ends by its name, not with the whole run.
  const bounds = ['--test-concurrency=3', '--test-timeout=600000'];
  const settings = ['--disable-warning=ExperimentalWarning', '--test', ...bounds, ...reporters];
  const title = `TypeScript: ${typescript.length} files`;
  const result = await run(title, [...settings, ...flags, ...typescript], 'live');
  tallies.TypeScript = readTally(counts);
  rmSync(folder, { recursive: true });
  return result.good;
}

// At one time: compiling the Solidity tests takes minutes of one core, while the other would stand idle.
const good = (await Promise.all([testSolidity(), testTypescript()])).every(Boolean);
process.stdout.write(`\n${summaryLine(tallies, (performance.now() - started) / 1000)}\n`);
process.exitCode = good ? 0 : 1;

function readTally(file: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally;
  } catch {
    // The runner ended before it had written them; its exit code says so too.
    return undefined;
  }
}
