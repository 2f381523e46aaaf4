/** Everything a demo run starts and has to end: chain, broker, gateway, vehicle, Miner, and the folder they write to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PrivateKeyAccount } from 'viem';
import { parseEther } from 'viem/utils';
import {
  advanceTime,
  type ChainClients,
  connectChain,
  type Deployment,
  deployAll,
  loadArtifact,
  localAccounts,
  send,
  startLocalChain,
} from '../../deploy/index.ts';
import { type Ballot, type CarriedDip, carryDip, type Dip } from '../../dip/index.ts';
import type { Cleanup } from '../cleanup.ts';

/** Who takes part, by their accounts on the local chain. */
export interface Actors {
  deployer: PrivateKeyAccount;
  holders: readonly PrivateKeyAccount[];
  guardian: PrivateKeyAccount;
  maker: PrivateKeyAccount;
  author: PrivateKeyAccount;
  driver: PrivateKeyAccount;
  poster: PrivateKeyAccount;
}

/** The parts that a local chain's accounts play. */
export function localActors(): Actors {
  const [deployer, h1, h2, h3, maker, author, driver, guardian, poster] = localAccounts();
  return { deployer, holders: [h1, h2, h3], maker, author, driver, guardian, poster };
}

export interface ChainWorld {
  rpcUrl: string;
  clients: ChainClients;
  deployment: Deployment;
  actors: Actors;
  /** Chain time in unix milliseconds: votes are waited out by moving it, so it runs ahead of the wall clock. */
  nowMs: () => number;
  /** Moves chain time forward. */
  advance: (seconds: number) => Promise<void>;
  /** Takes a DIP from proposal to execution with the holders' votes. */
  carry: (dip: Dip) => Promise<CarriedDip>;
}

/** Starts the chain, and deploys and proves the contracts. */
export async function startChainWorld(cleanup: Cleanup, port = 0): Promise<ChainWorld> {
  const chain = await startLocalChain({ port });
  cleanup.add(() => chain.stop());
  const actors = localActors();
  const { deployer, holders, guardian, poster } = actors;
  const clients = await connectChain({ url: chain.url, account: deployer, chainId: chain.chainId });
  const amounts = ['120000000', '60000000', '40000000'];
  const deployment = await deployAll(clients, {
    holders: holders.map((holder, i) => ({ holder: holder.address, amount: parseEther(amounts[i]) })),
    guardian: guardian.address,
    rewardPoster: poster.address,
  });
  // Votes count from the moment they are delegated, to oneself too.
  const token = { to: deployment.addresses.DimoToken, abi: loadArtifact('DimoToken').abi };
  for (const holder of holders) {
    await send(clients, { ...token, name: 'delegate', args: [holder.address], account: holder });
  }

  let aheadMs = 0;
  const advance = async (seconds: number) => {
    await advanceTime(clients.publicClient, seconds);
    const { timestamp } = await clients.publicClient.getBlock();
    aheadMs = Number(timestamp) * 1000 - Date.now();
  };
  // Not everyone agrees on everything: the third holder votes against.
  const voters = holders.map((voter, i): Ballot => ({ voter, support: i < 2 ? 'for' : 'against' }));
  return {
    rpcUrl: chain.url,
    clients,
    deployment,
    actors,
    nowMs: () => Date.now() + aheadMs,
    advance,
    carry: (dip) => carryDip(clients, deployment, { ...dip, voters }, { advanceTime: advance }),
  };
}

/** A folder that is gone after the run. */
export function temporaryFolder(cleanup: Cleanup): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-demo-'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
