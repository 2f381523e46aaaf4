/** `miner dbc convert`: between DBC and JSON, and to lists of signals. */
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { Database } from '../../../../edge/dbc/index.ts';
import { toolError } from '../../../errors/index.ts';

const forms = ['dbc', 'json', 'csv', 'md'] as const;
type Form = (typeof forms)[number];
type Encoding = 'utf-8' | 'windows-1252';

interface ConvertFlags {
  to?: Form;
  encoding: Encoding;
  force?: boolean;
}

export function addConvert(dbc: Command): void {
  dbc
    .command('convert')
    .argument('<from>', 'a DBC file, or its JSON form')
    .argument('<to>', 'the file to write: .dbc, .json, .csv or .md; - is standard output')
    .description('normalise a DBC, turn it into JSON and back, or list its signals as CSV or Markdown')
    .addOption(new Option('--to <form>', 'when the name does not say it').choices(forms))
    .addOption(new Option('--encoding <name>', 'of a DBC').choices(['utf-8', 'windows-1252']).default('utf-8'))
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      `
.dbc and .json hold everything; .csv and .md the messages and signals, and what is left out is said on stderr.
Exit 1 when something of the source could not be read, and so is not in the result.

Examples
  $ miner dbc convert car.dbc car.json
  $ miner dbc convert car.json car.dbc
  $ miner dbc convert car.dbc - --to csv`,
    )
    .action(convert);
}

async function convert(from: string, to: string, flags: ConvertFlags): Promise<void> {
  const form = formOf(to, flags.to);
  if (flags.encoding !== 'utf-8' && form !== 'dbc')
    throw toolError('OPTION_INVALID', { option: '--encoding', value: flags.encoding, expected: `utf-8 for .${form}` });
  const { noteDropped, openDatabase, writeOutput } = await import('../../../dbc/open-node.ts');
  const opened = openDatabase(from);
  const content = await contentOf(opened.database, form, flags.encoding);
  if (to === '-') process.stdout.write(content);
  else writeOutput(to, content, flags.force === true);
  noteDropped(opened);
  noteLeftOut(from, form, opened.database);
  process.exitCode = opened.dropped > 0 ? 1 : 0;
}

function formOf(to: string, given: Form | undefined): Form {
  const extension = path.extname(to).slice(1).toLowerCase();
  const form = given ?? forms.find((each) => each === extension);
  if (form !== undefined) return form;
  if (to === '-')
    throw toolError('OPTION_MISSING', { option: '--to', reason: 'standard output has no name to tell the form' });
  throw toolError('OPTION_INVALID', {
    option: 'to',
    value: to,
    expected: `a name that ends in .${forms.join(', .')}, or --to`,
  });
}

async function contentOf(database: Database, form: Form, encoding: Encoding): Promise<Uint8Array | string> {
  const { databaseToJson, signalsToCsv, signalsToMarkdown, toWindows1252 } = await import('../../../dbc/index.ts');
  const { writeDbc } = await import('../../../../edge/dbc/index.ts');
  if (form === 'json') return `${JSON.stringify(databaseToJson(database), null, 2)}\n`;
  if (form === 'csv') return signalsToCsv(database);
  if (form === 'md') return signalsToMarkdown(database);
  return encoding === 'utf-8' ? writeDbc(database) : toWindows1252(writeDbc(database));
}

/** What a list of signals has no place for, in one line on stderr. */
function noteLeftOut(from: string, form: Form, database: Database): void {
  if (form === 'dbc' || form === 'json') return;
  const { nodes, valueTables, environmentVariables, attributeDefinitions, messages, unknownSections } = database;
  const attributes = messages.reduce(
    (sum, message) =>
      sum + message.attributes.size + message.signals.reduce((own, signal) => own + signal.attributes.size, 0),
    database.attributes.size,
  );
  const counts: [number, string][] = [
    [nodes.length, 'nodes'],
    [valueTables.size, 'value tables'],
    [attributeDefinitions.length, 'attribute definitions'],
    [attributes, 'attributes'],
    [environmentVariables.length, 'environment variables'],
    [messages.reduce((sum, { signalGroups }) => sum + signalGroups.length, 0), 'signal groups'],
    [form === 'csv' ? messages.filter(({ comment }) => comment !== undefined).length : 0, 'comments on messages'],
    [unknownSections.length, 'sections kept verbatim'],
  ];
  const left = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (left.length > 0)
    process.stderr.write(`${from}: .${form} has no place for ${left.join(', ')}; .json holds everything\n`);
}
