/** Values of our contracts' views and events in words, by their types and names. */
import { type AbiParameter, keccak256, stringToHex } from 'viem';
import { type ContractName, type Deployment, roles } from '../../deploy/index.ts';
import { duration, percent, tokens, utc } from '../format.ts';
import { nameOf, plainText } from './contracts.ts';

/** What a number counts, where its type does not say it. */
export type Unit = 'DIMO' | 'ETH' | 'duration' | 'time';

/** One value inside a result. */
export interface Leaf {
  path: string;
  parameter: AbiParameter;
  value: unknown;
}

/** The members of our enums, in order; an ABI has their type's name only. */
const enums: Record<string, readonly string[]> = {
  LicenceStatus: ['none', 'granted', 'active', 'suspended', 'revoked', 'exiting', 'exited'],
  DeviceStatus: ['none', 'active', 'retired'],
  DecoderStatus: ['none', 'listed', 'deprecated', 'retired', 'suspended', 'revoked'],
  GrantState: ['none', 'open', 'completed', 'clawed back', 'expired'],
  State: ['none', 'live', 'cancelled'],
  ActionKind: ['level 3', 'level 1', 'level 2', 'by its amount'],
};

/** A struct's fields one by one; anything else as it is. */
export function leaves(parameter: AbiParameter, value: unknown, path: readonly string[]): Leaf[] {
  if (parameter.type !== 'tuple') return [{ path: path.join('.'), parameter, value }];
  const { components } = parameter as { components: readonly AbiParameter[] };
  return components.flatMap((component) =>
    leaves(component, (value as Record<string, unknown>)[component.name!], [...path, component.name!]),
  );
}

export function leafText({ parameter, value }: Leaf, unit: Unit | undefined, deployment: Deployment): string {
  const { type, name = '' } = parameter;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (type === 'address') return addressText(String(value), deployment);
  if (type === 'address[]')
    return (value as string[]).map((one) => addressText(one, deployment)).join(', ') || 'nobody';
  if (typeof value === 'string') return type === 'string' ? JSON.stringify(value) : value;
  if (typeof value !== 'bigint' && typeof value !== 'number') return plainText(value);
  const members = enums[/^enum (?:\w+\.)?(\w+)$/.exec(parameter.internalType ?? '')?.[1] ?? ''];
  if (members) return members[Number(value)] ?? String(value);
  if (unit === 'ETH') return `${tokens(BigInt(value))} ETH`;
  // Amounts of our contracts are kept in these sizes, and nothing else is.
  if (unit === 'DIMO' || type === 'uint96' || type === 'uint128') return `${tokens(BigInt(value))} DIMO`;
  if (unit === 'duration' || /Seconds$/.test(name)) return duration(Number(value));
  if (unit === 'time' || type === 'uint40' || type === 'uint48') return value > 0 ? utc(Number(value)) : 'never';
  if (/(Bps|BasisPoints)$/.test(name)) return percent(Number(value));
  return String(value);
}

const addressText = (address: string, deployment: Deployment) =>
  /^0x0+$/.test(address) ? 'nobody' : nameOf(deployment, address);

/** The timelock knows its roles by the hashes of their names. */
const timelockRoles = new Map(
  ['PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE'].map((name) => [keccak256(stringToHex(name)) as string, name]),
);

/** An argument that something is looked up by. */
export function keyText(contract: ContractName, key: unknown, deployment: Deployment): string {
  if (contract === 'AccessManager' && typeof key === 'bigint') {
    return Object.values(roles).find(({ id }) => id === key)?.label ?? (key === 0n ? 'ADMIN' : String(key));
  }
  const text = String(key);
  return timelockRoles.get(text) ?? (/^0x[0-9a-fA-F]{40}$/.test(text) ? nameOf(deployment, text) : text);
}
