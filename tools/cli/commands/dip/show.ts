/** `miner dip show`: one proposal from chain data alone, and whether it is what a file says. */
import type { Command } from 'commander';
import type { ExplainedDip } from '../../../dip/index.ts';
import { type ChainFlags, jsonLine, withChain } from '../../chain-context.ts';
import { table } from '../../table.ts';
import { guarded, openDips } from './open.ts';

export function registerDipShow(dip: Command): void {
  withChain(
    dip
      .command('show')
      .argument('<id>', 'number in the list, or the id on chain')
      .description('one DIP: what it would do, its level and why, the vote, what can be done next'),
  )
    .option('--file <DIP.md>', 'compare: text and calls must be what this file says, else 1')
    .addHelpText('after', '\nExample\n  $ miner dip show 1 --file DIP.md')
    .action(guarded(show));
}

async function show(id: string, flags: ChainFlags & { file?: string }): Promise<void> {
  const [{ explainDip, findProposed, firstDifference }, { toolError }] = await Promise.all([
    import('../../../dip/index.ts'),
    import('../../../errors/index.ts'),
  ]);
  const { clients, deployment } = await openDips(flags);
  const proposed = await findProposed(clients, deployment, id);
  const dip = await explainDip(clients, deployment, proposed);
  const { number } = proposed;
  process.stdout.write(flags.json ? jsonLine({ number, ...dip }) : await textOf(number, dip));
  if (!dip.bound) process.exitCode = 1;
  if (flags.file === undefined) return;
  const { readDip } = await import('./read-dip.ts');
  const difference = firstDifference(deployment, await readDip(flags.file, deployment), proposed);
  if (difference) {
    const { printable } = await import('../../../dbc/index.ts');
    const facts = { path: flags.file, number, difference: printable(difference) };
    throw toolError('DIP_DIFFERS', facts);
  }
  if (!flags.json) process.stdout.write(`\nIt is what ${flags.file} says, text and calls.\n`);
}

/** What anybody proposed is text of strangers: nothing in it may steer the terminal. */
async function textOf(number: number, dip: ExplainedDip): Promise<string> {
  const { printable } = await import('../../../dbc/index.ts');
  const warning = 'WARNING: text and calls do not hash to this id. The node that answered does not tell the truth.';
  const { status } = dip;
  const rows = [
    ['number', String(number)],
    ['id', dip.id.toString()],
    ['proposer', dip.proposer],
    ['state', status.state],
    ['level', dip.levelWords],
    ['votes', dip.votesWords],
    ['quorum', dip.quorum.words],
    ['majority', dip.majority.words],
    ['next', dip.next.words],
  ];
  const lines = [
    ...(dip.bound ? [] : [warning, '']),
    printable(dip.title),
    '',
    ...dip.text.split(/\r?\n/).map(printable),
    '',
    status.state === 'executed' ? 'It did' : 'If it executes, it will',
    ...dip.actions.map((action, i) => `  ${i + 1}. ${printable(action.words)}`),
    '',
    table(rows),
    ...(dip.bound ? [] : ['', warning]),
  ];
  return `${lines.join('\n')}\n`;
}
