import type { SlcanProfile } from '../profile.ts';
import { canable2 } from './canable.ts';

/**
 * WeAct Studio USB2CANFD V1: CANable 2's letters, but each command is answered, and `S7` is 800 kbit/s. Its `X`
 * starts the boot loader and therefore is no command here.
 * @see github.com/WeActStudio/WeActStudio.USB2CANFDV1.SLCAN_Firmware, readme.md and Source/App/slcan.c
 */
export const weact: SlcanProfile = {
  ...canable2,
  name: 'weact',
  bitRates: [
    10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000, 83_333, 75_000, 62_500, 33_333,
    5000,
  ],
  dataBitRates: { 1: 1_000_000, 2: 2_000_000, 3: 3_000_000, 4: 4_000_000, 5: 5_000_000 },
  acknowledges: true,
  emptyLineRepeats: false,
  identity: { version: 'WeAct Studio V1.0.0.5_20240601', serialNumber: '' },
};
