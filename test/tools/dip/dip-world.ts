/** A fresh platform with a data folder beside it, and `miner dip` to work on it: where tests of the commands start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registerDip } from '../../../tools/cli/commands/dip.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { freshPlatform, type Platform } from '../support/platform.ts';
import { type Ran, runRegistered } from '../support/run-command.ts';

export interface DipWorld extends Platform {
  folder: string;
  /** Runs `miner dip ...` on this chain. */
  dip: (...args: string[]) => Promise<Ran>;
  /** The same with --json and --yes, and its one object; the exit code must be 0. */
  step: (...args: string[]) => Promise<Record<string, unknown>>;
  /** Writes a DIP file with these actions in YAML. @returns its path */
  file: (name: string, actions: string, more?: { title?: string; text?: string }) => string;
}

export async function dipWorld(): Promise<DipWorld> {
  const platform = await freshPlatform();
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-dip-'));
  writeRecord(folder, 'chain', { rpcUrl: platform.url, deployment: platform.deployment });
  const dip = (...args: string[]) => runRegistered([registerDip], ['dip', ...args, '--data', folder]);
  return {
    ...platform,
    folder,
    dip,
    async step(...args) {
      const ran = await dip(...args, '--json', '--yes');
      if (ran.code !== 0) throw new Error(`miner dip ${args.join(' ')}: ${ran.code}\n${ran.stderr}`);
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    },
    file(name, actions, { title = `Try ${name}`, text = 'Because it is time.' } = {}) {
      const file = path.join(folder, `${name}.md`);
      const sections = ['Abstract', 'Motivation', 'Specification', 'Implementation', 'Copyright'];
      const body = sections.map((section) => `## ${section}\n\n${text}\n`).join('\n');
      writeFileSync(
        file,
        `---\ntitle: ${title}\nauthors:\n  - A Holder\ncreated: 2026-11-01\nlicence: CC0-1.0\nactions:\n${actions}\n---\n\n${body}`,
      );
      return file;
    },
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
