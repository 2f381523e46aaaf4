/** A copy of a chain as it is now, to try things on: Hardhat's simulated network, which asks the chain for what it needs. */
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { BaseError, createPublicClient, custom, type PublicClient } from 'viem';
import { toolError } from '../../errors/index.ts';
import { packageRoot } from '../../package-root.ts';

/** A chain whose clock can be moved, on which anyone can be impersonated, and that can be put back. */
export interface TrialChain {
  client: PublicClient;
  request: (method: string, params?: readonly unknown[]) => Promise<unknown>;
}

export interface Fork extends TrialChain {
  close: () => Promise<void>;
}

/**
 * Forks a chain at a block. Nothing that is done on the fork is sent anywhere.
 * @throws {MinerError} `DIP_FORK` when the chain does not give what a fork needs: the state at that block.
 */
export async function openFork(options: { url: string; chainId: number; block: bigint }): Promise<Fork> {
  const { url, chainId, block } = options;
  try {
    const hardhat = await createHardhatRuntimeEnvironment(
      {
        networks: {
          fork: {
            type: 'edr-simulated',
            chainType: 'l1',
            chainId,
            accounts: [],
            forking: { enabled: true, url, blockNumber: Number(block) },
          },
        },
      },
      {},
      packageRoot,
    );
    const connection = await hardhat.network.connect('fork');
    return { ...trialChain(connection.provider), close: () => connection.close() };
  } catch (cause) {
    throw toolError('DIP_FORK', { url, reason: reasonOf(cause) }, cause);
  }
}

interface Provider {
  request: (call: { method: string; params?: unknown[] }) => Promise<unknown>;
}

/** The same on a chain that can be tried on as it is: a local one in a test. */
export function trialChain(provider: Provider): TrialChain {
  return {
    client: createPublicClient({ transport: custom(provider, { retryCount: 0 }), cacheTime: 0, pollingInterval: 10 }),
    request: (method, params = []) => provider.request({ method, params: [...params] }),
  };
}

/** One line of what a node or the simulated network said. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof BaseError ? cause.shortMessage : cause instanceof Error ? cause.message : String(cause);
  return text.split('\n')[0]!.slice(0, 300);
}
