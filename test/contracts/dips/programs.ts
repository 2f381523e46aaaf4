/** DIPs on streams, grants with their committees, referrals, and what a vehicle's week is worth. */
import assert from 'node:assert/strict';
import { getAddress } from 'viem';
import {
  cancelStream,
  changeStream,
  clawBackGrant,
  closeReferrals,
  extendGrant,
  fundReferrals,
  openGrant,
  openStream,
  releaseTranche,
  removeCommittee,
  setCommittee,
  setLevelTable,
  setReferralTerms,
  sweepSurplus,
  treasurySpend,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { day, hash, million, token, type World } from './world.ts';

const recipient = getAddress(hash('recipient').slice(0, 42));
const member = getAddress(hash('member').slice(0, 42));
const balanceOf = (world: World, account: string) => world.read<bigint>('DimoToken', 'balanceOf', [account]);

interface StreamRead {
  recipient: string;
  total: bigint;
  end: number;
  state: number;
}
interface GrantRead {
  recipient: string;
  deadline: number;
  state: number;
  unreleased: bigint;
  withdrawable: bigint;
}

async function streamState(world: World, id = 1n) {
  const { recipient, total, end, state } = await world.read<StreamRead>('Streams', 'streamOf', [id]);
  return { recipient, total, end, state, held: await balanceOf(world, world.at.Streams) };
}

async function grantState(world: World, id = 1n) {
  const { recipient, deadline, state, unreleased, withdrawable } = await world.read<GrantRead>('Grants', 'grantOf', [
    id,
  ]);
  return { recipient, deadline, state, unreleased, withdrawable, held: await balanceOf(world, world.at.Grants) };
}

const nobody = getAddress(`0x${'0'.repeat(40)}`);
const [none, live, cancelled] = [0, 1, 2];
const [noGrant, open, , clawedBack] = [0, 1, 2, 3];

/** A stream of a million over a thousand days from now on, as an earlier DIP opened it. */
async function streaming(world: World): Promise<{ start: number; end: number }> {
  const start = await world.now();
  const end = start + 1_000 * day;
  const stream = { recipient, total: million, start, end, purpose: 'upkeep' };
  await world.earlier(...openStream(world.deployment, stream));
  return { start, end };
}

const milestones = [
  { title: 'design', amount: 100_000n * token },
  { title: 'delivery', amount: 300_000n * token },
];

async function granted(world: World, committeeId = 0n): Promise<number> {
  const deadline = (await world.now()) + 365 * day;
  const grant = { recipient, milestones, committeeId, deadline, purpose: 'an app' };
  await world.earlier(...openGrant(world.deployment, grant));
  return deadline;
}

export const programRows: readonly DipRow[] = [
  {
    name: 'funds and opens a stream',
    level: 1,
    reason: 'spend-total',
    async prepare(world) {
      const start = (await world.now()) + 30 * day;
      const [cliff, end] = [start + 90 * day, start + 365 * day];
      const stream = { recipient, total: million, start, cliff, end, purpose: 'upkeep of the decoders' };
      return {
        actions: openStream(world.deployment, stream),
        state: () => streamState(world),
        before: { recipient: nobody, total: 0n, end: 0, state: none, held: 0n },
        after: { recipient, total: million, end, state: live, held: million },
        events: [
          { name: 'Treasury.Spent', args: { to: world.at.Streams, amount: million } },
          { name: 'Streams.StreamCreated', args: { id: 1n, recipient, total: million, start, cliff, end } },
        ],
      };
    },
  },
  {
    name: 'funds a large stream at the level of the payment',
    level: 2,
    reason: 'spend-total',
    async prepare(world) {
      const start = await world.now();
      const end = start + 365 * day;
      const total = 6n * million;
      return {
        actions: openStream(world.deployment, { recipient, total, start, end, purpose: 'upkeep' }),
        state: () => streamState(world),
        before: { recipient: nobody, total: 0n, end: 0, state: none, held: 0n },
        after: { recipient, total, end, state: live, held: total },
        events: [{ name: 'Streams.StreamCreated' }],
      };
    },
  },
  {
    name: 'changes a stream',
    level: 1,
    reason: 'spend-total',
    async prepare(world) {
      const { end } = await streaming(world);
      const change = { id: 1n, total: 2n * million, end: end + 365 * day, added: million };
      return {
        actions: changeStream(world.deployment, change),
        state: () => streamState(world),
        before: { recipient, total: million, end, state: live, held: million },
        after: { recipient, total: 2n * million, end: change.end, state: live, held: 2n * million },
        events: [{ name: 'Streams.StreamChanged', args: { id: 1n, total: 2n * million, freed: 0n } }],
      };
    },
  },
  {
    name: 'ends a stream, and what has accrued stays its recipient’s',
    level: 1,
    async prepare(world) {
      const { start, end } = await streaming(world);
      const state = async () => (await streamState(world)).state;
      const treasuryBefore = await balanceOf(world, world.at.Treasury);
      return {
        actions: [cancelStream(world.deployment, { id: 1n })],
        state,
        before: live,
        after: cancelled,
        events: [{ name: 'Streams.StreamCancelled', args: { id: 1n } }],
        async afterwards() {
          const accrued = (million * BigInt((await world.now()) - start)) / BigInt(end - start);
          assert.equal(await world.read('Streams', 'withdrawableOf', [1n]), accrued);
          assert.equal(await balanceOf(world, world.at.Streams), accrued);
          assert.equal(await balanceOf(world, world.at.Treasury), treasuryBefore + million - accrued);
        },
      };
    },
  },
  {
    name: 'takes back what a program was paid and has not promised',
    level: 1,
    async prepare(world) {
      await world.earlier(treasurySpend(world.deployment, { to: world.at.Grants, amount: million }));
      const before = await balanceOf(world, world.at.Treasury);
      return {
        actions: [sweepSurplus(world.deployment, 'Grants')],
        state: async () => [await balanceOf(world, world.at.Grants), await balanceOf(world, world.at.Treasury)],
        before: [million, before],
        after: [0n, before + million],
        events: [{ name: 'Grants.SurplusSwept', args: { amount: million } }],
      };
    },
  },
  {
    name: 'funds and opens a grant',
    level: 1,
    reason: 'spend-total',
    async prepare(world) {
      const deadline = (await world.now()) + 365 * day;
      return {
        actions: openGrant(world.deployment, { recipient, milestones, deadline, purpose: 'an app' }),
        state: () => grantState(world),
        before: { recipient: nobody, deadline: 0, state: noGrant, unreleased: 0n, withdrawable: 0n, held: 0n },
        after: {
          recipient,
          deadline,
          state: open,
          unreleased: 400_000n * token,
          withdrawable: 0n,
          held: 400_000n * token,
        },
        events: [{ name: 'Grants.GrantCreated', args: { id: 1n, recipient, committeeId: 0n } }],
      };
    },
  },
  {
    name: 'releases a tranche of a grant',
    level: 1,
    async prepare(world) {
      await granted(world);
      const state = async () => {
        const { unreleased, withdrawable } = await grantState(world);
        return { unreleased, withdrawable };
      };
      return {
        actions: [releaseTranche(world.deployment, { id: 1n, tranche: 1n, evidence: 'shipped' })],
        state,
        before: { unreleased: 400_000n * token, withdrawable: 0n },
        after: { unreleased: 100_000n * token, withdrawable: 300_000n * token },
        events: [{ name: 'Grants.TrancheReleased', args: { id: 1n, tranche: 1n, amount: 300_000n * token } }],
      };
    },
  },
  {
    name: 'gives a grant more time',
    level: 1,
    async prepare(world) {
      const deadline = await granted(world);
      return {
        actions: [extendGrant(world.deployment, { id: 1n, deadline: deadline + 90 * day })],
        state: async () => (await grantState(world)).deadline,
        before: deadline,
        after: deadline + 90 * day,
        events: [{ name: 'Grants.GrantExtended', args: { id: 1n } }],
      };
    },
  },
  {
    name: 'claws back what a grant has not released',
    level: 1,
    async prepare(world) {
      await granted(world);
      await world.earlier(releaseTranche(world.deployment, { id: 1n, tranche: 0n, evidence: 'seen' }));
      const state = async () => {
        const { state, unreleased, withdrawable, held } = await grantState(world);
        return { state, unreleased, withdrawable, held };
      };
      const released = 100_000n * token;
      return {
        actions: [clawBackGrant(world.deployment, { id: 1n })],
        state,
        before: { state: open, unreleased: 300_000n * token, withdrawable: released, held: 400_000n * token },
        after: { state: clawedBack, unreleased: 0n, withdrawable: released, held: released },
        events: [{ name: 'Grants.GrantEnded', args: { id: 1n, freed: 300_000n * token } }],
      };
    },
  },
  {
    name: 'sets up a committee with a budget',
    level: 2,
    async prepare(world) {
      const committee = { id: 1n, member, budget: 50_000n * token, periodDays: 30 };
      return {
        actions: [setCommittee(world.deployment, committee)],
        state: () => world.read('Grants', 'spendableOf', [1n]),
        before: 0n,
        after: 50_000n * token,
        events: [{ name: 'Grants.CommitteeSet', args: { committeeId: 1n, member, periodSeconds: 30 * day } }],
      };
    },
  },
  {
    name: 'removes a committee',
    level: 1,
    async prepare(world) {
      await world.earlier(setCommittee(world.deployment, { id: 1n, member, budget: token, periodDays: 30 }));
      return {
        actions: [removeCommittee(world.deployment, { id: 1n })],
        state: () => world.read('Grants', 'spendableOf', [1n]),
        before: token,
        after: 0n,
        events: [{ name: 'Grants.CommitteeRemoved', args: { committeeId: 1n } }],
      };
    },
  },
  {
    name: 'funds referrals and sets their terms',
    level: 2,
    async prepare(world) {
      const terms = { referrerAmount: 80n * token, refereeAmount: 20n * token, paidMax: 3n * million };
      const version = () => world.read<number>('ReferralProgram', 'termsVersion');
      return {
        actions: [fundReferrals(world.deployment, { amount: 2n * million }), setReferralTerms(world.deployment, terms)],
        state: async () => [
          await balanceOf(world, world.at.ReferralProgram),
          await world.read('ReferralProgram', 'termsOf', [await version()]),
        ],
        before: [0n, { referrerAmount: 50n * token, refereeAmount: 50n * token, paidMax: 2_500_000n * token }],
        after: [2n * million, terms],
        events: [{ name: 'ReferralProgram.TermsSet', args: { version: 2n } }],
      };
    },
  },
  {
    name: 'ends referrals',
    level: 2,
    async prepare(world) {
      return {
        actions: [closeReferrals(world.deployment)],
        state: async () => (await world.read<bigint>('ReferralProgram', 'closedAt')) > 0n,
        before: false,
        after: true,
        events: [{ name: 'ReferralProgram.ProgramClosed' }],
      };
    },
  },
  {
    name: 'sets what a vehicle’s week is worth',
    level: 2,
    async prepare(world) {
      const table = {
        data: [1, 14, 140, 700].map((packsMin, index) => ({ packsMin, signalsMin: 10 * index + 1 })),
        streak: { weeksMin1: 2, weeksMin2: 8, weeksMin3: 30, missedWeeksMax: 2 },
        locks: [1n, 2n, 3n].map((level) => ({ amount: level * 1_000n * token, durationSeconds: 365 * day })),
      };
      return {
        actions: [setLevelTable(world.deployment, table)],
        state: () => world.read('RewardLevels', 'latestVersion'),
        before: 1n,
        after: 2n,
        events: [{ name: 'RewardLevels.TableSet', args: { version: 2n } }],
        async afterwards() {
          assert.deepEqual(await world.read('RewardLevels', 'tableOf', [2n]), table);
        },
      };
    },
  },
];
