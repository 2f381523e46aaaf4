/** The signer set that a device is provisioned with, as a small JSON file beside its key. */
import { bytesToHex, isAddress } from 'viem/utils';
import { compareBytes, fromHex } from '../../edge/pack/index.ts';
import { ChainView, type SignerSet } from '../../edge/trust/index.ts';

import { type Deployment, registriesOf } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

/** Where `miner chain` writes it, and `miner run` looks for it. */
export const signersFileName = 'checkpoint-signers.json';

export interface PinnedSigners {
  chainId: number;
  /** Address of the DecoderRegistry, 20 bytes. */
  registry: Uint8Array;
  signerSet: SignerSet;
}

/** The file's text: addresses as people write them. */
export function signersText({ chainId, registry, signerSet }: PinnedSigners): string {
  const { signers, threshold, blockNumber } = signerSet;
  const facts = {
    chainId,
    registry: bytesToHex(registry),
    signers: signers.map((signer) => bytesToHex(signer)),
    threshold,
    blockNumber,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** @throws {MinerError} FILE_UNREADABLE, SIGNERS_FILE */
export function readSignersFile(path: string): PinnedSigners {
  const text = new TextDecoder().decode(readInput(path));
  let facts: Record<string, unknown>;
  try {
    facts = Object(JSON.parse(text));
  } catch (cause) {
    throw toolError('SIGNERS_FILE', { path, reason: (cause as Error).message }, cause);
  }
  const { chainId, registry, signers, threshold, blockNumber } = facts;
  const refuse = (reason: string): never => {
    throw toolError('SIGNERS_FILE', { path, reason });
  };
  if (!isCount(chainId)) return refuse('chainId is no chain id');
  if (!isAddressText(registry)) return refuse('registry is no address');
  if (!Array.isArray(signers) || !signers.every(isAddressText)) return refuse('signers are no list of addresses');
  if (new Set(signers.map((signer) => signer.toLowerCase())).size !== signers.length) {
    return refuse('one signer stands there twice');
  }
  if (!isCount(threshold) || threshold < 1 || threshold > signers.length) {
    return refuse(`threshold is ${threshold}, expected 1 to ${signers.length}`);
  }
  if (!isCount(blockNumber)) return refuse('blockNumber is no block number');
  const addresses = signers.map(fromHex).sort(compareBytes);
  return { chainId, registry: fromHex(registry), signerSet: { signers: addresses, threshold, blockNumber } };
}

/**
 * Asks the registry who signs now.
 * @throws {MinerError} CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH, CHAIN_NO_CONTRACT
 */
export async function readSignersOf(rpcUrl: string, deployment: Deployment): Promise<PinnedSigners> {
  const registries = registriesOf(deployment);
  const view = await ChainView.open({ rpcUrl, chainId: deployment.chainId, registries });
  const { signerSet } = await view.registry();
  return { chainId: deployment.chainId, registry: fromHex(registries.decoderRegistry), signerSet };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isAddressText(value: unknown): value is string {
  // In any case of letters: a checksum is welcome, not asked for.
  return typeof value === 'string' && isAddress(value, { strict: false });
}
