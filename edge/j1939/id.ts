/** The parts of a 29-bit J1939 id. */
import { FrameFlag } from '../can/index.ts';
import { globalAddress, TransportPgn } from './transport-table.ts';

export interface J1939Address {
  /** 0 (urgent) to 7. */
  priority: number;
  /** Parameter group number, 18 bits; of a PDU1 group the low byte counts for nothing. */
  pgn: number;
  /** Source address. */
  source: number;
  /** Destination address; 255 is everybody, and what a PDU2 group always has. */
  destination: number;
}

/** PDU1: a PDU format below 240, whose next byte is a destination and no part of the PGN. */
function hasDestination(pgn: number): boolean {
  return ((pgn >>> 8) & 0xff) < 240;
}

/** Clears the byte that is no part of a PDU1 group's number, and everything past 18 bits. */
export function normalizePgn(pgn: number): number {
  return hasDestination(pgn) ? pgn & 0x3ff00 : pgn & 0x3ffff;
}

/**
 * Takes a 29-bit id apart.
 * @see SAE J1939-21, "Protocol data unit"
 * @example parseJ1939Id(0x18ea5100)  // { priority: 6, pgn: 0xea00, source: 0, destination: 0x51 }
 */
export function parseJ1939Id(id: number): J1939Address {
  const group = (id >>> 8) & 0x3ffff;
  return {
    priority: (id >>> 26) & 7,
    pgn: normalizePgn(group),
    source: id & 0xff,
    destination: hasDestination(group) ? group & 0xff : globalAddress,
  };
}

/**
 * Puts a 29-bit id together; the inverse of `parseJ1939Id`.
 * @example buildJ1939Id({ priority: 6, pgn: 0xfeca, source: 0, destination: 255 })  // 0x18feca00
 */
export function buildJ1939Id({ priority, pgn, source, destination }: J1939Address): number {
  const group = hasDestination(pgn) ? normalizePgn(pgn) | (destination & 0xff) : normalizePgn(pgn);
  return (((priority & 7) << 26) | (group << 8) | (source & 0xff)) >>> 0;
}

/**
 * Whether a frame is one of the transport protocol: TP.CM or TP.DT.
 * @param id arbitration id without flag bits
 * @param flags bits of FrameFlag
 */
export function isTransportFrame(id: number, flags: number): boolean {
  const pgn = (id >>> 8) & 0x3ff00;
  return (flags & FrameFlag.extended) !== 0 && (pgn === TransportPgn.tpCm || pgn === TransportPgn.tpDt);
}
