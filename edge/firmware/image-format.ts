/** Constants of the MCUboot image format, named as its documentation names them. All numbers are little-endian. */

export const ImageMagic = 0x96f3b83d;
export const ImageHeaderLength = 32;

/** Begins an area of tag-length-values. */
export const TlvInfoMagic = { unprotected: 0x6907, protected: 0x6908 } as const;

/** Bytes of an area's head (magic u16, length u16 with the head) and of each entry's (type u16, length u16). */
export const TlvHeadLength = 4;

export const TlvType = {
  /** SHA-256 of the signing key as SubjectPublicKeyInfo. */
  keyHash: 0x01,
  publicKey: 0x02,
  sha256: 0x10,
  sha384: 0x11,
  sha512: 0x12,
  rsa2048: 0x20,
  /** ECDSA in DER; which curve follows from the key. */
  ecdsa: 0x22,
  rsa3072: 0x23,
  ed25519: 0x24,
  dependency: 0x40,
  /** u32; an image with a lower one than was booted before is refused. */
  securityCounter: 0x50,
  bootRecord: 0x60,
  /** Whom the image is for: manufacturer and model. */
  uuidVendor: 0x80,
  uuidClass: 0x81,
} as const;
