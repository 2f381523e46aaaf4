/** `miner dip queue`, `execute` and `cancel`. */
import type { Command } from 'commander';
import { guarded, openDipsToSend, type SendingFlags, withSending } from './open.ts';
import { takeStep } from './take-step.ts';

const descriptions = {
  queue: 'put a DIP that passed into the timelock; anyone may',
  execute: 'execute a queued DIP whose time in the timelock is over; anyone may',
  cancel: 'end a DIP for good: its proposer while it is pending, the guardian until it is executed',
} as const;

export function registerDipCarryOut(dip: Command): void {
  for (const [name, description] of Object.entries(descriptions) as [keyof typeof descriptions, string][]) {
    withSending(
      dip.command(name).argument('<id>', 'number in the list, or the id on chain').description(description),
      name === 'cancel' ? 'the proposer, or the guardian' : 'whoever pays for gas',
    )
      .addHelpText('after', `\nExample\n  $ miner dip ${name} 1 --keystore alice.json`)
      .action(guarded((id: string, flags: SendingFlags) => carryOut(name, id, flags)));
  }
}

async function carryOut(name: keyof typeof descriptions, id: string, flags: SendingFlags): Promise<void> {
  const { cancelStep, executeStep, findProposed, queueStep } = await import('../../../dip/index.ts');
  const { context, account } = await openDipsToSend(flags);
  const proposed = await findProposed(context.clients, context.deployment, id);
  const steps = {
    queue: () => queueStep(context, proposed),
    execute: () => executeStep(context, proposed),
    cancel: () => cancelStep(context, proposed, account.address),
  };
  await takeStep(context, account, flags, steps[name]());
}
