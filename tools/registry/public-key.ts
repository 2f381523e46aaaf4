/** A device's public key as a production line writes it down. */
import { ECDH } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Address, bytesToHex, getAddress, hexToBytes, isAddress, keccak256 } from 'viem';

export const curves = ['secp256k1', 'p256'] as const;
export type Curve = (typeof curves)[number];

const opensslNames: Record<Curve, string> = { secp256k1: 'secp256k1', p256: 'prime256v1' };

/**
 * The address that a device is known by: the last 20 bytes of Keccak-256 of its public point.
 * @param text an address; or hex, `0x` or not, of a SEC 1 point: 33 bytes compressed, 64 or 65 bytes uncompressed
 * @param curve needed for a compressed point, which may lie on either; else the one that the point lies on
 * @returns the address, or what is wrong with the text
 * @example deviceAddress('0x04…')  // { address: '0x…' }
 */
export function deviceAddress(text: string, curve?: Curve): { address: Address } | { problem: string } {
  const hex = text.replace(/^0x/i, '');
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return { problem: 'not hex digits in pairs' };
  const length = hex.length / 2;
  if (length === 20) {
    const isLower = hex === hex.toLowerCase();
    if (!isAddress(`0x${hex}`, { strict: !isLower })) return { problem: 'the checksum of the address is wrong' };
    return { address: getAddress(`0x${hex}`) };
  }
  if (length !== 33 && length !== 64 && length !== 65) {
    return { problem: `${length} bytes, expected an address (20) or a public key (33, 64 or 65)` };
  }
  if (length === 33 && curve === undefined) {
    return { problem: `a compressed key needs its curve, expected ${curves.join(' or ')}` };
  }
  const point = hexToBytes(`0x${length === 64 ? '04' : ''}${hex}`);
  const found = (curve ? [curve] : curves).map((one) => onCurve(point, one)).find((one) => one !== undefined);
  if (found === undefined) return { problem: `no point of ${curve ?? curves.join(' or ')}` };
  return { address: getAddress(`0x${keccak256(found.subarray(1)).slice(-40)}`) };
}

/** The uncompressed point, 65 bytes; undefined where there is none. */
function onCurve(point: Uint8Array, curve: Curve): Uint8Array | undefined {
  if (point.length === 65) return point[0] === 4 && satisfies(point, curve) ? point : undefined;
  try {
    // A square root, for which OpenSSL takes a hundredth of what BigInt does.
    const key = ECDH.convertKey(bytesToHex(point).slice(2), opensslNames[curve], 'hex', 'hex', 'uncompressed');
    return hexToBytes(`0x${key as string}`);
  } catch {
    return undefined;
  }
}

const equations = { secp256k1: secp256k1.Point.CURVE(), p256: p256.Point.CURVE() };

/** Whether y² = x³ + ax + b: both curves have a prime order, so nothing else is to be looked at. */
function satisfies(point: Uint8Array, curve: Curve): boolean {
  const { p, a, b } = equations[curve];
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => BigInt(bytesToHex(half)));
  return x! < p && y! < p && (y! * y! - ((x! * x! + a) * x! + b)) % p === 0n;
}
