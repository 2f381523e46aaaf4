/** A world and everything that will go wrong in it, as plain data: printed, stored, replayed, and shrunk. */
import type { CutMoment } from '../../edge/sim/index.ts';
import { toolError } from '../errors/index.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';

export interface Fault {
  kind: FaultKind;
  /** World time at which it begins. */
  atMs: number;
  /** How long it lasts, for those that last. */
  durationMs?: number;
  /** How much of it, in the unit of its kind. */
  amount?: number;
  /** Of a power cut: where in the storage operation. */
  moment?: CutMoment;
}

export interface WorldSettings {
  /** Of the log. */
  segmentBytes: number;
  reserveCount: number;
  syncEvery: number;
  /** Of the log; without one only the disk limits it. */
  bytesMax?: number;
  packIntervalMs: number;
  /** Frames come this often, a few at a time. */
  frameIntervalMs: number;
  /** `real`: ECDSA, the whole gateway with its ledger. `stand-in`: a keyed hash in their place, some 100 times as fast. */
  signatures: 'real' | 'stand-in';
  /** What the device's clock shows at its boots: late in a long life it has passed 2^32. */
  uptimeMs: number;
}

export interface Plan {
  /** Of everything that is left to chance and is not a fault: contents, delays, what survives a cut. */
  seed: number;
  /** Faults come until here; then all of them end, and everything has to arrive. */
  durationMs: number;
  settings: WorldSettings;
  faults: Fault[];
}

/** Wide enough for a whole day; a plan by hand that asks for more is a slip. */
const timeMsMax = 86_400_000;

/** @throws {MinerError} PLAN_INVALID, naming the field */
export function readPlan(path: string, text: string): Plan {
  const refuse = (problem: string): never => {
    throw toolError('PLAN_INVALID', { path, problem });
  };
  let item: unknown;
  try {
    item = JSON.parse(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const number = (value: unknown, name: string, maximum: number, minimum = 0): number => {
    const good = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
    return good ? value : refuse(`${name} is ${JSON.stringify(value)}, expected a whole number up to ${maximum}`);
  };
  const fields = (value: unknown, name: string): Record<string, unknown> => {
    const good = typeof value === 'object' && value !== null && !Array.isArray(value);
    return good ? (value as Record<string, unknown>) : refuse(`${name} is no object`);
  };
  const { seed, durationMs, settings, faults } = fields(item, 'the plan');
  const of = fields(settings, 'settings');
  if (of.signatures !== 'real' && of.signatures !== 'stand-in')
    refuse('settings.signatures is neither real nor stand-in');
  if (!Array.isArray(faults) || faults.length > 10_000) return refuse('faults is no list of up to 10000');
  return {
    seed: number(seed, 'seed', 2 ** 32 - 1),
    durationMs: number(durationMs, 'durationMs', timeMsMax),
    settings: {
      segmentBytes: number(of.segmentBytes, 'settings.segmentBytes', 2 ** 30, 1),
      reserveCount: number(of.reserveCount, 'settings.reserveCount', 2 ** 20, 1),
      syncEvery: number(of.syncEvery, 'settings.syncEvery', 2 ** 20, 1),
      ...(of.bytesMax !== undefined && { bytesMax: number(of.bytesMax, 'settings.bytesMax', 2 ** 40, 1) }),
      packIntervalMs: number(of.packIntervalMs, 'settings.packIntervalMs', timeMsMax, 1),
      frameIntervalMs: number(of.frameIntervalMs, 'settings.frameIntervalMs', timeMsMax, 1),
      signatures: of.signatures as WorldSettings['signatures'],
      uptimeMs: number(of.uptimeMs, 'settings.uptimeMs', 2 ** 40),
    },
    faults: faults.map((fault, i) => {
      const { kind, atMs, durationMs, amount, moment } = fields(fault, `faults[${i}]`);
      if (!faultKinds.includes(kind as FaultKind))
        refuse(`faults[${i}].kind ${JSON.stringify(kind)} is none of ${faultKinds.join(', ')}`);
      if (moment !== undefined && !['before', 'within', 'after'].includes(moment as string)) {
        refuse(`faults[${i}].moment is none of before, within, after`);
      }
      return {
        kind: kind as FaultKind,
        atMs: number(atMs, `faults[${i}].atMs`, timeMsMax),
        ...(durationMs !== undefined && { durationMs: number(durationMs, `faults[${i}].durationMs`, timeMsMax) }),
        ...(amount !== undefined && { amount: number(amount, `faults[${i}].amount`, 2 ** 32, -(2 ** 32)) }),
        ...(moment !== undefined && { moment: moment as CutMoment }),
      };
    }),
  };
}
