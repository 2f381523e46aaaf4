/** Writes messages as the lines of a console. */
import { crc16Xmodem } from './crc16.ts';
import {
  base64Characters,
  base64Pad,
  checksumBytes,
  LineMark,
  lengthBytes,
  lineDataBytes,
  newline,
  serialFrameBytes,
} from './serial-framing.ts';

/**
 * Frames one message, header included, for a serial console.
 * @returns whole lines, each ending with a newline, as a Zephyr device splits them
 * @example encodeSerial(message)  // 06 09 'ABQ...' 0A 04 14 '...' 0A
 */
export function encodeSerial(message: Uint8Array): Uint8Array {
  const payload = withLengthAndChecksum(message);
  const lines = new Uint8Array(serialFrameBytes(message.length));
  let out = 0;
  for (let at = 0; at < payload.length; ) {
    const mark = at === 0 ? LineMark.first : LineMark.continuation;
    lines[out++] = mark[0];
    lines[out++] = mark[1];
    const end = at + lineDataBytes(payload.length - at);
    out = encodeBase64(payload, at, end, lines, out);
    lines[out++] = newline;
    at = end;
  }
  return lines;
}

function withLengthAndChecksum(message: Uint8Array): Uint8Array {
  const payload = new Uint8Array(lengthBytes + message.length + checksumBytes);
  const length = message.length + checksumBytes;
  payload[0] = length >> 8;
  payload[1] = length & 255;
  payload.set(message, lengthBytes);
  const checksum = crc16Xmodem(message);
  payload[payload.length - 2] = checksum >> 8;
  payload[payload.length - 1] = checksum & 255;
  return payload;
}

/** @returns where the base64 of bytes[start..end) ends in `target` */
function encodeBase64(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let out = at;
  let i = start;
  for (; i + 2 < end; i += 3) {
    const group = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    target[out++] = base64Characters[group >> 18];
    target[out++] = base64Characters[(group >> 12) & 63];
    target[out++] = base64Characters[(group >> 6) & 63];
    target[out++] = base64Characters[group & 63];
  }
  if (i === end) return out;
  const group = (bytes[i] << 16) | (i + 1 < end ? bytes[i + 1] << 8 : 0);
  target[out++] = base64Characters[group >> 18];
  target[out++] = base64Characters[(group >> 12) & 63];
  target[out++] = i + 1 < end ? base64Characters[(group >> 6) & 63] : base64Pad;
  target[out++] = base64Pad;
  return out;
}
