// docs/dip.md names every action with its arguments, and its example is a DIP.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { actionTypes, parseDipFile } from '../../../../tools/dip/file/index.ts';
import { packageRoot } from '../../../../tools/package-root.ts';

const page = readFileSync(path.join(packageRoot, 'docs/dip.md'), 'utf8');

test('the table of actions is that of the tool', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, ...cells]) =>
    cells.join(' | '),
  );
  const expected = actionTypes.map(({ name, help, arguments: fields }) => {
    const names = Object.entries(fields).map(([key, kind]) => `${key}${kind.missing ? '?' : ''}`);
    return `${name} | ${help} | ${names.join(', ') || 'none'}`;
  });
  assert.deepEqual(
    rows.filter((row) => row.split(' | ').length === 3),
    expected,
  );
});

test('the example reads', () => {
  const example = /```markdown\n([\s\S]*?)```/.exec(page)?.[1];
  const { title, actions } = parseDipFile(example ?? '', 'docs/dip.md');
  assert.equal(title, 'Pay for the audit of the token');
  assert.deepEqual(
    actions.map(({ action }) => action),
    ['spend', 'set-voting-delay', 'assert-governable'],
  );
});
