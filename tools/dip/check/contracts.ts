/** Names for what stands on a chain, and words for what comes out of it. */
import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  type Hex,
  keccak256,
  type Log,
  parseAbi,
  parseEventLogs,
  stringToHex,
} from 'viem';
import { type ContractName, type Deployment, errorsAbi, loadArtifact, plan } from '../../deploy/index.ts';

export interface DecodedEvent {
  address: Address;
  /** Undefined for a contract that is none of ours. */
  contract?: ContractName;
  /** Undefined when no event is known by these topics. */
  name?: string;
  args: Record<string, unknown>;
  inputs: readonly AbiParameter[];
  /** As it was emitted, for an event that is not known. */
  topics?: readonly Hex[];
  data?: Hex;
}

/** What tokens, vaults and proxies of anybody's emit. */
const commonEvents = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Approval(address indexed owner, address indexed spender, uint256 value)',
  'event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares)',
  'event Withdraw(address indexed sender, address indexed receiver, address indexed owner, uint256 assets, uint256 shares)',
  'event Upgraded(address indexed implementation)',
]);

export function contractAt({ addresses }: Deployment, address: string): ContractName | undefined {
  const lower = address.toLowerCase();
  return plan.find(({ name }) => addresses[name]?.toLowerCase() === lower)?.name;
}

/** EXCLUDED_VOTES of contracts/governance: the delegatee of tokens that must not vote. */
const excludedVotes = `0x${keccak256(stringToHex('dimo.governance.excluded-votes')).slice(-40)}`;

/** The contract's name, else the address. */
export function nameOf(deployment: Deployment, address: string): string {
  if (address.toLowerCase() === excludedVotes) return 'nobody (excluded votes)';
  return contractAt(deployment, address) ?? address;
}

const eventsOf = (contract: ContractName): Abi =>
  loadArtifact(contract).abi.filter((item): item is AbiEvent => item.type === 'event');

export function decodeEvent(deployment: Deployment, log: Log): DecodedEvent {
  const contract = contractAt(deployment, log.address);
  const abi = contract ? [...eventsOf(contract), ...commonEvents] : commonEvents;
  const [found] = parseEventLogs({ abi: abi as Abi, logs: [log] }) as unknown as {
    eventName: string;
    args?: Record<string, unknown>;
  }[];
  const where = { address: log.address, ...(contract && { contract }) };
  if (!found) return { ...where, args: {}, inputs: [], topics: log.topics, data: log.data };
  const { eventName: name, args = {} } = found;
  const event = abi.find(
    (item) => item.type === 'event' && item.name === name && item.inputs.every((input) => input.name! in args),
  );
  return { ...where, name, args: { ...args }, inputs: (event as AbiEvent).inputs };
}

/** Whether a contract refused, or there is none: everything else is the node's doing. */
export function isRevert(error: unknown): boolean {
  const isRefusal = (inner: unknown) =>
    inner instanceof ContractFunctionRevertedError || inner instanceof ContractFunctionZeroDataError;
  return error instanceof BaseError && error.walk(isRefusal) !== null;
}

/** A revert as `Name(value, value)`, or its text. */
export function decodeRevert(data: Hex | undefined): string {
  if (!data || data === '0x') return 'it reverted without saying why';
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errorsAbi(), data });
    if (errorName === 'Error') return String(args[0]);
    return `${errorName}(${args.map(plainText).join(', ')})`;
  } catch {
    return `it reverted with the data ${data.length > 74 ? `${data.slice(0, 74)}…` : data}`;
  }
}

export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
