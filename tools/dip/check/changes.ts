/** What an execution changed: by name where our contracts can be asked, and by storage slot where not. */
import { getAddress, type Hex } from 'viem';
import { abiFunction, type ContractName, type Deployment, loadArtifact } from '../../deploy/index.ts';
import { contractCall } from '../actions.ts';
import { tokens } from '../format.ts';
import { contractAt, isRevert, nameOf } from './contracts.ts';
import { type Execution, slotKey, slotsRead } from './execute.ts';
import type { TrialChain } from './fork.ts';
import { keyText, type Leaf, leafText, leaves } from './values.ts';
import { foreignHoldings, tokenAbi, type View, views } from './watched.ts';

/** One value that is another afterwards, in words. */
export interface Change {
  /** `licence 1`, `DIMO of Treasury`. */
  of: string;
  /** The field, where the thing has several. */
  field?: string;
  before: string;
  after: string;
}

/** A storage slot that no named change accounts for. */
export interface SlotChange {
  address: string;
  /** The contract's name, where it is ours. */
  contract?: ContractName;
  slot: Hex;
  before: Hex;
  after: Hex;
}

export interface Changes {
  named: Change[];
  slots: SlotChange[];
}

/** EIP-1967: keccak256('eip1967.proxy.implementation') - 1 */
const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';

/** Reads everything that the execution may have changed, before and after it. */
export async function readChanges(chain: TrialChain, deployment: Deployment, execution: Execution): Promise<Changes> {
  const named: Change[] = [];
  const explained = new Set<string>();
  // What a view of a contract says rests on that contract's own storage.
  const changed = new Set(execution.accounts.map(({ address }) => address.toLowerCase()));
  for (const view of views.filter(({ contract }) => changed.has(deployment.addresses[contract].toLowerCase()))) {
    for (const args of view.keys ? view.keys(execution.events) : [[]]) {
      const found = await compareView(chain, deployment, execution, { view, args });
      if (found.length === 0) continue;
      named.push(...found);
      // A change of a slot that the view reads is told by the view's own difference.
      const call = contractCall(deployment, view.contract, view.name, args);
      for (const slot of await slotsRead(chain, call, execution.blockAfter)) explained.add(slot);
    }
  }
  named.push(...(await foreignTokens(chain, deployment, execution)));
  for (const { address, balance, codeChanged, slots } of execution.accounts) {
    const name = nameOf(deployment, getAddress(address));
    if (balance)
      named.push({
        of: `ether of ${name}`,
        before: `${tokens(balance.before)} ETH`,
        after: `${tokens(balance.after)} ETH`,
      });
    if (codeChanged) named.push({ of: `code of ${name}`, before: 'none, or other code', after: 'new code' });
    for (const { slot, before, after } of slots.filter(({ slot }) => slot === implementationSlot)) {
      explained.add(slotKey(address, slot));
      const addressIn = (word: Hex) => getAddress(`0x${word.slice(-40)}`);
      named.push({
        of: `code of ${name}`,
        field: 'implementation',
        before: addressIn(before),
        after: addressIn(after),
      });
    }
  }
  const slots = execution.accounts.flatMap(({ address, slots }) => {
    const contract = contractAt(deployment, address);
    return slots
      .filter(({ slot }) => !explained.has(slotKey(address, slot)))
      .map((slot): SlotChange => ({ address: getAddress(address), ...(contract && { contract }), ...slot }));
  });
  return { named, slots };
}

async function compareView(
  chain: TrialChain,
  deployment: Deployment,
  { blockBefore, blockAfter }: Execution,
  { view, args }: { view: View; args: readonly unknown[] },
): Promise<Change[]> {
  const { contract, name } = view;
  const abi = loadArtifact(contract).abi;
  const read = async (blockNumber: bigint): Promise<Leaf[]> => {
    try {
      const address = deployment.addresses[contract];
      const value = await chain.client.readContract({ address, abi, functionName: name, args, blockNumber });
      const { outputs } = abiFunction(contract, name);
      const values = outputs.length === 1 ? [value] : (value as readonly unknown[]);
      return outputs.flatMap((output, index) =>
        leaves(output, values[index], outputs.length === 1 ? [] : [output.name ?? String(index)]),
      );
    } catch (error) {
      // Of a key that is not there yet, some views revert.
      if (isRevert(error)) return [];
      throw error;
    }
  };
  const [before, after] = await Promise.all([read(blockBefore), read(blockAfter)]);
  const words = (leaf: Leaf | undefined) => (leaf ? leafText(leaf, view.unit, deployment) : 'nothing');
  const title = view.title(args.map((arg) => keyText(contract, arg, deployment)));
  const paths = [...new Set([...before, ...after].map(({ path }) => path))];
  return paths.flatMap((path) => {
    const [was, is] = [before, after].map((list) => words(list.find((leaf) => leaf.path === path)));
    return was === is ? [] : [{ of: title, ...(path !== '' && { field: path }), before: was!, after: is! }];
  });
}

async function foreignTokens(
  chain: TrialChain,
  deployment: Deployment,
  { events, blockBefore, blockAfter }: Execution,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { token, account } of foreignHoldings(events)) {
    const read = (blockNumber: bigint) =>
      chain.client
        .readContract({ address: token, abi: tokenAbi, functionName: 'balanceOf', args: [account], blockNumber })
        .catch((error: unknown) => {
          if (isRevert(error)) return undefined;
          throw error;
        });
    const [before, after] = await Promise.all([read(blockBefore), read(blockAfter)]);
    if (before === undefined || after === undefined || before === after) continue;
    const of = `units of ${nameOf(deployment, token)} of ${nameOf(deployment, account)}`;
    changes.push({ of, before: before.toString(), after: after.toString() });
  }
  return changes;
}
