/** Executes a DIP's calls on a trial chain as the timelock would: all of them or none, at the time when they may be. */
import {
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  type Log,
  numberToHex,
  stringToHex,
  zeroHash,
} from 'viem';
import { type Deployment, loadArtifact } from '../../deploy/index.ts';
import type { Action } from '../actions.ts';
import { type DecodedEvent, decodeEvent, decodeRevert, nameOf } from './contracts.ts';
import type { TrialChain } from './fork.ts';

/** An event, and which of the calls it came from. */
export interface ExecutionEvent extends DecodedEvent {
  call: number;
}

export interface Failure {
  /** Which of the calls failed; undefined when they could not even begin. */
  call?: number;
  /** `Name(value, value)` of the contract's error. */
  reason: string;
  /** Who refused, by name where it is ours. */
  by: string;
}

/** Of each account that changed. Slots and balances before and after; a slot that was or is empty is zero. */
export interface AccountChange {
  address: Address;
  balance?: { before: bigint; after: bigint };
  /** It got code, or other code. */
  codeChanged: boolean;
  slots: { slot: Hex; before: Hex; after: Hex }[];
}

export interface Execution {
  failure?: Failure;
  gasUsed: bigint;
  events: ExecutionEvent[];
  accounts: AccountChange[];
  /** The blocks before and after it, for reading what changed. */
  blockBefore: bigint;
  blockAfter: bigint;
}

/** No transaction may ask for more gas (EIP-7825). */
const gasMax = 16_777_216n;

/**
 * Puts the calls into the timelock and executes them at `executeAt` (unix seconds).
 *
 * It is the governor that sends both, as in a real execution; the vote before is left out.
 */
export async function executeOn(
  chain: TrialChain,
  deployment: Deployment,
  actions: readonly Action[],
  executeAt: number,
): Promise<Execution> {
  const { DimoGovernor: governor, TimelockController: timelock } = deployment.addresses;
  const { abi } = loadArtifact('TimelockController');
  const columns = [
    actions.map(({ target }) => target),
    actions.map(({ value }) => value),
    actions.map(({ data }) => data),
  ];
  const salt = keccak256(stringToHex('miner dip check'));
  const minDelay = (await chain.client.readContract({ address: timelock, abi, functionName: 'getMinDelay' })) as bigint;
  const sendAs = async (functionName: string, args: readonly unknown[], at: number): Promise<Hex> => {
    await chain.request('evm_setNextBlockTimestamp', [at]);
    const data = encodeFunctionData({ abi, functionName, args });
    const gas = numberToHex(gasMax);
    // A transaction that reverts is an error here, and in its block all the same.
    await chain.request('eth_sendTransaction', [{ from: governor, to: timelock, data, gas }]).catch(() => {});
    const block = await chain.client.getBlock();
    const [hash] = block.transactions;
    if (!hash) throw new Error(`the trial chain mined no ${functionName}`);
    return hash;
  };

  await chain.request('hardhat_impersonateAccount', [governor]);
  const balance = await chain.client.getBalance({ address: governor });
  await chain.request('hardhat_setBalance', [governor, numberToHex(10n ** 20n)]);
  const readyAt = executeAt - 1;
  const scheduled = await sendAs('scheduleBatch', [...columns, zeroHash, salt, minDelay], readyAt - Number(minDelay));
  await chain.request('hardhat_setBalance', [governor, numberToHex(balance + 10n ** 19n)]);
  await chain.request('evm_setNextBlockTimestamp', [executeAt]);
  await chain.request('evm_mine', []);
  const blockBefore = await chain.client.getBlockNumber();
  const begun = await chain.client.getTransactionReceipt({ hash: scheduled });
  const executed =
    begun.status === 'success' ? await sendAs('executeBatch', [...columns, zeroHash, salt], executeAt + 1) : scheduled;

  const receipt = await chain.client.getTransactionReceipt({ hash: executed });
  const common = { gasUsed: receipt.gasUsed, blockBefore, blockAfter: receipt.blockNumber };
  if (receipt.status !== 'success') {
    const trace = (await chain.request('debug_traceTransaction', [executed, { tracer: 'callTracer' }])) as CallFrame;
    const failure =
      executed === scheduled ? { ...failureOf(trace, deployment), call: undefined } : failureOf(trace, deployment);
    return { ...common, failure, events: [], accounts: [] };
  }
  const config = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } };
  const diff = (await chain.request('debug_traceTransaction', [executed, config])) as PrestateDiff;
  const { miner } = await chain.client.getBlock();
  const accounts = accountChanges(diff, [governor, miner]).map((account) =>
    withoutOperation(account, timelock, readyAt),
  );
  return { ...common, events: eventsByCall(deployment, receipt.logs), accounts: accounts.filter(isChange) };
}

interface CallFrame {
  to?: Address;
  type: string;
  error?: string;
  output?: Hex;
  calls?: CallFrame[];
}

/** The timelock calls once for each action, so the last of its calls is the one that failed. */
function failureOf(trace: CallFrame, deployment: Deployment): Failure {
  const calls = trace.calls ?? [];
  const last = calls.at(-1);
  if (!last?.error) {
    return {
      reason: decodeRevert(trace.output),
      by: nameOf(deployment, trace.to ?? ''),
      ...(last && { call: calls.length - 1 }),
    };
  }
  // Whoever reverted first: the innermost frame whose words the outer ones passed on.
  let frame = last;
  for (let inner = frame.calls?.at(-1); inner?.error && inner.output === frame.output; inner = frame.calls?.at(-1)) {
    // Code that a proxy borrows is the proxy's own voice.
    if (inner.type === 'DELEGATECALL') frame = { ...inner, to: frame.to };
    else frame = inner;
  }
  const said =
    frame.output && frame.output !== '0x' ? decodeRevert(frame.output) : (frame.error ?? decodeRevert(undefined));
  return { call: calls.length - 1, reason: said, by: nameOf(deployment, frame.to ?? '') };
}

/** The timelock tells after each call that it was made; what came before is the call's. */
function eventsByCall(deployment: Deployment, logs: readonly Log[]): ExecutionEvent[] {
  let call = 0;
  const events: ExecutionEvent[] = [];
  for (const log of logs) {
    const event = decodeEvent(deployment, log);
    if (event.contract === 'TimelockController' && event.name === 'CallExecuted') call = Number(event.args.index) + 1;
    else events.push({ ...event, call });
  }
  return events;
}

interface PrestateDiff {
  pre: Record<Address, PrestateAccount>;
  post: Record<Address, PrestateAccount>;
}

interface PrestateAccount {
  balance?: Hex;
  code?: Hex;
  storage?: Record<Hex, Hex>;
}

function accountChanges({ pre, post }: PrestateDiff, payers: readonly string[]): AccountChange[] {
  // What gas costs here, nobody pays.
  const ignored = payers.map((address) => address.toLowerCase());
  const addresses = [...new Set([...Object.keys(pre), ...Object.keys(post)])] as Address[];
  return addresses.map((address): AccountChange => {
    const before = pre[address] ?? {};
    const after = post[address] ?? {};
    const slots = [...new Set([...Object.keys(before.storage ?? {}), ...Object.keys(after.storage ?? {})])] as Hex[];
    const change: AccountChange = {
      address,
      // The post state names code only where it is another.
      codeChanged: after.code !== undefined && after.code !== before.code,
      slots: slots.map((slot) => ({
        slot,
        before: before.storage?.[slot] ?? zeroHash,
        after: after.storage?.[slot] ?? zeroHash,
      })),
    };
    if (after.balance === undefined || ignored.includes(address.toLowerCase())) return change;
    return { ...change, balance: { before: BigInt(before.balance ?? 0), after: BigInt(after.balance) } };
  });
}

const isChange = ({ slots, balance, codeChanged }: AccountChange) =>
  slots.length > 0 || balance !== undefined || codeChanged;

/** The timelock marks each operation as done: that is the execution's, not the DIP's. */
function withoutOperation(account: AccountChange, timelock: Address, readyAt: number): AccountChange {
  if (account.address.toLowerCase() !== timelock.toLowerCase()) return account;
  const isMark = ({ before, after }: { before: Hex; after: Hex }) =>
    BigInt(before) === BigInt(readyAt) && BigInt(after) === 1n;
  return { ...account, slots: account.slots.filter((slot) => !isMark(slot)) };
}
