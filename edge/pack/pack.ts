/** A signed pack: a body in a COSE_Sign1 envelope of one fixed shape. */
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { type BodyLimits, decodeBody, encodeBody, type PackBody, schemaVersion } from './body.ts';
import { encodeCbor } from './cbor-encode.ts';
import {
  type CoseContext,
  CoseHeader,
  type CoseIdentity,
  type CoseSign1,
  parseCose,
  type SignOptions,
  signCose,
  verifyCoseByAddress,
} from './cose.ts';
import { shownValue } from './shown.ts';
import type { Signer } from './signature.ts';

/**
 * The external_aad of packs: a pack signed for one chain or registry does not verify for another.
 * @param registry 20 bytes: the device registry's address
 */
export function packAad(chainId: number | bigint, registry: Uint8Array): Uint8Array {
  if (registry.length !== 20) throw new TypeError(`a registry address of ${registry.length} bytes`);
  return encodeCbor([schemaVersion, chainId, registry]);
}

/** Encodes and signs a body. */
export function signPack(signer: Signer, body: PackBody, options: SignOptions): Uint8Array {
  return signCose(signer, encodeBody(body), options);
}

export interface OpenedPack extends CoseIdentity {
  body: PackBody;
  /** SHA-256 of all the bytes: what receipts name, and half of which the next pack carries. */
  hash: Uint8Array;
}

/**
 * Verifies a pack's shape, signature and body. Whether the signer is licensed, the decoders approved and the number
 * new is for the caller to say.
 * @throws {MinerError} CBOR_INVALID, COSE_*, PACK_*
 */
export function openPack(bytes: Uint8Array, context: CoseContext & BodyLimits): OpenedPack {
  const message = parseCose(bytes);
  requirePackHeaders(message);
  const identity = verifyCoseByAddress(message, context);
  return { ...identity, body: decodeBody(message.payload, context), hash: packHash(bytes) };
}

/** SHA-256 of a signed pack, 32 bytes. */
export function packHash(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** Packs carry these parameters and no others: nothing unsigned may matter, nothing signed go unread. */
function requirePackHeaders({ protectedHeader, unprotectedHeader }: CoseSign1): void {
  const type = protectedHeader.get(CoseHeader.type);
  if (type !== undefined && typeof type !== 'string') {
    throw edgeError('COSE_MALFORMED', { problem: `typ is ${shownValue(type)}, expected a text` });
  }
  const isProtected = new Set<unknown>([CoseHeader.algorithm, CoseHeader.kid, CoseHeader.type]);
  for (const key of protectedHeader.keys()) {
    if (!isProtected.has(key))
      throw edgeError('COSE_MALFORMED', { problem: `protected header parameter ${shownValue(key)}` });
  }
  for (const key of unprotectedHeader.keys()) {
    if (key !== CoseHeader.recoveryHint) {
      throw edgeError('COSE_MALFORMED', { problem: `unprotected header parameter ${shownValue(key)}` });
    }
  }
}
