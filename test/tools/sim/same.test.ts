/** One seed, one history: here, again, and in another process; with real signatures and without. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { cutPlan, mixedPlan, World } from '../../../tools/sim/index.ts';

const root = path.join(import.meta.dirname, '../../..');

async function traceOf(seed: number): Promise<string> {
  return (await new World(mixedPlan(seed)).run()).trace;
}

test('the same seed gives the same trace, another seed another one', async () => {
  for (const seed of [3, 7, 50]) assert.equal(await traceOf(seed), await traceOf(seed), `seed ${seed}`);
  assert.notEqual(await traceOf(3), await traceOf(4));
});

test('worlds that run at one time do not see each other', async () => {
  const alone = [await traceOf(11), await traceOf(12)];
  assert.deepEqual(await Promise.all([traceOf(11), traceOf(12)]), alone);
});

test('another process sees the same', async () => {
  const line = `import('./tools/sim/index.ts').then(async ({ World, mixedPlan }) => {
    console.log((await new World(mixedPlan(9)).run()).trace);
  })`;
  const printed = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', line], { cwd: root });
  assert.equal(printed.toString().trim(), await traceOf(9));
});

test('plans are drawn alike each time, and survive being written as JSON', () => {
  for (const draw of [mixedPlan, cutPlan]) {
    assert.deepEqual(draw(77), draw(77));
    assert.deepEqual(JSON.parse(JSON.stringify(draw(77))), draw(77));
  }
});

test('one seed in fifty runs with ECDSA and the gateway that runs live', async () => {
  const plan = mixedPlan(100);
  assert.equal(plan.settings.signatures, 'real');
  const { violations, accepted } = await new World(plan).run();
  assert.deepEqual(violations, []);
  assert.ok(accepted > 3, `${accepted} accepted`);
});
