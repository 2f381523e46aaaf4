/**
 * Keccak-256 of many short messages in one state that is used again: an epoch of a hundred thousand leaves takes half a
 * million permutations, and a general hash spends most of its time on making objects around them.
 */
import { keccakP } from '@noble/hashes/sha3.js';

/** Bytes that one permutation takes in. */
const rateBytes = 136;

const state = new Uint32Array(50);

/**
 * Hashes input[inputAt, inputAt + length) to the 32 bytes of `output` from `outputAt` on; they may be the same bytes.
 * @param length whole 32-bit words, as everything in a Merkle tree has
 */
export function keccakInto(input: DataView, inputAt: number, length: number, output: DataView, outputAt: number): void {
  state.fill(0);
  let position = 0;
  for (let at = 0; at < length; at += 4) {
    if (position === rateBytes) {
      keccakP(state);
      position = 0;
    }
    state[position >> 2]! ^= input.getUint32(inputAt + at, true);
    position += 4;
  }
  if (position === rateBytes) {
    keccakP(state);
    position = 0;
  }
  // Keccak's own padding, not that of SHA-3: a one bit after the message, and one at the end of the block.
  state[position >> 2]! ^= 0x01;
  state[(rateBytes >> 2) - 1]! ^= 0x80000000;
  keccakP(state);
  for (let word = 0; word < 8; word++) output.setUint32(outputAt + 4 * word, state[word]!, true);
}
