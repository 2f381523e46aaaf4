// docs/errors.md and the catalogues say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorsPage } from '../../tools/docs/errors-page.ts';

test('docs/errors.md is what `npm run docs` would write', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  assert.equal(page, errorsPage());
});

test('no message or hint shows an unfilled value', () => {
  assert.doesNotMatch(errorsPage(), /undefined|NaN|\[object/);
});
