/** A model as the registries name it: 32 bytes, which most makers fill with a name. */
import { edgeError } from '../errors/index.ts';
import { fromHex, toHex } from '../pack/index.ts';

const idLength = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a model's name, at most 31 bytes of UTF-8, which are followed by zeros as in Solidity's `bytes32` literals,
 * or 64 hex digits after `0x`, which are taken as they are.
 * @throws {MinerError} MANIFEST_INVALID
 * @example modelIdOf('macaron-2')
 */
export function modelIdOf(text: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return requireModelId(fromHex(text));
  const name = new TextEncoder().encode(text);
  const isGood = name.length > 0 && name.length < idLength && isName(text) && text.isWellFormed();
  if (!isGood) refuse(JSON.stringify(text));
  const id = new Uint8Array(idLength);
  id.set(name);
  return id;
}

/** The name in it, or 0x and hex where there is none. modelIdOf reads both. */
export function modelText(id: Uint8Array): string {
  const end = id.indexOf(0);
  const hex = `0x${toHex(id)}`;
  if (end < 1 || id.subarray(end).some((byte) => byte !== 0)) return hex;
  try {
    const name = utf8.decode(id.subarray(0, end));
    return isName(name) ? name : hex;
  } catch {
    return hex;
  }
}

/** @throws {MinerError} MANIFEST_INVALID for zeros, which the registries take for no model */
export function requireModelId(id: Uint8Array): Uint8Array {
  return id.some((byte) => byte !== 0) ? id : refuse('zeros');
}

/** Without control characters, which would garble a terminal, and without what looks like the hex form. */
function isName(text: string): boolean {
  return !/\p{C}/u.test(text) && !text.startsWith('0x');
}

function refuse(got: string): never {
  throw edgeError('MANIFEST_INVALID', {
    field: 'model',
    got,
    expected: 'a name of 1 to 31 bytes, or 0x and 64 hex digits',
  });
}
