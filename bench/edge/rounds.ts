import { type Measurement, quantile } from '../measure.ts';
import type { Figure } from './figures.ts';

/** How long the parts with rounds take. */
export interface EdgeTiming {
  rounds: number;
  roundMs: number;
  warmUpMs: number;
}

/** A rate that measure() took. */
export function rateFigure(
  { framesPerSecond, framesPerSecondMin, framesPerSecondMax, rounds }: Measurement,
  words: Pick<Figure, 'key' | 'label' | 'unit' | 'goal'>,
): Figure {
  return {
    ...words,
    value: framesPerSecond,
    slowest: framesPerSecondMin,
    fastest: framesPerSecondMax,
    rounds,
  };
}

/** A rate whose rounds were timed one by one. */
export function medianFigure(rates: readonly number[], words: Pick<Figure, 'key' | 'label' | 'unit' | 'goal'>): Figure {
  return {
    ...words,
    value: quantile(rates, 0.5),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    rounds: rates.length,
  };
}
