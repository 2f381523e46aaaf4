/** Deployment: all of it in one go, the timelock alone in charge, and a proof that notices when it isn't. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFunctionData, toFunctionSelector } from 'viem';
import type { MinerError } from '../../../edge/errors/index.ts';
import {
  type ContractName,
  connectChain,
  deployAll,
  loadArtifact,
  localAccounts,
  plan,
  proveWiring,
  send,
  startLocalChain,
} from '../../../tools/deploy/index.ts';
import { freshPlatform, million, type Platform } from '../support/platform.ts';

const errorCode = (code: string) => (error: unknown) => (error as MinerError).code === code;

test('a fresh deployment', async (t) => {
  await using platform = await freshPlatform();
  const { clients, deployment, options, stranger } = platform;
  const read = (contract: ContractName, functionName: string, args: readonly unknown[] = []) =>
    clients.publicClient.readContract({
      address: deployment.addresses[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    });

  await t.test('has code at every address of the plan', async () => {
    for (const { name } of plan) {
      const code = await clients.publicClient.getCode({ address: deployment.addresses[name] });
      assert.ok(code && code.length > 2, name);
    }
  });

  await t.test('keeps every contract under the size limit', () => {
    for (const { name } of plan) {
      const { deployedBytecode } = loadArtifact(name) as unknown as { deployedBytecode: string };
      assert.ok(deployedBytecode.length / 2 - 1 <= 24_576, `${name}: ${deployedBytecode.length / 2 - 1} bytes`);
    }
  });

  await t.test('gives the holders their tokens and the treasury the rest', async () => {
    assert.equal(await read('DimoToken', 'balanceOf', [options.holders[0]!.holder]), 40n * million);
    assert.equal(await read('DimoToken', 'balanceOf', [deployment.addresses.Treasury]), 800n * million);
    assert.equal(await read('DimoToken', 'totalSupply'), 1000n * million);
  });

  await t.test('can be proven by anyone, with and without knowing who guardian and poster are', async () => {
    const proof = await proveWiring(clients.publicClient, deployment, options);
    assert.equal(proof.checks.length, 4);
    await proveWiring(clients.publicClient, deployment);
  });

  await t.test('refuses everybody what is restricted', async () => {
    const rows: [ContractName, string, readonly unknown[]][] = [
      ['DimoToken', 'mint', [stranger.address, 1n]],
      ['Treasury', 'spend', [deployment.addresses.DimoToken, stranger.address, 1n]],
      ['ManufacturerRegistry', 'suspend', [1n, '']],
      ['DecoderRegistry', 'setCheckpointSigners', [[], 0n]],
      ['RewardPool', 'veto', [0n, '']],
      ['Bounties', 'setLifetime', [1]],
      ['DimoToken', 'upgradeToAndCall', [stranger.address, '0x']],
    ];
    for (const [contract, name, args] of rows) {
      for (const account of [stranger, clients.walletClient.account]) {
        await assert.rejects(
          send(clients, { to: deployment.addresses[contract], abi: loadArtifact(contract).abi, name, args, account }),
          (error: MinerError) =>
            error.code === 'CHAIN_REVERTED' && error.message.includes(`AccessManagedUnauthorized(${account.address})`),
          `${contract}.${name}`,
        );
      }
    }
  });

  await t.test('cannot be initialized again', async () => {
    for (const { name } of plan.filter((entry) => entry.proxy)) {
      const abi = loadArtifact(name).abi;
      const inputs = abi.find((item) => item.type === 'function' && item.name === 'initialize');
      assert.ok(inputs && 'inputs' in inputs);
      const args = inputs.inputs!.map((input) => (input.type === 'address' ? stranger.address : []));
      await assert.rejects(
        send(clients, { to: deployment.addresses[name], abi, name: 'initialize', args, account: stranger }),
        /InvalidInitialization\(\)/,
        name,
      );
    }
  });
});

test('proveWiring names what is wrong', async (t) => {
  await using platform = await freshPlatform();
  const { clients, deployment, options, stranger, guardian } = platform;
  const { AccessManager, Treasury, TimelockController, DimoGovernor, TermedGuardian } = deployment.addresses;
  const manager = loadArtifact('AccessManager').abi;
  const asTimelock = await impersonate(platform, TimelockController);
  const proof = () => proveWiring(clients.publicClient, deployment, options);
  const wrong = (pattern: RegExp) => assert.rejects(proof(), (error: MinerError) => pattern.test(error.message));

  await t.test('a second admin', async () => {
    await asTimelock(AccessManager, manager, 'grantRole', [0n, stranger.address, 0]);
    await wrong(new RegExp(`AccessManager: ${stranger.address} holds role 0`));
    await asTimelock(AccessManager, manager, 'revokeRole', [0n, stranger.address]);
    await proof();
  });

  await t.test('a right that the deployer kept', async () => {
    await asTimelock(AccessManager, manager, 'grantRole', [1n, deployment.deployer, 0]);
    await wrong(new RegExp(`AccessManager: ${deployment.deployer} holds role 1`));
    await asTimelock(AccessManager, manager, 'revokeRole', [1n, deployment.deployer]);
    await proof();
  });

  await t.test('a guardian who is gone', async () => {
    await asTimelock(AccessManager, manager, 'revokeRole', [1n, TermedGuardian]);
    await wrong(/does not hold role 1/);
    await asTimelock(AccessManager, manager, 'grantRole', [1n, TermedGuardian, 0]);
    await proof();
  });

  await t.test('a guardian whose role does not end with its term', async () => {
    await asTimelock(AccessManager, manager, 'grantRole', [1n, guardian.address, 0]);
    await wrong(new RegExp(`AccessManager: ${guardian.address} holds role 1`));
    await asTimelock(AccessManager, manager, 'revokeRole', [1n, guardian.address]);
    await proof();
  });

  await t.test('another guardian than the one named', async () => {
    await assert.rejects(
      proveWiring(clients.publicClient, deployment, { ...options, guardian: stranger.address }),
      (error: MinerError) => error.message.includes(`TermedGuardian.holder() is ${guardian.address}`),
    );
  });

  await t.test('a function that another role may call', async () => {
    const spend = toFunctionSelector('spend(address,address,uint256)');
    await asTimelock(AccessManager, manager, 'setTargetFunctionRole', [Treasury, [spend], 1n]);
    await wrong(/Treasury.spend: needs role 1, planned 0/);
    await asTimelock(AccessManager, manager, 'setTargetFunctionRole', [Treasury, [spend], 0n]);
    await proof();
  });

  await t.test('a second proposer on the timelock', async () => {
    const timelock = loadArtifact('TimelockController').abi;
    const role = await clients.publicClient.readContract({
      address: TimelockController,
      abi: timelock,
      functionName: 'PROPOSER_ROLE',
    });
    await asTimelock(TimelockController, timelock, 'grantRole', [role, stranger.address]);
    await wrong(/timelock: .* holds PROPOSER_ROLE/);
    await asTimelock(TimelockController, timelock, 'revokeRole', [role, DimoGovernor]);
    await wrong(/lacks PROPOSER_ROLE/);
  });
});

test('a deployment beside another sender is refused', async () => {
  const chain = await startLocalChain();
  try {
    const [deployer, other] = chain.accounts;
    const clients = await connectChain({ url: chain.url, account: deployer! });
    const count = clients.publicClient.getTransactionCount.bind(clients.publicClient);
    clients.publicClient.getTransactionCount = async (args) => {
      const nonce = await count(args);
      await clients.walletClient.sendTransaction({ to: other!.address, value: 1n });
      return nonce;
    };
    await assert.rejects(deployAll(clients, { holders: [] }));
  } finally {
    await chain.stop();
  }
});

test('a chain that is not there, has another id, or whose port is taken', async () => {
  const account = localAccounts()[0]!;
  await assert.rejects(connectChain({ url: 'http://127.0.0.1:1', account }), errorCode('CHAIN_UNREACHABLE'));

  const chain = await startLocalChain();
  try {
    await assert.rejects(connectChain({ url: chain.url, account, chainId: 1 }), errorCode('CHAIN_ID_MISMATCH'));
    await assert.rejects(startLocalChain({ port: Number(new URL(chain.url).port) }), errorCode('CHAIN_PORT'));
  } finally {
    await chain.stop();
  }
});

/** Lets the local chain sign for an address without a key, as nobody can on a real one. */
async function impersonate(platform: Platform, address: `0x${string}`) {
  const { publicClient } = platform.clients;
  const request = publicClient.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  await request({ method: 'hardhat_impersonateAccount', params: [address] });
  await request({ method: 'hardhat_setBalance', params: [address, '0xde0b6b3a7640000'] });
  return async (to: `0x${string}`, abi: readonly unknown[], functionName: string, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
    await request({ method: 'eth_sendTransaction', params: [{ from: address, to, data }] });
  };
}
