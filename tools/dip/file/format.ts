/** Writes a DIP file, and the text that goes on chain with its proposal. */
import { stringify } from 'yaml';
import type { DipFile, NamedAction } from './dip-file.ts';
import { parseDipFile } from './read.ts';

const plain = { schema: 'failsafe', lineWidth: 0, aliasDuplicateObjects: false } as const;

/** The file's one canonical text: `parseDipFile` gives the same file back. */
export function formatDipFile(file: DipFile): string {
  return `---\n${frontMatter(file)}---\n\n${file.body.trim()}\n`;
}

function frontMatter({ title, authors, discussion, created, copyright, actions }: DipFile): string {
  const fields = {
    title,
    authors,
    ...(discussion !== undefined && { discussion }),
    created,
    licence: copyright,
    actions,
  };
  return stringify(fields, plain);
}

/** Actions as they stand in a file. */
export function formatActions(actions: readonly NamedAction[]): string {
  return stringify(actions, plain);
}

const heading = '\n\n## Front matter\n\n```yaml\n';
const ending = '```';

/**
 * What is bound on chain: the body, and all of the front matter after it, so that whoever has the chain has the file.
 * The title stands above it by itself.
 */
export function chainText(file: DipFile): string {
  return `${file.body.trim()}${heading}${frontMatter(file)}${ending}`;
}

/**
 * The file of a proposal whose text `chainText` wrote; undefined for a text of another origin.
 * @throws {MinerError} `DIP_FILE` when it has such an end, and yet is no DIP file.
 */
export function fileOfChainText(title: string, text: string): DipFile | undefined {
  const at = text.lastIndexOf(heading);
  if (at < 0 || !text.endsWith(`\n${ending}`)) return undefined;
  const yaml = text.slice(at + heading.length, -ending.length);
  const file = parseDipFile(`---\n${yaml}---\n\n${text.slice(0, at)}\n`, 'the text on chain');
  return file.title === title ? file : undefined;
}
