/** `miner dbc hash`: by what a decoder is registered. */
import type { Command } from 'commander';
import { readInput } from '../../../files.ts';
import { table } from '../../table.ts';

export function addHash(dbc: Command): void {
  dbc
    .command('hash')
    .argument('<file>', 'a DBC file')
    .description('the three hashes by which a decoder is registered; exit 1 when it has no module to hash')
    .option('--json', 'one object: contentHash, semanticHash, moduleHash (null with a reason when there is none)')
    .addHelpText('after', '\nExample\n  $ miner dbc hash car.dbc --json')
    .action(hash);
}

async function hash(file: string, options: { json?: boolean }): Promise<void> {
  const { identityOf } = await import('../../../dbc/index.ts');
  const identity = identityOf(readInput(file));
  const { contentHash, semanticHash, moduleHash, reason } = identity;
  // Without a module there is nothing that a registry could list.
  process.exitCode = moduleHash === null ? 1 : 0;
  if (options.json) {
    process.stdout.write(`${JSON.stringify(identity)}\n`);
    return;
  }
  const rows = [
    ['contentHash', contentHash, 'the exact bytes of the file'],
    ['semanticHash', semanticHash, 'what it means: the same for a reformatted copy'],
    ['moduleHash', moduleHash ?? 'none', moduleHash === null ? reason! : 'the WebAssembly module that it compiles to'],
  ];
  process.stdout.write(`${table(rows)}\n`);
}
