/** `miner dip list`: the proposals of a chain, page by page. */
import { type Command, InvalidArgumentError } from 'commander';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { integerBetween } from '../../options.ts';
import { table } from '../../table.ts';
import { guarded, openDips } from './open.ts';

interface ListFlags extends ChainFlags {
  state?: string[];
  page: number;
  perPage: number;
}

/** As the governor has them; a test holds this to the list in tools/dip. */
export const states = ['pending', 'active', 'canceled', 'defeated', 'succeeded', 'queued', 'expired', 'executed'];

function parseStates(text: string): string[] {
  const named = text.split(',').map((one) => one.trim());
  const unknown = named.find((one) => !states.includes(one));
  if (unknown === undefined) return named;
  throw new InvalidArgumentError(`Expected one or several of ${states.join(',')}.`);
}

export function registerDipList(dip: Command): void {
  withChain(dip.command('list').description('every DIP with its state, level and votes; the newest first'))
    .option('--state <states>', 'only those in this state, or in one of several: pending,active', parseStates)
    .option('--page <n>', 'from 1', integerBetween(1, 1_000_000), 1)
    .option('--per-page <n>', 'how many on a page', integerBetween(1, 1_000), 20)
    .addHelpText('after', '\nExample\n  $ miner dip list --state pending,active')
    .action(guarded(list));
}

async function list(flags: ListFlags): Promise<void> {
  const [{ explainDip, listProposed, readState, tokens }, { cut, printable }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../dbc/index.ts'),
  ]);
  const { clients, deployment } = await openDips(flags);
  const { state, page, perPage } = flags;
  let found = (await listProposed(clients, deployment)).map((dip, index) => ({ number: index + 1, dip })).reverse();
  if (state) {
    const kept: typeof found = [];
    for (const one of found) {
      if (state.includes(await readState(clients, deployment, one.dip.id))) kept.push(one);
    }
    found = kept;
  }
  const shown = found.slice((page - 1) * perPage, page * perPage);
  const rows: (string | number)[][] = [['', 'state', 'level', 'for', 'against', 'title']];
  for (const { number, dip } of shown) {
    const explained = await explainDip(clients, deployment, dip);
    if (flags.json) process.stdout.write(jsonLine({ number, ...explained }));
    const { status, title, bound } = explained;
    const warning = bound ? '' : 'NOT WHAT WAS PROPOSED: ';
    const votes = [tokens(status.votesFor), tokens(status.votesAgainst)];
    rows.push([number, status.state, status.level, ...votes, warning + cut(printable(title), 80)]);
  }
  if (flags.json) return;
  process.stdout.write(shown.length > 0 ? `${table(rows)}\n` : 'no DIP\n');
  const pages = Math.max(1, Math.ceil(found.length / perPage));
  if (pages > 1) process.stdout.write(`page ${page} of ${pages}, ${found.length} DIPs; --page shows another\n`);
}
