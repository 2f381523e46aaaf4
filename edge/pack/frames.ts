/** Field 9 of a pack: raw frames, for what no approved decoder covers. */
import { edgeError } from '../errors/index.ts';
import { ByteWriter } from './byte-writer.ts';
import type { CborArray, CborValue } from './cbor-value.ts';
import type { SequenceCode } from './sequence.ts';
import { shownValue } from './shown.ts';
import { decodeTimes, encodeTimes } from './times.ts';
import { VarintReader } from './varint.ts';

/** The frames of one arbitration id. */
export interface FrameColumn {
  /** As SocketCAN has it: the id, bit 31 set when extended, bit 30 for a remote frame, bit 29 for an error frame. */
  id: number;
  /** Whole milliseconds since boot. */
  timesMs: Float64Array;
  /** As many as times; 0 to 64 bytes each. */
  payloads: readonly Uint8Array[];
}

const payloadMax = 64;

/** Frame columns as CBOR arrays: [id, n, t, d, ? time code]; d holds each payload after a byte of its length. */
export function encodeFrames(columns: readonly FrameColumn[], startMs: number): CborArray {
  return columns.map(({ id, timesMs, payloads }) => {
    if (payloads.length !== timesMs.length) throw new TypeError(`${timesMs.length} times, ${payloads.length} payloads`);
    const writer = new ByteWriter(payloads.length * 9);
    for (const payload of payloads) {
      if (payload.length > payloadMax) throw new TypeError(`a payload of ${payload.length} bytes`);
      writer.uint8(payload.length);
      writer.bytes(payload);
    }
    const times = encodeTimes(timesMs, startMs);
    const column = [id, payloads.length, times.bytes, writer.finish()];
    return times.code === 0 ? column : [...column, times.code];
  });
}

/**
 * Reads field 9 back; payloads are views.
 * @throws {MinerError} PACK_COLUMN
 */
export function decodeFrames(items: CborArray, startMs: number, framesMax: number): FrameColumn[] {
  let left = framesMax;
  return items.map((item, index) => {
    const fail = (problem: string): never => {
      throw edgeError('PACK_COLUMN', { column: `frame column ${index}`, problem });
    };
    const head = frameHead(item, fail);
    if (head.count > left) fail(`${head.count} frames pass the limit of ${framesMax} a pack`);
    left -= head.count;
    const reader = new VarintReader(head.times, (problem) => fail(`times: ${problem}`));
    const timesMs = decodeTimes(reader, head.timeCode, head.count, startMs);
    reader.end();
    return { id: head.id, timesMs, payloads: payloadsOf(head.data, head.count, fail) };
  });
}

function payloadsOf(data: Uint8Array, count: number, fail: (problem: string) => never): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = data[at++];
    if (length === undefined) return fail(`payload ${i} is missing`);
    if (length > payloadMax) return fail(`payload ${i} has ${length} bytes`);
    if (at + length > data.length) return fail(`payload ${i} is cut short`);
    payloads.push(data.subarray(at, at + length));
    at += length;
  }
  if (at < data.length) fail(`${data.length - at} bytes left over`);
  return payloads;
}

function frameHead(item: CborValue, fail: (problem: string) => never) {
  if (!Array.isArray(item) || item.length < 4 || item.length > 5) return fail('expected [id, n, t, d, ? time code]');
  const [id, count, times, data, timeCode = 0] = item as CborValue[];
  if (!isWhole(id, 0, 0xffffffff)) return fail(`id ${shownValue(id)}`);
  if (!isWhole(count, 1, Number.MAX_SAFE_INTEGER)) return fail(`n ${shownValue(count)}`);
  if (!(times instanceof Uint8Array) || !(data instanceof Uint8Array)) return fail('t or d is not a byte string');
  const known = timeCode === 0 || timeCode === 1 || timeCode === 2;
  if (!known || (item.length === 5 && timeCode === 0)) return fail(`time code ${shownValue(timeCode)}`);
  return { id, count, times, data, timeCode: timeCode as SequenceCode };
}

function isWhole(value: CborValue, minimum: number, maximum: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
}
