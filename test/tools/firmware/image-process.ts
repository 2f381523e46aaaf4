/**
 * Runs `miner image` many times in one process, as loading it takes most of the time. A process of its own, since that of
 * a test tells its results on stdout. In: messages with arguments, one at a time. Out: what was printed, and the code.
 */
import { Command, CommanderError } from 'commander';
import { registerImage } from '../../../tools/cli/commands/image.ts';
import { reportError } from '../../../tools/cli/report-error.ts';
import type { Ran } from './image-world.ts';

let ran: Ran = { code: 0, stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (text: string | Uint8Array) => {
    ran[name] += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    return true;
  };
}

async function run(args: string[]): Promise<number> {
  const program = new Command('miner').exitOverride();
  registerImage(program);
  try {
    await program.parseAsync(['image', ...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, args.includes('--json'));
    return error.exitCode === 0 ? 0 : 2;
  }
}

process.on('message', async (args: string[]) => {
  ran = { code: 0, stdout: '', stderr: '' };
  ran.code = await run(args);
  process.send?.(ran);
});
