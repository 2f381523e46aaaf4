/** Who signs in a world, and how what they signed is opened: by ECDSA, or by a keyed hash in its place. */
import { edgeError, MinerError } from '../../edge/errors/index.ts';
import {
  decodeCbor,
  equalBytes,
  type OpenedPack,
  openPack,
  packAad,
  type Signer,
  softwareSigner,
} from '../../edge/pack/index.ts';
import type { SimulatedRegistry } from '../../edge/sim/index.ts';
import { openReceipt, type Receipt, receiptAad } from '../../edge/uplink/index.ts';
import { openStandIn, openStandInPack, standInSigner } from './stand-in-signature.ts';

export interface Signatures {
  device: Signer;
  gateway: Signer;
  /** Somebody whom nobody trusts. */
  stranger: Signer;
  openPack(bytes: Uint8Array): OpenedPack;
  /** As the Miner does. @throws {MinerError} RECEIPT_INVALID */
  openReceipt(bytes: Uint8Array): Receipt;
}

const keyOf = (byte: number) => new Uint8Array(32).fill(byte);
const keys = { device: keyOf(1), gateway: keyOf(2), stranger: keyOf(3) };
const real = {
  device: softwareSigner(keys.device),
  gateway: softwareSigner(keys.gateway),
  stranger: softwareSigner(keys.stranger),
};
const standIn = {
  device: standInSigner(real.device.kid, keys.device),
  gateway: standInSigner(real.gateway.kid, keys.gateway),
  stranger: standInSigner(real.stranger.kid, keys.stranger),
};

export function realSignatures({ chainId, minerRegistry }: SimulatedRegistry): Signatures {
  const externalAad = receiptAad(chainId, minerRegistry);
  const trusted = { gateways: [real.gateway.kid], device: real.device.kid, externalAad };
  return {
    ...real,
    openPack: (bytes) => openPack(bytes, { externalAad: packAad(chainId, minerRegistry) }),
    openReceipt: (bytes) => openReceipt(bytes, trusted),
  };
}

export function standInSignatures({ chainId, minerRegistry }: SimulatedRegistry): Signatures {
  const only = (signer: Signer, key: Uint8Array) => (kid: Uint8Array) =>
    equalBytes(kid, signer.kid) ? key : undefined;
  const packs = { externalAad: packAad(chainId, minerRegistry), keyOf: only(standIn.device, keys.device) };
  const receipts = { externalAad: receiptAad(chainId, minerRegistry), keyOf: only(standIn.gateway, keys.gateway) };
  return {
    ...standIn,
    openPack: (bytes) => openStandInPack(bytes, packs),
    openReceipt(bytes) {
      try {
        return readReceipt(openStandIn(bytes, receipts).payload, standIn.device.kid);
      } catch (error) {
        if (!(error instanceof MinerError) || error.code === 'RECEIPT_INVALID') throw error;
        throw edgeError('RECEIPT_INVALID', { problem: error.message }, error);
      }
    },
  };
}

/** Its signature held, so a gateway wrote it; it may still be for another device. */
function readReceipt(payload: Uint8Array, kid: Uint8Array): Receipt {
  const fields = decodeCbor(payload) as Map<number, unknown>;
  const [device, seq, hash] = [fields.get(2) as Uint8Array, fields.get(3) as number, fields.get(4) as Uint8Array];
  if (!equalBytes(device, kid)) throw edgeError('RECEIPT_INVALID', { problem: 'it is for another device' });
  return { device, seq, hash };
}
