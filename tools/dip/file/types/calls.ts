/** Calls of anything: what no other type of action says. */
import { encodeFunctionData } from 'viem';
import { rawCall } from '../../actions.ts';
import {
  address,
  bytes,
  contract,
  ether,
  findFunction,
  type Kind,
  line,
  optional,
  readAbiValues,
  within,
} from '../arguments/index.ts';
import { type ActionType, actionType } from './action-type.ts';

/** Read once the function is known. */
const anything: Kind<unknown> = { form: 'list in order, or map by name', read: (written) => written };

const value = optional(ether, 0n);

export const callTypes: readonly ActionType[] = [
  actionType('call', 'call a function of a contract of ours', {
    arguments: { contract: contract(), function: line(100), arguments: optional(anything, []), value },
    example: () => ({
      contract: 'DimoToken',
      function: 'approve',
      arguments: { spender: 'Bounties', value: '1000 DIMO' },
    }),
    build(deployment, { contract, function: name, arguments: written, value }, scope) {
      const item = within('function', () => findFunction(contract, name));
      const args = within('arguments', () => readAbiValues(item.inputs, written, scope));
      return rawCall(deployment.addresses[contract], encodeFunctionData({ abi: [item], args }), value);
    },
  }),
  actionType('raw-call', 'call anything with any data', {
    arguments: { target: address, data: optional(bytes(), '0x'), value },
    example: () => ({ target: 'treasury', value: '0.1 ETH' }),
    build: (_deployment, { target, data, value }) => rawCall(target, data, value),
  }),
];
