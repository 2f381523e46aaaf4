/** Names for what stands on a chain, and words for what comes out of it. */
import {
  type Abi,
  type AbiEvent,
  type Address,
  decodeErrorResult,
  type Hex,
  type Log,
  parseAbi,
  parseEventLogs,
} from 'viem';
import { type ContractName, type Deployment, errorsAbi, loadArtifact, plan } from '../../deploy/index.ts';

export interface DecodedEvent {
  address: Address;
  /** Undefined for a contract that is none of ours. */
  contract?: ContractName;
  /** Undefined when no event is known by these topics. */
  name?: string;
  args: Record<string, unknown>;
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

/** The contract's name, else the address. */
export const nameOf = (deployment: Deployment, address: string): string => contractAt(deployment, address) ?? address;

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
  return found
    ? { ...where, name: found.eventName, args: { ...found.args } }
    : { ...where, args: {}, topics: log.topics, data: log.data };
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
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
