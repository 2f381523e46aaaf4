/** The `miner` command line: parses, hands over to one file per command, and turns errors into words. */
import { Command, CommanderError, Option } from 'commander';
import { MinerError } from '../../edge/errors/index.ts';
import { commands } from './commands/index.ts';
import { reportError } from './report-error.ts';
import { packageVersion } from './version.ts';

const program = new Command('miner')
  .description('Vehicle data by vote: license Miners, whitelist DBC decoders, read CAN, sign packs, verify, reward.')
  .version(packageVersion())
  .addOption(new Option('--no-color', 'plain text (NO_COLOR is honoured too)'))
  .showHelpAfterError('(add --help for the options and an example)')
  .configureHelp({ sortSubcommands: false })
  .exitOverride();

// What is printed asks the environment, so that one switch holds for us and for the libraries.
program.hook('preAction', () => {
  if (program.opts().color === false) process.env.NO_COLOR = '1';
});
for (const register of commands) register(program);

program.addHelpText(
  'after',
  `
Exit codes: 0 good, 1 the answer is no, 2 wrong usage, 3 an outside part failed, 130 stopped by Ctrl-C.

First steps
  $ miner demo                                  the whole loop on this machine
  $ miner dbc check car.dbc                     what a decoder file says, and what is wrong with it
  $ miner vehicle --listen pty                  an emulated CAN adapter with a car behind it
  $ miner run --port /dev/pts/3 --dbc car.dbc   a Miner on that port`,
);

/** As shells have it: 128 and the number of SIGINT. */
const interruptedExitCode = 130;

/** Commander's own errors are wrong usage; help and version are not errors. */
function usageExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

// A reader that goes away (`miner ... | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode =
    error instanceof CommanderError ? usageExitCode(error) : reportError(error, process.argv.includes('--json'));
  // What was under way when the user stopped us need not come to its end.
  if (error instanceof MinerError && error.code === 'INTERRUPTED') process.exit(interruptedExitCode);
}
