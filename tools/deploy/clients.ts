/** A connection to a chain, and the one way in which every tool here sends a transaction. */
import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  type Chain,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
  type WalletClient,
} from 'viem';
import { edgeError } from '../../edge/errors/index.ts';
import { toolError } from '../errors/index.ts';
import { errorsAbi } from './artifacts.ts';

export interface ChainClients {
  publicClient: PublicClient<Transport, Chain>;
  /** Its account sends where no other account is named. */
  walletClient: WalletClient<Transport, Chain, Account>;
}

/**
 * Connects to a chain over HTTP.
 * @param options.chainId When given, a chain with another id is refused.
 * @throws {MinerError} `CHAIN_UNREACHABLE`, `CHAIN_ID_MISMATCH`
 */
export async function connectChain(options: {
  url: string;
  account: Account;
  chainId?: number;
}): Promise<ChainClients> {
  const { url, account, chainId } = options;
  const transport = http(url, { retryCount: 0 });
  const found = await createPublicClient({ transport })
    .getChainId()
    .catch((cause: unknown) => {
      const reason = cause instanceof BaseError ? cause.shortMessage : String(cause);
      throw edgeError('CHAIN_UNREACHABLE', { url, reason }, cause);
    });
  if (chainId !== undefined && chainId !== found)
    throw edgeError('CHAIN_ID_MISMATCH', { url, expected: chainId, got: found });

  const chain = defineChain({
    id: found,
    name: `chain ${found}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  // A local chain has mined before it answers: waiting viem's four seconds for a receipt would be all of a run's time.
  const common = { chain, transport, pollingInterval: 50, cacheTime: 0 };
  return { publicClient: createPublicClient(common), walletClient: createWalletClient({ ...common, account }) };
}

/**
 * Calls a contract's function in a transaction and waits until it is mined.
 * @param call.account The sender; the wallet's own account when left out.
 * @throws {MinerError} `CHAIN_REVERTED` with the name and the values of the contract's error.
 */
export async function send(
  clients: ChainClients,
  call: { to: Address; abi: Abi; name: string; args: readonly unknown[]; account?: Account; value?: bigint },
): Promise<TransactionReceipt> {
  const account = call.account ?? clients.walletClient.account;
  const hash = await clients.walletClient
    .writeContract({
      account,
      address: call.to,
      abi: [...call.abi, ...errorsAbi()],
      functionName: call.name,
      args: call.args,
      value: call.value ?? 0n,
      chain: clients.walletClient.chain,
    })
    .catch((cause: unknown) => {
      throw toolError('CHAIN_REVERTED', { call: call.name, to: call.to, reason: revertReason(cause) }, cause);
    });
  return mined(clients, hash, call);
}

/** Waits for a transaction and refuses one that reverted in its block. */
export async function mined(
  clients: ChainClients,
  hash: Hex,
  call: { to: Address | null; name: string },
): Promise<TransactionReceipt> {
  const receipt = await clients.publicClient.waitForTransactionReceipt({ hash });
  if (receipt.status === 'reverted') {
    const to = call.to ?? 'a new contract';
    throw toolError('CHAIN_REVERTED', { call: call.name, to, reason: `transaction ${hash} reverted` });
  }
  return receipt;
}

/** The contract's error with its values, as `Name(value, value)`; else what the node said. */
export function revertReason(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
  const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError && reverted.data) {
    const { errorName, args } = reverted.data;
    return `${errorName}(${(args ?? []).map(String).join(', ')})`;
  }
  return reverted instanceof ContractFunctionRevertedError
    ? (reverted.reason ?? reverted.signature ?? reverted.shortMessage)
    : error.shortMessage;
}
