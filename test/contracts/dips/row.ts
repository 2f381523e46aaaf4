/** One DIP of the table: what it does, what level that is, and how the chain differs afterwards. */
import type { Action, LevelReason } from '../../../tools/dip/index.ts';
import type { ExpectedEvent, World } from './world.ts';

export interface DipRow {
  /** A statement of what is done. */
  name: string;
  level: 1 | 2 | 3;
  /** Why, in the governor's word; `listed` when left out. */
  reason?: LevelReason;
  /** Brings the chain to where the DIP begins. Afterwards everything is taken back. */
  prepare: (world: World) => Promise<PreparedDip>;
}

export interface PreparedDip {
  actions: readonly Action[];
  /** Read before and after. */
  state: () => Promise<unknown>;
  before: unknown;
  after: unknown;
  /** In this order among others, in the transaction that executes. */
  events: readonly ExpectedEvent[];
  /** Indexes of actions that anyone may send, because they move nothing but the sender's own. */
  open?: readonly number[];
  /** What holds afterwards besides. */
  afterwards?: () => Promise<void>;
}
