/** `miner dip propose` and `miner dip delegate`: a DIP on the chain, and the votes that it takes. */
import type { Command } from 'commander';
import type { Address } from 'viem';
import { addressArgument } from '../../options.ts';
import { guarded, openDipsToSend, type SendingFlags, withSending } from './open.ts';
import { takeStep } from './take-step.ts';

export function registerDipPropose(dip: Command): void {
  withSending(
    dip
      .command('propose')
      .argument('<DIP.md>', 'a DIP file')
      .description('propose what a file says; a second time it says where it stands'),
    'the proposer',
  )
    .addHelpText('after', '\nExample\n  $ miner dip propose DIP.md --keystore alice.json')
    .action(guarded(propose));
  withSending(
    dip
      .command('delegate')
      .argument('<to>', 'whose the votes shall be: an address, or "self"', delegateArgument)
      .description('give the votes of your tokens to an account; without it they count for nobody'),
    'the holder',
  )
    .addHelpText('after', '\nExample\n  $ miner dip delegate self --keystore alice.json')
    .action(guarded(delegate));
}

function delegateArgument(text: string): Address | 'self' {
  return text === 'self' ? 'self' : addressArgument(text);
}

async function propose(file: string, flags: SendingFlags): Promise<void> {
  const [{ proposeStep }, { readDip }] = await Promise.all([import('../../../dip/index.ts'), import('./read-dip.ts')]);
  const { context, account } = await openDipsToSend(flags);
  const dip = await readDip(file, context.deployment);
  await takeStep(context, account, flags, proposeStep(context, dip, account.address));
}

async function delegate(to: Address | 'self', flags: SendingFlags): Promise<void> {
  const { delegateStep } = await import('../../../dip/index.ts');
  const { context, account } = await openDipsToSend(flags);
  const target = to === 'self' ? account.address : to;
  await takeStep(context, account, flags, delegateStep(context, account.address, target));
}
