/** Events of a contract, from nodes that answer for any span of blocks or for a few at a time. */
import { type Hex, numberToHex } from 'viem';
import type { ChainClients } from './clients.ts';

/** An event as the chain keeps it. */
export interface RawLog {
  topics: [Hex, ...Hex[]];
  data: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
}

/** Blocks asked for at once; fewer where a node answers no so many. */
const spanMax = 10_000n;

/**
 * Every event of a contract from block `from` to block `to`, in order.
 * @param filter.topics as eth_getLogs takes them: null stands for any
 */
export async function readLogs(
  client: ChainClients['publicClient'],
  filter: { address: Hex; topics?: readonly (Hex | null)[]; from: bigint; to: bigint },
): Promise<RawLog[]> {
  const { address, topics, from, to } = filter;
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const logs: RawLog[] = [];
  let span = spanMax;
  for (let first = from; first <= to; ) {
    const last = first + span - 1n < to ? first + span - 1n : to;
    const params = [{ address, ...(topics && { topics }), fromBlock: numberToHex(first), toBlock: numberToHex(last) }];
    let answer: RawLog[];
    try {
      answer = (await request({ method: 'eth_getLogs', params })) as RawLog[];
    } catch (error) {
      // A node that is there and finds it too much gets smaller questions; one that is gone fails every size.
      if (span === 1n) throw error;
      span = span / 8n || 1n;
      continue;
    }
    for (const log of answer) logs.push(log);
    first = last + 1n;
  }
  return logs;
}
