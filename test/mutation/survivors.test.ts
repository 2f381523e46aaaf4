/** The table of explained survivors, and the line a run ends with. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Verdict } from './campaign.ts';
import type { Mutant } from './mutants.ts';
import { type Explanation, passes, summary, tally } from './survivors.ts';

const mutant = (id: number): Mutant => ({
  id,
  file: 'contracts/A.sol',
  line: id,
  place: 'A.f',
  operator: 'ROR',
  before: `a < ${id}`,
  after: `a <= ${id}`,
  text: `if (a < ${id}) revert B();`,
  site: {} as Mutant['site'],
});
const verdict = (id: number, status: Verdict['status']): Verdict => ({ mutant: mutant(id), status });
const explanation = (id: number, more: Partial<Explanation> = {}): Explanation => {
  const { file, place, operator, before, after } = mutant(id);
  return { file, place, operator, before, after, reason: 'equivalent: for a test', ...more };
};
const killed = (count: number): Verdict[] => Array.from({ length: count }, (_, id) => verdict(id, 'killed'));

const rows: [what: string, verdicts: Verdict[], explanations: Explanation[], passed: boolean, line: string][] = [
  ['all killed', killed(3), [], true, 'mutate: 3 of 3 killed (100.0 %), 0 survived (0 explained), 9 s'],
  ['nothing to kill', [], [], true, 'mutate: 0 of 0 killed (100.0 %), 0 survived (0 explained), 9 s'],
  [
    'invalid ones do not count',
    [...killed(1), verdict(50, 'invalid')],
    [],
    true,
    'mutate: 1 of 1 killed (100.0 %), 0 survived (0 explained), 9 s',
  ],
  [
    'a survivor without a reason',
    [...killed(99), verdict(200, 'survived')],
    [],
    false,
    'mutate: 99 of 100 killed (99.0 %), 1 survived (0 explained), 9 s',
  ],
  [
    'an explained survivor',
    [...killed(99), verdict(200, 'unreached')],
    [explanation(200)],
    true,
    'mutate: 99 of 100 killed (99.0 %), 1 survived (1 explained), 9 s',
  ],
  [
    'an equivalent one does not lower the score',
    [...killed(1), verdict(200, 'survived')],
    [explanation(200)],
    true,
    'mutate: 1 of 2 killed (50.0 %), 1 survived (1 explained), 9 s',
  ],
  [
    'another reason does',
    [...killed(1), verdict(200, 'survived')],
    [explanation(200, { reason: 'gas only' })],
    false,
    'mutate: 1 of 2 killed (50.0 %), 1 survived (1 explained), 9 s',
  ],
  [
    'a stale reason',
    killed(3),
    [explanation(2)],
    false,
    'mutate: 3 of 3 killed (100.0 %), 0 survived (0 explained), 9 s',
  ],
  [
    'a reason for another line',
    [...killed(99), verdict(200, 'survived')],
    [explanation(200, { text: 'x' })],
    false,
    'mutate: 99 of 100 killed (99.0 %), 1 survived (0 explained), 9 s',
  ],
];

for (const [what, verdicts, explanations, passed, line] of rows) {
  test(what, () => {
    const result = tally(verdicts, explanations, () => true);
    assert.equal(passes(result), passed);
    assert.equal(summary(result, 9.2), line);
  });
}

test('a reason for a file that was not looked at is not stale', () => {
  assert.deepEqual(tally(killed(3), [explanation(2)], () => false).stale, []);
});
