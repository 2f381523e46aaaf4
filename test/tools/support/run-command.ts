/** Runs commands of `miner` in the test's own process: loading them takes most of a process's time. */
import { Command, CommanderError } from 'commander';
import { reportError } from '../../../tools/cli/report-error.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command in this process, as `miner` would. What the test runner itself writes are bytes, not text.
 * @param registers of the commands that it may be
 */
export async function runRegistered(
  registers: readonly ((program: Command) => void)[],
  args: readonly string[],
): Promise<Ran> {
  const output = { stdout: '', stderr: '' };
  const program = new Command('miner').exitOverride();
  for (const register of registers) register(program);
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = ((chunk: unknown, ...rest: unknown[]) => {
      if (typeof chunk !== 'string') return (write as (...all: unknown[]) => boolean).call(stream, chunk, ...rest);
      output[name] += chunk;
      return true;
    }) as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = reportError(error, args.includes('--json'));
  } finally {
    for (const put of restore) put();
  }
  const code = Number(process.exitCode);
  process.exitCode = before;
  return { code, ...output };
}
