/** Where and when figures were taken. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../tools/package-root.ts';

export interface Machine {
  date: string;
  /** Of the checkout, with `+` when files differ from it; absent in an installed package. */
  commit?: string;
  cpu: string;
  cores: number;
  platform: string;
  runtime: string;
}

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    commit: commitOf(packageRoot),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    platform: `${platform()} ${arch()}`,
    runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
  };
}

function commitOf(folder: string): string | undefined {
  // Installed as a package, the repository around us would be somebody else's.
  if (!existsSync(path.join(folder, '.git'))) return undefined;
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const hash = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no', '--', 'contracts', 'edge', 'bench') === ''
      ? hash
      : `${hash}+`;
  } catch {
    return undefined;
  }
}
