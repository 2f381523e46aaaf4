/** `miner dip watch`: proposals as they change, until Ctrl-C. */
import type { Command } from 'commander';
import type { WatchEvent } from '../../../dip/index.ts';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { numberBetween } from '../../options.ts';
import { guarded, openDips } from './open.ts';

export function registerDipWatch(dip: Command): void {
  withChain(
    dip
      .command('watch')
      .argument('[id]', 'one DIP alone, until nothing more can happen to it')
      .description('tell each change of state, votes and times, until Ctrl-C; outlives outages of the chain'),
  )
    .option('--interval <seconds>', 'between two looks', numberBetween(0.05, 3_600, 'seconds'), 5)
    .addHelpText('after', '\nExample\n  $ miner dip watch --json')
    .action(guarded(watch));
}

async function watch(id: string | undefined, flags: ChainFlags & { interval: number }): Promise<void> {
  const [{ findProposed, watchDips }, { setTimeout: sleep }, { stopOnSignals }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('node:timers/promises'),
    import('../../stop.ts'),
  ]);
  const context = await openDips(flags);
  const only = id === undefined ? {} : { id: (await findProposed(context.clients, context.deployment, id)).id };
  const stop = stopOnSignals((text) => process.stderr.write(`${text}\n`));
  const pause = () =>
    sleep(flags.interval * 1000, true, { signal: stop.signal }).catch(() => {
      return false;
    });
  try {
    for await (const event of watchDips(context, { ...only, pause })) {
      process.stdout.write(flags.json ? jsonLine(event) : `${await wordsOf(event)}\n`);
    }
  } finally {
    stop.release();
  }
}

async function wordsOf(event: WatchEvent): Promise<string> {
  if (event.event === 'silent') return `the chain does not answer (${event.reason}); asking again`;
  if (event.event === 'answering') return 'the chain answers again';
  const [{ nextStep, tallyWords, utc }, { cut, printable }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  const { number, title, now, before, status } = event;
  const { votesFor, votesAgainst, votesAbstain, state } = status;
  const from = before && before.state !== state ? `${before.state} -> ` : '';
  const votes = tallyWords({ for: votesFor, against: votesAgainst, abstain: votesAbstain });
  const name = cut(printable(title), 60);
  return `${utc(now)}  ${number}. ${name}: ${from}${state}; votes: ${votes}; ${nextStep(status, now).words}`;
}
