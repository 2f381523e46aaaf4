/** A fresh chain with everything deployed: what the tests of deployment and DIPs start from. */
import type { Account } from 'viem';
import {
  advanceTime,
  type ChainClients,
  connectChain,
  type Deployment,
  type DeployOptions,
  deployAll,
  loadArtifact,
  send,
  startLocalChain,
} from '../../../tools/deploy/index.ts';

export const million = 1_000_000n * 10n ** 18n;

export interface Platform extends AsyncDisposable {
  url: string;
  clients: ChainClients;
  deployment: Deployment;
  options: DeployOptions;
  /** Hold 40, 30, 30 and 100 M tokens, delegated to themselves. */
  holders: Account[];
  guardian: Account;
  rewardPoster: Account;
  /** Holds nothing. */
  stranger: Account;
  /** Wall time that deploying and proving the wiring took. */
  deploySeconds: number;
  advance: (seconds: number) => Promise<void>;
}

/** Accounts: 0 deploys, 1 to 4 hold tokens, 5 is the guardian, 6 posts rewards, 7 is nobody. */
export async function freshPlatform(): Promise<Platform> {
  const chain = await startLocalChain();
  const account = (index: number) => chain.accounts[index]!;
  const holders = [1, 2, 3, 4].map(account);
  const amounts = [40n, 30n, 30n, 100n];
  const options = {
    holders: holders.map((holder, index) => ({ holder: holder.address, amount: amounts[index]! * million })),
    guardian: account(5).address,
    rewardPoster: account(6).address,
  };
  const clients = await connectChain({ url: chain.url, account: account(0), chainId: chain.chainId });
  const started = performance.now();
  const deployment = await deployAll(clients, options);
  const deploySeconds = (performance.now() - started) / 1_000;
  const { abi } = loadArtifact('DimoToken');
  for (const holder of holders) {
    const to = deployment.addresses.DimoToken;
    await send(clients, { to, abi, name: 'delegate', args: [holder.address], account: holder });
  }
  return {
    url: chain.url,
    clients,
    deployment,
    options,
    holders,
    guardian: account(5),
    rewardPoster: account(6),
    stranger: account(7),
    deploySeconds,
    advance: (seconds) => advanceTime(clients.publicClient, seconds),
    [Symbol.asyncDispose]: () => chain.stop(),
  };
}
