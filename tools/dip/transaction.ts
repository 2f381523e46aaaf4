/**
 * Sending one transaction so that nothing is sent twice and nothing is left in doubt: it is signed first, so its hash is
 * known before it leaves; the same bytes are offered again while the chain does not answer; and what is in doubt is named.
 */
import {
  type Abi,
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import { type ChainClients, errorsAbi, revertReason } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { isUnanswered } from './unanswered.ts';

/** A call of a contract, not sent yet. */
export interface Call {
  to: Address;
  abi: Abi;
  name: string;
  args: readonly unknown[];
}

/** A transaction that would go through as the chain stands, and what it may cost. */
export interface PreparedTransaction {
  call: Call;
  from: Address;
  data: Hex;
  nonce: number;
  /** What it was estimated to use, and a quarter more. */
  gas: bigint;
  /** The most that it can cost, in wei. */
  costMax: bigint;
  request: Parameters<LocalAccount['signTransaction']>[0];
}

/** What is told while a transaction is under way. */
export type SendEvent =
  | { event: 'sending'; hash: Hex }
  | { event: 'waiting'; earlier: number }
  | { event: 'silent'; reason: string }
  | { event: 'answering' };

export interface SendOptions {
  tell: (event: SendEvent) => void;
  sleep: (milliseconds: number) => Promise<void>;
  /** How long a chain may say nothing at all before it is given up. */
  patienceMs: number;
}

/** Between two questions. A local chain has mined before it answers. */
const pauseMs = 50;
const pauseMsMax = 2_000;

/**
 * Waits until every transaction that the account sent before is mined: one that is in doubt is decided by then.
 * @throws {MinerError} `CHAIN_SILENT`
 */
export async function settle(clients: ChainClients, account: Address, options: SendOptions): Promise<void> {
  const { publicClient } = clients;
  let told = 0;
  for (const ask = patient(clients, undefined, options); ; await ask.pause()) {
    const earlier = await ask.answer(async () => {
      const pending = await publicClient.getTransactionCount({ address: account, blockTag: 'pending' });
      return pending - (await publicClient.getTransactionCount({ address: account, blockTag: 'latest' }));
    });
    if (earlier <= 0) return;
    if (earlier !== told) options.tell({ event: 'waiting', earlier });
    told = earlier;
  }
}

/**
 * Tries a call on the chain as it stands, and says what it would cost.
 * @throws {MinerError} `CHAIN_REVERTED` with the contract's reason
 */
export async function prepare(clients: ChainClients, account: LocalAccount, call: Call): Promise<PreparedTransaction> {
  const { publicClient, walletClient } = clients;
  const abi = [...call.abi, ...errorsAbi()];
  const request = { account, address: call.to, abi, functionName: call.name, args: call.args };
  const estimated = await publicClient.estimateContractGas(request).catch((cause: unknown) => {
    if (isUnanswered(cause)) throw cause;
    throw toolError('CHAIN_REVERTED', { call: call.name, to: call.to, reason: revertReason(cause) }, cause);
  });
  const data = encodeFunctionData({ abi: call.abi, functionName: call.name, args: call.args });
  // Others' votes may come before this one and make it dearer.
  const gas = (estimated * 5n) / 4n;
  const prepared = await walletClient.prepareTransactionRequest({ account, to: call.to, data, gas });
  const { maxFeePerGas, gasPrice } = prepared as { maxFeePerGas?: bigint; gasPrice?: bigint };
  const costMax = gas * (maxFeePerGas ?? gasPrice ?? 0n);
  const { account: _, from: __, ...unsigned } = prepared as typeof prepared & { from?: Address };
  return {
    call,
    from: account.address,
    data,
    nonce: prepared.nonce,
    gas,
    costMax,
    request: unsigned as PreparedTransaction['request'],
  };
}

/**
 * Signs, sends and waits until it is mined, however often the chain falls silent for less than the patience.
 * @throws {MinerError} `CHAIN_REVERTED`; `CHAIN_SILENT` with the hash of what is in doubt; `TRANSACTION_REPLACED`
 */
export async function sendPrepared(
  clients: ChainClients,
  account: LocalAccount,
  prepared: PreparedTransaction,
  options: SendOptions,
): Promise<{ hash: Hex; receipt: TransactionReceipt }> {
  const { publicClient } = clients;
  const { call, nonce, request } = prepared;
  const serializedTransaction = await account.signTransaction(request);
  const hash = keccak256(serializedTransaction);
  options.tell({ event: 'sending', hash });
  const ask = patient(clients, hash, options);
  let refusal: unknown;
  let offer = true;
  for (; ; await ask.pause()) {
    if (offer) {
      // The same bytes twice are the same transaction: a node that has them says so, and that is no fault.
      refusal = await ask.answer(() =>
        publicClient.sendRawTransaction({ serializedTransaction }).then(
          () => undefined,
          (error: unknown) => {
            if (isUnanswered(error)) throw error;
            return error;
          },
        ),
      );
    }
    const receipt = await ask.answer(() => findReceipt(clients, hash));
    if (receipt?.status === 'reverted') {
      const reason = `transaction ${hash} reverted`;
      throw toolError('CHAIN_REVERTED', { call: call.name, to: call.to, reason });
    }
    if (receipt) return { hash, receipt };
    const [used, known] = await ask.answer(() =>
      Promise.all([
        publicClient.getTransactionCount({ address: account.address, blockTag: 'latest' }),
        publicClient.getTransaction({ hash }).then(
          () => true,
          (error: unknown) => {
            if (isUnanswered(error)) throw error;
            return false;
          },
        ),
      ]),
    );
    // Mined between the two questions?
    if (used > nonce && !(await ask.answer(() => findReceipt(clients, hash)))) {
      throw toolError('TRANSACTION_REPLACED', { hash, nonce, from: account.address });
    }
    if (!known && refusal !== undefined) {
      throw toolError('CHAIN_REVERTED', { call: call.name, to: call.to, reason: revertReason(refusal) }, refusal);
    }
    // A node that was started anew may have forgotten it.
    offer = !known;
  }
}

async function findReceipt({ publicClient }: ChainClients, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await publicClient.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

/** Asks until there is an answer, and gives up after the patience. */
function patient(clients: ChainClients, hash: Hex | undefined, options: SendOptions) {
  const { tell, sleep, patienceMs } = options;
  const url = String(clients.publicClient.transport.url ?? clients.publicClient.transport.name);
  let waitMs = pauseMs;
  const pause = async () => {
    await sleep(waitMs);
    waitMs = Math.min(waitMs * 1.5, pauseMsMax);
  };
  const answer = async <Result>(question: () => Promise<Result>): Promise<Result> => {
    let silentMs = 0;
    for (;;) {
      try {
        const result = await question();
        if (silentMs > 0) tell({ event: 'answering' });
        return result;
      } catch (error) {
        const reason = isUnanswered(error);
        if (!reason) throw error;
        if (silentMs === 0) tell({ event: 'silent', reason });
        silentMs += waitMs;
        if (silentMs > patienceMs) throw toolError('CHAIN_SILENT', { url, reason, hash: hash ?? '' }, error);
        await pause();
      }
    }
  };
  return { answer, pause };
}
