/** Says in plain words what one call does. What has no sentence of its own is shown as contract, function and values. */
import { type AbiParameter, type Address, decodeFunctionData, formatEther, type Hex } from 'viem';
import { abiFunction, type ContractName, type Deployment, loadArtifact, plan } from '../deploy/index.ts';
import type { Action } from './actions.ts';
import { duration, percent, tokens, utc } from './format.ts';
import type { LevelTable, ReferralTerms } from './program-actions.ts';

/** One action of a proposal, decoded. */
export interface ExplainedAction extends Action {
  /** The contract's name; undefined when the target is none of ours. */
  contract?: ContractName;
  /** Undefined when the data is no call that the contract's ABI knows. */
  name?: string;
  args: Record<string, unknown>;
  /** One sentence without a full stop. */
  words: string;
}

type Arguments = Record<string, unknown>;
interface Context {
  /** An address by the name of the contract there, else as it is. */
  name: (address: unknown) => string;
}

const amount = (value: unknown) => `${tokens(value as bigint)} DIMO`;
const quoted = (value: unknown) => JSON.stringify(value);
const short = (hash: unknown) => `${String(hash).slice(0, 10)}…`;

const sentences: Record<string, (a: Arguments, context: Context) => string> = {
  'ManufacturerRegistry.grant': (a, { name }) =>
    `license ${quoted(a.name)} as a maker of up to ${a.deviceCap} Miners, held by ${name(a.owner)}, ` +
    (a.bondRequired === 0n ? 'without a bond' : `against a bond of ${amount(a.bondRequired)}`),
  'ManufacturerRegistry.suspend': (a) => `suspend licence ${a.id} and its whole fleet: ${quoted(a.reason)}`,
  'ManufacturerRegistry.reinstate': (a) => `end the suspension of licence ${a.id}`,
  'ManufacturerRegistry.revoke': (a) => `revoke licence ${a.id} for good: ${quoted(a.reason)}`,
  'ManufacturerRegistry.slash': (a) =>
    `take ${amount(a.amount)} of the bond of licence ${a.id} into the treasury: ${quoted(a.reason)}`,
  'ManufacturerRegistry.setDeviceCap': (a) => `let licence ${a.id} have up to ${a.deviceCap} Miners`,
  'ManufacturerRegistry.certify': (a) =>
    `certify the image ${short(a.imageHash)} of model ${short(a.modelId)} of licence ${a.id} (audit ${short(a.auditHash)})`,
  'ManufacturerRegistry.withdrawCertificate': (a) =>
    `withdraw the certificate of the image ${short(a.imageHash)} of model ${short(a.modelId)} of licence ${a.id}`,
  'ManufacturerRegistry.setVerifier': (a, { name }) =>
    a.listed
      ? `accept the contract ${name(a.verifier)} as a verifier of makers' signatures`
      : `no longer accept the contract ${name(a.verifier)} as a verifier of makers' signatures`,
  'MinerRegistry.retire': (a) => `retire the device ${a.device} for good: ${quoted(a.reason)}`,
  'DecoderRegistry.list': ({ decoder }) => {
    const d = decoder as Arguments;
    return `list the decoder ${quoted(d.id)} version ${d.version} by ${d.author} (file ${short(d.contentHash)})`;
  },
  'DecoderRegistry.deprecate': (a) =>
    `let the decoder ${short(a.contentHash)} run out on ${utc(Number(a.graceEnds))}, followed by ${short(a.successor)}`,
  'DecoderRegistry.retire': (a) => `retire the decoder ${short(a.contentHash)}`,
  'DecoderRegistry.suspend': (a) =>
    `suspend the decoder ${short(a.contentHash)} for ${duration(Number(a.durationSeconds))}: ${quoted(a.reason)}`,
  'DecoderRegistry.reinstate': (a) => `end the suspension of the decoder ${short(a.contentHash)}`,
  'DecoderRegistry.setCheckpointSigners': (a) =>
    `have checkpoints signed by ${a.threshold} of ${(a.signers as unknown[]).length}: ${(a.signers as string[]).join(', ')}`,
  'DecoderRegistry.revoke': (a) => `revoke the decoder ${short(a.contentHash)} for good: ${quoted(a.reason)}`,
  'Treasury.spend': (a, { name }) =>
    name(a.token) === 'DimoToken'
      ? `pay ${amount(a.amount)} from the treasury to ${name(a.to)}`
      : `pay ${a.amount} units of the token ${name(a.token)} from the treasury to ${name(a.to)}`,
  'Treasury.spendEther': (a, { name }) =>
    `pay ${formatEther(a.amount as bigint)} ether from the treasury to ${name(a.to)}`,
  'Treasury.execute': (a, { name }) =>
    `make the treasury call ${name(a.target)} with ${formatEther(a.value as bigint)} ether and the data ${a.data}`,
  'Treasury.invest': (a, { name }) =>
    `deposit ${a.assets} units of its asset into the vault ${name(a.vault)} for at least ${a.minShares} shares`,
  'Treasury.divest': (a, { name }) =>
    `redeem ${a.shares} shares of the vault ${name(a.vault)} for at least ${a.minAssets} units of its asset`,
  'RewardPool.sweep': (a) => `return to the treasury what nobody claimed of week ${a.epoch}`,
  'RewardLevels.setTable': (a) => {
    const { data, streak, locks } = a.table as unknown as LevelTable;
    const packs = data.map((level) => `${level.packsMin} packs and ${level.signalsMin} signals`).join(', ');
    const weeks = [streak.weeksMin1, streak.weeksMin2, streak.weeksMin3].join(', ');
    const locked = locks
      .map((lock) => `${amount(lock.amount)} for ${duration(Number(lock.durationSeconds))}`)
      .join(', ');
    return `count from now on: data levels 3 to 6 from ${packs}; streaks from ${weeks} weeks, a level lost after ${streak.missedWeeksMax} missed; locks of ${locked}`;
  },
  'ReferralProgram.setTerms': (a) => {
    const { referrerAmount, refereeAmount, paidMax } = a.terms as ReferralTerms;
    return `pay ${amount(referrerAmount)} to who refers a driver and ${amount(refereeAmount)} to the driver, ${amount(paidMax)} in all`;
  },
  'ReferralProgram.close': () => 'end referrals for good; what was accepted can be paid for 90 days more',
  'Streams.create': (a, { name }) =>
    `stream ${amount(a.total)} to ${name(a.recipient)} from ${utc(Number(a.start))} to ${utc(Number(a.end))}, ` +
    `nothing before ${utc(Number(a.cliff))}: ${quoted(a.purpose)}`,
  'Streams.change': (a) => `let stream ${a.id} pay ${amount(a.total)} in all, until ${utc(Number(a.end))}`,
  'Streams.cancel': (a) => `end stream ${a.id}; what has accrued stays its recipient's`,
  'Streams.sweepSurplus': () => 'return to the treasury what the streams have not promised',
  'Grants.create': (a, { name }) => {
    const titles = a.milestones as string[];
    const steps = (a.tranches as bigint[]).map((tranche, index) => `${amount(tranche)} for ${quoted(titles[index])}`);
    const committee = a.committeeId === 0n ? 'by DIP' : `by DIP or committee ${a.committeeId}`;
    return `grant ${name(a.recipient)} ${steps.join(', ')}, released ${committee} until ${utc(Number(a.deadline))}: ${quoted(a.purpose)}`;
  },
  'Grants.release': (a) => `release tranche ${a.tranche} of grant ${a.id}: ${quoted(a.evidence)}`,
  'Grants.extend': (a) => `let grant ${a.id} run until ${utc(Number(a.deadline))}`,
  'Grants.clawBack': (a) => `end grant ${a.id} and take back what is not released`,
  'Grants.setCommittee': (a, { name }) =>
    `let ${name(a.member)} act as committee ${a.committeeId}, with a budget of ${amount(a.budget)} that refills in ${duration(Number(a.periodSeconds))}`,
  'Grants.removeCommittee': (a) => `remove committee ${a.committeeId}`,
  'Grants.sweepSurplus': () => 'return to the treasury what the grants have not promised',
  'Bounties.setLifetime': (a) => `let bounties last ${duration(Number(a.lifetimeSeconds))} from now on`,
  'DimoToken.burn': (a) => `destroy ${amount(a.amount)} of the timelock's own`,
  'DimoToken.mint': (a, { name }) => `create ${amount(a.amount)} for ${name(a.to)}`,
  'DimoToken.transfer': (a, { name }) => `send ${amount(a.value)} of the timelock's own to ${name(a.to)}`,
  'DimoToken.approve': (a, { name }) => `let ${name(a.spender)} take ${amount(a.value)} of the timelock's own`,
  'Bounties.fund': (a) => `put ${amount(a.amount)} into the decoder bounty of platform ${short(a.platform)}`,
  'Bounties.award': (a, { name }) =>
    `award the bounty of platform ${short(a.platform)}, at least ${amount(a.amountMin)}, to ${name(a.payee)} for the decoder ${short(a.contentHash)}`,
  'GovernanceCheck.assertGovernable': () => 'undo everything if the holders would be left without a working vote',
  'DimoGovernor.setVotingDelay': (a) => `wait ${duration(Number(a.newVotingDelay))} before each vote`,
  'DimoGovernor.setVotingPeriod': (a) => `let each vote last ${duration(Number(a.newVotingPeriod))}`,
  'DimoGovernor.setProposalThreshold': (a) => `ask ${amount(a.newProposalThreshold)} of votes to propose`,
  'DimoGovernor.setProposalGuardian': (a, { name }) =>
    /^0x0+$/.test(String(a.newProposalGuardian))
      ? 'have no guardian'
      : `make ${name(a.newProposalGuardian)} the guardian for a year`,
  'TimelockController.updateDelay': (a) => `let a passed proposal wait ${duration(Number(a.newDelay))}`,
  'DimoGovernor.setLevelTerms': (a) =>
    `ask of level ${a.level}: a majority of ${percent(Number(a.majorityBps))} and a quorum of ${percent(Number(a.quorumBps))}`,
};

/** Decodes one action; never throws: what can't be read is said to be unreadable. */
export function explainAction(deployment: Deployment, action: Action): ExplainedAction {
  const name = nameOf(deployment);
  const contract = contractAt(deployment, action.target);
  const ether = action.value > 0n ? `, with ${formatEther(action.value)} ether` : '';
  const decoded = contract && decode(contract, action.data);
  if (!decoded) {
    const call = action.data === '0x' ? 'without data' : `with the data ${action.data}`;
    const known = contract ? 'a function it is not known to have' : 'a contract that is not ours';
    return {
      ...action,
      ...(contract && { contract }),
      args: {},
      words: `call ${name(action.target)} (${known}) ${call}${ether}`,
    };
  }
  const sentence = sentences[`${contract}.${decoded.name}`];
  const words = sentence
    ? sentence(decoded.args, { name })
    : `${contract}.${decoded.name}(${Object.entries(decoded.args)
        .map(([key, value]) => `${key}: ${plain(value, name)}`)
        .join(', ')})`;
  return { ...action, contract, name: decoded.name, args: decoded.args, words: words + ether };
}

function decode(contract: ContractName, data: Hex): { name: string; args: Arguments } | undefined {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi: loadArtifact(contract).abi, data });
    const inputs: readonly AbiParameter[] = abiFunction(contract, functionName).inputs;
    return {
      name: functionName,
      args: Object.fromEntries(inputs.map((input, index) => [argumentName(input, index), args[index]])),
    };
  } catch {
    // an unknown selector, or arguments that don't decode
    return undefined;
  }
}

/** A trailing underscore only keeps a Solidity argument apart from a function of the same name. */
function argumentName(input: AbiParameter, index: number): string {
  return input.name?.replace(/_$/, '') ?? String(index);
}

function contractAt(deployment: Deployment, address: Address): ContractName | undefined {
  const lower = address.toLowerCase();
  return plan.find(({ name }) => deployment.addresses[name]?.toLowerCase() === lower)?.name;
}

function nameOf(deployment: Deployment) {
  return (address: unknown) => contractAt(deployment, address as Address) ?? String(address);
}

function plain(value: unknown, name: (address: unknown) => string): string {
  if (typeof value === 'string') return /^0x[0-9a-fA-F]{40}$/.test(value) ? name(value) : value;
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
