import type { SlcanProfile } from '../profile.ts';

/**
 * CANable with its own firmware. It answers nothing but `V`, has no listen-only letter but a silent mode, and takes
 * an empty line for the line before it.
 * @see github.com/normaldotcom/canable-fw, src/slcan.c and src/usbd_cdc_if.c
 */
export const canable1: SlcanProfile = {
  name: 'canable1',
  bitRates: [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 750_000, 1_000_000, 83_333],
  dataBitRates: {},
  fd: false,
  replies: '',
  commands: 'SOCVvMmAa',
  timestampWrapMs: 60_000,
  timestampMode: 0,
  errorStateDigit: false,
  acknowledges: false,
  autoSend: undefined,
  autoSendAtPowerOn: true,
  version: 'text',
  // Never an empty line: it would send the last frame of the program before us once more.
  greeting: 'C\rC\r',
  open: { normal: ['M0', 'O'], listenOnly: ['M1', 'O'] },
  mode: 'silent',
  forgiving: true,
  emptyLineRepeats: true,
  status: 'none',
  pushesErrors: false,
  identity: { version: 'b158aa7 https://github.com/normaldotcom/canable-fw.git', serialNumber: '' },
};

/**
 * CANable 2 with its own firmware: CAN FD, and a register of what was lost since power-on.
 * @see github.com/normaldotcom/canable2-fw, README.md, src/slcan.c and inc/error.h
 */
export const canable2: SlcanProfile = {
  ...canable1,
  name: 'canable2',
  dataBitRates: { 1: 1_000_000, 2: 2_000_000, 4: 4_000_000, 5: 5_000_000 },
  fd: true,
  commands: 'SOCVMAEY',
  status: 'register',
  identity: { version: '16e7497 https://github.com/normaldotcom/canable2-fw.git', serialNumber: '' },
};
