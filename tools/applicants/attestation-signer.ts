/** Who signs a maker's enrolments: an address, or a key that a verifier contract judges (ERC-7913). */

import { p256 } from '@noble/curves/nist.js';
import { type Address, concat, getAddress, type Hex, isAddress } from 'viem';
import { bytesToHex, hexToBytes } from 'viem/utils';

const addressBytes = 20;

/**
 * Reads a signer.
 * @param text an address; `p256:<verifier>:<key>`, the key as a SEC 1 point in hex; or an ERC-7913 signer as it stands,
 *   the verifier's 20 bytes and then the key's
 * @returns 20 bytes, or verifier and key; or what is wrong
 * @example parseAttestationSigner('p256:0x5F…:0x04…')  // { signer: '0x5f…' }, 84 bytes
 */
export function parseAttestationSigner(text: string): { signer: Hex } | { problem: string } {
  const [scheme, verifier = '', key = '', ...rest] = text.split(':');
  if (scheme === 'p256' && rest.length === 0) return p256Signer(verifier, key);
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(text)) return { problem: 'expected an address, or p256:<verifier>:<key>' };
  const bytes = text.length / 2 - 1;
  if (bytes === addressBytes) return isChecked(text) ? { signer: text.toLowerCase() as Hex } : { problem: checksum };
  if (bytes < addressBytes) return { problem: `${bytes} bytes, expected at least the 20 of an address` };
  return { signer: text.toLowerCase() as Hex };
}

const checksum = 'the checksum of the address is wrong';

/** A mixed-case address has a checksum, and one with a slip in it is refused. */
function isChecked(address: string): address is Address {
  return isAddress(address, { strict: address !== address.toLowerCase() });
}

function p256Signer(verifier: string, key: string): { signer: Hex } | { problem: string } {
  if (!isChecked(verifier)) return { problem: 'the verifier is no address, or its checksum is wrong' };
  try {
    const point = p256.Point.fromBytes(hexToBytes(key as Hex));
    point.assertValidity();
    // OpenZeppelin's ERC7913P256Verifier takes x and y.
    return { signer: concat([verifier.toLowerCase() as Hex, bytesToHex(point.toBytes(false).subarray(1))]) };
  } catch {
    return { problem: 'the key is no point of P-256: expected 0x and 33 or 65 bytes in hex' };
  }
}

/** The contract that judges a signer's signatures; undefined where the signer is an account. */
export function verifierOf(signer: Hex): Address | undefined {
  return signer.length / 2 - 1 > addressBytes ? getAddress(signer.slice(0, 2 + 2 * addressBytes)) : undefined;
}

/** For people. */
export function signerText(signer: Hex): string {
  const verifier = verifierOf(signer);
  return verifier ? `key 0x${signer.slice(42)}, judged by ${verifier}` : getAddress(signer);
}
