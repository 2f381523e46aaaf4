/** The transport's constants, named as ISO 15765-2 names them. */

/** High nibble of a frame's protocol control byte. */
export const PciType = { single: 0, first: 1, consecutive: 2, flowControl: 3 } as const;

/** Low nibble of a flow control frame's first byte. */
export const FlowStatus = { continueToSend: 0, wait: 1, overflow: 2 } as const;

/** The longest message that the 12-bit length of a first frame announces; longer ones take the escape of 32 bits. */
export const shortLengthMax = 4095;

/** The longest message of all. */
export const longLengthMax = 2 ** 32 - 1;

/** Padding that ISO 15765-2 recommends: it needs the fewest stuff bits. */
export const defaultPadding = 0xcc;

/** How long a side waits for the other, or for its own link, in milliseconds. */
export interface IsoTpTimeouts {
  /** For our own frame of a message to get on the bus. */
  asMs: number;
  /** For our own flow control frame to get on the bus. */
  arMs: number;
  /** For a flow control frame. */
  bsMs: number;
  /** For a consecutive frame. */
  crMs: number;
}

export const defaultTimeouts: IsoTpTimeouts = { asMs: 1000, arMs: 1000, bsMs: 1000, crMs: 1000 };

/** Between two WAIT frames of ours, below the 1000 ms after which the other side gives up. */
export const waitIntervalMs = 500;
