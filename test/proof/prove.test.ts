/** The proofs bite: every property has a seeded fault, and one of them is refuted. `npm run prove` runs them all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, propertiesOf, sourceOf } from './checker.ts';
import { faults } from './faults.ts';
import { harnesses } from './harnesses.ts';

test('every property of every harness has a seeded fault, and none is left over', () => {
  const named = harnesses.flatMap((harness) =>
    propertiesOf(sourceOf(`test/proof/${harness}.sol`)).map(({ property }) => `${harness}: ${property}`),
  );
  assert.deepEqual(faults.map(({ harness, only }) => `${harness}: ${only}`).sort(), named.sort());
});

const quick: Record<string, string> = {
  Decoder: 'a retired, revoked or suspended decoder is not active',
};

for (const [harness, property] of Object.entries(quick)) {
  test(`${harness}: ${property}: proven as it ships, refuted with a fault`, () => {
    assert.deepEqual(check({ harness, only: property }), [{ property, verdict: 'proven', message: '' }]);
    const fault = faults.find((task) => task.harness === harness && task.only === property)!;
    assert.equal(check(fault)[0]!.verdict, 'refuted');
  });
}
