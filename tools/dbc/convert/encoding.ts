/** Text in the encodings that DBC files come in. */
import { toolError } from '../../errors/index.ts';

/** 0x80 to 0x9F (WHATWG Encoding, index-windows-1252); the rest equals Latin-1. */
const upper =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178';
const byteOf = new Map(Array.from(upper, (char, i) => [char, 0x80 + i]));

/**
 * UTF-8 bytes of a DBC as windows-1252, which older tools expect.
 * @throws {MinerError} `DBC_ENCODING` naming the first character that it lacks, and its line
 */
export function toWindows1252(utf8: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(utf8);
  const bytes = new Uint8Array(text.length);
  let at = 0;
  let line = 1;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const byte = code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : byteOf.get(char);
    if (byte === undefined) throw toolError('DBC_ENCODING', { char, codePoint: code, line });
    if (char === '\n') line++;
    bytes[at++] = byte;
  }
  return bytes.subarray(0, at);
}
