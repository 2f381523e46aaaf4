/** `miner dip ...`: what the holders voted on and what it does, read from the chain alone. */
import type { Command } from 'commander';
import type { ExplainedDip } from '../../dip/index.ts';
import { toolError } from '../../errors/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { integerBetween } from '../options.ts';
import { table } from '../table.ts';

interface DipFlags {
  data: string;
  rpc?: string;
  chainId?: number;
  json?: boolean;
}

export function registerDip(program: Command): void {
  const dip = program.command('dip').description('proposals in plain words, from chain data alone');
  const withChain = (command: Command) =>
    command
      .option('--data <folder>', 'where `miner chain` wrote', defaultFolder)
      .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
      .option(
        '--chain-id <n>',
        'the chain that is meant; another one is refused',
        integerBetween(1, Number.MAX_SAFE_INTEGER),
      )
      .option('--json', 'JSON: one object a DIP');
  withChain(dip.command('list').description('every DIP with its state, level and votes'))
    .addHelpText('after', '\nExample\n  $ miner dip list')
    .action(list);
  withChain(
    dip
      .command('show')
      .argument('<id>', 'number in the list, or the id on chain')
      .description('one DIP: what it would do, its level and why, the vote, what can be done next'),
  )
    .addHelpText('after', '\nExample\n  $ miner dip show 1')
    .action(show);
}

async function open({ data, rpc, chainId }: DipFlags) {
  const [{ readChain }, { connectChain }, { explainDip, listProposed }, { localActors }] = await Promise.all([
    import('../data-folder.ts'),
    import('../../deploy/index.ts'),
    import('../../dip/index.ts'),
    import('../demo/world.ts'),
  ]);
  const { rpcUrl, deployment } = readChain(data);
  // Reading needs no account; the client type asks for one.
  const account = localActors().driver;
  const clients = await connectChain({ url: rpc ?? rpcUrl, account, chainId: chainId ?? deployment.chainId });
  return {
    proposed: await listProposed(clients, deployment),
    explain: explainDip.bind(undefined, clients, deployment),
  };
}

async function list(flags: DipFlags): Promise<void> {
  const { proposed, explain } = await open(flags);
  const dips = await Promise.all(proposed.map(explain));
  if (flags.json) {
    for (const dip of dips) process.stdout.write(`${json(dip)}\n`);
    return;
  }
  const { tokens } = await import('../../dip/index.ts');
  const rows = dips.map(({ title, status }, i) => [
    i + 1,
    status.state,
    status.level,
    tokens(status.votesFor),
    tokens(status.votesAgainst),
    title,
  ]);
  process.stdout.write(`${table([['', 'state', 'level', 'for', 'against', 'title'], ...rows])}\n`);
}

async function show(id: string, flags: DipFlags): Promise<void> {
  const { proposed, explain } = await open(flags);
  const found = proposed[Number(id) - 1] ?? proposed.find((dip) => dip.id.toString() === id);
  if (!found) throw toolError('DIP_UNKNOWN', { id });
  const dip = await explain(found);
  process.stdout.write(flags.json ? `${json(dip)}\n` : text(dip));
  if (!dip.bound) process.exitCode = 1;
}

function text(dip: ExplainedDip): string {
  const lines = [
    dip.title,
    '',
    dip.text,
    '',
    'If it executes, it will',
    ...dip.actions.map((action, i) => `  ${i + 1}. ${action.words}`),
    '',
    table([
      ['id', dip.id.toString()],
      ['proposer', dip.proposer],
      ['state', dip.status.state],
      ['level', dip.levelWords],
      ['quorum', dip.quorum.words],
      ['majority', dip.majority.words],
      ['next', dip.next.words],
    ]),
  ];
  if (!dip.bound)
    lines.push('', 'WARNING: text and calls do not hash to this id. The node that answered does not tell the truth.');
  return `${lines.join('\n')}\n`;
}

function json(dip: ExplainedDip): string {
  return JSON.stringify(dip, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
}
