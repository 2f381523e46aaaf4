// Everything that a DIP can do, each from proposal through vote and timelock to execution on a real chain: its level as
// the contract computes it, the state before and after, its events, and that nobody else can do the same. To extend it:
// a row in the file of its topic.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  type Action,
  assertGovernable,
  contractCall,
  setProposalThreshold,
  treasurySpend,
} from '../../../tools/dip/index.ts';
import { decoderRows } from './decoders.ts';
import { governanceRows } from './governance.ts';
import { licenceRows } from './licences.ts';
import { moneyRows } from './money.ts';
import type { DipRow, PreparedDip } from './row.ts';
import { upgradeRows } from './upgrades.ts';
import { dipWorld, type ExpectedEvent, hash, million, type World } from './world.ts';

const world = await dipWorld();
after(() => world[Symbol.asyncDispose]());

const topics: Record<string, readonly DipRow[]> = {
  'licences and devices': licenceRows,
  'decoders and bounties': decoderRows,
  'rewards and treasury': moneyRows,
  governance: governanceRows,
  upgrades: upgradeRows,
};

for (const [topic, rows] of Object.entries(topics)) {
  test(`a DIP on ${topic}`, async (t) => {
    for (const row of rows) await t.test(row.name, () => world.undone(() => hold(world, row)));
  });
}

async function hold(world: World, row: DipRow): Promise<void> {
  const dip = await row.prepare(world);
  assert.deepEqual(await dip.state(), dip.before, 'before');
  await assertOthersAreRefused(world, dip);

  const { level, reason = 'listed' } = row;
  const weighed = await world.weigh(dip.actions);
  assert.deepEqual({ level: weighed.level, reason: weighed.reason }, { level, reason });
  const carried = await world.carry(dip.actions);
  assert.deepEqual({ level: carried.level, reason: carried.reason }, { level, reason });

  const events = await world.lastEvents();
  assert.deepEqual(await dip.state(), dip.after, 'after');
  assertEvents(events, dip.events);
  await dip.afterwards?.();
}

const refusals =
  'AccessManagedUnauthorized|AccessManagerUnauthorizedAccount|AccessControlUnauthorizedAccount|' +
  'GovernorOnlyExecutor|TimelockUnauthorizedCaller|NotObeyed';

/** The deployer has no more rights than a stranger. */
async function assertOthersAreRefused(world: World, { actions, open = [] }: PreparedDip): Promise<void> {
  for (const [index, action] of actions.entries()) {
    if (open.includes(index)) continue;
    for (const account of [world.stranger.address, world.deployment.deployer]) {
      const reason = (await world.refusal(account, action)) ?? 'it was not refused';
      assert.match(reason, new RegExp(`^(${refusals})\\(.*${account}`), `action ${index} sent by ${account}`);
    }
  }
}

/** Every expected event, in order, with the arguments that are named. */
function assertEvents(
  found: readonly { name: string; args: Record<string, unknown> }[],
  expected: readonly ExpectedEvent[],
): void {
  let from = 0;
  for (const { name, args = {} } of expected) {
    const index = found.findIndex((event, i) => i >= from && event.name === name && matches(event.args, args));
    const list = found.map((event) => `${event.name} ${plain(event.args)}`).join('\n');
    assert.notEqual(index, -1, `no ${name} ${plain(args)} from event ${from} on among\n${list}`);
    from = index + 1;
  }
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));

const matches = (args: Record<string, unknown>, wanted: Record<string, unknown>): boolean =>
  Object.entries(wanted).every(([key, value]) => plain(args[key]) === plain(value));

test('a DIP that would leave no working vote is reverted whole', async (t) => {
  const { deployment, at } = world;
  const cuts: [string, Action, RegExp][] = [
    [
      'the timelock no longer admin',
      contractCall(deployment, 'AccessManager', 'revokeRole', [0n, at.TimelockController]),
      /GovernanceAdminLost/,
    ],
    [
      'the governor cut off from its timelock',
      contractCall(deployment, 'TimelockController', 'revokeRole', [hash('PROPOSER_ROLE'), at.DimoGovernor]),
      /GovernanceTimelockCut/,
    ],
    [
      'a threshold that nobody can reach',
      setProposalThreshold(deployment, { votes: 2_000n * million }),
      /GovernanceUnusable|GovernanceThresholdUnreachable/,
    ],
  ];
  const to = world.stranger.address;
  const balance = () => world.read('DimoToken', 'balanceOf', [to]);
  for (const [name, cut, error] of cuts) {
    await t.test(name, () =>
      world.undone(async () => {
        const actions = [treasurySpend(deployment, { to, amount: million }), cut, assertGovernable(deployment)];
        await assert.rejects(world.carry(actions), error);
        assert.equal(await balance(), 0n, 'the payment before it is undone too');
        assert.equal((await world.carry(actions.slice(0, 1))).level, 1, 'governance goes on');
        assert.equal(await balance(), million);
      }),
    );
  }
});
