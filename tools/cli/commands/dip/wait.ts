/** `miner dip wait`: moves a simulated chain's clock to the next stage of a proposal, so that a vote can be walked through. */
import type { Command } from 'commander';
import type { ChainClients } from '../../../deploy/index.ts';
import type { ProposalStatus } from '../../../dip/index.ts';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { guarded, openDips, urlOf } from './open.ts';

export function registerDipWait(dip: Command): void {
  withChain(
    dip
      .command('wait')
      .argument('<id>', 'number in the list, or the id on chain')
      .description("move a local chain's clock to a DIP's next stage; refused on any chain that is not simulated"),
  )
    .option('--yes', 'without asking')
    .addHelpText('after', '\nEverything else on that chain grows older too.\n\nExample\n  $ miner dip wait 1')
    .action(guarded(wait));
}

async function wait(id: string, flags: ChainFlags & { yes?: boolean }): Promise<void> {
  const [{ duration, findProposed, nextStep, readStatus, utc }, { advanceTime }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../deploy/index.ts'),
  ]);
  const { clients, deployment } = await openDips(flags);
  await assertSimulated(clients);
  const proposed = await findProposed(clients, deployment, id);
  const status = await readStatus(clients, deployment, proposed.id);
  const now = Number((await clients.publicClient.getBlock({ blockTag: 'latest' })).timestamp);
  const until = nextStageAt(status);
  const seconds = until === undefined ? 0 : Math.max(0, until - now);
  if (seconds > 0 && !flags.yes) {
    process.stderr.write(`move the chain's clock by ${duration(seconds)}, to ${utc(until!)}\n`);
    await (await import('../../confirm.ts')).confirm('wait');
  }
  if (seconds > 0) await advanceTime(clients.publicClient, seconds);
  const after = await readStatus(clients, deployment, proposed.id);
  const { state } = after;
  const next = nextStep(after, now + seconds).words;
  const words = `${seconds > 0 ? `${duration(seconds)} later` : 'nothing to wait for'}: it is ${state}; ${next}`;
  process.stdout.write(
    flags.json
      ? jsonLine({ number: proposed.number, id: proposed.id, advancedSeconds: seconds, state })
      : `DIP ${proposed.number}, ${words}\n`,
  );
}

/** Unix seconds; undefined when time alone leads nowhere. */
function nextStageAt({ state, snapshot, deadline, eta }: ProposalStatus): number | undefined {
  if (state === 'pending') return snapshot + 1;
  if (state === 'active') return deadline + 1;
  return state === 'queued' ? eta : undefined;
}

/** The id alone proves nothing: a fork of a real chain may be meant to keep its clock, and an id is easily set. */
async function assertSimulated(clients: ChainClients): Promise<void> {
  const { localChainId } = await import('../../../deploy/index.ts');
  const request = clients.publicClient.request as (call: { method: string }) => Promise<unknown>;
  const client = String(await request({ method: 'web3_clientVersion' }));
  const chainId = clients.walletClient.chain.id;
  if (chainId === localChainId && /^(HardhatNetwork|anvil|Ganache)\//i.test(client)) return;
  const [{ toolError }, { printable }] = await Promise.all([
    import('../../../errors/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  throw toolError('CHAIN_NOT_SIMULATED', { url: urlOf(clients), chainId, client: printable(client.slice(0, 80)) });
}
