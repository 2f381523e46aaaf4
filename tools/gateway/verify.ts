/** Whether a pack is to be believed: its signature, then its device, that device's maker, and every decoder it names. */
import { MinerError } from '../../edge/errors/index.ts';
import { modelText } from '../../edge/firmware/index.ts';
import { type OpenedPack, openPack, packAad, type SignerFinder, toHex } from '../../edge/pack/index.ts';
import type { DecoderStanding, DeviceStanding, ImageTrust, TrustView } from '../../edge/trust/index.ts';

/** Why a pack was turned away. The device is told; it keeps the pack, since time may heal some of these. */
export type RefusalCode =
  | 'PACK_INVALID'
  | 'SIGNATURE_INVALID'
  | 'DEVICE_UNKNOWN'
  | 'DEVICE_RETIRED'
  | 'LICENCE_NOT_ACTIVE'
  | 'DECODER_NOT_LISTED'
  | 'IMAGE_NOT_CERTIFIED'
  | 'SEQ_REPLAYED'
  | 'SEQ_CONFLICT';

export interface Refusal {
  code: RefusalCode;
  reason: string;
  /** Known once the signature held. */
  kid?: Uint8Array;
  seq?: number;
}

export type Verdict = { pack: OpenedPack } | { refusal: Refusal };

export interface VerifyOptions {
  /** How signatures are checked; by recovery unless told. */
  verify?: SignerFinder;
  /** Asked for every pack's firmware image, where only certified ones are taken. */
  images?: ImageTrust;
}

/**
 * Judges a pack by what the chain says now. Its sequence number is the ledger's to judge.
 * @throws {MinerError} CHAIN_UNREACHABLE: no verdict, so neither a receipt nor a refusal
 */
export async function verifyPack(
  bytes: Uint8Array,
  trust: TrustView,
  { verify, images }: VerifyOptions = {},
): Promise<Verdict> {
  let pack: OpenedPack;
  try {
    pack = openPack(bytes, { externalAad: packAad(trust.chainId, trust.minerRegistry), verify });
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    const code = error.code === 'COSE_SIGNATURE' ? 'SIGNATURE_INVALID' : 'PACK_INVALID';
    return { refusal: { code, reason: error.message } };
  }
  const { kid, body } = pack;
  const refuse = (code: RefusalCode, reason: string): Verdict => ({ refusal: { code, reason, kid, seq: body.seq } });

  const device = await trust.device(kid);
  const deviceFault = faultOfDevice(device);
  if (deviceFault) return refuse(...deviceFault);
  for (const { contentHash } of body.decoders) {
    const standing = await trust.decoder(contentHash);
    if (!standing.active) return refuse('DECODER_NOT_LISTED', decoderFault(contentHash, standing));
  }
  const imageFault = images && (await faultOfImage(pack, device, images));
  if (imageFault) return refuse('IMAGE_NOT_CERTIFIED', imageFault);
  return { pack };
}

async function faultOfImage(
  { kid, body: { imageHash } }: OpenedPack,
  { manufacturerId }: DeviceStanding,
  images: ImageTrust,
): Promise<string | undefined> {
  if (!imageHash) return 'the pack does not say which firmware image signed it';
  const { model, certified } = await images.image(kid, imageHash);
  if (certified) return undefined;
  const image = `${toHex(imageHash).slice(0, 16)}...`;
  return `image ${image} is not certified for model ${modelText(model)} of manufacturer ${manufacturerId}`;
}

function faultOfDevice(device: DeviceStanding): [RefusalCode, string] | undefined {
  if (device.state === 'none') return ['DEVICE_UNKNOWN', 'no device of this address is enrolled'];
  if (device.state === 'retired') return ['DEVICE_RETIRED', 'the device was retired'];
  if (device.effective) return undefined;
  return ['LICENCE_NOT_ACTIVE', `the licence of manufacturer ${device.manufacturerId} is ${device.licence}`];
}

function decoderFault(contentHash: Uint8Array, standing: DecoderStanding): string {
  const name = `${toHex(contentHash).slice(0, 16)}...`;
  return standing.state === 'none' ? `decoder ${name} was never listed` : `decoder ${name} is ${standing.state}`;
}
