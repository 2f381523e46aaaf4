/**
 * A keyed hash in a signature's place: 100 times as fast, so that ten thousand power cuts fit in a test. It is no
 * signature, since who can verify can sign; the world holds both ends, and only asks whether bytes came unchanged.
 * Worlds with `signatures: real` use ECDSA instead, and the code around the signature is the same in both.
 */
import { createHash } from 'node:crypto';
import { edgeError } from '../../edge/errors/index.ts';
import {
  claimedIdentity,
  decodeBody,
  equalBytes,
  type OpenedPack,
  packHash,
  parseCose,
  type Signer,
  sigStructure,
  toHex,
} from '../../edge/pack/index.ts';

/** Signs as `kid`; @param key what its verifier has to know. */
export function standInSigner(kid: Uint8Array, key: Uint8Array): Signer {
  return {
    algorithm: 'ES256K',
    publicKey: new Uint8Array(65),
    kid,
    sign: (message) => ({ signature: keyedHash(key, message), recovery: 0 }),
  };
}

function keyedHash(key: Uint8Array, message: Uint8Array): Uint8Array {
  const half = createHash('sha256').update(key).update(message).digest();
  const signature = new Uint8Array(64);
  signature.set(half);
  signature.set(half, 32);
  return signature;
}

export interface StandInContext {
  /** The key of whoever bears this kid, or undefined for a stranger. */
  keyOf: (kid: Uint8Array) => Uint8Array | undefined;
  externalAad: Uint8Array;
}

/** @returns the payload @throws {MinerError} CBOR_INVALID, COSE_* */
export function openStandIn(bytes: Uint8Array, context: StandInContext): { kid: Uint8Array; payload: Uint8Array } {
  const message = parseCose(bytes);
  const { kid } = claimedIdentity(message);
  const key = context.keyOf(kid);
  const signed = sigStructure(message.protectedBytes, context.externalAad, message.payload);
  if (!key || !equalBytes(keyedHash(key, signed), message.signature)) {
    throw edgeError('COSE_SIGNATURE', { kid: toHex(kid), problem: 'it is not that key over these bytes' });
  }
  return { kid, payload: message.payload };
}

/** As `openPack`. */
export function openStandInPack(bytes: Uint8Array, context: StandInContext): OpenedPack {
  const { kid, payload } = openStandIn(bytes, context);
  return { algorithm: 'ES256K', kid, publicKey: new Uint8Array(65), body: decodeBody(payload), hash: packHash(bytes) };
}
