/** `miner dbc ...`: the workshop of people who write decoders. */
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Diagnostic, Severity } from '../../../edge/dbc/index.ts';
import { readInput } from '../../files.ts';
import { table } from '../table.ts';

export function registerDbc(program: Command): void {
  const dbc = program.command('dbc').description('check and identify DBC files');
  dbc
    .command('check')
    .argument('<file>', 'a DBC file')
    .description('read a DBC and report every deviation with its place; exit 1 only when something was dropped')
    .option('--json', 'one object: messages, signals, diagnostics')
    .addHelpText('after', '\nExample\n  $ miner dbc check car.dbc')
    .action(check);
  dbc
    .command('hash')
    .argument('<file>', 'a DBC file')
    .description('the three hashes by which a decoder is registered')
    .option('--json', 'one object: contentHash, semanticHash, moduleHash')
    .addHelpText('after', '\nExample\n  $ miner dbc hash car.dbc --json')
    .action(hash);
}

async function check(file: string, options: { json?: boolean }): Promise<void> {
  const { parseDbc } = await import('../../../edge/dbc/index.ts');
  const { database, diagnostics } = parseDbc(readInput(file));
  const signals = database.messages.reduce((sum, message) => sum + message.signals.length, 0);
  const dropped = diagnostics.some((d) => d.severity === 'error');
  process.exitCode = dropped ? 1 : 0;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ file, messages: database.messages.length, signals, diagnostics })}\n`);
    return;
  }
  for (const diagnostic of diagnostics) process.stdout.write(`${diagnosticText(file, diagnostic)}\n`);
  const count = (severity: Severity) => diagnostics.filter((d) => d.severity === severity).length;
  process.stdout.write(
    `${file}: ${database.messages.length} messages, ${signals} signals; ` +
      `${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes\n`,
  );
  if (dropped) process.stdout.write('what an error names was dropped; everything else was kept\n');
}

const colours: Record<Severity, 'red' | 'yellow' | 'cyan'> = { error: 'red', warning: 'yellow', info: 'cyan' };

function diagnosticText(file: string, d: Diagnostic): string {
  const severity = styleText(colours[d.severity], d.severity, { stream: process.stdout });
  return `${file}:${d.line}:${d.column}: ${severity} ${d.code}: ${d.message}\n    ${d.excerpt}`;
}

async function hash(file: string, options: { json?: boolean }): Promise<void> {
  const { identifyDecoder } = await import('../../decoder.ts');
  const { contentHash, semanticHash, moduleHash } = identifyDecoder(readInput(file));
  if (options.json) process.stdout.write(`${JSON.stringify({ contentHash, semanticHash, moduleHash })}\n`);
  else {
    const rows = [
      ['contentHash', contentHash, 'the exact bytes of the file'],
      ['semanticHash', semanticHash, 'what it means: the same for a reformatted copy'],
      ['moduleHash', moduleHash, 'the WebAssembly module that it compiles to'],
    ];
    process.stdout.write(`${table(rows)}\n`);
  }
}
