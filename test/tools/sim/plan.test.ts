/** Plans of faults: read strictly, shrunk to what matters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixedPlan, type Plan, readPlan, shrinkPlan, World } from '../../../tools/sim/index.ts';

const plan = mixedPlan(1);
const text = JSON.stringify(plan);

test('a plan that was printed is read back as it was', () => {
  for (const seed of [1, 2, 3, 50]) {
    const drawn = mixedPlan(seed);
    assert.deepEqual(readPlan('plan.json', JSON.stringify(drawn)), drawn);
  }
});

const withFault = (fault: object) => JSON.stringify({ ...plan, faults: [fault] });
const refused: [string, string, RegExp][] = [
  ['no JSON', '{', /plan\.json: no plan of faults: .*JSON/],
  ['a list', '[]', /the plan is no object/],
  ['no settings', JSON.stringify({ ...plan, settings: 1 }), /settings is no object/],
  ['a seed that is no whole number', JSON.stringify({ ...plan, seed: 1.5 }), /seed is 1\.5, expected a whole number/],
  ['a negative duration', JSON.stringify({ ...plan, durationMs: -1 }), /durationMs is -1/],
  ['an unknown signature', text.replace('"stand-in"', '"none"'), /signatures is neither real nor stand-in/],
  [
    'frames without end',
    JSON.stringify({ ...plan, settings: { ...plan.settings, frameIntervalMs: 0 } }),
    /frameIntervalMs/,
  ],
  ['faults that are no list', JSON.stringify({ ...plan, faults: {} }), /faults is no list/],
  ['an unknown fault', withFault({ kind: 'meteor', atMs: 0 }), /faults\[0\]\.kind "meteor" is none of power-cut/],
  ['a fault at no time', withFault({ kind: 'loss' }), /faults\[0\]\.atMs is undefined/],
  ['a fault for ever', withFault({ kind: 'loss', atMs: 0, durationMs: 1e12 }), /durationMs is 1000000000000/],
  ['an unknown moment', withFault({ kind: 'power-cut', atMs: 0, moment: 'during' }), /moment is none of before/],
];
for (const [what, json, problem] of refused) {
  test(`refused: ${what}`, () => {
    assert.throws(() => readPlan('plan.json', json), { code: 'PLAN_INVALID', message: problem });
  });
}

test('shrinking keeps what makes a plan fail, and nothing else', async () => {
  const fails = async ({ faults }: Plan) =>
    faults.some(({ kind }) => kind === 'loss') &&
    faults.some(({ kind, amount = 0 }) => kind === 'overrun' && amount > 10);
  const noisy: Plan = {
    ...plan,
    faults: [
      { kind: 'unplug', atMs: 10, durationMs: 100 },
      { kind: 'loss', atMs: 4_000, durationMs: 9_000, amount: 50 },
      { kind: 'garbage', atMs: 4_500, amount: 3 },
      { kind: 'overrun', atMs: 5_000, amount: 100 },
      { kind: 'hang-up', atMs: 6_000 },
    ],
  };
  const short = await shrinkPlan(noisy, { fails });
  assert.deepEqual(short.faults, [
    { kind: 'loss', atMs: 0, durationMs: 0, amount: 0 },
    { kind: 'overrun', atMs: 0, amount: 12 },
  ]);
  assert.ok(await fails(short));
});

test('shrinking stops after as many runs as it may have', async () => {
  let runs = 0;
  const fails = async () => ++runs < 0;
  await shrinkPlan(mixedPlan(6), { fails, runsMax: 5 });
  assert.equal(runs, 5);
});

test('a broken world is shrunk to a plan that breaks it too', async () => {
  const parts = { connect: (port: { send: unknown }) => Object.assign(port, { send: () => {} }) as never };
  const { violations } = await new World(mixedPlan(1), parts).run();
  assert.equal(violations[0]?.invariant, 'everythingArrives');
  const short = await shrinkPlan(mixedPlan(1), {
    fails: async (candidate) => (await new World(candidate, parts).run()).violations.length > 0,
    runsMax: 20,
  });
  assert.deepEqual(short.faults, []);
});
