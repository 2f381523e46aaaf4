import { decimalsOf } from './format.ts';

/** A linear axis. */
export interface Scale {
  /** Value to pixel. */
  at(value: number): number;
  ticks: number[];
  /** Decimals that keep two ticks apart. */
  decimals: number;
}

/**
 * An axis with ticks at 1, 2 or 5 times a power of ten.
 * @param range lowest and highest value; where they are equal, the axis opens around them
 * @param pixels where the lowest and the highest come to stand
 * @param stepMin ticks closer than this would show values that cannot be
 */
export function createScale(
  range: [number, number],
  pixels: [number, number],
  tickCountMax: number,
  stepMin = 0,
): Scale {
  const [low, high] = range[0] < range[1] ? range : [range[0] - openBy(range[0]), range[0] + openBy(range[0])];
  const step = Math.max(stepMin, niceStep((high - low) / Math.max(1, tickCountMax)));
  const ticks: number[] = [];
  // Counted in steps, since adding them up would drift.
  for (let index = Math.ceil(low / step); index * step <= high; index++) ticks.push(index * step);
  const perUnit = (pixels[1] - pixels[0]) / (high - low);
  return {
    at: (value) => pixels[0] + (value - low) * perUnit,
    ticks,
    decimals: Math.min(12, decimalsOf(Number(step.toPrecision(6)))),
  };
}

/** Half of the span that an axis of one value gets: large enough that doubles can tell its ends apart. */
function openBy(value: number): number {
  return Math.max(1, Math.abs(value) * 0.01);
}

function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const times = [1, 2, 5, 10].find((candidate) => candidate * power >= atLeast * (1 - 1e-9)) ?? 10;
  return times * power;
}
