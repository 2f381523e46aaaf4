/** Looking at the form of arguments without any chain. */
import { zeroAddress } from 'viem';
import { type Addresses, type Deployment, plan } from '../../deploy/index.ts';
import type { Kind } from './arguments/index.ts';

/** A deployment that is nowhere: each contract is at the zero address. */
export const nowhere: Deployment = {
  chainId: 0,
  block: 0,
  deployer: zeroAddress,
  addresses: Object.fromEntries(plan.map(({ name }) => [name, zeroAddress])) as unknown as Addresses,
};

/** @throws {Refusal} with what is wrong with an argument as it is written */
export function tryArgument(kind: Kind<unknown>, written: unknown): void {
  kind.read(written, { addresses: nowhere.addresses, warn: () => {} });
}
