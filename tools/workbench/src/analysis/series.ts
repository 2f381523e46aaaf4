/** One signal over the whole log, for the plot. */
import { type FrameBatch, FrameFlag } from '../../../../edge/can/index.ts';
import type { FrameDecoder } from '../../../../edge/decode/index.ts';
import type { Series } from './protocol.ts';
import { decodeRow } from './tally.ts';

/** Twice the columns of a wide screen, so that each keeps its lowest and its highest value. */
const pointsMax = 4000;

/**
 * Every value that the log holds of a signal.
 * @param startUs the time that becomes 0
 */
export function collectSeries(
  decoder: FrameDecoder,
  batches: readonly FrameBatch[],
  signalIndex: number,
  startUs: number,
): Series {
  const { plan } = decoder;
  const signal = plan.signals[signalIndex];
  const timeS: number[] = [];
  const value: number[] = [];
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      // Looking a frame up costs much less than decoding it, and most belong to other messages.
      const message = plan.find(batch.id[row], (batch.flags[row] & FrameFlag.extended) !== 0);
      if (message?.signals[signal.slot] !== signal || decodeRow(decoder, batch, row) === undefined) continue;
      const physical = decoder.physical[signal.slot];
      // NaN: this frame does not hold the signal.
      if (!Number.isFinite(physical)) continue;
      timeS.push((batch.timeUs[row] - startUs) / 1e6);
      value.push(physical);
    }
  }
  return { signalIndex, pointCount: timeS.length, ...thinOut(timeS, value, pointsMax) };
}

/**
 * Keeps of each run of points the lowest and the highest, in their order, so that no peak is lost.
 * @returns at most `countMax` points, or all of them if there are no more
 */
export function thinOut(
  timeS: readonly number[],
  value: readonly number[],
  countMax: number,
): { timeS: Float64Array; value: Float64Array } {
  if (timeS.length <= countMax) return { timeS: Float64Array.from(timeS), value: Float64Array.from(value) };
  const runs = Math.floor(countMax / 2);
  const kept: number[] = [];
  for (let run = 0; run < runs; run++) {
    const from = Math.floor((run * timeS.length) / runs);
    const to = Math.floor(((run + 1) * timeS.length) / runs);
    let lowest = from;
    let highest = from;
    for (let at = from + 1; at < to; at++) {
      if (value[at] < value[lowest]) lowest = at;
      if (value[at] >= value[highest]) highest = at;
    }
    kept.push(Math.min(lowest, highest), Math.max(lowest, highest));
  }
  return { timeS: Float64Array.from(kept, (at) => timeS[at]), value: Float64Array.from(kept, (at) => value[at]) };
}
