/** Queueing, executing and cancelling: what anyone may do with a DIP that passed, and its proposer or the guardian before. */
import { type Address, encodeFunctionData, isAddressEqual, keccak256, stringToHex } from 'viem';
import type { Deployment } from '../../deploy/index.ts';
import { toolError } from '../../errors/index.ts';
import { utc } from '../format.ts';
import { columns, readStatus } from '../proposal.ts';
import type { NumberedDip, ProposedDip } from '../proposed.ts';
import type { Call } from '../transaction.ts';
import { explainAction } from '../words.ts';
import {
  ask,
  type Context,
  chainTime,
  contractCallOf,
  expectState,
  governorCall,
  type Step,
  stateError,
} from './step.ts';

/** @throws {MinerError} DIP_STATE */
export function queueStep(context: Context, proposed: NumberedDip): Step {
  const { clients, deployment } = context;
  const { id, number } = proposed;
  return {
    name: 'queue',
    async done() {
      const { state, eta } = await readStatus(clients, deployment, id);
      if (state !== 'queued' && state !== 'executed') return undefined;
      return {
        words: `DIP ${number} is ${state}; it can be executed from ${utc(eta)}`,
        facts: { number, id, state, executeFrom: eta },
      };
    },
    async call() {
      await expectState(context, proposed, ['succeeded'], 'queued');
      return { call: carryOutCall(deployment, 'queue', proposed), words: [`put DIP ${number} into the timelock`] };
    },
  };
}

/** @throws {MinerError} DIP_STATE */
export function executeStep(context: Context, proposed: NumberedDip): Step {
  const { clients, deployment } = context;
  const { id, number } = proposed;
  return {
    name: 'execute',
    async done() {
      const { state } = await readStatus(clients, deployment, id);
      return state === 'executed' ? { words: `DIP ${number} is executed`, facts: { number, id, state } } : undefined;
    },
    async call() {
      const status = await expectState(context, proposed, ['queued'], 'executed');
      const now = await chainTime(context);
      if (now < status.eta) throw stateError(proposed, status, 'executed', now);
      const words = [
        `execute DIP ${number}, which will`,
        ...proposed.actions.map((action, i) => `  ${i + 1}. ${explainAction(deployment, action).words}`),
      ];
      return { call: carryOutCall(deployment, 'execute', proposed), words };
    },
  };
}

/**
 * Cancels as the proposer while it is pending, or as the guardian until it is executed.
 * @throws {MinerError} DIP_STATE, DIP_NOT_PROPOSER
 */
export function cancelStep(context: Context, proposed: NumberedDip, account: Address): Step {
  const { clients, deployment } = context;
  const { id, number, proposer } = proposed;
  return {
    name: 'cancel',
    async done() {
      const { state } = await readStatus(clients, deployment, id);
      return state === 'canceled' ? { words: `DIP ${number} is canceled`, facts: { number, id, state } } : undefined;
    },
    async call() {
      const call = carryOutCall(deployment, 'cancel', proposed);
      const role = await guardianRole(context, account);
      if (role !== 'none') {
        await expectState(context, proposed, ['pending', 'active', 'succeeded', 'queued'], 'cancelled');
        const words = [`cancel DIP ${number} as the guardian, for good`];
        if (role === 'guardian') return { call, words };
        const data = encodeFunctionData({ abi: call.abi, functionName: 'cancel', args: call.args });
        return { call: contractCallOf(deployment, 'TermedGuardian', 'forward', [call.to, data]), words };
      }
      if (!isAddressEqual(account, proposer)) {
        throw toolError('DIP_NOT_PROPOSER', { number, account, proposer });
      }
      await expectState(context, proposed, ['pending'], 'cancelled by its proposer');
      return { call, words: [`cancel DIP ${number}, for good`] };
    },
  };
}

/** Queueing, executing and cancelling name the proposal by its calls and the hash of its whole text. */
function carryOutCall(deployment: Deployment, name: string, { actions, description: text }: ProposedDip): Call {
  return governorCall(deployment, name, [...columns(actions), keccak256(stringToHex(text))]);
}

/** Whether an account is the governor's guardian: itself, or through the contract that ends its term. */
export async function guardianRole(context: Context, account: Address): Promise<'guardian' | 'holder' | 'none'> {
  const [guardian, holder] = (await Promise.all([
    ask(context, 'DimoGovernor', 'proposalGuardian'),
    ask(context, 'TermedGuardian', 'holder'),
  ])) as [Address, Address];
  if (isAddressEqual(guardian, account)) return 'guardian';
  const isTermed = isAddressEqual(guardian, context.deployment.addresses.TermedGuardian);
  return isTermed && isAddressEqual(holder, account) ? 'holder' : 'none';
}
