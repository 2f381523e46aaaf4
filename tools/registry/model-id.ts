/** A maker's name for a model, in the 32 bytes that the registries keep. */
import { type Hex, hexToBytes, stringToHex } from 'viem';

/**
 * 64 hex digits as they stand; else the UTF-8 of a name, filled up with zeros.
 * @returns undefined for a name of more than 32 bytes, or an empty one
 * @example modelIdOf('box-2')  // '0x626f782d32000…'
 */
export function modelIdOf(text: string): Hex | undefined {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex;
  const bytes = Buffer.byteLength(text);
  return bytes === 0 || bytes > 32 ? undefined : stringToHex(text, { size: 32 });
}

/** The name again, where the bytes are one; else the hex. */
export function modelName(modelId: Hex): string {
  const bytes = hexToBytes(modelId);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const text = new TextDecoder().decode(bytes.subarray(0, end));
  return end > 0 && /^[\x20-\x7e]+$/.test(text) ? text : modelId;
}
