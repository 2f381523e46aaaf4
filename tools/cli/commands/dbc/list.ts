/** `miner dbc list`: the messages of a decoder. */
import type { Command } from 'commander';
import { table } from '../../table.ts';
import { terminalWidth } from './terminal-width.ts';

export function addList(dbc: Command): void {
  dbc
    .command('list')
    .argument('<file>', 'a DBC file, or its JSON form')
    .description('list the messages: id, name, bytes, signals, cycle, kind (CAN FD, J1939, multiplexed), sender')
    .option('--json', 'one object: messages')
    .addHelpText('after', '\nExample\n  $ miner dbc list car.dbc')
    .action(list);
}

async function list(file: string, options: { json?: boolean }): Promise<void> {
  const { cut, listCells, listHeader, printable, summarize } = await import('../../../dbc/index.ts');
  const { openDecoder } = await import('../../../dbc/open-node.ts');
  const { messages } = openDecoder(file).database;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ file, messages: messages.map(summarize) })}\n`);
    return;
  }
  const rows = messages.map((message) =>
    listCells(message).map((cell) => (typeof cell === 'string' ? printable(cell) : cell)),
  );
  const width = terminalWidth();
  const lines = table([listHeader, ...rows]).split('\n');
  process.stdout.write(`${lines.map((line) => cut(line, width)).join('\n')}\n`);
}
