/** A program that signs over JSON-RPC, as seen from a command. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hexToBigInt, type LocalAccount } from 'viem';

/** A signer as Clef or Web3Signer is one: it holds the key, knows some methods, and may not be honest. */
export async function signer(
  methods: (ask: { method: string; params: unknown[] }) => unknown,
): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', async () => {
      const answer = await methods(JSON.parse(text));
      const unknown = { error: { code: -32601, message: 'the method does not exist' } };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(answer === undefined ? unknown : (answer as object)) }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

export type Fields = Record<
  'to' | 'data' | 'chainId' | 'value' | 'gas' | 'nonce' | 'maxFeePerGas' | 'maxPriorityFeePerGas',
  `0x${string}`
>;
/** What an honest signer makes of the fields of eth_signTransaction. */
export const signFields = (holder: LocalAccount, fields: Fields) =>
  holder.signTransaction({
    type: 'eip1559',
    chainId: Number(fields.chainId),
    to: fields.to,
    data: fields.data,
    value: hexToBigInt(fields.value),
    gas: hexToBigInt(fields.gas),
    nonce: Number(fields.nonce),
    maxFeePerGas: hexToBigInt(fields.maxFeePerGas),
    maxPriorityFeePerGas: hexToBigInt(fields.maxPriorityFeePerGas),
  });
