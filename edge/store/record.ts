/**
 * One record of the log, little-endian:
 * magic u16, type u8, version u8, payload length u32, seq u64, payload, CRC-32C u32 over all before it.
 */
import { crc32c } from './crc32c.ts';

const magic = 0x524d; // "MR"
const version = 1;
/** Bytes before the payload. */
export const headLength = 16;
/** Bytes after it. */
export const tailLength = 4;

/** Bytes a record takes beside its payload. */
export const recordOverhead = headLength + tailLength;

/** A longer claim is damage: no pack comes near it. */
export const payloadLengthMax = 1 << 24;

export const RecordType = {
  /** A signed pack under its seq. */
  pack: 1,
  /** What the log knows beside its packs: LogState, whole each time; its seq counts the versions. */
  state: 2,
} as const;

export interface LogRecord {
  type: number;
  seq: number;
  /** A view. */
  payload: Uint8Array;
  /** Offset of the payload. */
  payloadAt: number;
  /** Offset after the record. */
  end: number;
}

export function encodeRecord(type: number, seq: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(recordOverhead + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, type);
  view.setUint8(3, version);
  view.setUint32(4, payload.length, true);
  view.setBigUint64(8, BigInt(seq), true);
  bytes.set(payload, headLength);
  const tail = headLength + payload.length;
  view.setUint32(tail, crc32c(bytes, 0, tail), true);
  return bytes;
}

/** The record at `at`, or undefined where there is none whole. */
export function readRecord(bytes: Uint8Array, at: number): LogRecord | undefined {
  if (at + recordOverhead > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(at, true) !== magic || view.getUint8(at + 3) !== version) return undefined;
  const length = view.getUint32(at + 4, true);
  const payloadAt = at + headLength;
  const tail = payloadAt + length;
  if (length > payloadLengthMax || tail + tailLength > bytes.length) return undefined;
  if (view.getUint32(tail, true) !== crc32c(bytes, at, tail)) return undefined;
  const seq = Number(view.getBigUint64(at + 8, true));
  const payload = bytes.subarray(payloadAt, tail);
  return { type: view.getUint8(at + 2), seq, payload, payloadAt, end: tail + tailLength };
}

/** Where a record that begins at `at` would end by its own word; past everything when not even its head is there. */
export function claimedEnd(bytes: Uint8Array, at: number): number {
  if (at + headLength > bytes.length) return Number.POSITIVE_INFINITY;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return at + recordOverhead + view.getUint32(at + 4, true);
}
