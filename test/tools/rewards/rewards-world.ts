/** A platform with a fleet on it and a gateway's ledger of what the fleet delivered: where tests of epochs start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { type Address, encodeFunctionData, type Hex, hexToBytes, numberToHex } from 'viem';
import { registerReferral } from '../../../tools/cli/commands/referral.ts';
import { registerRewards } from '../../../tools/cli/commands/rewards.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { loadArtifact } from '../../../tools/deploy/index.ts';
import { fundReferrals, fundRewards, grantLicence } from '../../../tools/dip/index.ts';
import { encodeSignals, Ledger } from '../../../tools/gateway/index.ts';
import { claimMessage, minerDomainOf, planBatch, postBatch } from '../../../tools/registry/index.ts';
import { keyOf, type RegistryWorld, registryWorld } from '../registry/registry-world.ts';
import { type Ran, runRegistered } from '../support/run-command.ts';

export type { Ran };

export const runCommand = (
  args: readonly string[],
  registers: readonly ((program: Command) => void)[] = [registerRewards, registerReferral],
) => runRegistered(registers, args);

export interface RewardsWorld extends RegistryWorld {
  /** Where the commands find chain and ledger. */
  data: string;
  ledger: Ledger;
  /** In the order of `fleet`. */
  devices: readonly { device: Hex; owner: Address }[];
  /** Runs `miner <args> --data <data>`. */
  miner(...args: string[]): Promise<Ran>;
  /** Stores packs of a device as accepted at a time. */
  deliver(device: Hex, packs: { count: number; atMs: number; signals: number; decoder: Hex }): void;
}

/** @param owners of the devices, in order; their keys are of no account that holds anything */
export async function rewardsWorld(owners: readonly Address[]): Promise<RewardsWorld> {
  const world = await registryWorld();
  const { clients, deployment, maker } = world;
  const { publicClient, walletClient } = clients;
  const data = mkdtempSync(path.join(tmpdir(), 'miner-rewards-'));
  writeRecord(data, 'chain', { rpcUrl: world.url, deployment });
  const licence = {
    owner: maker.account.address,
    name: 'Maker of a fleet',
    bondRequired: 0n,
    deviceCap: owners.length,
    attestationSigner: maker.account.address,
  };
  await world.carry(
    grantLicence(deployment, licence),
    fundRewards(deployment, { amount: 2_000_000n * 10n ** 18n }),
    fundReferrals(deployment, { amount: 1_000n * 10n ** 18n }),
  );

  // A batch as of a production line, and blocks of many enrolments: one by one they would take minutes.
  const keys = owners.map((_, index) => keyOf(`fleet ${index}`).account);
  const deadline = (await world.now()) + 86_400n;
  const terms = { manufacturerId: 1n, modelId: numberToHex(1, { size: 32 }), nonce: 0n, deadline };
  const domain = minerDomainOf(deployment);
  const plan = planBatch(
    domain,
    terms,
    keys.map(({ address }) => address),
  );
  await postBatch(clients, deployment, { plan, licenceSigner: maker.account });
  const request = publicClient.request as unknown as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const { abi } = loadArtifact('MinerRegistry');
  await request({ method: 'evm_setAutomine', params: [false] });
  let pending: Promise<unknown>[] = [];
  for (const [index, key] of keys.entries()) {
    const claim = { index: BigInt(index), device: key.address, owner: owners[index]!, deadline };
    const signature = await key.signTypedData(claimMessage(domain, { ...claim, batchId: plan.batchId }));
    const args = [plan.batch, claim, plan.proofOf(index), signature];
    const call = {
      from: walletClient.account.address,
      to: deployment.addresses.MinerRegistry,
      data: encodeFunctionData({ abi, functionName: 'enrolFromBatch', args }),
      gas: numberToHex(250_000),
    };
    pending.push(request({ method: 'eth_sendTransaction', params: [call] }));
    if (pending.length === 50 || index === keys.length - 1) {
      await Promise.all(pending);
      await request({ method: 'evm_mine', params: [] });
      pending = [];
    }
  }
  await request({ method: 'evm_setAutomine', params: [true] });

  const ledger = new Ledger(path.join(data, 'ledger.sqlite'));
  const lastSeq = new Map<Hex, number>();
  return {
    ...world,
    data,
    ledger,
    devices: keys.map(({ address }, index) => ({ device: address, owner: owners[index]! })),
    miner: (...args) => runCommand([...args, '--data', data]),
    deliver(device, { count, atMs, signals, decoder }) {
      const kid = hexToBytes(device);
      const set = encodeSignals(
        Array.from({ length: signals }, (_, signalIndex) => ({ decoder: hexToBytes(decoder), signalIndex })),
      );
      ledger.transact(() => {
        const first = (lastSeq.get(device) ?? 0) + 1;
        lastSeq.set(device, first + count - 1);
        for (let seq = first; seq < first + count; seq++) {
          const hash = new Uint8Array(32).fill(seq & 0xff);
          const pack = { kid, seq, hash, boot: 1, bytes: hash, gaps: [], samples: signals, signals: set };
          ledger.accept(pack, atMs + seq);
        }
      });
    },
    async [Symbol.asyncDispose]() {
      ledger.close();
      rmSync(data, { recursive: true, force: true });
      await world[Symbol.asyncDispose]();
    },
  };
}
