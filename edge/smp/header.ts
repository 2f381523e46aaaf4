/** The eight bytes before every body, big-endian. */
import type { SmpOp } from './protocol.ts';

export const smpHeaderBytes = 8;

/** Bytes of the longest body that a header can announce. */
export const smpBodyBytesMax = 0xffff;

export interface SmpHeader {
  op: SmpOp;
  /** 1 is the original protocol, 2 the one with error maps; on the wire it is one less. */
  version: number;
  group: number;
  /** 0 to 255: the answer repeats it. */
  sequence: number;
  command: number;
}

/** A header and its CBOR body, without the framing of any transport. */
export interface SmpMessage extends SmpHeader {
  body: Uint8Array;
}

/**
 * Writes one message.
 * @throws {RangeError} on a body longer than 65,535 bytes: our own mistake, since no buffer is that long
 * @see Zephyr, "SMP Protocol Specification"
 */
export function encodeSmp({ op, version, group, sequence, command, body }: SmpMessage): Uint8Array {
  if (body.length > smpBodyBytesMax) throw new RangeError(`an SMP body of ${body.length} bytes`);
  const bytes = new Uint8Array(smpHeaderBytes + body.length);
  bytes[0] = ((version - 1) << 3) | op;
  bytes[2] = body.length >> 8;
  bytes[3] = body.length & 255;
  bytes[4] = group >> 8;
  bytes[5] = group & 255;
  bytes[6] = sequence;
  bytes[7] = command;
  bytes.set(body, smpHeaderBytes);
  return bytes;
}

/**
 * Reads the header at an offset, and the length of the body it announces.
 * @returns undefined where fewer than eight bytes are left
 */
export function decodeSmpHeader(bytes: Uint8Array, at = 0): (SmpHeader & { bodyBytes: number }) | undefined {
  if (bytes.length - at < smpHeaderBytes) return undefined;
  return {
    op: (bytes[at] & 7) as SmpOp,
    version: ((bytes[at] >> 3) & 3) + 1,
    bodyBytes: (bytes[at + 2] << 8) | bytes[at + 3],
    group: (bytes[at + 4] << 8) | bytes[at + 5],
    sequence: bytes[at + 6],
    command: bytes[at + 7],
  };
}

/**
 * Reads one whole message; what follows it is left alone.
 * @returns undefined where bytes are missing. The body is a view.
 */
export function decodeSmp(bytes: Uint8Array, at = 0): SmpMessage | undefined {
  const header = decodeSmpHeader(bytes, at);
  if (header === undefined) return undefined;
  const { bodyBytes, ...rest } = header;
  const start = at + smpHeaderBytes;
  if (bytes.length - start < bodyBytes) return undefined;
  return { ...rest, body: bytes.subarray(start, start + bodyBytes) };
}
