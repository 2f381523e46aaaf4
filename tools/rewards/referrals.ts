/** What is done with the ReferralProgram: accept a referral, have it paid with a reward's proof, and see where it stands. */
import { type Account, type Hex, zeroAddress } from 'viem';
import { loadArtifact, send } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { type PoolContext, postedEpoch, readPool } from './pool.ts';
import type { PublishedEpoch } from './publish.ts';

export interface ReferralStanding {
  device: Hex;
  referee: Hex;
  referrer: Hex;
  /** Unix seconds. */
  acceptedAt: number;
  paid: boolean;
  /** Base units, as they were when it was accepted. */
  refereeAmount: bigint;
  referrerAmount: bigint;
}

export interface ProgramStanding {
  termsVersion: number;
  refereeAmount: bigint;
  referrerAmount: bigint;
  paidMax: bigint;
  paidTotal: bigint;
  /** Tokens that it holds. */
  balance: bigint;
  /** Unix seconds, or 0. */
  closedAt: number;
}

interface Terms {
  referrerAmount: bigint;
  refereeAmount: bigint;
  paidMax: bigint;
}

function read<T>(
  { clients, deployment }: PoolContext,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<T> {
  const address = deployment.addresses.ReferralProgram;
  const { abi } = loadArtifact('ReferralProgram');
  return clients.publicClient.readContract({ address, abi, functionName, args }) as Promise<T>;
}

const sendToProgram = (
  { clients, deployment }: PoolContext,
  name: string,
  args: readonly unknown[],
  account: Account,
) =>
  send(clients, {
    to: deployment.addresses.ReferralProgram,
    abi: loadArtifact('ReferralProgram').abi,
    name,
    args,
    account,
  });

/**
 * The owner of a new device names who brought them. A second run with the same referrer finds it done.
 * @throws {MinerError} CHAIN_REVERTED with why the program refuses: NotDeviceOwner, DeviceNotNew, RefereeKnown, ...
 */
export async function registerReferral(
  context: PoolContext,
  { device, referrer }: { device: Hex; referrer: Hex },
  owner: Account,
): Promise<'accepted' | 'accepted before'> {
  const known = await referralOf(context, device);
  const isSame =
    known?.referee.toLowerCase() === owner.address.toLowerCase() &&
    known.referrer.toLowerCase() === referrer.toLowerCase();
  if (isSame) return 'accepted before';
  await sendToProgram(context, 'accept', [device, referrer], owner);
  return 'accepted';
}

/** @returns undefined for a device that was not referred */
export async function referralOf(context: PoolContext, device: Hex): Promise<ReferralStanding | undefined> {
  const referral = await read<Omit<ReferralStanding, 'device'> & { termsVersion: number }>(context, 'referralOf', [
    device,
  ]);
  if (referral.referee === zeroAddress) return undefined;
  const { refereeAmount, referrerAmount } = await read<Terms>(context, 'termsOf', [BigInt(referral.termsVersion)]);
  const { referee, referrer, acceptedAt, paid } = referral;
  return { device, referee, referrer, acceptedAt, paid, refereeAmount, referrerAmount };
}

/** @returns the device with which an account accepted its referral */
export async function referredDeviceOf(context: PoolContext, account: Hex): Promise<Hex | undefined> {
  const device = await read<Hex>(context, 'deviceOf', [account]);
  return device === zeroAddress ? undefined : device;
}

export async function programStanding(context: PoolContext): Promise<ProgramStanding> {
  const { clients, deployment } = context;
  const version = await read<bigint>(context, 'termsVersion');
  const [terms, paidTotal, closedAt, balance] = await Promise.all([
    read<Terms>(context, 'termsOf', [version]),
    read<bigint>(context, 'paidTotal'),
    read<bigint>(context, 'closedAt'),
    clients.publicClient.readContract({
      address: deployment.addresses.DimoToken,
      abi: loadArtifact('DimoToken').abi,
      functionName: 'balanceOf',
      args: [deployment.addresses.ReferralProgram],
    }) as Promise<bigint>,
  ]);
  const { refereeAmount, referrerAmount, paidMax } = terms;
  const amounts = { refereeAmount, referrerAmount, paidMax, paidTotal };
  return { termsVersion: Number(version), ...amounts, balance, closedAt: Number(closedAt) };
}

export type ReferralOutcome =
  | { outcome: 'paid'; epoch: number; referral: ReferralStanding }
  | { outcome: 'paid before'; referral: ReferralStanding }
  | { outcome: 'no rewarded week yet'; referral: ReferralStanding };

/**
 * Has a referral paid with the first published epoch that proves a reward of the referee after the acceptance. Anyone
 * may send it, and a second time pays nothing.
 * @param epochs Published epochs; others than those that stand on chain are passed over.
 * @throws {MinerError} REFERRAL_MISSING, CHAIN_REVERTED (ProgramShort, CapReached)
 */
export async function payReferral(
  context: PoolContext,
  device: Hex,
  epochs: Iterable<PublishedEpoch>,
  sender: Account,
): Promise<ReferralOutcome> {
  const referral = await referralOf(context, device);
  if (!referral) throw toolError('REFERRAL_MISSING', { device });
  if (referral.paid) return { outcome: 'paid before', referral };
  const { timestamp } = await context.clients.publicClient.getBlock();
  for (const { inputs, computed } of epochs) {
    const { epoch } = inputs;
    const leaf = computed.leaves.find(
      ({ account, amount }) => account === referral.referee.toLowerCase() && amount > 0n,
    );
    const posted = leaf && (await postedEpoch(context, epoch));
    const stands = posted?.root === computed.root && Number(timestamp) >= posted.claimableFrom;
    if (!leaf || !stands) continue;
    if (Number(await readPool<bigint>(context, 'endOf', [BigInt(epoch)])) <= referral.acceptedAt) continue;
    const args = [device, BigInt(epoch), BigInt(leaf.index), leaf.amount, computed.proof(leaf.index)];
    await sendToProgram(context, 'pay', args, sender);
    return { outcome: 'paid', epoch, referral: { ...referral, paid: true } };
  }
  return { outcome: 'no rewarded week yet', referral };
}
