/**
 * Runs `miner checkpoint` and `miner chain` several times in one process, as loading them takes most of the time.
 * In: a JSON array of argument lists, as the only argument. Out: for each { code, stdout, stderr }.
 */
import { Command, CommanderError } from 'commander';
import { registerChain } from '../../../tools/cli/commands/chain.ts';
import { registerCheckpoint } from '../../../tools/cli/commands/checkpoint.ts';
import { reportError } from '../../../tools/cli/report-error.ts';

const writeOut = process.stdout.write.bind(process.stdout);
const written = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (text: string | Uint8Array) => {
    written[name] += typeof text === 'string' ? text : new TextDecoder().decode(text);
    return true;
  };
}

async function run(args: string[]): Promise<number> {
  const program = new Command('miner').exitOverride();
  registerCheckpoint(program);
  registerChain(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, args.includes('--json'));
    return error.exitCode === 0 ? 0 : 2;
  }
}

const results = [];
for (const args of JSON.parse(process.argv[2]) as string[][]) {
  const code = await run(args);
  results.push({ code, ...written });
  written.stdout = '';
  written.stderr = '';
}
writeOut(JSON.stringify(results));
