/** Carries out the plan: deploys every contract, hands every right to the timelock, and proves that it did. */
import { type Abi, encodeDeployData, encodeFunctionData, getContractAddress, toFunctionSelector } from 'viem';
import { toolError } from '../errors/index.ts';
import { type ArtifactName, abiFunction, loadArtifact } from './artifacts.ts';
import { type ChainClients, mined, send } from './clients.ts';
import { type Addresses, type ContractName, type DeployOptions, plan, roleFunctions, roles } from './plan.ts';
import { type Deployment, proveWiring } from './wiring.ts';

const adminRole = 0n;

/**
 * Deploys everything from the wallet's account, which holds no right when this returns.
 *
 * Addresses follow from the account's nonce, so contracts that need each other are constructed with the final ones and
 * nothing is initialized twice or by hand.
 * @throws {MinerError} `DEPLOY_ADDRESS` when the account sent something else meanwhile; `CHAIN_REVERTED`;
 *   `WIRING` when the result is not what the plan says.
 */
export async function deployAll(clients: ChainClients, options: DeployOptions): Promise<Deployment> {
  const { publicClient, walletClient } = clients;
  const deployer = walletClient.account.address;
  const firstNonce = await publicClient.getTransactionCount({ address: deployer, blockTag: 'pending' });
  const block = Number(await publicClient.getBlockNumber());

  const { addresses, implementationNonce } = plannedAddresses(deployer, firstNonce);
  for (const entry of plan) {
    const args = entry.args(addresses, options, deployer);
    const nonce = implementationNonce[entry.name];
    if (entry.proxy) {
      await create(clients, entry.name, [], nonce);
      const initialization = encodeFunctionData({
        abi: loadArtifact(entry.name).abi,
        functionName: 'initialize',
        args,
      });
      const implementation = getContractAddress({ from: deployer, nonce: BigInt(nonce) });
      await create(clients, 'ERC1967Proxy', [implementation, initialization], nonce + 1);
    } else {
      await create(clients, entry.name, args, nonce);
    }
  }
  await handOver(clients, addresses, options);

  const deployment: Deployment = { chainId: walletClient.chain.id, block, deployer, addresses };
  await proveWiring(publicClient, deployment, options);
  return deployment;
}

/** Each contract's address, from the order of the plan; a proxy takes two nonces, its implementation's first. */
function plannedAddresses(deployer: `0x${string}`, firstNonce: number) {
  const addresses = {} as Addresses;
  const implementationNonce = {} as Record<ContractName, number>;
  let nonce = firstNonce;
  for (const { name, proxy } of plan) {
    implementationNonce[name] = nonce;
    if (proxy) nonce += 1;
    addresses[name] = getContractAddress({ from: deployer, nonce: BigInt(nonce) });
    nonce += 1;
  }
  return { addresses, implementationNonce };
}

async function create(
  clients: ChainClients,
  name: ArtifactName,
  args: readonly unknown[],
  nonce: number,
): Promise<void> {
  const { walletClient } = clients;
  const { abi, bytecode } = loadArtifact(name);
  const data = encodeDeployData({ abi, bytecode, args } as { abi: Abi; bytecode: `0x${string}`; args: unknown[] });
  const hash = await walletClient.sendTransaction({ data, nonce });
  const receipt = await mined(clients, hash, { to: null, name: `constructor of ${name}` });
  const expected = getContractAddress({ from: walletClient.account.address, nonce: BigInt(nonce) });
  if (receipt.contractAddress?.toLowerCase() !== expected.toLowerCase()) {
    throw toolError('DEPLOY_ADDRESS', { contract: name, expected, found: receipt.contractAddress ?? 'nothing' });
  }
}

/** One transaction: the roles, and the last right of the deployer to the timelock. */
async function handOver(clients: ChainClients, at: Addresses, options: DeployOptions): Promise<void> {
  const { abi } = loadArtifact('AccessManager');
  const call = (functionName: string, args: readonly unknown[]) => encodeFunctionData({ abi, functionName, args });
  const calls = [
    ...Object.values(roles).map(({ id, label }) => call('labelRole', [id, label])),
    ...roleFunctions.map(({ contract, role, functions }) =>
      call('setTargetFunctionRole', [
        at[contract],
        functions.map((name) => toFunctionSelector(abiFunction(contract, name))),
        roles[role].id,
      ]),
    ),
    ...Object.values(roles).flatMap(({ id, holder }) =>
      [at.TimelockController, holder(at, options)]
        .filter((account) => account !== undefined)
        .map((account) => call('grantRole', [id, account, 0])),
    ),
    call('grantRole', [adminRole, at.TimelockController, 0]),
    call('revokeRole', [adminRole, clients.walletClient.account.address]),
  ];
  await send(clients, { to: at.AccessManager, abi, name: 'multicall', args: [calls] });
}
