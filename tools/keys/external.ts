/**
 * An account whose key stays in another program that signs when it is asked over JSON-RPC: Clef, Web3Signer, or a node.
 * What comes back is compared with what was asked for: a signer that signs something else is found out before it is sent.
 */
import {
  type Address,
  getTypesForEIP712Domain,
  type Hex,
  isAddress,
  type LocalAccount,
  parseTransaction,
  recoverTransactionAddress,
  recoverTypedDataAddress,
  type SerializeTransactionFn,
  serializeTransaction,
  type TransactionSerializable,
  type TransactionSerialized,
  type TypedDataDefinition,
  type TypedDataDomain,
} from 'viem';
import { toAccount } from 'viem/accounts';
import { getAddress, numberToHex, serializeTypedData } from 'viem/utils';
import { printable } from '../dbc/index.ts';
import { toolError } from '../errors/index.ts';

/** A person may have to agree there. */
const answerMsMax = 10 * 60_000;
const answerSizeMax = 4 * 1024 * 1024;

/** JSON-RPC: the signer does not know the method. */
const methodNotFound = -32_601;

class MethodUnknown extends Error {}

/**
 * @param options.from which of the signer's accounts; its only one when left out
 * @throws {MinerError} SIGNER_FAILED, SIGNER_ACCOUNT
 */
export async function externalAccount(url: string, options: { from?: Address } = {}): Promise<LocalAccount> {
  const ask = (methods: readonly Call[]) => askFirst(url, methods);
  const found = await ask([
    { method: 'eth_accounts', params: [] },
    { method: 'account_list', params: [] },
  ]);
  const accounts = Array.isArray(found) ? found.filter((one) => isAddress(one, { strict: false })) : [];
  const address = pick(url, accounts, options.from);
  return toAccount({
    address,
    async signTransaction<Fn extends SerializeTransactionFn<TransactionSerializable>>(
      transaction: Parameters<Fn>[0],
      { serializer }: { serializer?: Fn } = {},
    ) {
      const params = [transactionFields(transaction, address)];
      const answer = await ask([
        { method: 'eth_signTransaction', params },
        { method: 'account_signTransaction', params },
      ]);
      const raw = typeof answer === 'string' ? answer : (answer as { raw?: unknown } | null)?.raw;
      await assertSame(url, address, String(raw), await (serializer ?? serializeTransaction)(transaction));
      return raw as TransactionSerialized;
    },
    async signTypedData(message) {
      const definition = message as TypedDataDefinition;
      // What the domain has is written only where its type says so.
      const { domain } = definition as { domain?: TypedDataDomain };
      const types = { EIP712Domain: getTypesForEIP712Domain({ domain }), ...definition.types };
      const text = serializeTypedData({ ...definition, types } as unknown as TypedDataDefinition);
      const signature = (await ask([
        { method: 'eth_signTypedData_v4', params: [address, text] },
        { method: 'eth_signTypedData', params: [address, JSON.parse(text)] },
        { method: 'account_signTypedData', params: [address, JSON.parse(text)] },
      ])) as Hex;
      const by = await recoverTypedDataAddress({ ...definition, signature }).catch(() => undefined);
      if (by !== address) throw toolError('SIGNER_FAILED', { url, problem: 'the signature is of something else' });
      return signature;
    },
    signMessage() {
      throw toolError('SIGNER_FAILED', { url, problem: 'it is asked to sign transactions and typed data only' });
    },
  });
}

function pick(url: string, accounts: Address[], from: Address | undefined): Address {
  const have = accounts.map((one) => getAddress(one));
  const [only] = have;
  if (from === undefined && only && have.length === 1) return only;
  if (from !== undefined && have.includes(getAddress(from))) return getAddress(from);
  throw toolError('SIGNER_ACCOUNT', { url, accounts: have.slice(0, 20), from: from ?? '' });
}

interface Call {
  method: string;
  params: readonly unknown[];
}

/** Signers have the same under different names: the first that this one knows. */
async function askFirst(url: string, calls: readonly Call[]): Promise<unknown> {
  for (const call of calls) {
    try {
      return await ask(url, call);
    } catch (error) {
      if (!(error instanceof MethodUnknown)) throw error;
    }
  }
  const problem = `it knows none of ${calls.map(({ method }) => method).join(', ')}`;
  throw toolError('SIGNER_FAILED', { url, problem });
}

async function ask(url: string, { method, params }: Call): Promise<unknown> {
  const failed = (problem: string, cause?: unknown) =>
    toolError('SIGNER_FAILED', { url, problem: printable(problem).slice(0, 300) }, cause);
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    text = await boundedText(response);
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    throw failed(`no answer: ${inner instanceof Error ? inner.message || message : message}`, cause);
  }
  let answer: { result?: unknown; error?: { code?: number; message?: string } } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    throw failed('it does not answer in JSON');
  }
  if (answer?.error) {
    if (answer.error.code === methodNotFound) throw new MethodUnknown(method);
    throw failed(`it refused ${method}: ${String(answer.error.message)}`);
  }
  return answer?.result;
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > answerSizeMax) throw new Error(`an answer of more than ${answerSizeMax} bytes`);
  }
  return text;
}

/** As eth_signTransaction takes it: numbers are quantities in hex. */
function transactionFields(transaction: TransactionSerializable, from: Address): Record<string, unknown> {
  const { to, data, value, gas, nonce, chainId, gasPrice, maxFeePerGas, maxPriorityFeePerGas, accessList } =
    transaction;
  const numbers = { value: value ?? 0n, gas, nonce, chainId, gasPrice, maxFeePerGas, maxPriorityFeePerGas };
  const quantities = Object.entries(numbers)
    .filter(([, number]) => number !== undefined)
    .map(([name, number]) => [name, numberToHex(number!)]);
  return {
    from,
    ...(to && { to }),
    ...Object.fromEntries(quantities),
    // Clef reads the one, nodes the other; both must be equal.
    data: data ?? '0x',
    input: data ?? '0x',
    ...(accessList && { accessList }),
  };
}

/** @throws {MinerError} SIGNER_FAILED when `raw` is not `unsigned` with the account's signature */
async function assertSame(url: string, address: Address, raw: string, unsigned: Hex): Promise<void> {
  let same = false;
  try {
    const { r, s, v, yParity, ...parsed } = parseTransaction(raw as TransactionSerialized);
    const by = await recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized });
    same = by === address && serializeTransaction(parsed as TransactionSerializable) === unsigned;
  } catch {
    // no transaction at all
  }
  if (!same) throw toolError('SIGNER_FAILED', { url, problem: 'what it signed is not the transaction it was given' });
}
