export { MemoryUplink } from './memory-uplink.ts';
export { Outbox, type OutboxEvent, type OutboxOptions, type OutboxStatus } from './outbox.ts';
export { openReceipt, type Receipt, receiptAad, receiptVersion, signReceipt } from './receipt.ts';
export { decodeRefusal, encodeRefusal, type Refusal } from './refusal.ts';
export { SeqTracker } from './seq-tracker.ts';
export type { UplinkMessage, UplinkPort } from './uplink-port.ts';
