/** Short ways to one of the platform's contracts. */
import { type AbiEvent, type Account, type Log, parseEventLogs } from 'viem';
import { type ContractName, loadArtifact, send } from '../deploy/index.ts';
import type { Context } from '../dip/index.ts';

export function readFrom<T>(
  { clients, deployment }: Context,
  contract: ContractName,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<T> {
  const address = deployment.addresses[contract];
  const { abi } = loadArtifact(contract);
  return clients.publicClient.readContract({ address, abi, functionName, args }) as Promise<T>;
}

/** @throws {MinerError} CHAIN_REVERTED with the contract's reason */
export function sendTo(
  { clients, deployment }: Context,
  contract: ContractName,
  call: { name: string; args: readonly unknown[]; account: Account },
) {
  return send(clients, { to: deployment.addresses[contract], abi: loadArtifact(contract).abi, ...call });
}

/** An event as it was emitted, in the order of the chain. */
export interface EmittedEvent<Args> {
  args: Args;
  blockNumber: bigint;
}

/** All events of a name since the deployment, that have these indexed values. */
export async function eventsOf<Args>(
  { clients, deployment }: Context,
  contract: ContractName,
  eventName: string,
  indexed: Partial<Args> = {},
): Promise<EmittedEvent<Args>[]> {
  const { abi } = loadArtifact(contract);
  const event = abi.find((item): item is AbiEvent => item.type === 'event' && item.name === eventName);
  if (!event) throw new Error(`${contract} has no event ${eventName}`);
  const logs: Log[] = await clients.publicClient.getLogs({
    address: deployment.addresses[contract],
    event,
    // The type of an event that is only known when it runs admits no arguments.
    args: indexed as never,
    fromBlock: BigInt(deployment.block),
    toBlock: 'latest',
  });
  return parseEventLogs({ abi: [event], logs }).map((log) => ({
    args: log.args as unknown as Args,
    blockNumber: log.blockNumber!,
  }));
}

/** Chain time in unix seconds. */
export async function chainTime({ clients }: Context): Promise<number> {
  return Number((await clients.publicClient.getBlock()).timestamp);
}
