/**
 * `npm test`: Solidity tests in Hardhat, then every TypeScript test in Node's own runner.
 * Arguments choose: `npm test -- contracts`, `npm test -- edge/dbc`, `npm test -- test/edge/dbc/parse.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith('-'));

/** A test's path relative to the repository, matched from `test/` on. */
const wanted = (file: string) =>
  chosen.length === 0 || chosen.some((arg) => file.startsWith(arg) || file.startsWith(`test/${arg}`));

// Every test file and every command they start is a process: sources compiled once serve them all.
process.env.NODE_COMPILE_CACHE ??= path.join(tmpdir(), 'node-compile-cache');

function run(what: string, args: string[]): boolean {
  process.stdout.write(`\n${what}\n`);
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (result.signal) process.exit(130);
  return result.status === 0;
}

const solidity = globSync('test/contracts/**/*.t.sol', { cwd: root }).filter(wanted).sort();
const typescript = globSync('test/**/*.test.ts', { cwd: root }).filter(wanted).sort();
if (solidity.length + typescript.length === 0) {
  process.stderr.write(`no test matches ${chosen.join(' ')}; try: npm test -- edge/dbc\n`);
  process.exit(2);
}

let good = true;
if (solidity.length > 0) {
  const hardhat = path.join(root, 'node_modules/hardhat/dist/src/cli.js');
  good = run(`Solidity: ${solidity.length} files`, [hardhat, 'test', 'solidity', ...solidity]) && good;
}
if (typescript.length > 0) {
  const options = ['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=spec', '--test-concurrency=2'];
  good = run(`TypeScript: ${typescript.length} files`, [...options, ...flags, ...typescript]) && good;
}
process.exit(good ? 0 : 1);
