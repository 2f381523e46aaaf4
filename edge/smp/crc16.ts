/** CRC-16/XMODEM: polynomial 0x1021, from 0, not reflected; the serial framing appends it big-endian. */

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}

/** The checksum of bytes[start..end); over data and its own checksum it is 0. */
export function crc16Xmodem(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xff00) ^ table[(crc >> 8) ^ bytes[i]];
  return crc;
}
