/** `miner dip new`: a DIP file from flags, or from answers on the terminal. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { ActionType, DipFile, NamedAction, Section } from '../../../dip/file/index.ts';
import { toolError } from '../../../errors/index.ts';
import { jsonLine } from '../../chain-context.ts';
import { openQuestions, type Questions } from './questions.ts';

interface NewFlags {
  list?: boolean;
  title?: string;
  author: string[];
  discussion?: string;
  licence: string;
  set: string[];
  abstract?: string;
  motivation?: string;
  specification?: string;
  implementation?: string;
  out: string;
  force?: boolean;
  json?: boolean;
}

const terminal = () => (process.stdin.isTTY ? openQuestions(process.stdin, process.stderr) : undefined);

/**
 * @param openTerminal gives somebody to ask, where there is one
 * @returns the command, for the kinds of DIP that ask for more than a form
 */
export function registerDipNew(dip: Command, openTerminal: () => Questions | undefined = terminal): Command {
  const many = (text: string, before: string[]) => [...before, text];
  return dip
    .command('new')
    .argument('[action...]', 'what it does, in this order: names from --list')
    .description('write a DIP file; on a terminal it asks for what the flags leave open')
    .option('--list', 'every action with its arguments and an example')
    .option('--title <text>', 'of one line')
    .option('--author <name>', 'once for each', many, [])
    .option('--discussion <link>', 'where it is talked about')
    .option('--licence <SPDX>', 'of the text', 'CC0-1.0')
    .option('--set <key=value>', 'an argument, once for each; with several actions 2.key=value', many, [])
    .option('--abstract <text>', 'the section; without it the file says what belongs there')
    .option('--motivation <text>', 'the same')
    .option('--specification <text>', 'the same')
    .option('--implementation <text>', 'the same')
    .option('-o, --out <file>', 'where it is written', 'DIP.md')
    .option('--force', 'write over a file that is there')
    .option('--json', 'one object: the file and what it says')
    .addHelpText(
      'after',
      `
Lists and maps are written as in YAML: --set 'milestones=[{title: design, amount: 1000 DIMO}]', or piece by piece:
--set milestones.0.title=design --set 'milestones.0.amount=1000 DIMO'

Example
  $ miner dip new spend --title "Pay for the audit" --author "A holder" \\
      --set to=0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --set "amount=250000 DIMO"`,
    )
    .action((names: string[], flags: NewFlags) => make(names, flags, openTerminal));
}

async function make(names: string[], flags: NewFlags, openTerminal: () => Questions | undefined): Promise<void> {
  if (flags.list) return list(names, flags.json);
  const [{ writeOutput }, { actionTypes, readSettings }] = await Promise.all([
    import('../../../dbc/open-node.ts'),
    import('../../../dip/file/index.ts'),
  ]);
  // Before anybody has answered all the questions.
  if (existsSync(flags.out) && !flags.force) throw toolError('OUTPUT_EXISTS', { path: flags.out, what: 'a file' });
  const questions = flags.json ? undefined : openTerminal();
  try {
    const chosen = names.length > 0 || !questions ? names : [await askAction(questions, actionTypes)];
    const types = await Promise.all(chosen.map(typeOf));
    const settings = readSettings(types.length, flags.set);
    const file = await compose(types, settings, flags, questions);
    const text = await checked(file);
    writeOutput(flags.out, text, flags.force ?? false);
    if (flags.json) process.stdout.write(jsonLine({ path: flags.out, ...file }));
    else process.stdout.write(`${flags.out} is written; complete its sections, then: miner dip check ${flags.out}\n`);
  } finally {
    questions?.close();
  }
}

async function typeOf(name: string): Promise<ActionType> {
  const { actionTypes, findActionType } = await import('../../../dip/file/index.ts');
  const type = findActionType(name);
  if (type) return type;
  const { nearest } = await import('../../../dbc/index.ts');
  const near = nearest(
    name,
    actionTypes.map((one) => one.name),
  );
  const expected = near.length > 0 ? near.join(' or ') : 'a name from "miner dip new --list"';
  throw toolError('OPTION_INVALID', { option: 'action', value: name, expected });
}

function askAction(questions: Questions, types: readonly ActionType[]): Promise<string> {
  for (const { name, help } of types) questions.say(`  ${name.padEnd(26)} ${help}`);
  return questions.ask('action', (answer) => {
    if (types.some(({ name }) => name === answer)) return answer;
    throw new Error('one of the names above is expected');
  });
}

/** @throws {MinerError} OPTION_MISSING with everything that flags leave open and nobody can be asked for */
async function compose(
  types: readonly ActionType[],
  settings: readonly Record<string, unknown>[],
  flags: NewFlags,
  questions: Questions | undefined,
): Promise<DipFile> {
  const { draftBody } = await import('../../../dip/file/index.ts');
  const missing: string[] = types.length === 0 ? ['an action'] : [];
  const need = async (option: string, given: string | undefined): Promise<string> => {
    if (given !== undefined) return given;
    if (questions) return questions.ask(option.slice(2), someText);
    missing.push(option);
    return '';
  };
  const title = await need('--title', flags.title);
  const authors = flags.author.length > 0 ? flags.author : [await need('--author', undefined)];
  const actions: NamedAction[] = [];
  for (const [index, type] of types.entries()) {
    const given = settings[index]!;
    const absent = Object.entries(type.arguments).filter(([key]) => given[key] === undefined);
    for (const [key, kind] of absent) {
      const answer = questions ? await askArgument(questions, type, key) : undefined;
      if (answer !== undefined) given[key] = answer;
      else if (!kind.missing) missing.push(`--set ${types.length > 1 ? `${index + 1}.` : ''}${key}=${kind.form}`);
    }
    actions.push({ action: type.name, ...given });
  }
  if (missing.length > 0) {
    const [option = '', ...more] = missing;
    const reason = more.length > 0 ? `and so are ${more.join(', ')}` : 'it cannot be asked for without a terminal';
    throw toolError('OPTION_MISSING', { option, reason });
  }
  const written: Partial<Record<Section, string>> = {
    ...(flags.abstract !== undefined && { Abstract: flags.abstract }),
    ...(flags.motivation !== undefined && { Motivation: flags.motivation }),
    ...(flags.specification !== undefined && { Specification: flags.specification }),
    ...(flags.implementation !== undefined && { Implementation: flags.implementation }),
  };
  return {
    title,
    authors,
    ...(flags.discussion !== undefined && { discussion: flags.discussion }),
    created: new Date().toISOString().slice(0, 10),
    copyright: flags.licence,
    actions,
    body: draftBody(written),
  };
}

const someText = (answer: string): string => {
  if (answer === '') throw new Error('a text is expected');
  return answer;
};

/** An empty answer leaves out what may be left out. */
async function askArgument(questions: Questions, type: ActionType, key: string): Promise<unknown> {
  const { readSetting, tryArgument } = await import('../../../dip/file/index.ts');
  const kind = type.arguments[key]!;
  const form = `${key} (${kind.form}${kind.missing ? '; may be left out' : ''})`;
  return questions.ask(form, (answer) => {
    if (answer === '' && kind.missing) return undefined;
    const value = readSetting(answer);
    tryArgument(kind, value);
    return value;
  });
}

/**
 * The file's text, once it is known to be read again as the same.
 * @throws {MinerError} DIP_DRAFT
 */
async function checked(file: DipFile): Promise<string> {
  const { formatDipFile, readDipFile } = await import('../../../dip/file/index.ts');
  const text = formatDipFile(file);
  const errors = readDipFile(text).problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw toolError('DIP_DRAFT', { problems: errors.map((error) => error.text) });
  return text;
}

async function list(names: readonly string[], json: boolean | undefined): Promise<void> {
  const { actionTopics, exampleAction, formatActions } = await import('../../../dip/file/index.ts');
  const wanted = await Promise.all(names.map(typeOf));
  const isWanted = (type: ActionType) => wanted.length === 0 || wanted.includes(type);
  for (const { topic, types } of actionTopics) {
    const shown = types.filter(isWanted);
    if (shown.length > 0 && !json) process.stdout.write(`\n${topic}\n`);
    for (const type of shown) {
      const { name, help, arguments: fields } = type;
      const example = exampleAction(type, Date.now());
      const forms = Object.entries(fields).map(([key, kind]) => ({
        key,
        form: kind.form,
        optional: Boolean(kind.missing),
      }));
      if (json) {
        process.stdout.write(jsonLine({ action: name, topic, help, arguments: forms, example }));
        continue;
      }
      const lines = forms.map(
        ({ key, form, optional }) => `    ${key}${optional ? ' (may be left out)' : ''}: ${form}`,
      );
      const indented = formatActions([example]).trimEnd().replace(/^/gm, '      ');
      process.stdout.write(`  ${name}: ${help}\n${lines.map((line) => `${line}\n`).join('')}${indented}\n`);
    }
  }
}
