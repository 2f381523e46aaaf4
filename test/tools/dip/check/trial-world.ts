/** A local chain with the platform on it, to try DIPs on as it is: what is done there is taken back. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Abi, type Account, type Address, encodeDeployData, type Hex } from 'viem';
import { type ContractName, loadArtifact, send } from '../../../../tools/deploy/index.ts';
import { executeOn, trialChain } from '../../../../tools/dip/check/index.ts';
import { type DipFile, type NamedAction, toDip } from '../../../../tools/dip/file/index.ts';
import { packageRoot } from '../../../../tools/package-root.ts';
import { freshPlatform } from '../../support/platform.ts';
import { body } from '../file/files.ts';

export type TrialWorld = Awaited<ReturnType<typeof trialWorld>>;

export async function trialWorld() {
  const platform = await freshPlatform();
  const { clients, deployment } = platform;
  const { publicClient, walletClient } = clients;
  const request = publicClient.request as unknown as (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  const chain = trialChain({ request }, platform.url);

  const fileOf = (...actions: NamedAction[]): DipFile => ({
    title: 'A DIP',
    authors: ['Ada'],
    created: '2026-03-01',
    copyright: 'CC0-1.0',
    actions,
    body,
  });
  const dipOf = (...actions: NamedAction[]) => toDip(fileOf(...actions), deployment);
  const now = async () => Number((await publicClient.getBlock()).timestamp);

  return {
    ...platform,
    at: deployment.addresses,
    chain,
    fileOf,
    dipOf,
    now,
    /** Runs on the chain as it is and puts it back. */
    async undone<Result>(run: () => Promise<Result>): Promise<Result> {
      const snapshot = await chain.request('evm_snapshot');
      try {
        return await run();
      } finally {
        await chain.request('evm_revert', [snapshot]);
      }
    },
    /** What an earlier DIP did. */
    async earlier(...actions: NamedAction[]): Promise<void> {
      const dip = dipOf(...actions);
      const { failure } = await executeOn(chain, deployment, dip);
      if (failure) throw new Error(`an earlier action failed: ${JSON.stringify(failure)}`);
    },
    call: (account: Account, contract: ContractName, name: string, args: readonly unknown[]) =>
      send(clients, { to: deployment.addresses[contract], abi: loadArtifact(contract).abi, name, args, account }),
    async deploy(artifact: { abi: Abi; bytecode: Hex }, args: readonly unknown[] = []): Promise<Address> {
      const data = encodeDeployData({ ...artifact, args } as Parameters<typeof encodeDeployData>[0]);
      const hash = await walletClient.sendTransaction({ data });
      const { contractAddress } = await publicClient.waitForTransactionReceipt({ hash });
      if (!contractAddress) throw new Error('nothing was deployed');
      return contractAddress;
    },
  };
}

/** OpenZeppelin's vault over a token. */
export function vaultArtifact(): { abi: Abi; bytecode: Hex } {
  const file = path.join(packageRoot, 'artifacts/test/contracts/dips/Outside.sol/Vault.json');
  if (!existsSync(file)) {
    const hardhat = path.join(packageRoot, 'node_modules/hardhat/dist/src/cli.js');
    const source = 'test/contracts/dips/Outside.sol';
    execFileSync(process.execPath, [hardhat, 'build', '--quiet', source], { cwd: packageRoot, stdio: 'pipe' });
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The present code of a contract behind a proxy, to deploy once more. */
export const sameCode = (name: ContractName) => loadArtifact(name) as { abi: Abi; bytecode: Hex };
