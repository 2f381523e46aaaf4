/**
 * What the primary slot's trailer says about a swap under way. MCUboot's swap_info and swap_size; the four bytes behind
 * the size, which it leaves erased, say which way the images move, and bind the record to the image that comes in:
 * what a power cut leaves of an older record is not taken for this one.
 */
import { crc32c } from '../store/index.ts';
import { SwapType, type Trailer } from './trailer.ts';

export interface SwapRecord {
  request: keyof typeof SwapType;
  /**
   * Up: the image comes from the second unit of the secondary slot on, and the other one goes to its first. Down: back
   * again. MCUboot moves down for a revert only.
   */
  direction: 'up' | 'down';
  /** Of the larger image. */
  swapBytes: number;
}

const directions = ['up', 'down'] as const;
const recordBytes = 8;

/** Writes it as a whole: it counts from the magic on, which is written last. */
export function writeSwapRecord(trailer: Trailer, record: SwapRecord, incomingHash: Uint8Array): void {
  trailer.writeField(trailer.place.swapSize, encodeSize(record, incomingHash));
  trailer.writeField(trailer.place.swapInfo, Uint8Array.of(SwapType[record.request]));
  trailer.writeMagic();
}

/** Marks a slot's trailer as asking for a revert. */
export function writeRevertMark(trailer: Trailer): void {
  trailer.writeField(trailer.place.swapInfo, Uint8Array.of(SwapType.revert));
}

/** What swap_info asks for, undefined when nothing that is known. */
export function readSwapInfo(trailer: Trailer): keyof typeof SwapType | undefined {
  const [type] = trailer.readField(trailer.place.swapInfo);
  return (Object.keys(SwapType) as (keyof typeof SwapType)[]).find((name) => SwapType[name] === type);
}

export function readSwapRecord(trailer: Trailer): SwapRecord | undefined {
  const request = readSwapInfo(trailer);
  const bytes = trailer.readField(trailer.place.swapSize);
  const direction = directions[bytes[4] - 1];
  const swapBytes = new DataView(bytes.buffer).getUint32(0, true);
  return request && direction && { request, direction, swapBytes };
}

/** Whether this is the record of a swap that brings in the image with that hash. */
export function isRecordFor(trailer: Trailer, record: SwapRecord, incomingHash: Uint8Array): boolean {
  const expected = encodeSize(record, incomingHash);
  const bytes = trailer.readField(trailer.place.swapSize);
  return expected.every((byte, i) => byte === bytes[i]);
}

function encodeSize({ request, direction, swapBytes }: SwapRecord, incomingHash: Uint8Array): Uint8Array {
  const checked = new Uint8Array(recordBytes + incomingHash.length);
  const view = new DataView(checked.buffer);
  view.setUint32(0, swapBytes, true);
  checked[4] = directions.indexOf(direction) + 1;
  checked[5] = SwapType[request];
  checked.set(incomingHash, recordBytes);
  const crc = crc32c(checked);
  for (let i = 0; i < 3; i++) checked[5 + i] = crc >>> (8 * i);
  return checked.slice(0, recordBytes);
}
