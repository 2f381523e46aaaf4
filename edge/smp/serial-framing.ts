/**
 * SMP on a console: each message with its length and checksum is base64 in lines that a terminal does not mind.
 * The two bytes that begin a line are control characters nobody types by accident.
 * @see Zephyr, "SMP over console"
 */
export const LineMark = {
  /** 06 09 begins a message. */
  first: [0x06, 0x09],
  /** 04 14 goes on with it. */
  continuation: [0x04, 0x14],
} as const;

export const newline = 0x0a;

/** Marks, base64 and newline. */
export const lineBytesMax = 127;

/** What the base64 of one line holds: 31 groups of 3 bytes. */
export const lineDataBytesMax = ((lineBytesMax - 3) >> 2) * 3;

/** Before the message: its length and that of the checksum, big-endian. */
export const lengthBytes = 2;
export const checksumBytes = 2;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const pad = 0x3d;

/** Six bits to their character. */
export const base64Characters = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));

/** What a character of base64 stands for beside six bits. */
export const Base64 = { pad: 64, other: 255 } as const;

/** A character to its six bits, or to one of Base64. */
export const base64Values = new Uint8Array(256).fill(Base64.other);
for (let value = 0; value < 64; value++) base64Values[base64Characters[value]] = value;
base64Values[pad] = Base64.pad;

/** Bytes on the wire of a message of so many bytes, header included: what a port's speed leaves of it. */
export function serialFrameBytes(messageBytes: number): number {
  let wireBytes = 0;
  for (let rest = lengthBytes + messageBytes + checksumBytes; rest > 0; ) {
    const data = lineDataBytes(rest);
    wireBytes += 3 + 4 * Math.ceil(data / 3);
    rest -= data;
  }
  return wireBytes;
}

/** How much of the rest the next line takes. A checksum is never torn from the last byte of its message. */
export function lineDataBytes(rest: number): number {
  if (rest <= lineDataBytesMax) return rest;
  return rest <= lineDataBytesMax + checksumBytes ? lineDataBytesMax - 3 : lineDataBytesMax;
}

export const base64Pad = pad;
