// docs/benchmarks.md shows the figures of bench/results, and nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type BenchResults, drawPage, readResults } from '../../bench/results-page.ts';

const results = readResults();
const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');

test('docs/benchmarks.md is what `node bench/publish.ts --page` would write', () => {
  assert.equal(drawPage(page, results), page);
});

test('no figure is missing or nonsense', () => {
  assert.doesNotMatch(page, /undefined|NaN|Infinity|\[object/);
});

test('a goal that is missed stands in the page', () => {
  const [, car] = Object.entries(results.decode.databases)[0];
  const missed = { ...car, baseline: 'c', ratio: { ...('ratio' in car && car.ratio), batch: 1.1 } };
  const decode = { ...results.decode, databases: { car: missed } } as BenchResults['decode'];
  const drawn = drawPage('<!-- figures: goals -->\n<!-- end of figures -->\n', { ...results, decode });
  assert.match(drawn, /\| car \| batch \| 2\.00 \| 1\.10 \| \*\*missed\*\* \|/);
});

test('a mark that no figures belong to is refused', () => {
  assert.throws(() => drawPage('<!-- figures: moon -->\n<!-- end of figures -->', results), /asks for figures "moon"/);
});
