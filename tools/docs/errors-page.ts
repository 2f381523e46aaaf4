/** Draws docs/errors.md from the two catalogues, so that page, types and command line can't differ. */
import { type ErrorSpec, edgeErrors } from '../../edge/errors/index.ts';
import { toolErrors } from '../errors/index.ts';

/** Stands for any fact, a text or a list: reads as `<name>` wherever a message puts it. */
function placeholders(): Record<string, unknown> {
  const placeholder = (name: string) => Object.assign(new String(`<${name}>`), { join: () => `<${name}>` });
  return new Proxy({}, { get: (_, name) => placeholder(String(name)) });
}

function row([code, entry]: [string, ErrorSpec<never>]): string {
  const facts = placeholders() as never;
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '‹').replaceAll('>', '›');
  return `| \`${code}\` | ${entry.exitCode} | ${cell(entry.message(facts))} | ${cell(entry.hint(facts))} |`;
}

function tableOf(catalogue: Record<string, ErrorSpec<never>>): string {
  const rows = Object.entries(catalogue).map(row);
  return ['| code | exit | what it says | what to do |', '|---|---|---|---|', ...rows].join('\n');
}

export function errorsPage(): string {
  return `# Errors

Every error has a code that stays, a line that says what and where, and a line that says what to do. On the command line the exit code is 1 when the answer is no, 2 for wrong usage, 3 when an outside part failed. Facts stand in ‹brackets›. This page is drawn from the catalogues by \`npm run docs\`.

## The Miner
${tableOf(edgeErrors as unknown as Record<string, ErrorSpec<never>>)}

## The tools
${tableOf(toolErrors as unknown as Record<string, ErrorSpec<never>>)}
`;
}
