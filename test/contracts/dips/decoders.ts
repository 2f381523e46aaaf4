/** DIPs on decoders, and on what their authors are paid. */
import assert from 'node:assert/strict';
import { zeroHash } from 'viem';
import {
  awardBounty,
  deprecateDecoder,
  fundBounty,
  listDecoder,
  reinstateDecoder,
  retireDecoder,
  revokeDecoder,
  setBountyLifetime,
  setCheckpointSigners,
  suspendDecoder,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { author, day, hash, million, type World } from './world.ts';

const status = { none: 0, listed: 1, deprecated: 2, retired: 3, suspended: 4, revoked: 5 };
const platform = hash('platform');

const decoderStatus = (world: World, name: string) => async () =>
  (await world.read<{ status: number }>('DecoderRegistry', 'decoderOf', [hash(name)])).status;

/** Lists decoders as if by earlier DIPs. */
async function listed(world: World, ...names: string[]): Promise<void> {
  for (const name of names) {
    const { listing, consent } = await world.decoder(name);
    await world.earlier(listDecoder(world.deployment, listing, consent));
  }
}

const bountyOf = (world: World) => world.read<bigint>('Bounties', 'balanceOf', [platform]);
const balanceOf = (world: World, account: string) => world.read<bigint>('DimoToken', 'balanceOf', [account]);

export const decoderRows: readonly DipRow[] = [
  {
    name: 'lists a decoder',
    level: 1,
    async prepare(world) {
      const { listing, consent } = await world.decoder('a');
      return {
        actions: [listDecoder(world.deployment, listing, consent)],
        state: async () => [
          await decoderStatus(world, 'a')(),
          await world.read('DecoderRegistry', 'decoderCount'),
          await world.read('DecoderRegistry', 'activeEpoch'),
        ],
        before: [status.none, 0, 0n],
        after: [status.listed, 1, 1n],
        events: [
          {
            name: 'DecoderRegistry.DecoderListed',
            args: { contentHash: hash('a'), platform, author: author.address, index: 1 },
          },
          { name: 'DecoderRegistry.ActiveRootChanged', args: { epoch: 1n } },
        ],
      };
    },
  },
  {
    name: 'lists a decoder and pays its platform’s bounty',
    level: 1,
    async prepare(world) {
      const [alice] = world.holders;
      await world.call(alice!, 'DimoToken', 'approve', [world.at.Bounties, million]);
      await world.call(alice!, 'Bounties', 'fund', [platform, million]);
      const work = [platform, hash('a'), author.address, hash('salt')];
      await world.call(alice!, 'Bounties', 'commit', [await world.read('Bounties', 'commitmentOf', work)]);
      await world.call(alice!, 'Bounties', 'reveal', work);
      const { listing, consent } = await world.decoder('a');
      const award = { platform, contentHash: hash('a'), payee: author.address };
      return {
        actions: [listDecoder(world.deployment, listing, consent), awardBounty(world.deployment, award)],
        state: async () => [
          await decoderStatus(world, 'a')(),
          await bountyOf(world),
          await balanceOf(world, author.address),
        ],
        before: [status.none, million, 0n],
        after: [status.listed, 0n, million],
        events: [
          { name: 'DecoderRegistry.DecoderListed' },
          { name: 'Bounties.BountyAwarded', args: { ...award, round: 1n, amount: million } },
          { name: 'DimoToken.Transfer', args: { to: author.address, value: million } },
        ],
      };
    },
  },
  {
    name: 'deprecates a decoder in favour of another',
    level: 1,
    async prepare(world) {
      await listed(world, 'a', 'b');
      const graceEnds = (await world.now()) + 60 * day;
      const deprecation = { contentHash: hash('a'), successor: hash('b'), graceEnds };
      return {
        actions: [deprecateDecoder(world.deployment, deprecation)],
        state: decoderStatus(world, 'a'),
        before: status.listed,
        after: status.deprecated,
        events: [{ name: 'DecoderRegistry.DecoderDeprecated', args: deprecation }],
        async afterwards() {
          assert.equal(await world.read('DecoderRegistry', 'isActive', [hash('a')]), true);
          await world.advance(60 * day);
          assert.equal(await decoderStatus(world, 'a')(), status.retired);
        },
      };
    },
  },
  {
    name: 'retires a deprecated decoder before its grace ends',
    level: 1,
    async prepare(world) {
      await listed(world, 'a');
      const graceEnds = (await world.now()) + 60 * day;
      await world.earlier(
        deprecateDecoder(world.deployment, { contentHash: hash('a'), successor: zeroHash, graceEnds }),
      );
      return {
        actions: [retireDecoder(world.deployment, { contentHash: hash('a') })],
        state: decoderStatus(world, 'a'),
        before: status.deprecated,
        after: status.retired,
        events: [{ name: 'DecoderRegistry.DecoderRetired', args: { contentHash: hash('a') } }],
      };
    },
  },
  {
    name: 'suspends a decoder',
    level: 1,
    async prepare(world) {
      await listed(world, 'a');
      const suspension = { contentHash: hash('a'), durationSeconds: 14 * day, reason: 'wrong unit' };
      return {
        actions: [suspendDecoder(world.deployment, suspension)],
        state: decoderStatus(world, 'a'),
        before: status.listed,
        after: status.suspended,
        events: [
          { name: 'DecoderRegistry.ActiveRootChanged', args: { root: zeroHash } },
          { name: 'DecoderRegistry.DecoderSuspended', args: { contentHash: hash('a'), reason: 'wrong unit' } },
        ],
      };
    },
  },
  {
    name: 'reinstates a decoder',
    level: 1,
    async prepare(world) {
      await listed(world, 'a');
      const suspension = { contentHash: hash('a'), durationSeconds: 14 * day, reason: 'wrong unit' };
      await world.earlier(suspendDecoder(world.deployment, suspension));
      return {
        actions: [reinstateDecoder(world.deployment, { contentHash: hash('a') })],
        state: decoderStatus(world, 'a'),
        before: status.suspended,
        after: status.listed,
        events: [{ name: 'DecoderRegistry.DecoderReinstated', args: { contentHash: hash('a') } }],
      };
    },
  },
  {
    name: 'revokes a decoder for good',
    level: 2,
    async prepare(world) {
      await listed(world, 'a');
      return {
        actions: [revokeDecoder(world.deployment, { contentHash: hash('a'), reason: 'stolen' })],
        state: decoderStatus(world, 'a'),
        before: status.listed,
        after: status.revoked,
        events: [{ name: 'DecoderRegistry.DecoderRevoked', args: { contentHash: hash('a'), reason: 'stolen' } }],
      };
    },
  },
  {
    name: 'sets who signs checkpoints',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const accounts = world.holders.slice(0, 3).map(({ address }) => address);
      const ascending = accounts.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
      return {
        actions: [setCheckpointSigners(world.deployment, { signers: accounts, threshold: 2 })],
        state: () => world.read('DecoderRegistry', 'checkpointSigners'),
        before: [[], 0n],
        after: [ascending, 2n],
        events: [{ name: 'DecoderRegistry.CheckpointSignersSet', args: { signers: ascending, threshold: 2n } }],
      };
    },
  },
  {
    name: 'funds a bounty from the treasury',
    level: 1,
    reason: 'spend-total',
    async prepare(world) {
      return {
        actions: fundBounty(world.deployment, { platform, amount: million }),
        state: () => bountyOf(world),
        before: 0n,
        after: million,
        events: [
          { name: 'Treasury.Spent', args: { amount: million } },
          { name: 'Bounties.BountyFunded', args: { platform, round: 1n, amount: million } },
        ],
        open: [1, 2],
      };
    },
  },
  {
    name: 'awards a bounty, which ends its round',
    level: 1,
    async prepare(world) {
      const [alice] = world.holders;
      await world.call(alice!, 'DimoToken', 'approve', [world.at.Bounties, million]);
      await world.call(alice!, 'Bounties', 'fund', [platform, million]);
      const work = [platform, hash('a'), author.address, hash('salt')];
      await world.call(alice!, 'Bounties', 'commit', [await world.read('Bounties', 'commitmentOf', work)]);
      await world.call(alice!, 'Bounties', 'reveal', work);
      const award = { platform, contentHash: hash('a'), payee: author.address };
      const round = () => world.read<{ awarded: boolean }>('Bounties', 'roundOf', [platform, 1n]);
      return {
        actions: [awardBounty(world.deployment, award)],
        state: async () => (await round()).awarded,
        before: false,
        after: true,
        events: [{ name: 'Bounties.BountyAwarded', args: { ...award, amount: million } }],
      };
    },
  },
  {
    name: 'sets how long bounties last',
    level: 1,
    async prepare(world) {
      const before = await world.read<number>('Bounties', 'lifetimeSeconds');
      return {
        actions: [setBountyLifetime(world.deployment, { lifetimeDays: 400 })],
        state: () => world.read('Bounties', 'lifetimeSeconds'),
        before,
        after: 400 * day,
        events: [{ name: 'Bounties.LifetimeSet', args: { lifetimeSeconds: 400 * day } }],
      };
    },
  },
];
