/** What the trailers of both slots ask for. */
import type { Flag, TrailerState } from './trailer.ts';
import type { SwapRequest } from './types.ts';

interface Row {
  primary?: Partial<TrailerState>;
  secondary?: Partial<TrailerState>;
  request: SwapRequest;
}

/** The first row that matches decides; what a row leaves out may be anything. */
export const decisionTable: readonly Row[] = [
  { secondary: { magic: 'good', imageOk: 'unset' }, request: 'test' },
  { secondary: { magic: 'good', imageOk: 'set' }, request: 'permanent' },
  { primary: { magic: 'good', imageOk: 'unset', copyDone: 'set' }, request: 'revert' },
  { request: 'none' },
];

/**
 * A flag that was torn counts as set: who wrote there meant to set it, and only after the work that it stands for.
 * @example decide(primary.read(), secondary.read())  // 'revert'
 */
export function decide(primary: TrailerState, secondary: TrailerState): SwapRequest {
  const row = decisionTable.find((row) => matches(row.primary, primary) && matches(row.secondary, secondary));
  return row?.request ?? 'none';
}

/** Whether the primary slot's image runs on trial. */
export function isOnTrial({ magic, imageOk, copyDone }: TrailerState): boolean {
  return magic === 'good' && imageOk === 'unset' && copyDone !== 'unset';
}

function matches(expected: Partial<TrailerState> | undefined, actual: TrailerState): boolean {
  if (!expected) return true;
  return (
    (expected.magic ?? actual.magic) === actual.magic &&
    matchesFlag(expected.imageOk, actual.imageOk) &&
    matchesFlag(expected.copyDone, actual.copyDone)
  );
}

function matchesFlag(expected: Flag | undefined, actual: Flag): boolean {
  return expected === undefined || expected === (actual === 'bad' ? 'set' : actual);
}
