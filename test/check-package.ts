/**
 * `npm run check:package`: packs the project, installs the package in an empty folder as a user would, and runs it
 * there. Apart from `npm test` because it installs every dependency once more.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'miner-package-'));
const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });

try {
  npm(['pack', '--pack-destination', folder], root);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(archive, 'npm pack wrote no archive');
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  npm(['install', '--no-audit', '--no-fund', `./${archive}`], folder);

  const runs: [string[], RegExp][] = [
    [['--help'], /miner demo/],
    [['demo', '--help'], /--duration/],
    [['sim', '--seeds', '5', '--cuts', '50', '--json'], /"violations":0/],
    [['demo', '--json', '--duration', '3'], /"held":true/],
  ];
  for (const [args, expected] of runs) {
    const result = spawnSync('npx', ['miner', ...args], { cwd: folder, encoding: 'utf8' });
    assert.equal(result.status, 0, `npx miner ${args.join(' ')} exited ${result.status}\n${result.stderr}`);
    assert.match(result.stdout, expected);
    process.stdout.write(`npx miner ${args.join(' ')}: good\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
