/**
 * The level of each kind of action at deployment; everything not named is level 3. Level 1 is what the platform does
 * every week and can undo, level 2 what reaches further or can't be undone.
 */
import { type Address, toFunctionSelector } from 'viem';
import { type ArtifactName, abiFunction } from './artifacts.ts';
import type { Addresses } from './plan.ts';

export const actionLevels: Partial<Record<ArtifactName, Record<string, 1 | 2>>> = {
  ManufacturerRegistry: {
    grant: 2,
    suspend: 1,
    reinstate: 1,
    revoke: 2,
    slash: 2,
    setDeviceCap: 1,
    certify: 1,
    withdrawCertificate: 1,
  },
  MinerRegistry: { retire: 2 },
  DecoderRegistry: { list: 1, deprecate: 1, retire: 1, suspend: 1, reinstate: 1, revoke: 2 },
  RewardPool: { setParameters: 2 },
  RewardLevels: { setTable: 2 },
  ReferralProgram: { setTerms: 2, close: 2 },
  // What a program promises was paid to it by a spend, which had the level of its amount.
  Streams: { create: 1, change: 1, cancel: 1, sweepSurplus: 1 },
  Grants: {
    create: 1,
    release: 1,
    extend: 1,
    clawBack: 1,
    setCommittee: 2,
    removeCommittee: 1,
    sweepSurplus: 1,
  },
  Bounties: { fund: 1, award: 1, setLifetime: 1 },
  GovernanceCheck: { assertGovernable: 1 },
};

/**
 * Calls that move tokens, weighed by the amount: which argument it is, and which one names the token (none: the called
 * contract is the token). An allowance counts as spent.
 */
export const spendActions: readonly { contract: ArtifactName; name: string; amount: string; token?: string }[] = [
  { contract: 'Treasury', name: 'spend', amount: 'amount', token: 'token' },
  { contract: 'DimoToken', name: 'transfer', amount: 'value' },
  { contract: 'DimoToken', name: 'approve', amount: 'value' },
];

/** IGovernorLevels.ActionKind */
const kinds = { level1: 1, level2: 2, spend: 3 } as const;
const targetIsToken = 255;

export interface ActionRuleEntry {
  target: Address;
  selector: `0x${string}`;
  rule: { kind: number; words: number; amountWord: number; tokenWord: number };
}

/** The two tables as the governor's constructor takes them. */
export function actionRules(at: Addresses): ActionRuleEntry[] {
  const address = (name: ArtifactName) => at[name as keyof Addresses];
  const listed = Object.entries(actionLevels).flatMap(([contract, functions]) =>
    Object.entries(functions).map(([name, level]) => ({
      target: address(contract as ArtifactName),
      selector: toFunctionSelector(abiFunction(contract as ArtifactName, name)),
      rule: { kind: level === 1 ? kinds.level1 : kinds.level2, words: 0, amountWord: 0, tokenWord: 0 },
    })),
  );
  const spends = spendActions.map(({ contract, name, amount, token }) => {
    const { inputs } = abiFunction(contract, name);
    const word = (argument: string) => inputs.findIndex((input) => input.name === argument);
    return {
      target: address(contract),
      selector: toFunctionSelector(abiFunction(contract, name)),
      rule: {
        kind: kinds.spend,
        words: inputs.length,
        amountWord: word(amount),
        tokenWord: token === undefined ? targetIsToken : word(token),
      },
    };
  });
  return [...listed, ...spends];
}
