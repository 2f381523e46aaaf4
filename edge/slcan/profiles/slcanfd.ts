import type { SlcanProfile } from '../profile.ts';
import { lawicel } from './lawicel.ts';

/**
 * Nakakiyo092's firmware for CANable 2: Lawicel's letters and answers, with CAN FD, microsecond time stamps (`Z2`)
 * and reports of sent frames and of the sender's error state (`z`).
 * @see github.com/Nakakiyo092/canable2-fw, doc/1.-Command-List.md and doc/3.-Reporting-Mechanism.md
 */
export const slcanfd: SlcanProfile = {
  ...lawicel,
  name: 'slcanfd',
  dataBitRates: { 0: 500_000, 1: 1_000_000, 2: 2_000_000, 4: 4_000_000, 5: 5_000_000, 8: 8_000_000 },
  fd: true,
  replies: 'VvNFzZ',
  commands: 'SsYyOLCVvNFZzMmWQ',
  timestampMode: 2,
  errorStateDigit: true,
  autoSend: undefined,
  identity: { version: 'L2K1', serialNumber: 'A123' },
};
