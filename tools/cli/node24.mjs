// Finds a Node new enough to run the project's TypeScript. Plain JavaScript that Node 20 can read.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const NEEDED_MAJOR = 24;
export const npxNode = ['-y', '-p', `node@${NEEDED_MAJOR}`];

/**
 * Where npx is to run: anywhere but in a project. There it would take the project's own `node` package, even one that
 * an interrupted installation left without its program, and so run what it was asked under the old Node after all.
 */
export const npxFolder = tmpdir();

/** This Node if it will do, else the one that `npm ci` put beside us, else the one npx can bring. */
export function findNode(packageRoot) {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return process.execPath;
  const require = createRequire(path.join(packageRoot, 'package.json'));
  try {
    const local = path.join(path.dirname(require.resolve('node/package.json')), 'bin', 'node');
    if (existsSync(local)) return local;
  } catch {
    // An installed package does not carry a Node of its own.
  }
  process.stderr.write(
    `miner needs Node ${NEEDED_MAJOR}; this is ${process.version}, so npx brings one (kept in its cache)\n`,
  );
  const printPath = [...npxNode, 'node', '-p', 'process.execPath'];
  const options = { cwd: npxFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return execFileSync('npx', printPath, options).trim();
}
