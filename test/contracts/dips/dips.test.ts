// Everything that a DIP can do, each from proposal through vote and timelock to execution on a real chain: its level as
// the contract computes it, the state before and after, its events, and that nobody else can do the same. To extend it:
// a row in the file of its topic.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Account } from 'viem';
import {
  type Action,
  assertGovernable,
  type Ballot,
  contractCall,
  setProposalThreshold,
  treasurySpend,
} from '../../../tools/dip/index.ts';
import { decoderRows } from './decoders.ts';
import { governanceRows } from './governance.ts';
import { licenceRows } from './licences.ts';
import { moneyRows } from './money.ts';
import { programRows } from './programs.ts';
import type { DipRow, PreparedDip } from './row.ts';
import { upgradeRows } from './upgrades.ts';
import { dipWorld, type ExpectedEvent, hash, million, type World } from './world.ts';

const world = await dipWorld();
after(() => world[Symbol.asyncDispose]());

const topics: Record<string, readonly DipRow[]> = {
  'licences and devices': licenceRows,
  'decoders and bounties': decoderRows,
  'rewards and treasury': moneyRows,
  'streams, grants, referrals and levels': programRows,
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

test('a level asks for its own majority and quorum', async (t) => {
  const { deployment, holders, stranger } = world;
  const [alice, bob, carol, whale] = holders as [Account, Account, Account, Account];
  const spend = (amount: bigint) => [treasurySpend(deployment, { to: stranger.address, amount })];
  const dips = [spend(million), spend(5n * million), spend(16n * million)];
  const yes = (voter: Account): Ballot => ({ voter, support: 'for' });
  const no = (voter: Account): Ballot => ({ voter, support: 'against' });
  // 200,000,000 tokens circulate: whale 100, alice 40, bob and carol 30 each.
  const votes: [string, Ballot[], number][] = [
    ['a tie carries nothing', [yes(whale), no(alice), no(bob), no(carol)], 0],
    ['58.8 % carry level 1', [yes(whale), no(alice), no(bob)], 1],
    ['62.5 % carry level 2', [yes(whale), no(bob), no(carol)], 2],
    ['71.4 % carry level 3', [yes(whale), no(alice)], 3],
  ];
  for (const [name, voters, carriedTo] of votes) {
    for (const [index, actions] of dips.entries()) {
      const level = index + 1;
      await t.test(`${name}: level ${level}`, () =>
        world.undone(async () => {
          const carried = world.carry(actions, { voters });
          if (level <= carriedTo) assert.equal((await carried).level, level);
          else await assert.rejects(carried, { code: 'DIP_NOT_PASSED' });
        }),
      );
    }
  }
  // Of the 200,000,000: 9,999,999 or 10,000,000 take part, all for.
  for (const [votesFor, carries] of [
    [10n * million - 1n, false],
    [10n * million, true],
  ] as const) {
    await t.test(`a quorum of 5 % is ${carries ? 'reached' : 'missed by one unit'}`, () =>
      world.undone(async () => {
        await world.call(alice, 'DimoToken', 'transfer', [carol.address, 40n * million - votesFor]);
        const carried = world.carry(dips[1]!, { voters: [yes(alice)] });
        if (carries) assert.equal((await carried).quorum, 10n * million);
        else await assert.rejects(carried, { code: 'DIP_NOT_PASSED' });
        assert.equal(await world.read('DimoToken', 'balanceOf', [stranger.address]), carries ? 5n * million : 0n);
      }),
    );
  }
});
