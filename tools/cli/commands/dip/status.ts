/** `miner dip status`: an account's votes, and what it can do with the live proposals. */
import type { Command } from 'commander';
import type { Address } from 'viem';
import type { AccountStanding } from '../../../dip/index.ts';
import { toolError } from '../../../errors/index.ts';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { addressArgument, integerBetween } from '../../options.ts';
import { table } from '../../table.ts';
import { guarded, holderAccount, openDips } from './open.ts';

interface StatusFlags extends ChainFlags {
  for?: Address;
  account?: number;
}

export function registerDipStatus(dip: Command): void {
  withChain(dip.command('status').description('an account: its votes, its delegate, the live DIPs, what it can do now'))
    .option('--for <address>', 'which account; needs no key', addressArgument)
    .option('--account <n>', `or a local chain's account; ${holderAccount} when left out`, integerBetween(0, 11))
    .addHelpText('after', '\nExample\n  $ miner dip status --for 0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
    .action(guarded(status));
}

async function status(flags: StatusFlags): Promise<void> {
  const { readStanding } = await import('../../../dip/index.ts');
  const context = await openDips(flags);
  const account = flags.for ?? (await localAddress(context.deployment.chainId, flags.account));
  const standing = await readStanding(context, account);
  process.stdout.write(flags.json ? jsonLine(standing) : await textOf(standing));
}

async function localAddress(chainId: number, index = holderAccount): Promise<Address> {
  const [{ openSigner }, { localChainId }] = await Promise.all([
    import('../../../keys/index.ts'),
    import('../../../deploy/index.ts'),
  ]);
  if (chainId !== localChainId) {
    throw toolError('OPTION_MISSING', { option: '--for', reason: 'it says which account is meant' });
  }
  return (await openSigner({ localIndex: index }, { chainId })).address;
}

async function textOf(standing: AccountStanding): Promise<string> {
  const [{ tallyWords, tokens }, { cut, printable }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  const { account, balance, delegate, votes, threshold, isGuardian, live } = standing;
  const missing = threshold - votes;
  const rows = [
    ['account', account + (isGuardian ? ', the guardian' : '')],
    ['tokens', tokens(balance)],
    ['their votes', delegate === account ? 'its own' : (delegate ?? 'count for nobody: "miner dip delegate"')],
    ['votes', tokens(votes)],
    ['to propose', missing > 0n ? `${tokens(missing)} votes are missing of ${tokens(threshold)}` : 'it may'],
  ];
  const lines = [table(rows)];
  for (const { number, title, status, voter, can, next } of live) {
    const cast = tallyWords(voter.cast);
    lines.push(
      '',
      `${number}. ${cut(printable(title), 100)}`,
      `   ${status.state}, level ${status.level}; ${next}`,
      `   of ${tokens(voter.weight)} votes on it cast: ${cast}`,
      ...can.map((step) => `   $ miner dip ${step} ${number}${step === 'vote' ? ' for' : ''}`),
    );
  }
  if (live.length === 0) lines.push('', 'no DIP is under way');
  return `${lines.join('\n')}\n`;
}
