/**
 * Ten thousand power cuts and a thousand lives with mixed faults: no promise is broken. Every storage operation of a
 * quiet life is cut before, within and after it, and so is its recovery; the other cuts come at random.
 * A failing run prints a short plan, and the line that replays it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultKinds, runCampaign } from '../../../tools/sim/index.ts';

test('10,000 power cuts and 1,000 seeds of mixed faults break no promise', async (t) => {
  const result = await runCampaign({ seeds: 1_000, firstSeed: 1, cuts: 10_000, workers: 2 });
  const told = result.findings.map(
    ({ job, violation, plan }) =>
      `${job.kind} ${job.index}, step ${violation.step}: ${violation.invariant}: ${violation.problem}\n${JSON.stringify(plan)}`,
  );
  assert.deepEqual(told, []);
  assert.equal(result.isWhole, true);
  assert.equal(result.seeds, 1_000);
  assert.ok(result.cuts >= 10_000, `${result.cuts} cuts`);
  // Each kind of fault took place, and the worlds were no idle ones.
  assert.deepEqual(
    faultKinds.filter((kind) => (result.faults[kind] ?? 0) < 20),
    [],
  );
  assert.ok(result.accepted > 10_000, `${result.accepted} packs accepted`);
  t.diagnostic(`${result.worlds} worlds, ${result.steps} steps, ${result.cuts} cuts, ${result.packs} packs`);
});
