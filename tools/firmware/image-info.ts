/** What an image file holds, field by field, believed or not. */
import { MinerError } from '../../edge/errors/index.ts';
import {
  dependenciesOf,
  type FirmwareImage,
  ImageFlag,
  type ImageTrailer,
  manifestOfBody,
  parseImage,
  readTrailer,
  securityCounterOf,
  type Tlv,
  TlvType,
  uuidsOf,
  uuidText,
  verifyHash,
  versionText,
} from '../../edge/firmware/index.ts';
import { packHash as sha256, toHex } from '../../edge/pack/index.ts';
import { type ManifestJson, manifestJson } from './image-manifest.ts';

export interface TlvInfo {
  type: number;
  name: string;
  bytes: number;
  /** Hex. */
  value: string;
}

export interface ImageInfo {
  fileBytes: number;
  /** From the header's first byte to the last entry's last. */
  imageBytes: number;
  version: string;
  header: { bytes: number; loadAddress: number; flags: number; flagNames: string[]; protectedBytes: number };
  body: { offset: number; bytes: number };
  /** SHA-256 of header, body and protected entries: the image's name. */
  hash: string;
  /** Whether the image states that hash. Who signed it is `miner image verify`'s to say. */
  hashHolds: boolean;
  /** By its entry, whatever the key. */
  signature: 'ecdsa' | 'ed25519' | 'other' | 'none';
  protectedTlvs: TlvInfo[];
  tlvs: TlvInfo[];
  securityCounter?: number;
  dependencies: { image: number; version: string }[];
  vendor?: string;
  class?: string;
  /** What follows the image in its file. */
  trailer?: ImageTrailer | { problem: string };
  manifest?: ManifestJson | { problem: string };
}

/** @throws {MinerError} IMAGE_INVALID */
export function imageInfo(bytes: Uint8Array): ImageInfo {
  const image = parseImage(bytes);
  const { version, headerLength, body, signed, flags, loadAddress, length } = image;
  const uuids = uuidsOf(image);
  const securityCounter = securityCounterOf(image);
  const trailer = orProblem(() => readTrailer(bytes, length));
  const manifest = orProblem(() => {
    const found = manifestOfBody(body);
    return found && manifestJson(found);
  });
  return {
    fileBytes: bytes.length,
    imageBytes: length,
    version: versionText(version),
    header: {
      bytes: headerLength,
      loadAddress,
      flags,
      flagNames: namesOf(flags),
      protectedBytes: signed.length - headerLength - body.length,
    },
    body: { offset: headerLength, bytes: body.length },
    hash: toHex(sha256(signed)),
    hashHolds: orProblem(() => verifyHash(image)) instanceof Uint8Array,
    signature: signatureOf(image),
    protectedTlvs: image.protectedTlvs.map(tlvInfo),
    tlvs: image.tlvs.map(tlvInfo),
    ...(securityCounter !== undefined && { securityCounter }),
    dependencies: dependenciesOf(image).map(({ image, version }) => ({ image, version: versionText(version) })),
    ...(uuids.vendor && { vendor: uuidText(uuids.vendor) }),
    ...(uuids.class && { class: uuidText(uuids.class) }),
    ...(trailer && { trailer }),
    ...(manifest && { manifest }),
  };
}

/** As imgtool prints them. */
const tlvNames: Readonly<Record<number, string>> = {
  [TlvType.keyHash]: 'KEYHASH',
  [TlvType.publicKey]: 'PUBKEY',
  [TlvType.sha256]: 'SHA256',
  [TlvType.sha384]: 'SHA384',
  [TlvType.sha512]: 'SHA512',
  [TlvType.rsa2048]: 'RSA2048',
  [TlvType.ecdsa224]: 'ECDSA224',
  [TlvType.ecdsa]: 'ECDSASIG',
  [TlvType.rsa3072]: 'RSA3072',
  [TlvType.ed25519]: 'ED25519',
  [TlvType.signaturePure]: 'SIG_PURE',
  [TlvType.encryptedRsa2048]: 'ENCRSA2048',
  [TlvType.encryptedKeyWrap]: 'ENCKW',
  [TlvType.encryptedEc256]: 'ENCEC256',
  [TlvType.encryptedX25519]: 'ENCX25519',
  [TlvType.encryptedX25519Sha512]: 'ENCX25519_SHA512',
  [TlvType.dependency]: 'DEPENDENCY',
  [TlvType.securityCounter]: 'SEC_CNT',
  [TlvType.bootRecord]: 'BOOT_RECORD',
  [TlvType.decompressedSize]: 'DECOMP_SIZE',
  [TlvType.decompressedSha]: 'DECOMP_SHA',
  [TlvType.decompressedSignature]: 'DECOMP_SIGNATURE',
  [TlvType.compressedDecryptedSize]: 'COMP_DEC_SIZE',
  [TlvType.uuidVendor]: 'UUID_VID',
  [TlvType.uuidClass]: 'UUID_CID',
  [TlvType.uuidVendorOfDesignPage]: 'UUID_VID',
  [TlvType.uuidClassOfDesignPage]: 'UUID_CID',
};

const flagNames: Readonly<Record<keyof typeof ImageFlag, string>> = {
  pic: 'PIC',
  encryptedAes128: 'ENCRYPTED_AES128',
  encryptedAes256: 'ENCRYPTED_AES256',
  nonBootable: 'NON_BOOTABLE',
  ramLoad: 'RAM_LOAD',
  romFixed: 'ROM_FIXED',
  compressedLzma1: 'COMPRESSED_LZMA1',
  compressedLzma2: 'COMPRESSED_LZMA2',
  compressedArmThumb: 'COMPRESSED_ARM_THUMB',
};

function namesOf(flags: number): string[] {
  const set = Object.entries(ImageFlag).filter(([, bit]) => (flags & bit) !== 0);
  return set.map(([key]) => flagNames[key as keyof typeof ImageFlag]);
}

function signatureOf({ tlvs }: FirmwareImage): ImageInfo['signature'] {
  const has = (...types: number[]) => tlvs.some(({ type }) => types.includes(type));
  if (has(TlvType.ecdsa)) return 'ecdsa';
  if (has(TlvType.ed25519)) return 'ed25519';
  return has(TlvType.rsa2048, TlvType.rsa3072, TlvType.ecdsa224) ? 'other' : 'none';
}

function tlvInfo({ type, value }: Tlv): TlvInfo {
  const name = tlvNames[type] ?? (type >= 0xa0 ? 'VENDOR' : 'UNKNOWN');
  return { type, name, bytes: value.length, value: toHex(value) };
}

function orProblem<Value>(read: () => Value): Value | { problem: string } {
  try {
    return read();
  } catch (error) {
    if (error instanceof MinerError) return { problem: error.message };
    throw error;
  }
}
