export { memoryPair } from './memory.ts';
export { type Reconnecting, type ReconnectingOptions, type ReconnectingStats, reconnecting } from './reconnecting.ts';
export type { Transport, TransportOpener } from './transport.ts';
