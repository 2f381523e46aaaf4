/** Says in plain words what one call does. What has no sentence of its own is shown as contract, function and values. */
import {
  type AbiFunction,
  type AbiParameter,
  type Address,
  decodeFunctionData,
  erc20Abi,
  formatEther,
  type Hex,
  toFunctionSelector,
} from 'viem';
import { abiFunction, type ContractName, type Deployment, loadArtifact, plan } from '../deploy/index.ts';
import type { Action } from './actions.ts';
import { type Arguments, sentences } from './sentences.ts';

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

/** A call within a call within a call; what lies deeper is shown as data. */
const depthMax = 3;

/** Decodes one action, and the calls inside it; never throws: what can't be read is said to be unreadable. */
export function explainAction(deployment: Deployment, action: Action): ExplainedAction {
  return explainCall(deployment, action, { depth: 0, self: 'the timelock' });
}

function explainCall(deployment: Deployment, action: Action, place: { depth: number; self: string }): ExplainedAction {
  const name = nameOf(deployment);
  const contract = contractAt(deployment, action.target);
  const ether = action.value > 0n ? `, with ${formatEther(action.value)} ether` : '';
  const decoded = contract && decode(contract, action.data);
  if (!decoded) {
    const call = action.data === '0x' ? 'without data' : `with the data ${action.data}${likeness(action.data)}`;
    const known = contract ? 'a function it is not known to have' : 'a contract that is not ours';
    return {
      ...action,
      ...(contract && { contract }),
      args: {},
      words: `call ${name(action.target)} (${known}) ${call}${ether}`,
    };
  }
  const inner = (target: unknown, data: unknown, self: string): string => {
    const call = { target: (target ?? action.target) as Address, value: 0n, data: data as Hex };
    if (place.depth >= depthMax) return `call ${name(call.target)} with the data ${data}`;
    return explainCall(deployment, call, { depth: place.depth + 1, self }).words;
  };
  const sentence =
    decoded.name === 'upgradeToAndCall' ? upgradeSentence(contract) : sentences[`${contract}.${decoded.name}`];
  const words = sentence
    ? sentence(decoded.args, { name, functionOf: functionsOf(deployment), self: place.self, inner })
    : `${contract}.${decoded.name}(${Object.entries(decoded.args)
        .map(([key, value]) => `${key}: ${plain(value, name)}`)
        .join(', ')})`;
  return { ...action, contract, name: decoded.name, args: decoded.args, words: words + ether };
}

/** What a call of a foreign contract would be if it were an ordinary token: a hint, and said to be one. */
function likeness(data: Hex): string {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi: erc20Abi, data });
    return `, which of a token would be ${functionName}(${args.join(', ')})`;
  } catch {
    return '';
  }
}

/** Every contract behind a proxy has this function. */
function upgradeSentence(contract: ContractName): (typeof sentences)[string] {
  return ({ newImplementation, data }, { name, self, inner }) => {
    const then = data === '0x' ? '' : `, and at once ${inner(undefined, data, self)}`;
    return `give ${contract} the code at ${name(newImplementation)}${then}`;
  };
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

function functionsOf(deployment: Deployment) {
  return (target: unknown, selector: Hex) => {
    const contract = contractAt(deployment, target as Address);
    const found =
      contract &&
      loadArtifact(contract).abi.find((item) => item.type === 'function' && toFunctionSelector(item) === selector);
    return found ? `${contract}.${(found as AbiFunction).name}` : `${selector} of ${contract ?? target}`;
  };
}

function plain(value: unknown, name: (address: unknown) => string): string {
  if (typeof value === 'string') return /^0x[0-9a-fA-F]{40}$/.test(value) ? name(value) : value;
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
