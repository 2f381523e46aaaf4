/** Verifying through OpenSSL with keys learnt before: what a gateway does for every pack after a device's first. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toHex } from './bytes.ts';
import { recoverSigner, type SignatureClaim } from './cose.ts';
import type { CoseAlgorithmName } from './signature.ts';

/** JSON Web Key names of the curves (RFC 7518, 6.2.1.1; RFC 8812, 3.1). */
const curveNames = { ES256: 'P-256', ES256K: 'secp256k1' } as const;

interface KnownKey {
  algorithm: CoseAlgorithmName;
  publicKey: Uint8Array;
  openssl: KeyObject;
}

/**
 * A bounded memory of public keys by address, the least lately used leaving first. An address seen for the first
 * time is proven by recovery (`recoverSigner`); from then on OpenSSL verifies with the key it turned out to have.
 * Verdicts are those of recovery, but for the hint: whoever knows the key has no use for it, so a wrong one is not
 * found out.
 * @example openPack(bytes, { externalAad, verify: new OpensslVerifier().verify })
 */
export class OpensslVerifier {
  readonly #keysMax: number;
  /** In the order of their last use. */
  readonly #keys = new Map<string, KnownKey>();

  /** @param options.keysMax addresses remembered; 100,000 unless told, at some 2 kB each */
  constructor(options: { keysMax?: number } = {}) {
    this.#keysMax = options.keysMax ?? 100_000;
  }

  /** Addresses remembered now. */
  get keyCount(): number {
    return this.#keys.size;
  }

  /** A SignerFinder, bound to this memory. */
  readonly verify = (claim: SignatureClaim): Uint8Array | undefined => {
    const { algorithm, kid, message, signature } = claim;
    const address = toHex(kid);
    const known = this.#keys.get(address);
    // One address on two curves would take a collision of keccak-256; it is cheap not to rely on that.
    if (known?.algorithm !== algorithm || isTiny(signature)) return this.#learn(address, claim);
    this.#keys.delete(address);
    this.#keys.set(address, known);
    const key = { key: known.openssl, dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', message, key, signature) ? known.publicKey : undefined;
  };

  #learn(address: string, claim: SignatureClaim): Uint8Array | undefined {
    const publicKey = recoverSigner(claim);
    if (!publicKey) return undefined;
    const { algorithm } = claim;
    this.#keys.set(address, { algorithm, publicKey, openssl: opensslKey(algorithm, publicKey) });
    if (this.#keys.size > this.#keysMax) {
      const [oldest] = this.#keys.keys();
      this.#keys.delete(oldest);
    }
    return publicKey;
  }
}

/**
 * Whether r is below p - n, some 2^128 on both curves: then the point's x may be r + n as well as r. Plain ECDSA takes
 * either, recovery as packs define it r alone; such a signature is left to recovery. None was ever met by chance.
 */
function isTiny(signature: Uint8Array): boolean {
  for (let i = 0; i < 15; i++) if (signature[i] !== 0) return false;
  return true;
}

function opensslKey(algorithm: CoseAlgorithmName, publicKey: Uint8Array): KeyObject {
  const coordinate = (from: number) => Buffer.from(publicKey.subarray(from, from + 32)).toString('base64url');
  const key = { kty: 'EC', crv: curveNames[algorithm], x: coordinate(1), y: coordinate(33) };
  return createPublicKey({ key, format: 'jwk' });
}
