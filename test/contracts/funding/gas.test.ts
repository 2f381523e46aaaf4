/** What withdrawing from a stream and a grant costs in whole transactions, in the platform's own token behind its proxy. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { network } from 'hardhat';
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  encodeFunctionData,
  type Hex,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { hardhat as hardhatChain } from 'viem/chains';

const day = 86_400;
const unit = 10n ** 18n;
/** Deploys, stands where the timelock does, and is everybody's recipient. */
const admin = mnemonicToAccount('test test test test test test test test test test test junk');

interface Deployed {
  address: Address;
  abi: Abi;
}

test('withdrawing from a stream and a grant', async (t) => {
  const chain = await deployFunding();
  const used: Record<string, bigint> = {};
  const { token, streams, grants } = chain;

  used['transfer of a token alone'] = await chain.send(token, 'transfer', [
    '0x00000000000000000000000000000000000000f1',
    unit,
  ]);
  used['transfer again'] = await chain.send(token, 'transfer', ['0x00000000000000000000000000000000000000f1', unit]);

  await chain.send(token, 'transfer', [streams.address, 1_000n * unit]);
  const now = await chain.now();
  const terms = [now, now, now + 300 * day];
  used['create a stream'] = await chain.send(streams, 'create', [admin.address, 100n * unit, ...terms, 'work']);
  await chain.advance(day);
  used['withdraw from a stream, first'] = await chain.send(streams, 'withdrawAll', [1n, admin.address]);
  await chain.advance(day);
  used['withdraw from a stream'] = await chain.send(streams, 'withdrawAll', [1n, admin.address]);
  await chain.advance(day);
  used['withdraw a part'] = await chain.send(streams, 'withdraw', [1n, admin.address, 1n]);
  used['change a stream'] = await chain.send(streams, 'change', [1n, 200n * unit, now + 400 * day]);
  await chain.advance(day);
  used['withdraw from a changed stream'] = await chain.send(streams, 'withdrawAll', [1n, admin.address]);
  used['cancel a stream'] = await chain.send(streams, 'cancel', [1n]);

  await chain.send(token, 'transfer', [grants.address, 1_000n * unit]);
  await chain.send(grants, 'setCommittee', [1n, admin.address, 500n * unit, 30 * day]);
  const tranches = [100n * unit, 100n * unit, 100n * unit];
  const grant = [admin.address, tranches, ['a', 'b', 'c'], 1n, now + 100 * day, 'work'];
  used['create a grant of 3'] = await chain.send(grants, 'create', grant);
  used['release by vote'] = await chain.send(grants, 'release', [1n, 0n, '']);
  used['release by committee'] = await chain.send(grants, 'releaseByCommittee', [1n, 1n, '']);
  used['withdraw from a grant'] = await chain.send(grants, 'withdraw', [1n, admin.address]);
  used['claw back'] = await chain.send(grants, 'clawBack', [1n]);

  t.diagnostic(JSON.stringify(used, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
  const limits: Record<string, bigint> = {
    'create a stream': 134_000n,
    // A transfer of this token alone takes 44,114, and the stream's own proxy 5,000: the plan's 50,000 is a plain token's.
    'withdraw from a stream': 70_500n,
    'withdraw a part': 70_500n,
    'withdraw from a changed stream': 72_500n,
    'change a stream': 91_500n,
    'cancel a stream': 90_000n,
    'create a grant of 3': 214_000n,
    'release by vote': 61_500n,
    'release by committee': 58_500n,
    'withdraw from a grant': 68_500n,
    'claw back': 87_500n,
  };
  for (const [name, limit] of Object.entries(limits)) assert.ok(used[name]! <= limit, `${name}: ${used[name]} gas`);
});

/** Streams and grants behind proxies, as production has them. */
async function deployFunding() {
  const { provider } = await network.create();
  const transport = custom(provider);
  const reader = createPublicClient({ chain: hardhatChain, transport });
  const wallet = createWalletClient({ chain: hardhatChain, transport, account: admin });

  async function create(path: string, args: unknown[] = []): Promise<Deployed> {
    const file = new URL(`../../../artifacts/${path}.json`, import.meta.url);
    const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { abi: Abi; bytecode: Hex };
    const receipt = await reader.waitForTransactionReceipt({
      hash: await wallet.deployContract({ abi, bytecode, args }),
    });
    return { abi, address: receipt.contractAddress! };
  }
  async function createProxy(path: string, args: unknown[]): Promise<Deployed> {
    const { abi, address } = await create(path);
    const data = encodeFunctionData({ abi, functionName: 'initialize', args });
    const proxy = await create('@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol/ERC1967Proxy', [address, data]);
    return { abi, address: proxy.address };
  }

  const manager = await create('@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager', [
    admin.address,
  ]);
  const token = await createProxy('contracts/token/DimoToken.sol/DimoToken', [manager.address, admin.address, []]);
  const terms = [manager.address, token.address, admin.address];
  return {
    token,
    streams: await createProxy('contracts/funding/Streams.sol/Streams', terms),
    grants: await createProxy('contracts/funding/Grants.sol/Grants', terms),

    /** Sends a transaction, and gives the gas it used. Fails with the contract's own error. */
    async send(to: Deployed, functionName: string, args: unknown[]): Promise<bigint> {
      const { request } = await reader.simulateContract({ ...to, functionName, args, account: admin });
      const receipt = await reader.waitForTransactionReceipt({ hash: await wallet.writeContract(request) });
      return receipt.gasUsed;
    },

    async advance(seconds: number): Promise<void> {
      await provider.request({ method: 'evm_increaseTime', params: [seconds] });
      await provider.request({ method: 'evm_mine', params: [] });
    },

    async now(): Promise<number> {
      return Number((await reader.getBlock()).timestamp);
    },
  };
}
