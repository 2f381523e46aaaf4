/** A device whose key is on P-256, as secure elements have them. */
import { p256 } from '@noble/curves/nist.js';
import { bytesToHex, concat, hashTypedData, hexToBytes } from 'viem';
import { softwareSigner } from '../../edge/pack/index.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

/**
 * Signs EIP-712 messages as MinerRegistry takes them from a P-256 key: r, s, x, y, 128 bytes, s in the lower half, over the
 * digest itself (a secure element is given the digest, and does not hash it again).
 * @param privateKey 32 bytes
 */
export function p256Device(privateKey: Uint8Array): TypedDataSigner {
  const { kid, publicKey } = softwareSigner(privateKey, 'ES256');
  const secret = privateKey.slice();
  return {
    address: bytesToHex(kid),
    async signTypedData(message) {
      const digest = hexToBytes(hashTypedData(message as Parameters<typeof hashTypedData>[0]));
      const signature = p256.sign(digest, secret, { prehash: false, lowS: true });
      return concat([bytesToHex(signature), bytesToHex(publicKey.subarray(1))]);
    },
  };
}
