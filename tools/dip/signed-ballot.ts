/** A ballot that its voter signs and that anyone can hand in: the voter pays nothing. */
import {
  type Address,
  type Hex,
  isAddress,
  isAddressEqual,
  isHex,
  type LocalAccount,
  recoverTypedDataAddress,
} from 'viem';
import { type ChainClients, type Deployment, loadArtifact } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import type { BallotCall } from './voting.ts';

export const ballotFormat = 'dimo-dip-ballot/1';

/** What stands in a ballot's file. */
export interface SignedBallot extends BallotCall {
  format: typeof ballotFormat;
  chainId: number;
  governor: Address;
  proposalId: bigint;
  voter: Address;
  /** Of this voter on this proposal: once used, the ballot is void. */
  nonce: bigint;
  signature: Hex;
}

/** Characters; a reason is a remark, not a book. */
const sizeMax = 256 * 1024;

/** The EIP-712 message of a ballot, as Governor.castVoteBySig or castVoteWithReasonAndParamsBySig hashes it. */
function ballotMessage(ballot: Omit<SignedBallot, 'signature' | 'format'>) {
  const { chainId, governor, proposalId, support, voter, nonce, reason, params } = ballot;
  const domain = { name: 'DimoGovernor', version: '1', chainId, verifyingContract: governor };
  const basic = [
    { name: 'proposalId', type: 'uint256' },
    { name: 'support', type: 'uint8' },
    { name: 'voter', type: 'address' },
    { name: 'nonce', type: 'uint256' },
  ];
  if (reason === '' && params === '0x') {
    const message = { proposalId, support, voter, nonce };
    return { domain, types: { Ballot: basic }, primaryType: 'Ballot', message } as const;
  }
  const extended = [...basic, { name: 'reason', type: 'string' }, { name: 'params', type: 'bytes' }];
  const message = { proposalId, support, voter, nonce, reason, params };
  return { domain, types: { ExtendedBallot: extended }, primaryType: 'ExtendedBallot', message } as const;
}

/** The voter's next nonce for this proposal. */
export function ballotNonce(
  clients: ChainClients,
  deployment: Deployment,
  voter: Address,
  proposalId: bigint,
): Promise<bigint> {
  return clients.publicClient.readContract({
    address: deployment.addresses.DimoGovernor,
    abi: loadArtifact('DimoGovernor').abi,
    functionName: 'nonces',
    args: [voter, BigInt.asUintN(192, proposalId)],
  }) as Promise<bigint>;
}

/** Signs a ballot; nothing is sent. */
export async function signBallot(
  clients: ChainClients,
  deployment: Deployment,
  ballot: BallotCall & { proposalId: bigint },
  voter: LocalAccount,
): Promise<SignedBallot> {
  const unsigned = {
    chainId: deployment.chainId,
    governor: deployment.addresses.DimoGovernor,
    ...ballot,
    voter: voter.address,
    nonce: await ballotNonce(clients, deployment, voter.address, ballot.proposalId),
  };
  const message = ballotMessage(unsigned);
  const signature = await voter.signTypedData(message as Parameters<LocalAccount['signTypedData']>[0]);
  return { format: ballotFormat, ...unsigned, signature };
}

export function formatBallot(ballot: SignedBallot): string {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify(ballot, plain, 2)}\n`;
}

/**
 * Reads a ballot's file.
 * @throws {MinerError} `BALLOT_FILE` naming the field
 */
export function parseBallot(text: string, path: string): SignedBallot {
  const wrong = (problem: string) => toolError('BALLOT_FILE', { path, problem });
  if (text.length > sizeMax) throw wrong(`it has more than ${sizeMax} characters`);
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw wrong('it is no JSON');
  }
  if (file?.format !== ballotFormat) throw wrong(`"format" is not ${ballotFormat}`);
  const field = <Value>(name: string, isRight: (value: unknown) => boolean, expected: string): Value => {
    if (isRight(file[name])) return file[name] as Value;
    throw wrong(`"${name}" is not ${expected}`);
  };
  const isNumber = (value: unknown) => typeof value === 'string' && /^\d{1,78}$/.test(value);
  const isAccount = (value: unknown) => typeof value === 'string' && isAddress(value);
  const isData = (value: unknown) => isHex(value) && value.length % 2 === 0;
  const ballot: SignedBallot = {
    format: ballotFormat,
    chainId: field('chainId', Number.isSafeInteger, 'a chain id'),
    governor: field('governor', isAccount, 'an address'),
    proposalId: BigInt(field<string>('proposalId', isNumber, 'a number in digits')),
    support: field('support', (value) => [0, 1, 2, 255].includes(value as number), '0, 1, 2 or 255'),
    reason: field('reason', (value) => typeof value === 'string', 'a text'),
    params: field('params', (value) => isData(value) && [2, 98].includes((value as Hex).length), 'empty or 48 bytes'),
    voter: field('voter', isAccount, 'an address'),
    nonce: BigInt(field<string>('nonce', isNumber, 'a number in digits')),
    signature: field('signature', isData, 'bytes in hex'),
  };
  if ((ballot.params === '0x') === (ballot.support === 255)) throw wrong('"params" belongs to support 255 alone');
  return ballot;
}

/**
 * Checks a ballot before it is handed in.
 * @throws {MinerError} `BALLOT_FILE` for another chain or governor, a signature that is not the voter's, or a used nonce
 */
export async function checkBallot(
  clients: ChainClients,
  deployment: Deployment,
  ballot: SignedBallot,
  path: string,
): Promise<void> {
  const wrong = (problem: string) => toolError('BALLOT_FILE', { path, problem });
  const { chainId, governor, voter, nonce, proposalId, signature } = ballot;
  if (chainId !== deployment.chainId) throw wrong(`it is for chain ${chainId}, this is ${deployment.chainId}`);
  if (!isAddressEqual(governor, deployment.addresses.DimoGovernor)) throw wrong(`it is for the governor ${governor}`);
  const next = await ballotNonce(clients, deployment, voter, proposalId);
  if (next !== nonce) throw wrong('it was handed in already, or another ballot of the voter was');
  const code = await clients.publicClient.getCode({ address: voter });
  // A contract says itself what it signed; the governor asks it when the ballot is handed in.
  if (code !== undefined && code !== '0x') return;
  const signed = { ...ballotMessage(ballot), signature } as Parameters<typeof recoverTypedDataAddress>[0];
  const by = await recoverTypedDataAddress(signed).catch(() => undefined);
  if (by === undefined || !isAddressEqual(by, voter)) throw wrong(`its signature is not that of ${voter}`);
}

/** The call that hands a ballot in, from whatever account. */
export function submitCall(ballot: SignedBallot): { name: string; args: unknown[] } {
  const { proposalId, support, voter, reason, params, signature } = ballot;
  if (reason === '' && params === '0x') return { name: 'castVoteBySig', args: [proposalId, support, voter, signature] };
  return { name: 'castVoteWithReasonAndParamsBySig', args: [proposalId, support, voter, reason, params, signature] };
}
