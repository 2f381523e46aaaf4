/** A chain in this process with the registries, the pool and the bounties deployed, for tests that send transactions. */
import { readFileSync } from 'node:fs';
import { network } from 'hardhat';
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { hardhat as hardhatChain } from 'viem/chains';
import {
  type BatchPlan,
  batchMessage,
  claimMessage,
  consentMessage,
  enrolmentMessage,
  type MessageDomain,
  planBatch,
  type TypedDataSigner,
} from '../../../tools/registry/index.ts';

export interface Deployed {
  address: Address;
  abi: Abi;
}

export const maker = privateKeyToAccount(`0x${'a1'.repeat(32)}`);
export const author = privateKeyToAccount(`0x${'b2'.repeat(32)}`);
export const modelId: Hex = `0x${'01'.repeat(32)}`;
/** The account that deploys, pays, and administers the AccessManager. */
export const admin = mnemonicToAccount('test test test test test test test test test test test junk');

function artifact(path: string): { abi: Abi; bytecode: Hex } {
  return JSON.parse(readFileSync(new URL(`../../../artifacts/${path}.json`, import.meta.url), 'utf8'));
}

/** Deploys everything behind proxies, as production does, with `admin` in the place of the timelock. */
export async function deployRegistries(hardfork?: 'prague') {
  const { provider } = await network.create(hardfork && { override: { hardfork } });
  const transport = custom(provider);
  const reader = createPublicClient({ chain: hardhatChain, transport });
  const wallet = createWalletClient({ chain: hardhatChain, transport, account: admin });

  async function create(path: string, args: unknown[] = []): Promise<Deployed> {
    const { abi, bytecode } = artifact(path);
    const hash = await wallet.deployContract({ abi, bytecode, args });
    const receipt = await reader.waitForTransactionReceipt({ hash });
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
  const authority = manager.address;
  const token = await createProxy('contracts/token/DimoToken.sol/DimoToken', [authority, admin.address, []]);
  const manufacturers = await createProxy('contracts/registry/ManufacturerRegistry.sol/ManufacturerRegistry', [
    authority,
    token.address,
    admin.address,
  ]);
  const miners = await createProxy('contracts/registry/MinerRegistry.sol/MinerRegistry', [
    authority,
    manufacturers.address,
  ]);
  const decoders = await createProxy('contracts/registry/DecoderRegistry.sol/DecoderRegistry', [authority]);
  const bounties = await createProxy('contracts/funding/Bounties.sol/Bounties', [authority, token.address]);
  const pool = await createProxy('contracts/rewards/RewardPool.sol/RewardPool', [
    authority,
    token.address,
    admin.address,
    bounties.address,
  ]);
  const verifier = await create('contracts/verify/PackVerifier.sol/PackVerifier', [miners.address]);

  return {
    token,
    manufacturers,
    miners,
    decoders,
    pool,
    bounties,
    verifier,
    authority,
    createProxy,
    chainId: hardhatChain.id,

    /** Sends a transaction as `admin`, and waits for it. Fails with the contract's own error. */
    async send(to: Deployed, functionName: string, args: unknown[]): Promise<TransactionReceipt> {
      const { request } = await reader.simulateContract({ ...to, functionName, args, account: admin });
      return reader.waitForTransactionReceipt({ hash: await wallet.writeContract(request) });
    },

    /** Calls a view. */
    async read<T>(from: Deployed, functionName: string, args: unknown[] = []): Promise<T> {
      return (await reader.readContract({ ...from, functionName, args })) as T;
    },

    /** What a call would cost as a transaction, calldata included. */
    estimate: (to: Deployed, functionName: string, args: unknown[]): Promise<bigint> =>
      reader.estimateContractGas({ ...to, functionName, args, account: admin }),

    async advance(seconds: number): Promise<void> {
      await provider.request({ method: 'evm_increaseTime', params: [seconds] });
      await provider.request({ method: 'evm_mine', params: [] });
    },

    async now(): Promise<bigint> {
      return (await reader.getBlock()).timestamp;
    },
  };
}

export type Chain = Awaited<ReturnType<typeof deployRegistries>>;

/** Grants `maker` an Active licence without a bond. */
export async function licence(chain: Chain): Promise<bigint> {
  await chain.send(chain.manufacturers, 'grant', [maker.address, 'Acme', 0n, 100_000, maker.address]);
  return chain.read<bigint>(chain.manufacturers, 'licenceCount');
}

/** Enrols a device under a licence: both keys sign the same message. */
export async function enrol(
  chain: Chain,
  device: TypedDataSigner,
  manufacturerId: bigint,
): Promise<TransactionReceipt> {
  const message = {
    device: device.address,
    manufacturerId,
    modelId,
    owner: author.address,
    nonce: await chain.read<bigint>(chain.miners, 'nonceOf', [manufacturerId]),
    deadline: (await chain.now()) + 3600n,
  };
  const typed = enrolmentMessage(minerDomain(chain), message);
  const signatures = [await maker.signTypedData(typed), await device.signTypedData(typed)];
  return chain.send(chain.miners, 'enrol', [message, ...signatures]);
}

/** Posts a batch of devices that `maker` signed. */
export async function postBatch(
  chain: Chain,
  devices: readonly Address[],
  manufacturerId: bigint,
): Promise<{ plan: BatchPlan; gasUsed: bigint }> {
  const nonce = await chain.read<bigint>(chain.miners, 'nonceOf', [manufacturerId]);
  const deadline = (await chain.now()) + 86_400n;
  const plan = planBatch(minerDomain(chain), { manufacturerId, modelId, nonce, deadline }, devices);
  const signature = await maker.signTypedData(batchMessage(minerDomain(chain), plan.batch));
  const { gasUsed } = await chain.send(chain.miners, 'postBatch', [plan.batch, signature]);
  return { plan, gasUsed };
}

/** Enrols one device of a posted batch for `author`. */
export async function enrolFromBatch(
  chain: Chain,
  plan: BatchPlan,
  index: number,
  device: TypedDataSigner,
): Promise<TransactionReceipt> {
  const deadline = (await chain.now()) + 3600n;
  const claim = { index: BigInt(index), device: device.address, owner: author.address, deadline };
  const signature = await device.signTypedData(claimMessage(minerDomain(chain), { ...claim, batchId: plan.batchId }));
  return chain.send(chain.miners, 'enrolFromBatch', [plan.batch, claim, plan.proofOf(index), signature]);
}

export const minerDomain = (chain: Chain): MessageDomain => ({
  chainId: chain.chainId,
  registry: chain.miners.address,
});

/** Lists a decoder with its author's consent. */
export async function list(chain: Chain, contentHash: Hex): Promise<TransactionReceipt> {
  const decoder = {
    contentHash,
    semanticHash: `0x${'51'.repeat(32)}`,
    moduleHash: `0x${'52'.repeat(32)}`,
    platform: `0x${'53'.repeat(32)}`,
    version: 1,
    sizeBytes: 40_000,
    author: author.address,
    payee: author.address,
    licence: 'Apache-2.0',
    id: 'acme/ev-1',
  } as const;
  const nonce = await chain.read<bigint>(chain.decoders, 'nonceOf', [author.address]);
  const deadline = (await chain.now()) + 3600n;
  const at = { chainId: chain.chainId, registry: chain.decoders.address };
  const signature = await author.signTypedData(consentMessage(at, { ...decoder, nonce, deadline }));
  return chain.send(chain.decoders, 'list', [decoder, { nonce, deadline, signature }]);
}
