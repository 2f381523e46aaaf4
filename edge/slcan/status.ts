/** What an adapter says of itself when it is asked: the flags of `F` and the register of `E`. */

/** Bits of the two hex digits after `F`; reading them clears them. @see CAN232 manual, "F" */
export const SlcanStatus = {
  receiveQueueFull: 0x01,
  transmitQueueFull: 0x02,
  errorWarning: 0x04,
  dataOverrun: 0x08,
  errorPassive: 0x20,
  arbitrationLost: 0x40,
  busError: 0x80,
} as const;

/** Bits of the register that `E` shows; they stay set until power-off. @see canable2-fw, inc/error.h */
export const SlcanErrorRegister = {
  peripheralInit: 0x01,
  usbTransmitBusy: 0x02,
  canTransmitFailed: 0x04,
  canReceiveOverflow: 0x08,
  canTransmitFull: 0x10,
  usbReceiveFull: 0x20,
  usbTransmitFull: 0x40,
} as const;

/** What stands before the register's hex digits. No CR follows them: the next line does, without a gap. */
export const errorRegisterPrefix = 'CANable Error Register: ';
