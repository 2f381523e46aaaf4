/** Whether a checkpoint file holds, by what a device knows without a network. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { edgeError, MinerError } from '../errors/index.ts';
import { addressOf, equalBytes, toHex } from '../pack/index.ts';
import { type Checkpoint, hashCheckpoint, type SignerSet } from './checkpoint.ts';
import { type CheckpointFile, type CheckpointSignature, decodeCheckpointFile } from './checkpoint-file.ts';
import { decoderLeaf, rootOf } from './merkle.ts';

/** What a device is sure of before it reads a checkpoint. */
export interface CheckpointContext {
  chainId: number;
  /** Address of the DecoderRegistry, 20 bytes. */
  registry: Uint8Array;
  /** Pinned when the device was provisioned, or read from the registry since. */
  signerSet: SignerSet;
  /** Unix time in milliseconds; without one neither times are checked. */
  nowMs?: number;
  /** A checkpoint may be issued this far in the future, as clocks differ; 5 minutes unless told. */
  allowanceMs?: number;
}

export interface VerifiedCheckpoint {
  checkpoint: Checkpoint;
  /** Known signers whose signatures hold, at least as many as the threshold. */
  signers: readonly Uint8Array[];
  /** Signers that this device does not know: of a later set perhaps. They count for nothing. */
  foreignSigners: readonly Uint8Array[];
  /** Numbers of the decoders that the root vouches for, by content hash in lower-case hex. */
  decoders: ReadonlyMap<string, number>;
}

const allowanceMsDefault = 5 * 60_000;

/**
 * Verifies chain, registry, signatures, times and every proof. What the device has seen before is not asked here: see
 * `requireNotOlder`.
 * @throws {MinerError} CHECKPOINT_INVALID with the reason; TRUST_EXPIRED when nothing but its age speaks against it
 * @example verifyCheckpoint(bytes, { chainId: 1, registry, signerSet, nowMs: clock.unixMs() })
 */
export function verifyCheckpoint(bytes: Uint8Array, context: CheckpointContext): VerifiedCheckpoint {
  const file = decodeCheckpointFile(bytes);
  const { checkpoint } = file;
  requirePlace(checkpoint, context);
  const { signers, foreignSigners } = verifySigners(file, context.signerSet);
  const decoders = verifyProofs(file);
  requireTimes(checkpoint, context);
  return { checkpoint, signers, foreignSigners, decoders };
}

/** The newest that a device has seen: it never goes back. */
export interface SeenEpoch {
  epoch: number;
  root: Uint8Array;
}

/**
 * Refuses what is older than the newest epoch seen, and a second root for the same epoch: the registry counts an epoch
 * for every change, so one of the two was never its root.
 * @throws {MinerError} CHECKPOINT_ROLLBACK, CHECKPOINT_EQUIVOCATION
 */
export function requireNotOlder({ epoch, root }: SeenEpoch, seen: SeenEpoch | undefined): void {
  if (!seen) return;
  if (epoch < seen.epoch) throw edgeError('CHECKPOINT_ROLLBACK', { epoch, seen: seen.epoch });
  if (epoch === seen.epoch && !equalBytes(root, seen.root)) {
    throw edgeError('CHECKPOINT_EQUIVOCATION', { epoch, root: toHex(root), seen: toHex(seen.root) });
  }
}

function requirePlace(checkpoint: Checkpoint, { chainId, registry }: CheckpointContext): void {
  if (checkpoint.chainId !== chainId) invalid(`it is for chain ${checkpoint.chainId}, expected ${chainId}`);
  if (!equalBytes(checkpoint.registry, registry)) {
    invalid(`it is for the registry 0x${toHex(checkpoint.registry)}, expected 0x${toHex(registry)}`);
  }
}

function verifySigners(
  { checkpoint, signatures }: CheckpointFile,
  signerSet: SignerSet,
): Pick<VerifiedCheckpoint, 'signers' | 'foreignSigners'> {
  const known = new Set(signerSet.signers.map(toHex));
  if (known.size === 0 || signerSet.threshold < 1) invalid('no checkpoint signers are known here');
  const digest = hashCheckpoint(checkpoint);
  const signers: Uint8Array[] = [];
  const foreignSigners: Uint8Array[] = [];
  for (const { signer, signature } of signatures) {
    if (!known.has(toHex(signer))) {
      foreignSigners.push(signer);
      continue;
    }
    requireSignature(digest, { signer, signature });
    signers.push(signer);
  }
  if (signers.length < signerSet.threshold) {
    invalid(`${signers.length} of its signatures are by known signers, expected at least ${signerSet.threshold}`);
  }
  return { signers, foreignSigners };
}

/**
 * Checks one signature over a checkpoint's digest.
 * @throws {MinerError} CHECKPOINT_INVALID: s in the upper half, or not the signer's
 */
export function requireSignature(digest: Uint8Array, { signer, signature }: CheckpointSignature): void {
  const who = `the signature of 0x${toHex(signer)}`;
  const v = signature[64];
  if (v !== 27 && v !== 28) invalid(`${who} ends in ${v}, expected 27 or 28`);
  let recovered: Uint8Array | undefined;
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64));
    // Of the two signatures that the curve allows only one is taken, as by the contracts.
    if (parsed.hasHighS()) invalid(`${who} has s in the upper half`);
    recovered = addressOf(
      parsed
        .addRecoveryBit(v - 27)
        .recoverPublicKey(digest)
        .toBytes(false),
    );
  } catch (cause) {
    // Anything else says that no key made this signature over any digest, or not over this one.
    if (cause instanceof MinerError) throw cause;
  }
  if (!recovered || !equalBytes(recovered, signer)) invalid(`${who} is not over this checkpoint`);
}

function verifyProofs({ checkpoint, entries }: CheckpointFile): Map<string, number> {
  const decoders = new Map<string, number>();
  for (const { contentHash, index, proof } of entries) {
    const key = toHex(contentHash);
    if (!equalBytes(rootOf(decoderLeaf(contentHash, index), proof), checkpoint.root)) {
      invalid(`the proof of decoder ${key} does not lead to its root`);
    }
    decoders.set(key, index);
  }
  return decoders;
}

function requireTimes({ issued, expires }: Checkpoint, context: CheckpointContext): void {
  const { nowMs, allowanceMs = allowanceMsDefault } = context;
  if (expires <= issued) invalid(`it expires at ${utc(expires)}, not after its issue at ${utc(issued)}`);
  if (nowMs === undefined) return;
  if (issued * 1000 > nowMs + allowanceMs)
    invalid(`it was issued at ${utc(issued)}, and here it is ${utc(nowMs / 1000)}`);
  if (expires * 1000 <= nowMs)
    throw edgeError('TRUST_EXPIRED', { reason: `the checkpoint expired at ${utc(expires)}` });
}

/** A time for people, or the bare number where no calendar reaches. */
export function utc(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  return Number.isNaN(date.getTime()) ? `unix second ${unixSeconds}` : `${date.toISOString().slice(0, 19)}Z`;
}

function invalid(reason: string): never {
  throw edgeError('CHECKPOINT_INVALID', { reason });
}
