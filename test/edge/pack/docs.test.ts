/** docs/pack.md and docs/pack.cddl say what the code does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GapReason, openPack, PackCounter, signPack, toHex } from '../../../edge/pack/index.ts';
import { exampleAad, exampleBody, exampleSigner } from './example.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('the example of docs/pack.md is the pack that the code signs', () => {
  const [, block] = /```text\n([\s\S]*?)```/.exec(read('pack.md')) as RegExpExecArray;
  const documented = block.replace(/;.*$/gm, '').replace(/\s+/g, '');
  const bytes = signPack(exampleSigner, exampleBody(), { externalAad: exampleAad });
  assert.equal(documented, toHex(bytes));
  assert.deepEqual(openPack(bytes, { externalAad: exampleAad }).body, exampleBody());
});

/** The rows of a table of numbers, by its head. */
function rows(head: string): string[] {
  const [, table] = read('pack.md').split(`${head}\n|---|---|\n`);
  return table.split('\n\n')[0].trimEnd().split('\n');
}

test('every counter and every gap reason is in its table', () => {
  const counters = rows('| key | since boot, unless it says otherwise |').map((row) => Number(row.split('|')[1]));
  assert.deepEqual(counters, Object.values(PackCounter));
  const reasons = rows('| reason | |').map((row) => row.split('|')[1].trim());
  assert.deepEqual(
    reasons,
    Object.entries(GapReason).map(([name, reason]) => `${reason} ${name}`),
  );
});
