/** Bounties for decoders of a platform: what they hold, and the way of a work from a commitment to the award. */
import {
  type Account,
  type Address,
  encodeAbiParameters,
  type Hex,
  isAddressEqual,
  keccak256,
  zeroAddress,
} from 'viem';
import type { MinerError } from '../../edge/errors/index.ts';
import type { Deployment } from '../deploy/index.ts';
import { type Context, utc } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { chainTime, eventsOf, readFrom, sendTo } from './contract.ts';
import { allowPayment } from './tokens.ts';

export interface BountyRound {
  /** From 1. */
  round: number;
  /** Base units. */
  total: bigint;
  /** Unix seconds. */
  endsAt: number;
  /** `ended` without an award: who paid may take it back. */
  state: 'open' | 'awarded' | 'ended';
}

/** Who committed first to a decoder, and has shown it. */
export interface RevealedWork {
  contentHash: Hex;
  author: Address;
  /** Of the commitment. */
  blockNumber: number;
}

export interface PlatformBounty {
  platform: Hex;
  /** What an award would pay now, base units. */
  balance: bigint;
  rounds: BountyRound[];
  works: RevealedWork[];
}

/** A decoder that somebody commits to, and the salt that keeps it hidden until it is revealed. */
export interface CommittedWork {
  platform: Hex;
  contentHash: Hex;
  author: Address;
  salt: Hex;
}

/** Every platform that was ever funded or worked for, in the order in which that began. */
export async function listBounties(context: Context): Promise<PlatformBounty[]> {
  const [funded, revealed] = await Promise.all([
    eventsOf<{ platform: Hex }>(context, 'Bounties', 'BountyFunded'),
    eventsOf<{ platform: Hex }>(context, 'Bounties', 'WorkRevealed'),
  ]);
  const platforms = new Set([...funded, ...revealed].map(({ args }) => args.platform));
  return Promise.all(Array.from(platforms, (platform) => readBounty(context, platform)));
}

/** One platform's rounds and works; it may never have had any. */
export async function readBounty(context: Context, platform: Hex): Promise<PlatformBounty> {
  const [balance, count, now, revealed] = await Promise.all([
    readFrom<bigint>(context, 'Bounties', 'balanceOf', [platform]),
    readFrom<bigint>(context, 'Bounties', 'roundCount', [platform]),
    chainTime(context),
    eventsOf<{ platform: Hex; contentHash: Hex }>(context, 'Bounties', 'WorkRevealed', { platform }),
  ]);
  const hashes = new Set(revealed.map(({ args }) => args.contentHash));
  const [rounds, works] = await Promise.all([
    Promise.all(Array.from({ length: Number(count) }, (_, index) => readRound(context, platform, index + 1, now))),
    Promise.all(Array.from(hashes, (contentHash) => readWork(context, platform, contentHash))),
  ]);
  return { platform, balance, rounds, works: works.filter((work) => work !== undefined) };
}

async function readRound(context: Context, platform: Hex, round: number, now: number): Promise<BountyRound> {
  const { total, endsAt, awarded } = await readFrom<{ total: bigint; endsAt: number; awarded: boolean }>(
    context,
    'Bounties',
    'roundOf',
    [platform, BigInt(round)],
  );
  return { round, total, endsAt, state: awarded ? 'awarded' : now < endsAt ? 'open' : 'ended' };
}

/** @returns undefined for a work that nobody has revealed */
export async function readWork(context: Context, platform: Hex, contentHash: Hex): Promise<RevealedWork | undefined> {
  const args = [platform, contentHash];
  const { author, blockNumber } = await readFrom<{ author: Address; blockNumber: number }>(
    context,
    'Bounties',
    'workOf',
    args,
  );
  return author === zeroAddress ? undefined : { contentHash, author, blockNumber };
}

/**
 * Pays into a platform's bounty. Each run pays: only the allowance of a run that was cut off is used again.
 * @param amount Base units, above 0.
 * @throws {MinerError} TOKENS_MISSING, CHAIN_REVERTED
 */
export async function payIntoBounty(
  context: Context,
  { platform, amount }: { platform: Hex; amount: bigint },
  funder: Account,
): Promise<BountyRound> {
  await allowPayment(context, { contract: 'Bounties', amount }, funder);
  await sendTo(context, 'Bounties', { name: 'fund', args: [platform, amount], account: funder });
  const { rounds } = await readBounty(context, platform);
  return rounds.at(-1)!;
}

/** As Bounties.commitmentOf: it counts on this chain, for this contract, platform, work and author alone. */
export function commitmentOf({ chainId, addresses }: Deployment, work: CommittedWork): Hex {
  const types = ['uint256', 'address', 'bytes32', 'bytes32', 'address', 'bytes32'].map((type) => ({ type }));
  const { platform, contentHash, author, salt } = work;
  return keccak256(
    encodeAbiParameters(types, [BigInt(chainId), addresses.Bounties, platform, contentHash, author, salt]),
  );
}

/** Block of a commitment; undefined where it was not sent. */
async function committedIn(context: Context, commitment: Hex): Promise<number | undefined> {
  const [event] = await eventsOf<{ commitment: Hex }>(context, 'Bounties', 'WorkCommitted', { commitment });
  return event && Number(event.blockNumber);
}

/**
 * Commits to a work without showing it, once: a second run finds it there.
 * @returns the block of the commitment
 * @throws {MinerError} CHAIN_REVERTED
 */
export async function commitWork(
  context: Context,
  work: CommittedWork,
  sender: Account,
): Promise<{ outcome: 'committed' | 'committed before'; commitment: Hex; blockNumber: number }> {
  const commitment = commitmentOf(context.deployment, work);
  const known = await committedIn(context, commitment);
  if (known !== undefined) return { outcome: 'committed before', commitment, blockNumber: known };
  const receipt = await sendTo(context, 'Bounties', { name: 'commit', args: [commitment], account: sender });
  return { outcome: 'committed', commitment, blockNumber: Number(receipt.blockNumber) };
}

export interface RevealOptions {
  /** Waits until the chain may have gone on. A node judges a call by its newest block, which may be the commitment's own. */
  pause: () => Promise<void>;
}

/** How often a node may say that the commitment's block is still its newest. */
const attemptsMax = 300;

/**
 * Shows a committed work, at least one block after the commitment; a second run finds it there.
 * @throws {MinerError} BOUNTY_UNCOMMITTED, BOUNTY_TAKEN when an earlier commitment holds, CHAIN_REVERTED, TOO_SLOW
 */
export async function revealWork(
  context: Context,
  work: CommittedWork,
  sender: Account,
  { pause }: RevealOptions,
): Promise<{ outcome: 'revealed' | 'revealed before'; work: RevealedWork }> {
  const { platform, contentHash, author, salt } = work;
  const commitment = commitmentOf(context.deployment, work);
  const [committed, revealed] = await Promise.all([
    committedIn(context, commitment),
    readWork(context, platform, contentHash),
  ]);
  if (committed === undefined) throw toolError('BOUNTY_UNCOMMITTED', { commitment });
  if (revealed && isAddressEqual(revealed.author, author)) return { outcome: 'revealed before', work: revealed };
  if (revealed && revealed.blockNumber <= committed) {
    throw toolError('BOUNTY_TAKEN', { contentHash, author: revealed.author, block: revealed.blockNumber });
  }
  const call = { name: 'reveal', args: [platform, contentHash, author, salt], account: sender };
  for (let attempt = 1; ; attempt++) {
    try {
      await sendTo(context, 'Bounties', call);
      break;
    } catch (error) {
      if (!/CommitmentTooRecent/.test((error as MinerError).message)) throw error;
      if (attempt === attemptsMax)
        throw toolError('TOO_SLOW', { what: 'the block after the commitment', seconds: attemptsMax });
      await pause();
    }
  }
  return { outcome: 'revealed', work: (await readWork(context, platform, contentHash))! };
}

/** A round of which a funder may take back what they paid. */
export interface Refund {
  round: number;
  amount: bigint;
}

/**
 * Returns to a funder what they paid into rounds that came to nothing; anyone may send it.
 * @param round This one alone; else all of them.
 * @throws {MinerError} BOUNTY_NONE when nothing can be taken back, saying from when where that is known; CHAIN_REVERTED
 */
export async function refundBounty(
  context: Context,
  { platform, funder, round }: { platform: Hex; funder: Address; round?: number },
  sender: Account,
): Promise<Refund[]> {
  const { rounds } = await readBounty(context, platform);
  const asked = rounds.filter((one) => round === undefined || one.round === round);
  const paid = await Promise.all(
    asked.map((one) => readFrom<bigint>(context, 'Bounties', 'contributionOf', [platform, BigInt(one.round), funder])),
  );
  const refunds: Refund[] = [];
  for (const [at, { round: number, state }] of asked.entries()) {
    const amount = paid[at]!;
    if (amount === 0n || state !== 'ended') continue;
    const args = [platform, BigInt(number), funder];
    await sendTo(context, 'Bounties', { name: 'refund', args, account: sender });
    refunds.push({ round: number, amount });
  }
  if (refunds.length > 0) return refunds;
  const open = asked.find((one, at) => one.state === 'open' && paid[at]! > 0n);
  const problem = open
    ? `what ${funder} paid into round ${open.round} can be taken back from ${utc(open.endsAt)}, if it is not awarded until then`
    : `${funder} has nothing to take back`;
  throw toolError('BOUNTY_NONE', { platform, problem });
}
