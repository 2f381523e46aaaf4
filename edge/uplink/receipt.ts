/** A gateway's signed word that it has everything up to a number: only then may the log forget. */
import { edgeError, MinerError } from '../errors/index.ts';
import {
  cborMap,
  claimedIdentity,
  decodeCbor,
  encodeCbor,
  equalBytes,
  parseCose,
  type Signer,
  type SignerFinder,
  signCose,
  toHex,
  verifyCoseByAddress,
} from '../pack/index.ts';

export const receiptVersion = 1;

export interface Receipt {
  /** The device it is for: 20 bytes. */
  device: Uint8Array;
  /** The highest seq the gateway accepted with every number below accepted too, or declared as a gap. */
  seq: number;
  /** SHA-256 of the pack with that seq. */
  hash: Uint8Array;
}

/** The external_aad of receipts. It differs from that of packs, so that neither can be taken for the other. */
export function receiptAad(chainId: number | bigint, registry: Uint8Array): Uint8Array {
  return encodeCbor(['receipt', receiptVersion, chainId, registry]);
}

export function signReceipt(gateway: Signer, receipt: Receipt, externalAad: Uint8Array): Uint8Array {
  const payload = encodeCbor(
    cborMap([
      [1, receiptVersion],
      [2, receipt.device],
      [3, receipt.seq],
      [4, receipt.hash],
    ]),
  );
  return signCose(gateway, payload, { externalAad });
}

/**
 * Verifies and reads a receipt.
 * @param trusted.gateways addresses whose word counts
 * @param trusted.device the device it has to be for
 * @param trusted.verify as in CoseContext: a verifier that remembers the gateway's key is faster
 * @throws {MinerError} RECEIPT_INVALID, with the reason as its cause where there is one
 */
export function openReceipt(
  bytes: Uint8Array,
  trusted: { gateways: readonly Uint8Array[]; device: Uint8Array; externalAad: Uint8Array; verify?: SignerFinder },
): Receipt {
  try {
    const message = parseCose(bytes);
    const { kid } = claimedIdentity(message);
    if (!trusted.gateways.some((gateway) => equalBytes(gateway, kid)))
      refuse(`signed by ${toHex(kid)}, no known gateway`);
    verifyCoseByAddress(message, trusted);
    const receipt = readReceipt(message.payload);
    if (!equalBytes(receipt.device, trusted.device)) refuse(`it is for device ${toHex(receipt.device)}`);
    return receipt;
  } catch (error) {
    if (!(error instanceof MinerError) || error.code === 'RECEIPT_INVALID') throw error;
    throw edgeError('RECEIPT_INVALID', { problem: error.message }, error);
  }
}

function readReceipt(payload: Uint8Array): Receipt {
  const fields = decodeCbor(payload);
  if (!(fields instanceof Map) || fields.size !== 4) return refuse('the payload is not a map of four fields');
  const version = fields.get(1);
  if (version !== receiptVersion) refuse(`version ${String(version)}, expected ${receiptVersion}`);
  const [device, seq, hash] = [2, 3, 4].map((key) => fields.get(key));
  if (!(device instanceof Uint8Array) || device.length !== 20) return refuse('field 2 is no address');
  if (typeof seq !== 'number' || seq < 1) return refuse(`field 3 is ${String(seq)}, expected a seq`);
  if (!(hash instanceof Uint8Array) || hash.length !== 32) return refuse('field 4 is no SHA-256');
  return { device, seq, hash };
}

function refuse(problem: string): never {
  throw edgeError('RECEIPT_INVALID', { problem });
}
