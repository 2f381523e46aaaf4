/**
 * Bitcoin Core's libsecp256k1 through the package `secp256k1`: several times as fast on its curve as OpenSSL, and some
 * thirty times as fast as JavaScript.
 */
import { createRequire } from 'node:module';

export interface Libsecp256k1 {
  /** Throws when the signature is no pair of numbers below the order; false for a high s. */
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  /** Deterministic (RFC 6979), with a low s. */
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number };
}

/** Undefined where its addon has no binary for this machine; the package's own fallback in JavaScript is not used. */
export const libsecp256k1 = load();

function load(): Libsecp256k1 | undefined {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings') as Libsecp256k1;
  } catch {
    return undefined;
  }
}
