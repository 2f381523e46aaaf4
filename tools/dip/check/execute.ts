/** Executes a DIP on a trial chain as it would be on the real one, and collects what came of it. */
import { type Address, type Hex, type Log, numberToHex, toFunctionSelector, zeroHash } from 'viem';
import { abiFunction, type Deployment } from '../../deploy/index.ts';
import { toolError } from '../../errors/index.ts';
import { contractCall } from '../actions.ts';
import type { Dip } from '../proposal.ts';
import { carryToExecution, RefusedStep } from './carry-on.ts';
import { type DecodedEvent, decodeEvent, decodeRevert, nameOf } from './contracts.ts';
import type { TrialChain } from './fork.ts';

/** An event, and which of the calls it came from. */
export interface ExecutionEvent extends DecodedEvent {
  call: number;
}

export interface Failure {
  /** Which of the calls failed; undefined when it did not come to the calls. */
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
  /** Unix seconds at which it was executed: the earliest moment. */
  executedAt: number;
  /** The blocks before and after it, for reading what changed. */
  blockBefore: bigint;
  blockAfter: bigint;
}

/**
 * Proposes a DIP on a trial chain, votes for it, queues it, waits, and executes it.
 * @returns what changed; or, with a failure, why it did not come to that.
 */
export async function executeOn(chain: TrialChain, deployment: Deployment, dip: Dip): Promise<Execution> {
  const nothing = { events: [], accounts: [] };
  const finish = async (hash: Hex) => {
    const receipt = await chain.client.getTransactionReceipt({ hash });
    const { timestamp } = await chain.client.getBlock({ blockNumber: receipt.blockNumber });
    const blocks = { blockBefore: receipt.blockNumber - 1n, blockAfter: receipt.blockNumber };
    return { receipt, common: { gasUsed: receipt.gasUsed, executedAt: Number(timestamp), ...blocks } };
  };
  const trace = (hash: Hex, config: object) => chain.request('debug_traceTransaction', [hash, config]);
  try {
    const ready = await carryToExecution(chain, deployment, dip);
    const hash = await ready.send(ready.voter, 'DimoGovernor', 'execute', ready.args);
    const { receipt, common } = await finish(hash);
    if (receipt.status !== 'success') {
      const failure = failureOf((await trace(hash, { tracer: 'callTracer' })) as CallFrame, deployment);
      return { ...common, ...nothing, failure };
    }
    const config = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } };
    const [diff, { miner }, own] = await Promise.all([
      trace(hash, config) as Promise<PrestateDiff>,
      chain.client.getBlock(),
      slotsRead(chain, contractCall(deployment, 'DimoGovernor', 'state', [ready.id]), common.blockBefore),
    ]);
    const accounts = accountChanges(diff, { payers: [ready.voter, miner], own });
    return { ...common, events: eventsByCall(deployment, receipt.logs, dip.actions.length), accounts };
  } catch (error) {
    if (!(error instanceof RefusedStep)) throw error;
    const { common } = await finish(error.hash);
    const frame = (await trace(error.hash, { tracer: 'callTracer' })) as CallFrame;
    const failure = { reason: decodeRevert(frame.output), by: error.message };
    // Votes for the trial are ours to make: that they could not be made says nothing of the DIP.
    if (error.message.startsWith('DimoToken.')) {
      throw toolError('DIP_FORK', { url: chain.origin, reason: `${failure.by}: ${failure.reason}` }, error);
    }
    return { ...common, ...nothing, failure };
  }
}

/** `address slot` of each storage slot that a view reads. */
export async function slotsRead(
  chain: TrialChain,
  view: { target: Address; data: Hex },
  block: bigint,
): Promise<Set<string>> {
  const call = { to: view.target, data: view.data };
  const found = (await chain.request('debug_traceCall', [
    call,
    numberToHex(block),
    { tracer: 'prestateTracer' },
  ])) as Record<string, PrestateAccount>;
  return new Set(
    Object.entries(found).flatMap(([address, { storage = {} }]) =>
      Object.keys(storage).map((slot) => slotKey(address, slot)),
    ),
  );
}

export const slotKey = (address: string, slot: string): string => `${address.toLowerCase()} ${BigInt(slot)}`;

interface CallFrame {
  to?: Address;
  type: string;
  input?: Hex;
  error?: string;
  output?: Hex;
  calls?: CallFrame[];
}

/** The timelock calls once for each action, so the last of its calls is the one that failed. */
function failureOf(trace: CallFrame, deployment: Deployment): Failure {
  const selector = toFunctionSelector(abiFunction('TimelockController', 'executeBatch'));
  const batch = trace.calls?.find(({ input }) => input?.startsWith(selector));
  const last = batch?.calls?.at(-1);
  if (!last?.error) return { reason: decodeRevert(trace.output), by: nameOf(deployment, batch?.to ?? trace.to ?? '') };
  // Whoever reverted first: the innermost frame whose words the outer ones passed on.
  let frame = last;
  for (let inner = frame.calls?.at(-1); inner?.error && inner.output === frame.output; inner = frame.calls?.at(-1)) {
    // Code that a proxy borrows speaks for the proxy.
    frame = inner.type === 'DELEGATECALL' ? { ...inner, to: frame.to } : inner;
  }
  const isSilent = (frame.output ?? '0x') === '0x' && frame.error !== 'execution reverted';
  const reason = isSilent ? frame.error! : decodeRevert(frame.output);
  return { call: batch!.calls!.length - 1, reason, by: nameOf(deployment, frame.to ?? '') };
}

/** The timelock tells after each call that it was made; what came before is the call's, what comes after all is its own. */
function eventsByCall(deployment: Deployment, logs: readonly Log[], calls: number): ExecutionEvent[] {
  let call = 0;
  const events: ExecutionEvent[] = [];
  for (const log of logs) {
    const event = decodeEvent(deployment, log);
    if (event.contract === 'TimelockController' && event.name === 'CallExecuted') call = Number(event.args.index) + 1;
    else if (call < calls) events.push({ ...event, call });
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

/**
 * @param left.payers Whose ether only pays for gas.
 * @param left.own What governor and timelock write down about any proposal that is executed.
 */
function accountChanges(
  { pre, post }: PrestateDiff,
  left: { payers: readonly string[]; own: ReadonlySet<string> },
): AccountChange[] {
  const payers = left.payers.map((address) => address.toLowerCase());
  const addresses = [...new Set([...Object.keys(pre), ...Object.keys(post)])] as Address[];
  return addresses
    .map((address): AccountChange => {
      const [before, after] = [pre[address] ?? {}, post[address] ?? {}];
      const slots = new Set([...Object.keys(before.storage ?? {}), ...Object.keys(after.storage ?? {})]);
      const change: AccountChange = {
        address,
        // The state afterwards names code only where it is another.
        codeChanged: after.code !== undefined && after.code !== before.code,
        slots: ([...slots] as Hex[])
          .filter((slot) => !left.own.has(slotKey(address, slot)))
          .map((slot) => ({
            slot,
            before: before.storage?.[slot] ?? zeroHash,
            after: after.storage?.[slot] ?? zeroHash,
          })),
      };
      if (after.balance === undefined || payers.includes(address.toLowerCase())) return change;
      return { ...change, balance: { before: BigInt(before.balance ?? 0), after: BigInt(after.balance) } };
    })
    .filter(({ slots, balance, codeChanged }) => slots.length > 0 || balance || codeChanged);
}
