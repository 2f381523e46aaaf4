import type { SlcanProfile } from '../profile.ts';

/** @see LAWICEL CAN232 manual, version 3, "Sn" */
const bitRates = [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000];

/**
 * Lawicel's CANUSB, and whatever follows its letters.
 * @see LAWICEL CAN232 manual, version 3, "Available commands"
 */
export const lawicel: SlcanProfile = {
  name: 'lawicel',
  bitRates,
  dataBitRates: {},
  fd: false,
  replies: 'VNFzZA',
  commands: 'SsOLCVNFZMmWXQUPA',
  timestampWrapMs: 60_000,
  timestampMode: 1,
  errorStateDigit: false,
  acknowledges: true,
  autoSend: 'X1',
  autoSendAtPowerOn: true,
  version: 'letter',
  greeting: '\r\r\rC\r',
  open: { normal: ['O'], listenOnly: ['L'] },
  mode: 'filter',
  forgiving: false,
  emptyLineRepeats: false,
  status: 'flags',
  pushesErrors: false,
  identity: { version: '1013', serialNumber: 'A123' },
};

/**
 * Lawicel's CAN232 on a real serial line. Its host polls for frames (P, A) unless `X1` was sent once; the setting
 * stays over power-off.
 * @see LAWICEL CAN232 manual, version 3, "X", "P", "A"
 */
export const can232: SlcanProfile = {
  ...lawicel,
  name: 'can232',
  autoSendAtPowerOn: false,
  identity: { version: '1335', serialNumber: 'B456' },
};

/**
 * An adapter as Linux's slcan driver has it since 6.0: Lawicel's letters, plus lines `s` and `e` that it sends by
 * itself. The driver reads no answer to any command, so neither does our host depend on one.
 * @see Linux, drivers/net/can/slcan/slcan-core.c, the formats of state and error lines
 */
export const kernel: SlcanProfile = {
  ...lawicel,
  name: 'kernel',
  replies: 'VNFzZAse',
  commands: 'SsOLCVNFZMmWX',
  acknowledges: false,
  status: 'none',
  pushesErrors: true,
};
