/** The transport protocol's constants, named as SAE J1939-21 names them. */

/** Parameter group numbers, destination left out. */
export const TransportPgn = {
  /** Transport Protocol, Connection Management. */
  tpCm: 0xec00,
  /** Transport Protocol, Data Transfer. */
  tpDt: 0xeb00,
} as const;

/** Control byte: the first of a TP.CM frame. */
export const Control = {
  requestToSend: 16,
  clearToSend: 17,
  endOfMessageAcknowledgment: 19,
  broadcastAnnounce: 32,
  abort: 255,
} as const;

/** Payload bytes of one TP.DT frame; the eighth byte is its sequence number, first. */
export const bytesPerPacket = 7;

/** Message sizes that need, and fit, the protocol: one byte more than a frame, and 255 packets. */
export const sizeMin = 9;
export const sizeMax = 1785;

/** The destination of everybody. */
export const globalAddress = 255;

/** How long one side waits for the other before it gives the connection up, in microseconds. */
export const TimeoutUs = {
  /** A receiver, for the next packet. */
  T1: 750_000,
  /** A receiver, for the first packet after its CTS. */
  T2: 1_250_000,
  /** A sender, for a CTS or acknowledgment after its RTS or last packet. */
  T3: 1_250_000,
  /** A sender, for another CTS after one that told it to hold. */
  T4: 1_050_000,
} as const;
