/** Signing natively, for whoever signs often: a gateway signs a receipt for every pack that comes alone. */
import { createHash } from 'node:crypto';
import { libsecp256k1 } from './node-libsecp256k1.ts';
import { type Signer, softwareSigner } from './signature.ts';

/**
 * An ES256K signer that holds its key in memory, by libsecp256k1 where it has a binary for this machine. Its
 * signatures are those of `softwareSigner`, byte for byte: both are deterministic (RFC 6979).
 * @param privateKey 32 bytes
 */
export function nativeSigner(privateKey: Uint8Array): Signer {
  const signer = softwareSigner(privateKey);
  const curve = libsecp256k1;
  if (!curve) return signer;
  const secret = privateKey.slice();
  return {
    ...signer,
    sign(message) {
      const { signature, recid } = curve.ecdsaSign(createHash('sha256').update(message).digest(), secret);
      // 2 and 3 would mean r >= n, one signature in 2^127.
      return { signature, recovery: (recid & 1) as 0 | 1 };
    },
  };
}
