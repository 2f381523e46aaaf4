/** How a column writes texts: UTF-8, each after its length. */
import { ByteWriter } from './byte-writer.ts';
import { type VarintReader, writeUnsigned } from './varint.ts';

const utf8 = new TextEncoder();
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeTexts(texts: readonly string[]): Uint8Array {
  const writer = new ByteWriter();
  for (const text of texts) {
    const bytes = utf8.encode(text);
    writeUnsigned(writer, bytes.length);
    writer.bytes(bytes);
  }
  return writer.finish();
}

/** @throws through the reader, on lengths that do not fit and on what is not UTF-8 */
export function decodeTexts(reader: VarintReader, count: number): string[] {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = Number(reader.unsigned());
    if (length > reader.left) reader.problem(`a text of ${length} bytes, only ${reader.left} left`);
    const bytes = reader.bytes.subarray(reader.at, reader.at + length);
    reader.at += length;
    try {
      texts.push(utf8Strict.decode(bytes));
    } catch {
      reader.problem('a text that is not UTF-8');
    }
  }
  return texts;
}
