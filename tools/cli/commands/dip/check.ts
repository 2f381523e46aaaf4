/** `miner dip check`: whether a DIP file is right, what the DIP would need and change, and what is odd about it. */
import type { Command } from 'commander';
import type { Address } from 'viem';
import type { DipCheck } from '../../../dip/check/index.ts';
import type { DipFile, Problem } from '../../../dip/file/index.ts';
import type { Context } from '../../../dip/index.ts';
import { toolError } from '../../../errors/index.ts';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { addressArgument, numberBetween } from '../../options.ts';
import { stopOnSignals } from '../../stop.ts';
import { guarded, openDips, urlOf } from './open.ts';

interface CheckFlags extends ChainFlags {
  proposer?: Address;
  trial: boolean;
  strict?: boolean;
  /** Seconds. */
  patience: number;
}

export function registerDipCheck(dip: Command): void {
  withChain(
    dip
      .command('check')
      .argument('<DIP.md>', 'a DIP file')
      .description('check a DIP before it is proposed, and try it on a copy of the chain'),
  )
    .option('--proposer <address>', 'whether this account may propose it, and under which id', addressArgument)
    .option('--no-trial', 'leave out the trial on a copy of the chain')
    .option('--strict', 'a warning is a fault too')
    .option(
      '--patience <seconds>',
      'how long one question to the copy may take, with all that it asks the chain for',
      numberBetween(1, 86_400, 'seconds'),
      120,
    )
    .addHelpText(
      'after',
      `
The trial takes the DIP through vote and timelock on a copy of the chain in this process: nothing is sent anywhere.
Exit codes: 0 good, 1 the DIP is wrong, would fail or would leave no working vote (with --strict: or has a warning), 3 the
chain does not answer.

Example
  $ miner dip check DIP.md --proposer 0x70997970C51812dc3A010C7d01b50e0d17dc79C8`,
    )
    .action(guarded(check));
}

async function check(path: string, flags: CheckFlags): Promise<void> {
  const { readDipFile, readDipText } = await import('../../../dip/file/index.ts');
  const { file, problems } = readDipFile(readDipText(path));
  if (!file) {
    process.stdout.write(flags.json ? jsonLine({ path, good: false, problems }) : await problemLines(path, problems));
    process.exitCode = 1;
    return;
  }
  const context = await openDips(flags);
  const found = await checkOnChain(context, file, flags);
  const isGood = found.good && !(flags.strict && (problems.length > 0 || found.warnings.length > 0));
  if (!isGood) process.exitCode = 1;
  if (flags.json) {
    process.stdout.write(jsonLine({ path, ...found, good: isGood, problems }));
    return;
  }
  const { reportCheck } = await import('../../../dip/check/index.ts');
  const lines = reportCheck(
    found,
    context.deployment,
    file.actions.map(({ action }) => action),
  );
  process.stdout.write(`${await problemLines(path, problems)}${lines.join('\n')}\n`);
}

async function checkOnChain(
  context: Context,
  file: DipFile,
  { proposer, trial, patience }: CheckFlags,
): Promise<DipCheck> {
  const [{ checkDip, isStillWaiting, openFork }, { toDip }] = await Promise.all([
    import('../../../dip/check/index.ts'),
    import('../../../dip/file/index.ts'),
  ]);
  const { clients, deployment } = context;
  const stop = stopOnSignals();
  let close = async () => {};
  const openTrial = async (block: bigint) => {
    process.stderr.write('trying it on a copy of the chain ...\n');
    const fork = await openFork({
      url: urlOf(clients),
      chainId: deployment.chainId,
      block,
      patienceMs: patience * 1000,
    });
    close = fork.close;
    return fork;
  };
  try {
    const options = { ...(proposer && { proposer }), ...(trial && { openTrial }) };
    const interrupted = stop.requested.then(() => {
      throw toolError('INTERRUPTED', {});
    });
    return await Promise.race([checkDip(clients, deployment, toDip(file, deployment), options), interrupted]);
  } catch (error) {
    // Nothing else would end a process whose copy of the chain waits for a node that is silent.
    if (isStillWaiting(error)) setTimeout(() => process.exit(), 300).unref();
    throw error;
  } finally {
    await close();
    stop.release();
  }
}

/** As compilers tell it, so that editors find the place. */
async function problemLines(path: string, problems: readonly Problem[]): Promise<string> {
  const { printable } = await import('../../../dbc/index.ts');
  return problems
    .map(({ severity, line, column, text }) => `${path}:${line}:${column}: ${severity}: ${printable(text)}\n`)
    .join('');
}
