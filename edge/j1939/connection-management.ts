/** One TP.CM frame as its sender meant it. */
import { normalizePgn } from './id.ts';
import { bytesPerPacket, Control, sizeMax, sizeMin } from './transport-table.ts';

/** RTS or BAM: `size` bytes will follow in `packetCount` packets. */
export interface Announcement {
  kind: 'requestToSend' | 'broadcastAnnounce';
  pgn: number;
  size: number;
  packetCount: number;
}

export type ConnectionManagement =
  | Announcement
  /** Packets `next` to `next + count - 1` may be sent; a count of 0 means wait. */
  | { kind: 'clearToSend'; pgn: number; count: number; next: number }
  | { kind: 'endOfMessage'; pgn: number }
  | { kind: 'abort'; pgn: number };

/** Why a frame says nothing that can be acted on. */
export type Refusal = 'malformed' | 'size' | 'packetCount';

/**
 * Reads the eight bytes of a TP.CM frame at `at`.
 * @returns a refusal for an unknown control byte or an announcement that contradicts the protocol
 * @see SAE J1939-21, "Transport protocol, connection management messages"
 */
export function parseConnectionManagement(data: Uint8Array, at: number): ConnectionManagement | Refusal {
  const wholePgn = data[at + 5] | (data[at + 6] << 8) | (data[at + 7] << 16);
  if (wholePgn > 0x3ffff) return 'malformed';
  const pgn = normalizePgn(wholePgn);
  switch (data[at]) {
    case Control.requestToSend:
      return announcement('requestToSend', pgn, data, at);
    case Control.broadcastAnnounce:
      return announcement('broadcastAnnounce', pgn, data, at);
    case Control.clearToSend:
      return { kind: 'clearToSend', pgn, count: data[at + 1], next: data[at + 2] };
    case Control.endOfMessageAcknowledgment:
      return { kind: 'endOfMessage', pgn };
    case Control.abort:
      return { kind: 'abort', pgn };
    default:
      return 'malformed';
  }
}

function announcement(kind: Announcement['kind'], pgn: number, data: Uint8Array, at: number): Announcement | Refusal {
  const size = data[at + 1] | (data[at + 2] << 8);
  const packetCount = data[at + 3];
  if (size < sizeMin || size > sizeMax) return 'size';
  if (packetCount !== Math.ceil(size / bytesPerPacket)) return 'packetCount';
  return { kind, pgn, size, packetCount };
}
