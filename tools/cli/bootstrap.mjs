// `npm start` and `npm test` on a fresh clone: brings the locked dependencies and Node 24, builds the contracts,
// then runs what was asked. Plain JavaScript that Node 20 can read; says what it does on stderr.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, npxFolder, npxNode } from './node24.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const say = (text) => process.stderr.write(`${text}\n`);

/** npm writes its hidden lock file last, so an interrupted or outdated installation shows. */
function installed() {
  const marker = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(marker)) return false;
  if (statSync(marker).mtimeMs < statSync(path.join(root, 'package-lock.json')).mtimeMs) return false;
  // An npm that runs on Node 20 leaves the chain's native engine out without a word.
  const packages = path.join(root, 'node_modules/@nomicfoundation');
  return existsSync(packages) && readdirSync(packages).some((name) => name.startsWith('edr-'));
}

function run(command, args, { quiet = false, cwd = root } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2];
  const result = spawnSync(command, args, { cwd, stdio, encoding: 'utf8' });
  if (result.error || result.status !== 0) {
    if (quiet) say(`${result.stdout}${result.stderr}`);
    say(`${command} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}`);
    process.exit(result.signal === 'SIGINT' ? 130 : 3);
  }
}

if (!installed()) {
  say('Installing the locked dependencies (once; about a minute) ...');
  run('npx', [...npxNode, 'npm', 'ci', '--prefix', root, '--no-audit', '--no-fund'], { cwd: npxFolder });
  if (!installed()) {
    say('The installation is not whole: delete the folder node_modules and try again.');
    process.exit(3);
  }
}
const node = findNode(root);
say('Building the contracts (the first time takes a minute; then only what changed) ...');
// The compiler's only warnings are about future keywords in OpenZeppelin's own files; a failed build shows all.
run(node, [path.join(root, 'node_modules/hardhat/dist/src/cli.js'), 'build', '--no-tests', '--quiet'], { quiet: true });

/** Programs of a checkout that are no commands of the tool. */
const programs = {
  test: 'test/run.ts',
  prove: 'test/proof/prove.ts',
  mutate: 'test/mutation/main.ts',
  'coverage:contracts': 'test/coverage.ts',
  'bench:contracts': 'bench/contracts/main.ts',
};
const [task, ...args] = process.argv.slice(2);
const [program, ...passed] = programs[task] ? [programs[task], ...args] : ['tools/cli/main.ts', task, ...args];
const child = spawn(node, [path.join(root, program), ...passed], { stdio: 'inherit' });
// The child decides how to end on Ctrl-C; we only wait for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 3)));
