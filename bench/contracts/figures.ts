/** The shape of bench/results/contracts.json, and how new figures are held against it. */
import type { Machine } from '../machine.ts';

/** Gas of one whole transaction on the deployed platform: proxies, AccessManager and calldata included. */
export interface GasRow {
  name: string;
  gas: number;
  /** What the plan wants it to stay under. */
  plan?: number;
}

export interface SizeRow {
  name: string;
  /** Of the code on chain. */
  bytes: number;
}

export interface ContractFigures {
  machine: Machine;
  gas: GasRow[];
  sizes: SizeRow[];
  /** Wall time in seconds on the chain inside the process; printed and never asserted. */
  seconds: { deploy: number; dip: number };
}

/** EIP-170 */
export const sizeBytesMax = 24_576;

/** Signatures and addresses have a few zero bytes more or fewer from run to run: some tens of gas. */
const toleranceShare = 0.01;

/**
 * What got dearer than the snapshot says, passed a figure of the plan, or stands in one of the two only; one sentence
 * each. A cheaper call is no fault: the next publication writes it down.
 */
export function gasFaults(found: readonly GasRow[], snapshot: readonly GasRow[]): string[] {
  const known = new Map(snapshot.map((row) => [row.name, row]));
  const faults = found.flatMap(({ name, gas, plan }) => {
    const before = known.get(name);
    known.delete(name);
    if (before === undefined) return [`${name}: ${number(gas)} gas, not in the snapshot`];
    if (gas > before.gas * (1 + toleranceShare)) return [`${name}: ${number(gas)} gas, ${number(before.gas)} before`];
    if (plan !== undefined && gas > plan && before.gas <= plan)
      return [`${name}: ${number(gas)} gas, the plan's ${number(plan)} was kept before`];
    return [];
  });
  return [...faults, ...[...known.keys()].map((name) => `${name}: in the snapshot, no longer measured`)];
}

/** Contracts over the limit. */
export function sizeFaults(sizes: readonly SizeRow[]): string[] {
  return sizes
    .filter(({ bytes }) => bytes > sizeBytesMax)
    .map(({ name, bytes }) => `${name}: ${number(bytes)} of ${number(sizeBytesMax)} bytes`);
}

export const number = (value: number): string => value.toLocaleString('en');
