export { buildJ1939Id, isTransportFrame, type J1939Address, parseJ1939Id } from './id.ts';
export {
  createJ1939Reassembler,
  type J1939Message,
  type J1939Options,
  type J1939Reassembler,
} from './reassembler.ts';
export type { IgnoredReason, J1939Stats, LossReason } from './stats.ts';
