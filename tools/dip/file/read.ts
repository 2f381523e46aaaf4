/** Reads a DIP file and tells everything that is wrong with it at once, each with its place. */
import { toolError } from '../../errors/index.ts';
import {
  findLookAlike,
  type Kind,
  line,
  list,
  optional,
  Refusal,
  readFields,
  shapeOf,
  shown,
  time,
} from './arguments/index.ts';
import { type DipFile, type NamedAction, type Path, type Problem, sections } from './dip-file.ts';
import { unwrittenSections } from './draft.ts';
import { readFrontMatter } from './front-matter.ts';
import { nowhere } from './nowhere.ts';
import { readAction } from './read-action.ts';

/** What reading came to. With an error among the problems there is no file. */
export interface ReadDip {
  file?: DipFile;
  problems: Problem[];
}

const actionsMax = 50;
const lookAlikesMax = 20;

/** Kept for later: an action is read by its own type. */
const anything: Kind<unknown> = { form: 'a list of actions', read: (written) => written };

const day: Kind<string> = {
  form: '`2027-03-01`',
  read(written, scope) {
    time.read(written, scope);
    if (String(written).length !== 10)
      throw new Refusal(`expected a day such as 2027-03-01, found ${shown(String(written))}`);
    return String(written);
  },
};

const link: Kind<string> = {
  form: 'a link',
  read(written, scope) {
    const text = line().read(written, scope);
    if (!/^https?:\/\/\S+$/.test(text))
      throw new Refusal(`expected a link that begins with https://, found ${shown(text)}`);
    return text;
  },
};

const fields = {
  title: line(200),
  authors: list(line(200), 1, 50),
  discussion: optional(link),
  created: day,
  licence: line(60),
  actions: anything,
};

/** Reads a DIP file: its form, its texts, and each action with its arguments. Never throws on anything in the text. */
export function readDipFile(source: string): ReadDip {
  const { value, body, placeOf, placeInBody, problems } = readFrontMatter(source);
  if (problems.length > 0) return { problems };
  const add = (severity: Problem['severity'], path: Path, text: string) => {
    const named = path.filter((step) => typeof step === 'string' && step !== 'actions').join('.');
    problems.push({ severity, ...placeOf(path), text: named === '' ? text : `${named}: ${text}` });
  };
  const warn = (text: string, path: Path = []) => add('warning', path, text);

  const { values, refusals } = readFields(fields, value, { addresses: nowhere.addresses, warn });
  for (const refusal of refusals) add('error', refusal.path, refusal.message);
  const actions = refusals.some(({ path }) => path[0] === 'actions') ? [] : readActions(values.actions, add);
  for (const problem of bodyProblems(body)) {
    problems.push({ severity: problem.severity, ...placeInBody(problem.at), text: problem.text });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  const { title, authors, discussion, created, licence } = values;
  const file: DipFile = { title, authors, created, copyright: licence, actions, body };
  return { file: discussion === undefined ? file : { ...file, discussion }, problems };
}

function readActions(
  written: unknown,
  add: (severity: Problem['severity'], path: Path, text: string) => void,
): NamedAction[] {
  if (written === undefined) return [];
  if (!Array.isArray(written) || written.length === 0 || written.length > actionsMax) {
    const found = Array.isArray(written) ? `${written.length}` : `a ${shapeOf(written)}`;
    add('error', ['actions'], `expected a list of 1 to ${actionsMax} actions, found ${found}`);
    return [];
  }
  for (const [index, named] of written.entries()) {
    const path = ['actions', index];
    if (shapeOf(named) !== 'map') {
      add('error', path, `expected a map that begins with "action: ", found a ${shapeOf(named)}`);
      continue;
    }
    const { refusals } = readAction(named, nowhere, (text, inner = []) => add('warning', [...path, ...inner], text));
    for (const refusal of refusals) add('error', [...path, ...refusal.path], refusal.message);
  }
  return written as NamedAction[];
}

interface BodyProblem {
  severity: Problem['severity'];
  /** Offset in the body. */
  at: number;
  text: string;
}

function bodyProblems(body: string): BodyProblem[] {
  if (body === '') return [{ severity: 'error', at: 0, text: 'there is no text after the front matter' }];
  const found: BodyProblem[] = [];
  let at = 0;
  for (const text of body.split('\n')) {
    const alike = findLookAlike(text);
    if (alike && found.length < lookAlikesMax) {
      found.push({ severity: 'warning', at: at + alike.at, text: alike.problem });
    }
    at += text.length + 1;
  }
  const headings = [...body.matchAll(/^## (.+?)\s*$/gm)].map((match) => match[1]);
  const missing = sections.filter((section) => !headings.includes(section));
  if (missing.length > 0) {
    found.push({
      severity: 'warning',
      at: 0,
      text: `sections are missing: ${missing.map((name) => `## ${name}`).join(', ')}`,
    });
  }
  const unwritten = unwrittenSections(body);
  if (unwritten.length > 0) {
    const names = unwritten.map((name) => `## ${name}`).join(', ');
    found.push({ severity: 'warning', at: 0, text: `sections are not written yet: ${names}` });
  }
  return found;
}

/**
 * Reads a DIP file that has to be right.
 * @param name The file's, for messages.
 * @throws {MinerError} `DIP_FILE` with the first error's line and column.
 */
export function parseDipFile(source: string, name: string): DipFile {
  const { file, problems } = readDipFile(source);
  if (file) return file;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const { line, column, text } = errors[0]!;
  throw toolError('DIP_FILE', { path: name, line, column, problem: text, more: errors.length - 1 });
}
