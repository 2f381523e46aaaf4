/** `miner image` as a user runs it: what it prints, and how it ends. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const script = fileURLToPath(new URL('image-process.ts', import.meta.url));
let child: ChildProcess | undefined;
after(() => child?.kill());

/** One command at a time. */
export async function image(...args: string[]): Promise<Ran> {
  child ??= fork(script, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  child.send(args);
  const [ran] = await answer;
  return ran as Ran;
}

export interface Scratch {
  at: (name: string) => string;
  file: (name: string, content: Uint8Array | string) => string;
}

/** A folder of the test's own. */
export function scratch(): Scratch {
  const folder = mkdtempSync(path.join(tmpdir(), 'image-'));
  after(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => path.join(folder, name);
  return {
    at,
    file: (name, content) => {
      writeFileSync(at(name), content);
      return at(name);
    },
  };
}
