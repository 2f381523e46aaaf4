/** Actions of a DIP on governance itself: code, roles, levels and terms. All of them are level 3. */
import { type Address, type Hex, keccak256, stringToHex } from 'viem';
import { type ContractName, type Deployment, type RoleName, roles } from '../deploy/index.ts';
import { type Action, assertGovernable, contractCall } from './actions.ts';

/** Gives a contract behind a proxy new code, and calls `data` on it in the same breath; its state is kept. */
export function upgradeContract(
  deployment: Deployment,
  upgrade: { contract: ContractName; implementation: Address; data?: Hex },
): Action {
  const { contract, implementation, data = '0x' } = upgrade;
  return contractCall(deployment, contract, 'upgradeToAndCall', [implementation, data]);
}

/** Lets an account call what a role may call, at once. */
export function grantRole(deployment: Deployment, grant: { role: RoleName; account: Address }): Action {
  return contractCall(deployment, 'AccessManager', 'grantRole', [roles[grant.role].id, grant.account, 0]);
}

/** Takes a role from an account. */
export function revokeRole(deployment: Deployment, revocation: { role: RoleName; account: Address }): Action {
  return contractCall(deployment, 'AccessManager', 'revokeRole', [roles[revocation.role].id, revocation.account]);
}

/** What a level asks of later proposals, in percent with two decimals. */
export function setLevelTerms(
  deployment: Deployment,
  terms: { level: 1 | 2 | 3; majorityPercent: number; quorumPercent: number },
): Action {
  const bps = (percent: number) => Math.round(percent * 100);
  const { level, majorityPercent, quorumPercent } = terms;
  return contractCall(deployment, 'DimoGovernor', 'setLevelTerms', [level, bps(majorityPercent), bps(quorumPercent)]);
}

/** Sets the level of calls of functions in later proposals; level 3 takes a function off the list. */
export function setActionLevels(
  deployment: Deployment,
  rows: readonly { target: Address; selector: Hex; level: 1 | 2 | 3 }[],
): Action {
  // IGovernorLevels.ActionKind: 0 Unlisted, 1 Level1, 2 Level2
  const entries = rows.map(({ target, selector, level }) => ({
    target,
    selector,
    rule: { kind: level === 3 ? 0 : level, words: 0, amountWord: 0, tokenWord: 0 },
  }));
  return contractCall(deployment, 'DimoGovernor', 'setActionRules', [entries]);
}

/** How long a proposal waits before the vote. */
export function setVotingDelay(deployment: Deployment, terms: { days: number }): Action {
  return contractCall(deployment, 'DimoGovernor', 'setVotingDelay', [Math.round(terms.days * 86_400)]);
}

/** How long a vote lasts. */
export function setVotingPeriod(deployment: Deployment, terms: { days: number }): Action {
  return contractCall(deployment, 'DimoGovernor', 'setVotingPeriod', [Math.round(terms.days * 86_400)]);
}

/** How many votes it takes to propose, in units of 18 decimals. */
export function setProposalThreshold(deployment: Deployment, terms: { votes: bigint }): Action {
  return contractCall(deployment, 'DimoGovernor', 'setProposalThreshold', [terms.votes]);
}

/** Who may cancel proposals, for a year from now; the zero address for nobody. */
export function setProposalGuardian(deployment: Deployment, guardian: { address: Address }): Action {
  return contractCall(deployment, 'DimoGovernor', 'setProposalGuardian', [guardian.address]);
}

/** How long a passed proposal waits before it may be executed. */
export function setTimelockDelay(deployment: Deployment, terms: { days: number }): Action {
  return contractCall(deployment, 'TimelockController', 'updateDelay', [Math.round(terms.days * 86_400)]);
}

/** The timelock's roles that a governor holds. */
const governorRoles = ['PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE'].map((name) => keccak256(stringToHex(name)));

/**
 * Puts another governor, which is deployed already, in the place of the present one: it gets the timelock's roles, the
 * old one loses them, and a last action makes sure that the new one can govern. Everything else stays as it is, because
 * the timelock stays in charge.
 */
export function replaceGovernor(deployment: Deployment, successor: { governor: Address }): Action[] {
  const { governor } = successor;
  const { addresses } = deployment;
  return [
    ...governorRoles.map((role) => contractCall(deployment, 'TimelockController', 'grantRole', [role, governor])),
    ...governorRoles.map((role) =>
      contractCall(deployment, 'TimelockController', 'revokeRole', [role, addresses.DimoGovernor]),
    ),
    assertGovernable({ ...deployment, addresses: { ...addresses, DimoGovernor: governor } }),
  ];
}
