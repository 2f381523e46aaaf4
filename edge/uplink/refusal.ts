/** Why a gateway did not take a pack: CBOR { 1: seq, 2: code, 3: reason }. Not signed, since nothing rests on it. */
import { MinerError } from '../errors/index.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../pack/index.ts';

export interface Refusal {
  seq: number;
  code: string;
  reason: string;
}

export function encodeRefusal({ seq, code, reason }: Refusal): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [1, seq],
      [2, code],
      [3, reason],
    ]),
  );
}

/** @returns undefined for anything else: whoever may publish here is not trusted to write well */
export function decodeRefusal(bytes: Uint8Array): Refusal | undefined {
  try {
    const fields = decodeCbor(bytes);
    if (!(fields instanceof Map)) return undefined;
    const [seq, code, reason] = [1, 2, 3].map((key) => fields.get(key));
    if (typeof seq !== 'number' || typeof code !== 'string' || typeof reason !== 'string') return undefined;
    return { seq, code, reason };
  } catch (error) {
    if (error instanceof MinerError) return undefined;
    throw error;
  }
}
