#!/usr/bin/env node
// The `miner` command: starts the command line under Node 24, from source in a checkout, compiled in a package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode } from './node24.mjs';

const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
const source = path.join(packageRoot, 'tools/cli/main.ts');
const main = existsSync(source) ? source : path.join(packageRoot, 'dist/tools/cli/main.js');

// Compiled code is kept for the next start, types stripped: importing the sources takes a fifth of the time.
process.env.NODE_COMPILE_CACHE ??= path.join(tmpdir(), 'node-compile-cache');

let node;
try {
  node = findNode(packageRoot);
} catch {
  process.stderr.write(
    'miner: Node 24 could not be brought by npx\n  to do: install Node 24 or newer, or connect to an npm registry once\n',
  );
  process.exit(3);
}
if (node === process.execPath) {
  enableCompileCache();
  await import(pathToFileURL(main).href);
} else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the whole group; what is sent to us alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 3);
  });
}
