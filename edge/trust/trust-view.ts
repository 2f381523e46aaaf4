/** Whom and what a Miner and a gateway may trust: asked of the chain here, of a signed checkpoint when offline. */

/** DecoderRegistry's states, by their number on chain. */
export const decoderStates = ['none', 'listed', 'deprecated', 'retired', 'suspended', 'revoked'] as const;
export type DecoderState = (typeof decoderStates)[number];

/** ManufacturerRegistry's states, by their number on chain. */
export const licenceStates = ['none', 'granted', 'active', 'suspended', 'revoked', 'exiting', 'exited'] as const;
export type LicenceState = (typeof licenceStates)[number];

/** MinerRegistry's states, by their number on chain. */
export const deviceStates = ['none', 'active', 'retired'] as const;
export type DeviceState = (typeof deviceStates)[number];

export interface DecoderStanding {
  state: DecoderState;
  /** Position in the registry, from 1; 0 when it was never listed. */
  index: number;
  /** Whether its values may be signed and accepted: listed, or deprecated and within its grace. */
  active: boolean;
  /** Of a deprecated one, where it is known: unix second at which it stops being active. */
  graceEnds?: number;
}

export interface DeviceStanding {
  state: DeviceState;
  manufacturerId: bigint;
  licence: LicenceState;
  /** Device and licence both good. */
  effective: boolean;
}

export interface TrustView {
  readonly chainId: number;
  /** 20 bytes: part of what a pack's signature binds. */
  readonly minerRegistry: Uint8Array;
  /**
   * @param contentHash SHA-256 of the decoder file, 32 bytes
   * @throws {MinerError} CHAIN_UNREACHABLE and other codes that begin with CHAIN_: no answer now, what is known goes on;
   *   TRUST_EXPIRED: nothing that is known is good any longer, so that nothing may be decoded until there is an answer
   */
  decoder(contentHash: Uint8Array): Promise<DecoderStanding>;
  /**
   * @param address the device's 20-byte address, its kid
   * @throws {MinerError} CHAIN_UNREACHABLE and other codes that begin with CHAIN_: no answer now
   */
  device(address: Uint8Array): Promise<DeviceStanding>;
}

/** What is known of the firmware that a device says it runs. */
export interface ImageStanding {
  /** The model that the device was enrolled as, 32 bytes. */
  model: Uint8Array;
  /** Whether an audit of that image for that model of the device's maker is on record, and was not withdrawn. */
  certified: boolean;
}

/** Who can tell certified firmware from other: the chain alone, for a checkpoint says nothing about images. */
export interface ImageTrust {
  /**
   * @param address the device's 20-byte address
   * @param imageHash SHA-256 of its firmware image, 32 bytes
   * @throws {MinerError} CHAIN_UNREACHABLE and other codes that begin with CHAIN_: no answer now
   */
  image(address: Uint8Array, imageHash: Uint8Array): Promise<ImageStanding>;
}
