/** Runs `miner` as a shell would, and watches what it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../../tools/cli/bin.mjs', import.meta.url));

export const electricCar = fileURLToPath(new URL('../../../tools/vehicle/electric-car.dbc', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the match once `pattern` stands in stdout or stderr; rejects when the process ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
}

export function startMiner(args: string[], options: { cwd?: string } = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const look of watchers) look();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  return {
    child,
    output,
    ended,
    seen(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
          if (!match) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before ${pattern}:\n${output.stdout}${output.stderr}`)),
        );
        look();
      });
    },
  };
}

/** Runs to the end. */
export function runMiner(args: string[]): Promise<Ended> {
  return startMiner(args).ended;
}
