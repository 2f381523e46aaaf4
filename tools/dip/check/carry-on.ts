/** Takes a proposal through a vote on a trial chain, up to the moment at which anyone may execute it. */
import { type Address, encodeFunctionData, getAddress, type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import { type ContractName, type Deployment, loadArtifact } from '../../deploy/index.ts';
import { type Dip, description, proposalId } from '../proposal.ts';
import type { TrialChain } from './fork.ts';

/** A proposal that is queued, its delay over. */
export interface ReadyProposal {
  id: bigint;
  /** Arguments of `execute`. */
  args: readonly unknown[];
  /** Sends as somebody, in a block of its own; a transaction that reverts has its hash all the same. */
  send: (from: Address, contract: ContractName, name: string, args: readonly unknown[]) => Promise<Hex>;
  /** Who proposed and voted. */
  voter: Address;
}

/** A step on the way that was refused: nothing was executed. */
export class RefusedStep extends Error {
  readonly hash: Hex;
  constructor(step: string, hash: Hex) {
    super(step);
    this.hash = hash;
  }
}

/** No transaction may ask for more gas (EIP-7825). */
const gasMax = 16_777_216n;
const rich = numberToHex(10n ** 20n);

/**
 * Proposes, votes, queues and waits, all as it is on the real chain; only the votes come from tokens that are created
 * for it, four times those that circulate, and destroyed before the execution: whatever a level asks, they carry it.
 * @throws {RefusedStep} with the transaction that the chain refused.
 */
export async function carryToExecution(chain: TrialChain, deployment: Deployment, dip: Dip): Promise<ReadyProposal> {
  const { addresses } = deployment;
  const timelock = addresses.TimelockController;
  const voter = getAddress(`0x${keccak256(stringToHex('miner dip check: voter')).slice(-40)}`);
  const read = async <T>(contract: ContractName, functionName: string, args: readonly unknown[] = []): Promise<T> =>
    chain.client.readContract({
      address: addresses[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    }) as T;

  const send: ReadyProposal['send'] = async (from, contract, name, args) => {
    const data = encodeFunctionData({ abi: loadArtifact(contract).abi, functionName: name, args });
    const call = { from, to: addresses[contract], data, gas: numberToHex(gasMax) };
    const before = await chain.client.getBlockNumber();
    let failure: unknown;
    await chain.request('eth_sendTransaction', [call]).catch((error: unknown) => {
      failure = error;
    });
    const { number, transactions } = await chain.client.getBlock();
    // A transaction that reverts is told as an error, and is in its block all the same. Any other error is the chain's.
    if (number === before || !transactions[0]) throw failure;
    return transactions[0];
  };
  const mustSend: ReadyProposal['send'] = async (from, contract, name, args) => {
    const hash = await send(from, contract, name, args);
    const { status } = await chain.client.getTransactionReceipt({ hash });
    if (status !== 'success') throw new RefusedStep(`${contract}.${name}`, hash);
    return hash;
  };
  const mineAt = async (time: bigint) => {
    await chain.request('evm_setNextBlockTimestamp', [numberToHex(time)]);
    await chain.request('evm_mine');
  };

  for (const account of [timelock, voter]) await chain.request('hardhat_impersonateAccount', [account]);
  const timelockBalance = await chain.client.getBalance({ address: timelock });
  for (const account of [timelock, voter]) await chain.request('hardhat_setBalance', [account, rich]);
  const { timestamp } = await chain.client.getBlock();
  const [circulating, threshold] = await Promise.all([
    read<bigint>('DimoGovernor', 'circulatingSupply', [timestamp - 1n]),
    read<bigint>('DimoGovernor', 'proposalThreshold'),
  ]);
  const votes = circulating * 4n + threshold;
  await mustSend(timelock, 'DimoToken', 'mint', [voter, votes]);
  await mustSend(voter, 'DimoToken', 'delegate', [voter]);

  const full = description(dip, voter);
  const columns = [
    dip.actions.map(({ target }) => target),
    dip.actions.map(({ value }) => value),
    dip.actions.map(({ data }) => data),
  ];
  const id = proposalId(dip.actions, full);
  const args = [...columns, keccak256(stringToHex(full))];
  await mustSend(voter, 'DimoGovernor', 'propose', [...columns, full]);
  await mineAt((await read<bigint>('DimoGovernor', 'proposalSnapshot', [id])) + 1n);
  await mustSend(voter, 'DimoGovernor', 'castVote', [id, 1]);
  await mustSend(voter, 'DimoToken', 'transfer', [timelock, votes]);
  await mustSend(timelock, 'DimoToken', 'burn', [votes]);
  await mineAt((await read<bigint>('DimoGovernor', 'proposalDeadline', [id])) + 1n);
  await mustSend(voter, 'DimoGovernor', 'queue', args);
  await chain.request('hardhat_setBalance', [timelock, numberToHex(timelockBalance)]);
  await mineAt(await read<bigint>('DimoGovernor', 'proposalEta', [id]));
  return { id, args, send, voter };
}
