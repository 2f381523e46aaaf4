/** Arbitration ids of diagnostics on CAN: ISO 15765-4. */
import { FrameFlag } from '../can/index.ts';

export type Addressing = '11-bit' | '29-bit';

/** The pair of ids by which one control unit is reached. */
export interface EcuAddress {
  addressing: Addressing;
  /** What it listens to, and what it answers with. */
  txId: number;
  rxId: number;
}

/** All control units that speak OBD listen to this one. */
export const functionalIds: Readonly<Record<Addressing, number>> = { '11-bit': 0x7df, '29-bit': 0x18db33f1 };

/** @returns the control unit that answers with this id, or undefined when it is the id of no answer */
export function answererOf(id: number, flags: number): EcuAddress | undefined {
  if ((flags & FrameFlag.extended) === 0) {
    return (id & ~7) === 0x7e8 ? { addressing: '11-bit', rxId: id, txId: id - 8 } : undefined;
  }
  // 0x18DAF1xx, from address xx to the tester F1.
  if (id >>> 8 !== 0x18daf1) return undefined;
  return { addressing: '29-bit', rxId: id, txId: 0x18da00f1 | ((id & 0xff) << 8) };
}

/** Whether this is the id of a request, functional or physical. */
export function isRequestId(id: number, flags: number): boolean {
  if ((flags & FrameFlag.extended) === 0) return id === functionalIds['11-bit'] || (id & ~7) === 0x7e0;
  return id === functionalIds['29-bit'] || (id & 0xffff00ff) >>> 0 === 0x18da00f1;
}

/** `7E8`, `18DAF110`: how events name a control unit. */
export function ecuName({ rxId }: EcuAddress): string {
  return rxId.toString(16).toUpperCase();
}
