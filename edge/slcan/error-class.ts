/** Bits of an error frame's id and the meaning of its eight bytes, named as Linux names them. @see linux/can/error.h */
export const CAN_ERR_LOSTARB = 0x002;
export const CAN_ERR_CRTL = 0x004;
export const CAN_ERR_PROT = 0x008;
export const CAN_ERR_ACK = 0x020;
export const CAN_ERR_BUSOFF = 0x040;
export const CAN_ERR_BUSERROR = 0x080;
export const CAN_ERR_RESTARTED = 0x100;
export const CAN_ERR_CNT = 0x200;

/** data[1], with CAN_ERR_CRTL. */
export const CAN_ERR_CRTL_RX_OVERFLOW = 0x01;
export const CAN_ERR_CRTL_TX_OVERFLOW = 0x02;
export const CAN_ERR_CRTL_RX_WARNING = 0x04;
export const CAN_ERR_CRTL_TX_WARNING = 0x08;
export const CAN_ERR_CRTL_RX_PASSIVE = 0x10;
export const CAN_ERR_CRTL_TX_PASSIVE = 0x20;
export const CAN_ERR_CRTL_ACTIVE = 0x40;

/** data[2], with CAN_ERR_PROT. */
export const CAN_ERR_PROT_BIT = 0x01;
export const CAN_ERR_PROT_FORM = 0x02;
export const CAN_ERR_PROT_STUFF = 0x04;
export const CAN_ERR_PROT_BIT0 = 0x08;
export const CAN_ERR_PROT_BIT1 = 0x10;

/** data[3], with CAN_ERR_PROT. */
export const CAN_ERR_PROT_LOC_CRC_SEQ = 0x08;
export const CAN_ERR_PROT_LOC_ACK = 0x19;
