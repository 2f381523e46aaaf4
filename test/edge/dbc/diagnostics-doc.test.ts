/** docs/diagnostics.md says what the table of codes says. Run with UPDATE_DOCS=1 to write it anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { diagnosticTable, limits } from '../../../edge/dbc/index.ts';

const path = new URL('../../../docs/diagnostics.md', import.meta.url);

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** A formatter may pad the cells of a table. */
function withoutPadding(markdown: string): string {
  return markdown
    .replaceAll(/ +/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .replaceAll('| ---', '|---')
    .replaceAll('--- |', '---|');
}

function render(): string {
  const rows = Object.entries(diagnosticTable).map(
    ([code, { severity, found, assumed }]) => `| \`${code}\` | ${severity} | ${cell(found)} | ${cell(assumed)} |`,
  );
  const bounds = Object.entries(limits).map(([name, value]) => `| ${name} | ${value.toLocaleString('en')} |`);
  return `# DBC diagnostics

The parser accepts every DBC file. Where one departs from the language, it says so: code, severity, line, column, an
excerpt, what was found and what was assumed.

- **error**: something was dropped, and is named. Only errors make \`miner dbc check\` exit with 1.
- **warning**: nothing was dropped, but the assumption may be wrong.
- **info**: harmless.

The message of a diagnostic begins with the value and the place, and ends with the assumption in this table.

| code | severity | found | assumed |
|---|---|---|---|
${rows.join('\n')}

## Bounds

Beyond these a file is no database; what exceeds them is dropped and reported as \`LIMIT_REACHED\`
(\`OVERLAP_UNCHECKED\` for the last two, \`DIAGNOSTICS_TRUNCATED\` for diagnostics, \`FILE_TOO_LARGE\` for bytes).

| what | at most |
|---|---|
${bounds.join('\n')}
`;
}

test('docs/diagnostics.md lists every code', () => {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, render());
  assert.equal(withoutPadding(readFileSync(path, 'utf8')), withoutPadding(render()));
});
