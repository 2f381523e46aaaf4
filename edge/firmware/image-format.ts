/** Constants of the MCUboot image format, named as its documentation names them. All numbers are little-endian. */

export const ImageMagic = 0x96f3b83d;
export const ImageHeaderLength = 32;

/** Bits of the header's flags. */
export const ImageFlag = {
  pic: 0x1,
  encryptedAes128: 0x4,
  encryptedAes256: 0x8,
  nonBootable: 0x10,
  /** To be copied to its load address before it runs. */
  ramLoad: 0x20,
  romFixed: 0x100,
  compressedLzma1: 0x200,
  compressedLzma2: 0x400,
  compressedArmThumb: 0x800,
} as const;

/** Begins an area of tag-length-values. */
export const TlvInfoMagic = { unprotected: 0x6907, protected: 0x6908 } as const;

/** Bytes of an area's head (magic u16, length u16 with the head) and of each entry's (type u16, length u16). */
export const TlvHeadLength = 4;

export const TlvType = {
  /** SHA-256 of the signing key as SubjectPublicKeyInfo. */
  keyHash: 0x01,
  /** The signing key itself, as SubjectPublicKeyInfo, in place of its hash. */
  publicKey: 0x02,
  sha256: 0x10,
  sha384: 0x11,
  sha512: 0x12,
  rsa2048: 0x20,
  ecdsa224: 0x21,
  /** ECDSA in DER; which curve follows from the key. */
  ecdsa: 0x22,
  rsa3072: 0x23,
  /** Ed25519 over the image's hash, not over the image. */
  ed25519: 0x24,
  signaturePure: 0x25,
  encryptedRsa2048: 0x30,
  encryptedKeyWrap: 0x31,
  encryptedEc256: 0x32,
  encryptedX25519: 0x33,
  encryptedX25519Sha512: 0x34,
  /** On another image of the device: its number, and the version that it must have at least. */
  dependency: 0x40,
  /** u32; an image with a lower one than was booted before is refused. */
  securityCounter: 0x50,
  bootRecord: 0x60,
  decompressedSize: 0x70,
  decompressedSha: 0x71,
  decompressedSignature: 0x72,
  compressedDecryptedSize: 0x73,
  /** Whom the image is for, manufacturer and model: UUIDs of 16 bytes, as imgtool and the boot loader number them. */
  uuidVendor: 0x74,
  uuidClass: 0x75,
  /** The same as MCUboot's design page numbers them. Read, never written. */
  uuidVendorOfDesignPage: 0x80,
  uuidClassOfDesignPage: 0x81,
} as const;

/** Bytes of a dependency: image number u8, three of padding, version as in the header. */
export const DependencyLength = 12;

/** End of a slot's trailer, where the flash is written 8 bytes at a time or fewer. */
export const BootMagic = Uint8Array.of(
  ...[0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80],
);
/** Where it is written more at a time: these, after the alignment as u16. */
export const BootMagicAligned = Uint8Array.of(
  ...[0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a],
);
/** A trailer's flag that is set; unset ones are as erased. */
export const BootFlagSet = 0x01;
