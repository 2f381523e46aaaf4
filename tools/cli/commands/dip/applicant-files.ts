/** What the commands that write DIPs of applicants share. */
import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { toolError } from '../../../errors/index.ts';

/**
 * Refuses before anything is signed or written.
 * @throws {MinerError} OUTPUT_EXISTS
 */
export function expectFree(files: readonly string[], force: boolean | undefined): void {
  const taken = force ? undefined : files.find((file) => existsSync(file));
  if (taken !== undefined) throw toolError('OUTPUT_EXISTS', { path: taken, what: 'a file' });
}

/** @throws {MinerError} OUTPUT_UNWRITABLE */
export function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path: file, reason: String((cause as NodeJS.ErrnoException).code) }, cause);
  }
}

/** A moment of the chain as the day that a DIP file is dated with. */
export const dayOf = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10);

/**
 * The options of a command below `miner dip new`, which has some of the same names and takes those for itself wherever
 * they stand. Only what was typed is taken from it: its defaults are not this command's.
 */
export function typedOptions<Flags>(command: Command): Flags {
  const group = command.parent;
  const own = new Set(command.options.map((option) => option.attributeName()));
  const typed = Object.entries(group?.opts() ?? {}).filter(
    ([name]) => own.has(name) && group!.getOptionValueSource(name) === 'cli',
  );
  return { ...command.opts(), ...Object.fromEntries(typed) } as Flags;
}
