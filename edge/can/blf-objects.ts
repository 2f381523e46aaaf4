import { extendedBit, fd64Flag, fdFlag, messageFlag, objectHeader, objectType, timeUnit } from './blf-format.ts';
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';

/** Bytes behind the header that the objects must have, without those of a payload of variable length. */
const bodyBytesMin: Readonly<Record<number, number>> = {
  [objectType.canMessage]: 16,
  [objectType.canMessage2]: 16,
  [objectType.canError]: 2,
  [objectType.canErrorExt]: 2,
  [objectType.canFdMessage]: 20,
  [objectType.canFdMessage64]: 40,
  [objectType.canFdError64]: 2,
};

/** Whether objects of this type give a frame. */
export function isFrameObject(type: number): boolean {
  return Object.hasOwn(bodyBytesMin, type);
}

/**
 * Reads an object that `isFrameObject` knows.
 * @param originUs what its timestamp counts from
 * @returns undefined when it gave a frame, else why it is malformed
 */
export function readFrameObject(
  type: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  originUs: number,
  sink: FrameSink,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
  if (to - from < objectHeader.timedBytes) return 'expected a header with a time';
  const body = view.getUint16(objectHeader.headerSize, true);
  const bodyBytes = view.byteLength - body;
  if (body < objectHeader.timedBytes || bodyBytes < bodyBytesMin[type]) {
    return `expected ${bodyBytesMin[type]} bytes behind a header of at least ${objectHeader.timedBytes}`;
  }
  const ticks =
    view.getUint32(objectHeader.timestamp, true) + view.getUint32(objectHeader.timestamp + 4, true) * 2 ** 32;
  const isCoarse = view.getUint32(objectHeader.timeUnit, true) === timeUnit.tenMicroseconds;
  const timeUs = originUs + (isCoarse ? ticks * 10 : Math.round(ticks / 1000));
  switch (type) {
    case objectType.canMessage:
    case objectType.canMessage2:
      return readMessage(view, body, timeUs, sink);
    case objectType.canFdMessage:
      return readFdMessage(view, body, timeUs, sink);
    case objectType.canFdMessage64:
      return readFdMessage64(view, body, timeUs, sink);
    case objectType.canFdError64:
      sink.addError(timeUs, sink.busOfChannel(view.getUint8(body)));
      return undefined;
    default:
      sink.addError(timeUs, sink.busOfChannel(view.getUint16(body, true)));
      return undefined;
  }
}

/** Channel u16, flags u8, DLC u8, id u32, 8 bytes. */
function readMessage(view: DataView, body: number, timeUs: number, sink: FrameSink): string | undefined {
  const written = view.getUint8(body + 2);
  const length = Math.min(view.getUint8(body + 3), 8);
  let flags = (written & messageFlag.transmitted) !== 0 ? FrameFlag.transmitted : 0;
  if ((written & messageFlag.remote) !== 0) flags |= FrameFlag.remote;
  for (let i = 0; i < length; i++) sink.payload[i] = view.getUint8(body + 8 + i);
  return add(view.getUint32(body + 4, true), view.getUint16(body, true), timeUs, flags, length, sink);
}

/** Channel u16, flags u8, DLC u8, id u32, duration u32, bits u8, FD flags u8, bytes u8, 5 reserved, the bytes. */
function readFdMessage(view: DataView, body: number, timeUs: number, sink: FrameSink): string | undefined {
  const written = view.getUint8(body + 2);
  const fdFlags = view.getUint8(body + 13);
  const isFd = (fdFlags & fdFlag.fd) !== 0;
  let flags = (written & messageFlag.transmitted) !== 0 ? FrameFlag.transmitted : 0;
  if (isFd) flags |= FrameFlag.fd;
  if (isFd && (fdFlags & fdFlag.bitRateSwitch) !== 0) flags |= FrameFlag.bitRateSwitch;
  if (isFd && (fdFlags & fdFlag.errorState) !== 0) flags |= FrameFlag.errorState;
  if (!isFd && (written & messageFlag.remote) !== 0) flags |= FrameFlag.remote;
  const fault = readPayload(view, body + 20, view.getUint8(body + 14), view.getUint8(body + 3), flags, sink);
  if (typeof fault === 'string') return fault;
  return add(view.getUint32(body + 4, true), view.getUint16(body, true), timeUs, flags, fault, sink);
}

/**
 * Channel u8, DLC u8, bytes u8, tries u8, id u32, duration u32, flags u32, four times u32, bits u16, direction u8,
 * offset of more u8, CRC u32, the bytes.
 */
function readFdMessage64(view: DataView, body: number, timeUs: number, sink: FrameSink): string | undefined {
  const written = view.getUint32(body + 12, true);
  const isFd = (written & fd64Flag.fd) !== 0;
  let flags = view.getUint8(body + 34) === 1 ? FrameFlag.transmitted : 0;
  if (isFd) flags |= FrameFlag.fd;
  if (isFd && (written & fd64Flag.bitRateSwitch) !== 0) flags |= FrameFlag.bitRateSwitch;
  if (isFd && (written & fd64Flag.errorState) !== 0) flags |= FrameFlag.errorState;
  if (!isFd && (written & fd64Flag.remote) !== 0) flags |= FrameFlag.remote;
  const fault = readPayload(view, body + 40, view.getUint8(body + 2), view.getUint8(body + 1), flags, sink);
  if (typeof fault === 'string') return fault;
  return add(view.getUint32(body + 4, true), view.getUint8(body), timeUs, flags, fault, sink);
}

/** @returns the frame's length, or why it is malformed */
function readPayload(
  view: DataView,
  from: number,
  count: number,
  dlc: number,
  flags: number,
  sink: FrameSink,
): number | string {
  const isFd = (flags & FrameFlag.fd) !== 0;
  if ((flags & FrameFlag.remote) !== 0) return Math.min(dlc, 8);
  if (isFd ? !dlcToLength.includes(count) : count > 8) return `expected a length of CAN or CAN FD, not ${count}`;
  if (from + count > view.byteLength) return `expected ${count} bytes`;
  for (let i = 0; i < count; i++) sink.payload[i] = view.getUint8(from + i);
  return count;
}

function add(
  written: number,
  channel: number,
  timeUs: number,
  flags: number,
  length: number,
  sink: FrameSink,
): string | undefined {
  const isExtended = written >= extendedBit;
  const id = isExtended ? written - extendedBit : written;
  if (id > (isExtended ? 0x1fffffff : 0x7ff)) return `expected an id of ${isExtended ? 29 : 11} bits`;
  sink.add(timeUs, id, isExtended ? flags | FrameFlag.extended : flags, length, sink.busOfChannel(channel));
  return undefined;
}
