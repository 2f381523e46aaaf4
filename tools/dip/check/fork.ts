/** A copy of a chain as it is now, to try things on: Hardhat's simulated network, which asks the chain for what it needs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { BaseError, createPublicClient, custom, type PublicClient } from 'viem';
import { toolError } from '../../errors/index.ts';
import { packageRoot } from '../../package-root.ts';

/** A chain whose clock can be moved, on which anyone can be impersonated, and that can be put back. */
export interface TrialChain {
  /** Whose copy it is. */
  origin: string;
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
export async function openFork(options: {
  url: string;
  chainId: number;
  block: bigint;
  /** How long one question to the fork may take, with all that it asks the chain for. */
  patienceMs?: number;
}): Promise<Fork> {
  const { url, chainId, block, patienceMs = 120_000 } = options;
  const patiently = <Answer>(answer: Promise<Answer>) => within(answer, patienceMs);
  // The network keeps what it was answered for the next time. Another local chain may answer at the same URL by then.
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-fork-'));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  try {
    const hardhat = await createHardhatRuntimeEnvironment(
      {
        // Without artifacts it traces no Solidity, for which it would read all of the sources first: two seconds.
        paths: { artifacts: path.join(folder, 'artifacts'), cache: path.join(folder, 'cache') },
        // The block that is forked is the only one of the chain's own on which something is called.
        chainDescriptors: {
          [chainId]: { name: `chain ${chainId}`, chainType: 'l1', hardforkHistory: { osaka: { blockNumber: 0 } } },
        },
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
    const connection = await patiently(hardhat.network.connect('fork'));
    let isWaiting = false;
    const provider: Provider = {
      request: (call) =>
        patiently(connection.provider.request(call)).catch((error: unknown) => {
          isWaiting ||= error instanceof NoAnswer;
          throw error;
        }),
    };
    const close = async () => {
      // It would wait for the answer that does not come.
      if (!isWaiting) await connection.close();
      clear();
    };
    return { ...trialChain(provider, url), close };
  } catch (cause) {
    clear();
    throw toolError('DIP_FORK', { url, reason: reasonOf(cause) }, cause);
  }
}

interface Provider {
  request: (call: { method: string; params?: unknown[] }) => Promise<unknown>;
}

/** The same on a chain that can be tried on as it is: a local one in a test. */
export function trialChain(provider: Provider, origin: string): TrialChain {
  return {
    origin,
    client: createPublicClient({ transport: custom(provider, { retryCount: 0 }), cacheTime: 0, pollingInterval: 10 }),
    request: (method, params = []) => provider.request({ method, params: [...params] }),
  };
}

class NoAnswer extends Error {
  readonly code = -32_000;
}

/** The simulated network waits for a silent node without end. */
async function within<Answer>(answer: Promise<Answer>, patienceMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer for ${patienceMs / 1_000} s`)), patienceMs);
  });
  try {
    return await Promise.race([answer, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether an error came of a silent chain: the network goes on waiting for it, and holds the process. */
export function isStillWaiting(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Error && isStillWaiting(error.cause));
}

/** Whether an error is the node's or the network's, and not a fault of ours. */
export function isOfChain(cause: unknown): boolean {
  return cause instanceof BaseError || typeof (cause as { code?: unknown })?.code === 'number';
}

/** One line of what a node or the simulated network said. */
export function reasonOf(cause: unknown): string {
  const said = cause instanceof BaseError ? cause.details || cause.shortMessage : (cause as Error)?.message;
  const text = said ?? String(cause);
  return text.split('\n')[0]!.slice(0, 300);
}
