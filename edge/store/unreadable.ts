/** Reads a file of which parts may be unreadable: a bad block must not cost more than what lies in it. */
import { MinerError } from '../errors/index.ts';
import type { Storage } from './storage.ts';

/** A flash page, or a disk's sector. */
const pieceBytes = 512;
/** A fault may pass; one that does not is the block's. */
const attemptsMax = 3;

/** @returns the bytes, zeros in the place of unreadable ones, and whether there were none of these */
export function readPieces(storage: Storage, name: string): { bytes: Uint8Array; isWhole: boolean } {
  const size = storage.size(name);
  const whole = attempt(storage, name, 0, size);
  if (whole) return { bytes: whole, isWhole: true };
  const bytes = new Uint8Array(size);
  let isWhole = true;
  for (let at = 0; at < size; at += pieceBytes) {
    const piece = attempt(storage, name, at, Math.min(pieceBytes, size - at));
    if (piece) bytes.set(piece, at);
    else isWhole = false;
  }
  return { bytes, isWhole };
}

function attempt(storage: Storage, name: string, offset: number, length: number): Uint8Array | undefined {
  for (let attempts = 0; attempts < attemptsMax; attempts++) {
    try {
      return storage.read(name, offset, length);
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
    }
  }
  return undefined;
}
