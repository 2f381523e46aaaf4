/** COSE_Sign1 (RFC 9052, 4.2): what a Miner signs packs with, and a gateway receipts. */
import { edgeError } from '../errors/index.ts';
import { equalBytes, toHex } from './bytes.ts';
import { decodeCbor } from './cbor-decode.ts';
import { cborMap, encodeCbor } from './cbor-encode.ts';
import { type CborMap, CborTag, type CborValue } from './cbor-value.ts';
import { shownValue } from './shown.ts';
import {
  addressOf,
  CoseAlgorithm,
  type CoseAlgorithmName,
  hasHighS,
  recoverPublicKey,
  type Signer,
  signatureLength,
  verifySignature,
} from './signature.ts';

/** RFC 9052, 2: the tag of COSE_Sign1. */
export const coseSign1Tag = 18;

/** Header parameters: IANA's, and ours in the private range. */
export const CoseHeader = { algorithm: 1, contentType: 3, kid: 4, type: 16, recoveryHint: -65537 } as const;

export interface CoseSign1 {
  /** As it was signed; empty when the map is. */
  protectedBytes: Uint8Array;
  protectedHeader: CborMap;
  unprotectedHeader: CborMap;
  payload: Uint8Array;
  signature: Uint8Array;
}

/** What the signature holds for, besides the message itself. */
export interface AadContext {
  /** external_aad: bytes that both sides know and that are not sent; empty unless told. */
  externalAad?: Uint8Array;
}

/** A signature to be judged; its length and the half that its s lies in were looked at before. */
export interface SignatureClaim {
  algorithm: CoseAlgorithmName;
  /** The 20-byte address that the message names. */
  kid: Uint8Array;
  /** The Sig_structure: what was hashed and signed. */
  message: Uint8Array;
  /** r || s, 64 bytes. */
  signature: Uint8Array;
  /** Which candidate key is the signer's, as the message says; unsigned, so a help and not a fact. */
  recoveryHint?: 0 | 1;
}

/**
 * Finds the key (65 bytes) that has the address `kid` and made the signature, or undefined when there is none.
 * `recoverSigner` is the one that needs to know nothing; OpensslVerifier (node-verifier.ts) remembers keys.
 */
export type SignerFinder = (claim: SignatureClaim) => Uint8Array | undefined;

export interface CoseContext extends AadContext {
  /** How the signature is checked against the address; recoverSigner unless told. */
  verify?: SignerFinder;
}

export interface SignOptions extends AadContext {
  /** `typ` (RFC 9596), written to the protected header. */
  type?: string;
  /** Leave out to save 6 bytes; a verifier that does not know the key then tries both candidates. */
  recoveryHint?: boolean;
}

const empty = new Uint8Array();

/**
 * The bytes that are signed. RFC 9052, 4.4.
 * @param protectedBytes the encoded protected header; an empty map counts as an empty string
 */
export function sigStructure(protectedBytes: Uint8Array, externalAad: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload]);
}

/**
 * Signs a payload: { alg, kid, ? typ } protected, ? recovery hint unprotected, tag 18.
 * @example signCose(softwareSigner(key), payload, { externalAad: packAad(1, registry) })
 */
export function signCose(signer: Signer, payload: Uint8Array, options: SignOptions = {}): Uint8Array {
  const { externalAad = empty, type, recoveryHint = true } = options;
  const protectedBytes = encodeCbor(
    cborMap([
      [CoseHeader.algorithm, CoseAlgorithm[signer.algorithm]],
      [CoseHeader.kid, signer.kid],
      [CoseHeader.type, type],
    ]),
  );
  const { signature, recovery } = signer.sign(sigStructure(protectedBytes, externalAad, payload));
  const unprotected = cborMap([[CoseHeader.recoveryHint, recoveryHint ? recovery : undefined]]);
  return encodeCbor(new CborTag(coseSign1Tag, [protectedBytes, unprotected, payload, signature]));
}

/**
 * Takes a message apart without checking its signature. All byte strings are views into `bytes`.
 * @param options.untagged accept the four-element array without tag 18 as well (RFC 9052, 2)
 * @throws {MinerError} CBOR_INVALID, COSE_MALFORMED
 */
export function parseCose(bytes: Uint8Array, options: { untagged?: boolean } = {}): CoseSign1 {
  const item = decodeCbor(bytes);
  if (item instanceof CborTag && item.tag !== coseSign1Tag) malformed(`tag ${item.tag}, expected ${coseSign1Tag}`);
  if (!(item instanceof CborTag) && !options.untagged) malformed(`no tag, expected ${coseSign1Tag}`);
  const parts = item instanceof CborTag ? item.value : item;
  if (!Array.isArray(parts) || parts.length !== 4) malformed('not an array of 4');
  const [protectedBytes, unprotectedHeader, payload, signature] = parts as CborValue[];
  if (!(protectedBytes instanceof Uint8Array)) malformed('the protected header is not a byte string');
  if (!(unprotectedHeader instanceof Map)) malformed('the unprotected header is not a map');
  if (!(payload instanceof Uint8Array)) malformed('the payload is not a byte string; detached payloads are not read');
  if (!(signature instanceof Uint8Array)) malformed('the signature is not a byte string');
  const protectedHeader = protectedBytes.length === 0 ? new Map() : decodeCbor(protectedBytes);
  if (!(protectedHeader instanceof Map)) malformed('the protected header is not a map');
  return {
    // RFC 9052, 3: a sender may encode the empty map; what is signed is the empty string all the same.
    protectedBytes: protectedHeader.size === 0 ? empty : protectedBytes,
    protectedHeader,
    unprotectedHeader,
    payload,
    signature,
  };
}

function malformed(problem: string): never {
  throw edgeError('COSE_MALFORMED', { problem });
}

/**
 * Verifies a message by a key known beforehand; its kid, if any, is not looked at.
 * A message without a protected algorithm is taken to use the key's.
 * @param key.publicKey SEC1, compressed or not
 * @throws {MinerError} COSE_ALGORITHM, COSE_SIGNATURE
 */
export function verifyCoseByKey(
  message: CoseSign1,
  key: { algorithm: CoseAlgorithmName; publicKey: Uint8Array },
  context: AadContext = {},
): void {
  const expected = CoseAlgorithm[key.algorithm];
  const stated = message.protectedHeader.get(CoseHeader.algorithm) ?? expected;
  if (stated !== expected) {
    throw edgeError('COSE_ALGORITHM', { algorithm: shownValue(stated), expected: `${expected} (${key.algorithm})` });
  }
  // Signers of plain COSE leave ES256's s to chance; what names its signer by address, as packs do, may not.
  requireShape(message, { algorithm: key.algorithm, kid: '', lowS: key.algorithm === 'ES256K' });
  const signed = sigStructure(message.protectedBytes, context.externalAad ?? empty, message.payload);
  if (!verifySignature(key.algorithm, key.publicKey, signed, message.signature)) {
    throw edgeError('COSE_SIGNATURE', { kid: '', problem: 'it is not that key over these bytes' });
  }
}

/** Who signed a message: proven, not claimed. */
export interface CoseIdentity {
  algorithm: CoseAlgorithmName;
  /** 20 bytes, from the protected header. */
  kid: Uint8Array;
  /** 65 bytes; pass it to verifyCoseByKey next time, which is faster than recovering it. */
  publicKey: Uint8Array;
}

/**
 * Verifies a message by the address that it names: finds the key of that address that made the signature. s must be
 * in the lower half on either curve, so that nobody can make a second signature of the first.
 * @throws {MinerError} COSE_ALGORITHM, COSE_KID, COSE_SIGNATURE; COSE_MALFORMED for a hint that is not 0 or 1
 */
export function verifyCoseByAddress(message: CoseSign1, context: CoseContext = {}): CoseIdentity {
  const { algorithm, kid } = claimedIdentity(message);
  requireShape(message, { algorithm, kid: toHex(kid), lowS: true });
  const { externalAad = empty, verify = recoverSigner } = context;
  const signed = sigStructure(message.protectedBytes, externalAad, message.payload);
  const { signature } = message;
  const publicKey = verify({ algorithm, kid, message: signed, signature, recoveryHint: hintOf(message) });
  if (publicKey) return { algorithm, kid, publicKey };
  throw edgeError('COSE_SIGNATURE', { kid: toHex(kid), problem: 'it is not that address over these bytes' });
}

/** Recovers the key from the signature, and compares addresses. With a hint only that candidate is tried, else both. */
export function recoverSigner(claim: SignatureClaim): Uint8Array | undefined {
  const { algorithm, kid, message, signature, recoveryHint } = claim;
  const candidates = recoveryHint === undefined ? ([0, 1] as const) : [recoveryHint];
  for (const recovery of candidates) {
    const publicKey = recoverPublicKey(algorithm, message, signature, recovery);
    if (publicKey && equalBytes(addressOf(publicKey), kid)) return publicKey;
  }
  return undefined;
}

/**
 * What the protected header says of its signer, before anything is proven.
 * @throws {MinerError} COSE_ALGORITHM, COSE_KID
 */
export function claimedIdentity(message: CoseSign1): { algorithm: CoseAlgorithmName; kid: Uint8Array } {
  const stated = message.protectedHeader.get(CoseHeader.algorithm);
  const algorithm = (Object.keys(CoseAlgorithm) as CoseAlgorithmName[]).find((name) => CoseAlgorithm[name] === stated);
  if (!algorithm) {
    throw edgeError('COSE_ALGORITHM', { algorithm: shownValue(stated), expected: '-47 (ES256K) or -7 (ES256)' });
  }
  const kid = message.protectedHeader.get(CoseHeader.kid);
  if (!(kid instanceof Uint8Array)) throw edgeError('COSE_KID', { problem: 'kid is missing' });
  if (kid.length !== 20) throw edgeError('COSE_KID', { problem: `kid has ${kid.length} bytes, expected 20` });
  return { algorithm, kid };
}

function requireShape(
  { signature }: CoseSign1,
  { algorithm, kid, lowS }: { algorithm: CoseAlgorithmName; kid: string; lowS: boolean },
): void {
  const { length } = signature;
  if (length !== signatureLength) {
    throw edgeError('COSE_SIGNATURE', { kid, problem: `${length} bytes, expected ${signatureLength}` });
  }
  if (lowS && hasHighS(algorithm, signature)) {
    throw edgeError('COSE_SIGNATURE', { kid, problem: 's is in the upper half; only the lower one is taken' });
  }
}

function hintOf(message: CoseSign1): 0 | 1 | undefined {
  const hint = message.unprotectedHeader.get(CoseHeader.recoveryHint);
  if (hint === undefined || hint === 0 || hint === 1) return hint;
  throw edgeError('COSE_MALFORMED', { problem: `recovery hint ${shownValue(hint)}, expected 0 or 1` });
}
