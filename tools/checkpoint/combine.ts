/** Signatures of several people come together in one file. */
import { equalBytes, toHex } from '../../edge/pack/index.ts';
import {
  type CheckpointFile,
  type CheckpointSignature,
  type DecoderEntry,
  hashCheckpoint,
  requireSignature,
} from '../../edge/trust/index.ts';
import { toolError } from '../errors/index.ts';

/** The file with one more signature; a signer's new one takes the place of the old. */
export function withSignature(file: CheckpointFile, added: CheckpointSignature): CheckpointFile {
  const others = file.signatures.filter(({ signer }) => !equalBytes(signer, added.signer));
  return { ...file, signatures: [...others, added] };
}

/**
 * One file with the signatures and the decoders of all. Signatures that do not hold are refused, not dropped: whoever
 * combines should hear of them.
 * @throws {MinerError} CHECKPOINT_COMBINE when they are not about the same checkpoint; CHECKPOINT_INVALID
 */
export function combineFiles(files: readonly { path: string; file: CheckpointFile }[]): CheckpointFile {
  const [first, ...rest] = files;
  const digest = hashCheckpoint(first.file.checkpoint);
  for (const { path, file } of rest) {
    const other = hashCheckpoint(file.checkpoint);
    if (!equalBytes(digest, other)) {
      throw toolError('CHECKPOINT_COMBINE', {
        path,
        digest: toHex(other),
        first: first.path,
        expected: toHex(digest),
      });
    }
  }
  const signatures = new Map<string, CheckpointSignature>();
  const entries = new Map<string, DecoderEntry>();
  for (const { file } of files) {
    for (const signature of file.signatures) {
      requireSignature(digest, signature);
      signatures.set(toHex(signature.signer), signature);
    }
    for (const entry of file.entries) entries.set(toHex(entry.contentHash), entry);
  }
  return { ...first.file, signatures: [...signatures.values()], entries: [...entries.values()] };
}
