/** One sentence for each call that a DIP is likely to make, without a full stop. */
import { type Address, formatEther, type Hex, keccak256, stringToHex } from 'viem';
import { roles } from '../deploy/index.ts';
import { duration, percent, tokens, utc } from './format.ts';
import type { LevelTable, ReferralTerms } from './program-actions.ts';

export type Arguments = Record<string, unknown>;
export interface Context {
  /** An address by the name of the contract there, else as it is. */
  name: (address: unknown) => string;
  /** A function by its selector: `Treasury.spend`, or the selector and whose it is. */
  functionOf: (target: unknown, selector: Hex) => string;
  /** Who makes the call, such as `the timelock`. */
  self: string;
  /** A call that `self` makes inside this one, in words. */
  inner: (target: unknown, data: unknown, self: string) => string;
}

const amount = (value: unknown) => `${tokens(value as bigint)} DIMO`;
const quoted = (value: unknown) => JSON.stringify(value);
const short = (hash: unknown) => `${String(hash).slice(0, 10)}…`;

export const sentences: Record<string, (a: Arguments, context: Context) => string> = {
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
  'Treasury.execute': (a, { inner }) =>
    `have the treasury${withEther(a.value)} ${inner(a.target, a.data, 'the treasury')}`,
  'Treasury.invest': (a, { name }) =>
    `deposit ${a.assets} units of its asset into the vault ${name(a.vault)} for at least ${a.minShares} shares`,
  'Treasury.divest': (a, { name }) =>
    `redeem ${a.shares} shares of the vault ${name(a.vault)} for at least ${a.minAssets} units of its asset`,
  'RewardPool.setParameters': (a) => {
    const p = a.parameters as Arguments;
    return (
      `pay ${amount(p.weeklyInitial)} a week in the first year and ${percent(Number(p.yearlyBasisPoints))} of it each year after, ` +
      `${percent(Number(p.bountyShareBasisPoints))} of what platforms without a decoder earn into their bounties; ` +
      `${duration(Number(p.challengeSeconds))} to challenge a root, ${p.claimWeeks} weeks to claim`
    );
  },
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
  'Grants.release': (a) => `release tranche ${(a.tranche as bigint) + 1n} of grant ${a.id}: ${quoted(a.evidence)}`,
  'Grants.extend': (a) => `let grant ${a.id} run until ${utc(Number(a.deadline))}`,
  'Grants.clawBack': (a) => `end grant ${a.id} and take back what is not released`,
  'Grants.setCommittee': (a, { name }) =>
    `let ${name(a.member)} act as committee ${a.committeeId}, with a budget of ${amount(a.budget)} that refills in ${duration(Number(a.periodSeconds))}`,
  'Grants.removeCommittee': (a) => `remove committee ${a.committeeId}`,
  'Grants.sweepSurplus': () => 'return to the treasury what the grants have not promised',
  'Bounties.setLifetime': (a) => `let bounties last ${duration(Number(a.lifetimeSeconds))} from now on`,
  'DimoToken.burn': (a, { self }) => `destroy ${amount(a.amount)} of ${self}'s own`,
  'DimoToken.mint': (a, { name }) => `create ${amount(a.amount)} for ${name(a.to)}`,
  'DimoToken.transfer': (a, { name, self }) => `send ${amount(a.value)} of ${self}'s own to ${name(a.to)}`,
  'DimoToken.approve': (a, { name, self }) => `let ${name(a.spender)} take ${amount(a.value)} of ${self}'s own`,
  'DimoToken.delegate': (a, { name, self }) => `give the votes of ${self}'s own tokens to ${name(a.delegatee)}`,
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
  'DimoGovernor.setActionRules': (a, { functionOf }) =>
    `weigh from now on ${(a.entries as { target: Address; selector: Hex; rule: { kind: number } }[])
      .map(
        ({ target, selector, rule }) =>
          `${functionOf(target, selector)} ${ruleKinds[rule.kind] ?? `as kind ${rule.kind}`}`,
      )
      .join(', ')}`,
  'DimoGovernor.relay': (a, { inner }) =>
    `have the governor${withEther(a.value)} ${inner(a.target, a.data, 'the governor')}`,
  'DimoGovernor.updateTimelock': (a, { name }) => `have the governor carry out through ${name(a.newTimelock)}`,
  'AccessManager.grantRole': (a, { name }) =>
    `let ${name(a.account)} act as ${roleName(a.roleId)}${Number(a.executionDelay) > 0 ? `, ${duration(Number(a.executionDelay))} after announcing it` : ''}`,
  'AccessManager.revokeRole': (a, { name }) => `no longer let ${name(a.account)} act as ${roleName(a.roleId)}`,
  'AccessManager.setTargetFunctionRole': (a, { functionOf }) =>
    `let ${roleName(a.roleId)} call ${(a.selectors as Hex[]).map((selector) => functionOf(a.target, selector)).join(', ')}`,
  'AccessManager.setTargetClosed': (a, { name }) =>
    a.closed ? `close ${name(a.target)} to everybody` : `open ${name(a.target)} again`,
  'AccessManager.execute': (a, { inner }) => `have the access manager ${inner(a.target, a.data, 'the access manager')}`,
  'TimelockController.grantRole': (a, { name }) => `let ${name(a.account)} be ${timelockRole(a.role)} of the timelock`,
  'TimelockController.revokeRole': (a, { name }) =>
    `no longer let ${name(a.account)} be ${timelockRole(a.role)} of the timelock`,
  'AccessManager.multicall': (a, { inner }) =>
    (a.data as Hex[]).map((data) => inner(undefined, data, 'the timelock')).join(', then '),
  'TimelockController.execute': (a, { inner }) =>
    `have the timelock${withEther(a.value)} ${inner(a.target, a.payload, 'the timelock')}`,
  'TimelockController.schedule': (a, { inner }) =>
    `have the timelock in ${duration(Number(a.delay))}${withEther(a.value)} ${inner(a.target, a.data, 'the timelock')}`,
  'TimelockController.scheduleBatch': (a, { inner }) =>
    `have the timelock in ${duration(Number(a.delay))} ${(a.targets as Address[])
      .map((target, index) => inner(target, (a.payloads as Hex[])[index], 'the timelock'))
      .join(', then ')}`,
  'TermedGuardian.forward': (a, { inner }) => `have the guardian ${inner(a.target, a.data, 'the guardian')}`,
};

/** IGovernorLevels.ActionKind */
const ruleKinds = ['at level 3', 'at level 1', 'at level 2', 'as a spend'];

const withEther = (wei: unknown) => (wei === 0n ? '' : `, with ${formatEther(wei as bigint)} ether,`);

function roleName(id: unknown): string {
  if (id === 0n) return 'ADMIN, which may do everything';
  return Object.values(roles).find((role) => role.id === id)?.label ?? `role ${id}`;
}

const timelockRoles = new Map(
  ['PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE'].map((name) => [
    keccak256(stringToHex(name)),
    name.split('_')[0]!,
  ]),
);

function timelockRole(role: unknown): string {
  return (/^0x0+$/.test(String(role)) ? 'ADMIN' : timelockRoles.get(role as Hex)) ?? String(role);
}
