/** What flashing a device tells, one event for each step; also the lines of `--json`. */
import { toHex } from '../../edge/pack/index.ts';
import type { DeviceSlot } from '../../edge/smp/index.ts';

/** A slot, its hash in hex. */
export type SlotFacts = Omit<DeviceSlot, 'hash'> & { hash: string };

export function slotFacts(slot: DeviceSlot): SlotFacts {
  return { ...slot, hash: toHex(slot.hash) };
}

export type FlashEvent =
  | {
      event: 'image';
      path: string;
      version: string;
      hash: string;
      bytes: number;
      bytesLeftOut: number;
      isSignatureChecked: boolean;
    }
  | { event: 'device'; device: string; slots: SlotFacts[]; messageBytesMax: number; window: number }
  /** Nothing of it is sent: the device has it in that slot. */
  | { event: 'present'; slot: number; version: string; active: boolean }
  | { event: 'erased' }
  | { event: 'progress'; offsetBytes: number; lengthBytes: number }
  /** The connection was lost; we go on by ourselves. */
  | { event: 'lost'; reason: string; offsetBytes: number }
  | {
      event: 'uploaded';
      bytes: number;
      resumedAtBytes: number;
      sentBytes: number;
      seconds: number;
      bytesPerSecond: number;
      rewinds: number;
      connections: number;
    }
  | { event: 'marked'; version: string; permanent: boolean }
  | { event: 'confirmed'; version: string; by: 'device' | 'us' }
  | { event: 'reset' }
  | { event: 'booted'; version: string; hash: string; isTrial: boolean; seconds: number };
