/** One encoded message as the frame that would carry it. */
import { type CanFrame, dlcToLength, FrameFlag, lengthToDlc } from '../../edge/can/index.ts';
import type { Message } from '../../edge/dbc/index.ts';
import { toolError } from '../errors/index.ts';

/**
 * The frame for a payload of the message; of CAN FD the payload is padded with zeros to the next length there is.
 * @throws {MinerError} `DBC_FRAME_LENGTH` when no single frame carries it
 */
export function frameOf(message: Message, payload: Uint8Array): CanFrame {
  const { name, id, extended, fd, j1939 } = message;
  const fault = (reason: string) => toolError('DBC_FRAME_LENGTH', { message: name, length: payload.length, reason });
  if (payload.length > 64) throw fault('at most 64');
  if (j1939 && payload.length > 8) throw fault('J1939 sends it by its transport protocol');
  const isFd = fd || payload.length > 8;
  const data = new Uint8Array(isFd ? dlcToLength[lengthToDlc(payload.length)] : payload.length);
  data.set(payload);
  return { timeUs: 0, id, flags: (extended ? FrameFlag.extended : 0) | (isFd ? FrameFlag.fd : 0), data };
}

/** Bytes as upper-case hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}
