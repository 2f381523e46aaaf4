/** What is done with the RewardPool: post a root, have a wrong one vetoed, claim, and see where every epoch stands. */
import type { Account, Hex } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import { asGuardian, contractCall } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import type { RewardEpoch } from './epoch.ts';
import type { EpochInputs } from './inputs.ts';

export interface PoolContext {
  clients: ChainClients;
  deployment: Deployment;
}

/** RewardPool.epochOf. */
export interface PostedEpoch {
  root: Hex;
  inputsHash: Hex;
  remaining: bigint;
  total: bigint;
  claimableFrom: number;
  claimableUntil: number;
}

export type EpochState = 'running' | 'not posted' | 'missed' | 'challenged' | 'claimable' | 'ended';

export interface EpochStatus {
  epoch: number;
  state: EpochState;
  endsAt: number;
  emission: bigint;
  /** None where no root stands. */
  posted?: PostedEpoch;
}

const noRoot = `0x${'0'.repeat(64)}`;
const postingSeconds = 8 * 604_800;

export function readPool<T>(context: PoolContext, functionName: string, args: readonly unknown[] = []): Promise<T> {
  return context.clients.publicClient.readContract({
    address: context.deployment.addresses.RewardPool,
    abi: loadArtifact('RewardPool').abi,
    functionName,
    args,
  }) as Promise<T>;
}

const sendToPool = (context: PoolContext, name: string, args: readonly unknown[], account: Account) =>
  send(context.clients, {
    to: context.deployment.addresses.RewardPool,
    abi: loadArtifact('RewardPool').abi,
    name,
    args,
    account,
  });

/** @returns undefined where no root stands */
export async function postedEpoch(context: PoolContext, epoch: number): Promise<PostedEpoch | undefined> {
  const posted = await readPool<PostedEpoch>(context, 'epochOf', [BigInt(epoch)]);
  return posted.root === noRoot ? undefined : posted;
}

export async function epochStatus(context: PoolContext, epoch: number): Promise<EpochStatus> {
  const [posted, endsAt, emission, { timestamp }] = await Promise.all([
    postedEpoch(context, epoch),
    readPool<bigint>(context, 'endOf', [BigInt(epoch)]).then(Number),
    readPool<bigint>(context, 'emissionOf', [BigInt(epoch)]),
    context.clients.publicClient.getBlock(),
  ]);
  const now = Number(timestamp);
  const state = (): EpochState => {
    if (posted) return now < posted.claimableFrom ? 'challenged' : now < posted.claimableUntil ? 'claimable' : 'ended';
    return now < endsAt ? 'running' : now < endsAt + postingSeconds ? 'not posted' : 'missed';
  };
  return { epoch, state: state(), endsAt, emission, ...(posted && { posted }) };
}

/**
 * Posts a root, once: a second run finds it there.
 * @throws {MinerError} ROOT_STANDS when another root is there; CHAIN_REVERTED
 */
export async function postRoot(
  context: PoolContext,
  inputs: Pick<EpochInputs, 'epoch'>,
  computed: Pick<RewardEpoch, 'root' | 'total' | 'inputsHash'>,
  poster: Account,
): Promise<'posted' | 'stands already'> {
  const { epoch } = inputs;
  const posted = await postedEpoch(context, epoch);
  if (posted && posted.root !== computed.root) {
    throw toolError('ROOT_STANDS', { epoch, posted: posted.root, ours: computed.root });
  }
  if (posted) return 'stands already';
  const { root, total, inputsHash } = computed;
  await sendToPool(context, 'postRoot', [BigInt(epoch), root, total, inputsHash], poster);
  return 'posted';
}

/**
 * Has the guardian remove a root that is not ours, within its challenge window.
 * @throws {MinerError} ROOT_AGREES when root, total and inputs are as we computed them: there is nothing to challenge;
 *   ROOT_MISSING; CHAIN_REVERTED
 */
export async function challengeRoot(
  context: PoolContext,
  computed: Pick<RewardEpoch, 'root' | 'total' | 'inputsHash'> & { epoch: number },
  guardian: Account,
): Promise<{ vetoed: Hex; reason: string }> {
  const { epoch, root, total, inputsHash } = computed;
  const posted = await postedEpoch(context, epoch);
  if (!posted) throw toolError('ROOT_MISSING', { epoch });
  if (posted.root === root && posted.total === total && posted.inputsHash === inputsHash) {
    throw toolError('ROOT_AGREES', { epoch, root });
  }
  const reason = `recomputed: root ${root}, total ${total}, inputs ${inputsHash}`;
  const action = contractCall(context.deployment, 'RewardPool', 'veto', [BigInt(epoch), reason]);
  await asGuardian(context.clients, context.deployment, action, guardian);
  return { vetoed: posted.root, reason };
}

export interface Payment {
  epoch: number;
  index: number;
  /** An account, or the platform whose bounty is paid. */
  to: Hex;
  kind: 'reward' | 'bounty';
  amount: bigint;
  /** Why nothing was sent, when nothing was. */
  outcome: 'paid' | 'paid before' | 'not claimable yet' | 'claim time over' | 'not posted' | 'another root stands';
}

/** Which leaves: those of an account, or all bounties. */
export type Payee = { account: Hex } | { bounties: true };

/**
 * Pays what an epoch has for a payee, and says why where nothing can be paid. Sending it twice pays once.
 * @param sender Pays for gas; anyone may.
 * @throws {MinerError} CHAIN_REVERTED
 */
export async function payLeaves(
  context: PoolContext,
  { inputs, computed }: { inputs: EpochInputs; computed: RewardEpoch },
  payee: Payee,
  sender: Account,
): Promise<Payment[]> {
  const { epoch } = inputs;
  const account = 'account' in payee ? payee.account.toLowerCase() : undefined;
  const leaves =
    account === undefined
      ? computed.bountyLeaves.map(
          ({ index, platform, amount }) => ({ kind: 'bounty', index, to: platform, amount }) as const,
        )
      : computed.leaves
          .filter((leaf) => leaf.account === account)
          .map(({ index, account: to, amount }) => ({ kind: 'reward', index, to, amount }) as const);
  const { state, posted } = await epochStatus(context, epoch);
  const payments: Payment[] = [];
  for (const leaf of leaves) {
    const outcome = await payLeaf(leaf);
    payments.push({ epoch, ...leaf, outcome });
  }
  return payments;

  async function payLeaf({ kind, index, to, amount }: (typeof leaves)[number]): Promise<Payment['outcome']> {
    if (!posted) return 'not posted';
    if (posted.root !== computed.root) return 'another root stands';
    if (await readPool<boolean>(context, 'isClaimed', [BigInt(epoch), BigInt(index)])) return 'paid before';
    if (state === 'challenged') return 'not claimable yet';
    if (state === 'ended') return 'claim time over';
    const name = kind === 'reward' ? 'claim' : 'claimForBounty';
    await sendToPool(context, name, [BigInt(epoch), BigInt(index), to, amount, computed.proof(index)], sender);
    return 'paid';
  }
}
