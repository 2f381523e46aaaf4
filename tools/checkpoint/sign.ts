/** One person's signature on a checkpoint. */
import { bytesToHex, hexToBytes } from 'viem/utils';
import { equalBytes, fromHex, toHex } from '../../edge/pack/index.ts';
import {
  type Checkpoint,
  type CheckpointFile,
  type CheckpointSignature,
  hashCheckpoint,
  requireSignature,
} from '../../edge/trust/index.ts';
import { toolError } from '../errors/index.ts';
import type { TypedDataSigner } from '../registry/index.ts';

/** The message that a wallet shows and signs. */
export const checkpointMessage = ({ chainId, registry, root, epoch, blockNumber, issued, expires }: Checkpoint) =>
  ({
    domain: { name: 'DIMO DecoderRegistry', version: '1', chainId, verifyingContract: bytesToHex(registry) },
    types: {
      Checkpoint: [
        { name: 'root', type: 'bytes32' },
        { name: 'epoch', type: 'uint64' },
        { name: 'blockNumber', type: 'uint64' },
        { name: 'issued', type: 'uint64' },
        { name: 'expires', type: 'uint64' },
      ],
    },
    primaryType: 'Checkpoint',
    message: {
      root: bytesToHex(root),
      epoch: BigInt(epoch),
      blockNumber: BigInt(blockNumber),
      issued: BigInt(issued),
      expires: BigInt(expires),
    },
  }) as const;

/**
 * Signs as a wallet does, and verifies the result as a Miner does.
 * @throws {MinerError} CHECKPOINT_SIGNER_UNKNOWN when the registry did not list the key as the file was made
 */
export async function signCheckpoint(file: CheckpointFile, account: TypedDataSigner): Promise<CheckpointSignature> {
  const signer = fromHex(account.address.toLowerCase());
  const { signers } = file.signerSet;
  if (!signers.some((known) => equalBytes(known, signer))) {
    const expected = signers.map((known) => `0x${toHex(known)}`);
    throw toolError('CHECKPOINT_SIGNER_UNKNOWN', { signer: account.address, expected });
  }
  const signature = { signer, signature: hexToBytes(await account.signTypedData(checkpointMessage(file.checkpoint))) };
  requireSignature(hashCheckpoint(file.checkpoint), signature);
  return signature;
}
