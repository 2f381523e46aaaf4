/** docs/security.md names a test for each attack, and each attack test stands in docs/security.md. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../tools/package-root.ts';

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8');

/** Test names by file, as `Governance.test_attack_flash_loaned_votes`. */
const written = globSync('test/contracts/attacks/*.t.sol', { cwd: packageRoot }).flatMap((file) =>
  [...read(file).matchAll(/function (test(?:Fuzz)?_attack_\w+)\(/g)].map(
    (match) => `${path.basename(file, '.t.sol')}.${match[1]}`,
  ),
);
const named = [...read('docs/security.md').matchAll(/`(\w+\.test(?:Fuzz)?_attack_\w+)`/g)].map((match) => match[1]!);

test('every attack test stands in the table', () => {
  assert.deepEqual(written.filter((name) => !named.includes(name)).sort(), []);
});

test('every test named in the table exists', () => {
  assert.deepEqual([...new Set(named)].filter((name) => !written.includes(name)).sort(), []);
});

test('every row has an attack, a defence and a test', () => {
  const rows = read('docs/security.md')
    .split('\n')
    .filter((line) => /^\| (?!attack|---)/.test(line));
  for (const row of rows) {
    const cells = row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    assert.equal(cells.length, 3, row);
    assert.ok(
      cells.every((cell) => cell !== ''),
      row,
    );
    assert.match(cells[2]!, /_attack_/, row);
  }
  assert.ok(rows.length >= 30, `${rows.length} rows`);
});
