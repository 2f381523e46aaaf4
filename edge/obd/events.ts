/** What the poller tells while it works. Control units go by the id they answer with: `7E8`, `18DAF110`. */
import type { MinerError } from '../errors/index.ts';
import type { Addressing } from './addresses.ts';
import type { VinReading } from './vin-choice.ts';

export type ObdEvent =
  /** Control units answered: a drive begins. */
  | { kind: 'drive-started'; addressing: Addressing; ecus: string[] }
  /** Parameters of service 01 that a control unit says it has. */
  | { kind: 'supported'; ecu: string; pids: number[] }
  | { kind: 'vin'; reading: VinReading }
  | { kind: 'calibration-ids'; ecu: string; ids: string[] }
  | { kind: 'ecu-name'; ecu: string; name: string }
  /** Trouble codes: stored are confirmed ones (service 03), pending those of service 07. */
  | { kind: 'trouble-codes'; ecu: string; stored: string[]; pending: string[] }
  /** One parameter's data; `parameterValues` reads them. */
  | { kind: 'reading'; ecu: string; pid: number; data: Uint8Array; timeMs: number }
  /** Not asked again until the next drive. */
  | { kind: 'unsupported'; ecu: string; pid: number; reason: string }
  | { kind: 'voltage-gate'; isOpen: boolean; volts: number }
  /** Nobody answers; the next attempt comes after `retryMs`. */
  | { kind: 'silent'; retryMs: number; fault?: MinerError }
  | { kind: 'other-tester'; pauseMs: number }
  | { kind: 'drive-ended'; reason: 'silent' | 'voltage' | 'stopped' };

export interface ObdCounters {
  /** Questions, functional ones counted once. */
  requests: number;
  positive: number;
  negative: number;
  unanswered: number;
  /** Answers broken on their way, and frames that did not get on the bus. */
  faults: number;
  readings: number;
  drives: number;
  framesSent: number;
  framesReceived: number;
}
