/** `miner dbc check`: what a decoder file says, and every deviation in it. */
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Diagnostic, Severity } from '../../../../edge/dbc/index.ts';
import { MinerError } from '../../../../edge/errors/index.ts';
import { printable } from '../../../dbc/printable.ts';
import { errorText } from '../../report-error.ts';

export function addCheck(dbc: Command): void {
  dbc
    .command('check')
    .argument('<file...>', 'DBC files')
    .description('read DBC files and report every deviation with its place; exit 1 only when something was dropped')
    .option('--json', 'one object a file: messages, signals, diagnostics')
    .addHelpText('after', '\nExample\n  $ miner dbc check car.dbc')
    .action(check);
}

async function check(files: string[], options: { json?: boolean }): Promise<void> {
  let exitCode = 0;
  for (const file of files)
    exitCode = Math.max(exitCode, await checkFile(file, files.length > 1, options.json === true));
  process.exitCode = exitCode;
}

/** Of several files, one that can't be read does not stop the others. */
async function checkFile(file: string, isOneOfMany: boolean, json: boolean): Promise<number> {
  const { openDatabase } = await import('../../../dbc/open-node.ts');
  try {
    const { database, diagnostics, dropped } = openDatabase(file);
    const signals = database.messages.reduce((sum, message) => sum + message.signals.length, 0);
    const messages = database.messages.length;
    if (json) process.stdout.write(`${JSON.stringify({ file, messages, signals, diagnostics })}\n`);
    else process.stdout.write(reportText(file, messages, signals, diagnostics));
    return dropped > 0 ? 1 : 0;
  } catch (error) {
    if (!isOneOfMany || !(error instanceof MinerError)) throw error;
    if (json) process.stdout.write(`${JSON.stringify({ file, error: error.toJSON() })}\n`);
    process.stderr.write(`${errorText(error)}\n`);
    return error.exitCode;
  }
}

function reportText(file: string, messages: number, signals: number, diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Severity) => diagnostics.filter((d) => d.severity === severity).length;
  const counts = `${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes`;
  const lines = diagnostics.map((diagnostic) => diagnosticText(file, diagnostic));
  lines.push(`${file}: ${messages} messages, ${signals} signals; ${counts}`);
  if (count('error') > 0) lines.push('what an error names was dropped; everything else was kept');
  if (messages === 0) lines.push('no message was found: is it a DBC at all?');
  return `${lines.join('\n')}\n`;
}

const colours: Record<Severity, 'red' | 'yellow' | 'cyan'> = { error: 'red', warning: 'yellow', info: 'cyan' };

function diagnosticText(file: string, d: Diagnostic): string {
  const severity = styleText(colours[d.severity], d.severity, { stream: process.stdout });
  return `${file}:${d.line}:${d.column}: ${severity} ${d.code}: ${printable(d.message)}\n    ${printable(d.excerpt)}`;
}
