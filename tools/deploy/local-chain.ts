/**
 * A chain inside this process: Hardhat's simulated network behind HTTP, with funded accounts and a clock that can be
 * moved. It reads no configuration file, so it also runs from an installed package, and prints nothing.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import type { Client, PrivateKeyAccount, Transport } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { bytesToHex } from 'viem/utils';
import { toolError } from '../errors/index.ts';
import { packageRoot } from '../package-root.ts';

/** The phrase that every development chain uses: its keys are public, and worth nothing elsewhere. */
export const localMnemonic = 'test test test test test test test test test test test junk';
export const localChainId = 31337;

const accountCount = 12;

export interface LocalChain {
  /** Where JSON-RPC is answered, over HTTP and WebSocket. */
  url: string;
  chainId: number;
  /** Twelve accounts with 10,000 ether each. */
  accounts: PrivateKeyAccount[];
  /** Closes the port. Nothing is kept. */
  stop(): Promise<void>;
}

/**
 * Starts a chain that mines a block for each transaction.
 * @param options.port 0 takes any free one.
 * @throws {MinerError} `CHAIN_PORT` when the address can't be listened on.
 * @example const chain = await startLocalChain(); await chain.stop();
 */
export async function startLocalChain(options: { port?: number; host?: string } = {}): Promise<LocalChain> {
  const { port = 0, host = '127.0.0.1' } = options;
  const hardhat = await createHardhatRuntimeEnvironment(
    {
      // Of a folder that is not there: reading every contract's build takes seconds, for stack traces that nobody asks for.
      paths: { artifacts: path.join(packageRoot, 'no-artifacts') },
      networks: {
        local: {
          type: 'edr-simulated',
          chainType: 'l1',
          chainId: localChainId,
          accounts: { mnemonic: localMnemonic, count: accountCount },
        },
      },
    },
    {},
    packageRoot,
  );
  await assertFree(host, port);
  const server = await hardhat.network.createServer('local', host, port);
  const listening = await server.listen();
  return {
    url: `http://${host}:${listening.port}`,
    chainId: localChainId,
    accounts: localAccounts(),
    stop: () => server.close(),
  };
}

/** Hardhat's server leaves a failure to listen unhandled, which would end the process: so it is tried beforehand. */
async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (cause) {
    throw toolError('CHAIN_PORT', { address: `${host}:${port}`, reason: (cause as Error).message }, cause);
  }
  probe.close();
  await once(probe, 'close');
}

/** The accounts that a local chain has funded, in order. */
export function localAccounts(): PrivateKeyAccount[] {
  return Array.from({ length: accountCount }, (_, addressIndex) => {
    const key = mnemonicToAccount(localMnemonic, { addressIndex }).getHdKey().privateKey;
    return privateKeyToAccount(bytesToHex(key!));
  });
}

/**
 * Moves a local chain's clock forward and mines a block at the new time.
 * @throws when the chain is not a local one: only simulated networks know these calls.
 */
export async function advanceTime(client: Client<Transport>, seconds: number): Promise<void> {
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  await request({ method: 'evm_increaseTime', params: [seconds] });
  await request({ method: 'evm_mine', params: [] });
}
