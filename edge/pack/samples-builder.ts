/** Collects samples into columns while driving: typed arrays that grow, no object per sample. */
import type { Column, TextColumn } from './columns.ts';
import type { RawValues } from './values.ts';

/** One signal's samples so far. */
class Series {
  readonly decoder: number;
  readonly signalIndex: number;
  private timesMs = new Float64Array(16);
  private numbers = new Float64Array(16);
  /** Set from the first value on that is not exact as a number. */
  private wide: bigint[] | undefined;
  count = 0;

  constructor(decoder: number, signalIndex: number) {
    this.decoder = decoder;
    this.signalIndex = signalIndex;
  }

  push(timeMs: number, raw: number | bigint): void {
    if (this.count === this.timesMs.length) {
      this.timesMs = doubled(this.timesMs);
      this.numbers = doubled(this.numbers);
    }
    this.timesMs[this.count] = timeMs;
    if (typeof raw === 'number' && !this.wide) this.numbers[this.count] = raw;
    else this.pushWide(raw);
    this.count++;
  }

  private pushWide(raw: number | bigint): void {
    if (!this.wide && raw >= Number.MIN_SAFE_INTEGER && raw <= Number.MAX_SAFE_INTEGER) {
      this.numbers[this.count] = Number(raw);
      return;
    }
    this.wide ??= Array.from(this.numbers.subarray(0, this.count), BigInt);
    this.wide.push(BigInt(raw));
  }

  /** Equal for series of one decoder that were sampled together; rarely for others. */
  get rhythm(): string {
    return `${this.decoder}:${this.count}:${this.timesMs[0]}:${this.timesMs[this.count - 1]}`;
  }

  column(): Column {
    const values: RawValues = this.wide ?? this.numbers.subarray(0, this.count);
    const timesMs = this.timesMs.subarray(0, this.count);
    return { decoder: this.decoder, signalIndex: this.signalIndex, timesMs, values };
  }

  clear(): void {
    this.count = 0;
    this.wide = undefined;
  }
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** Signals of one decoder are told apart by their index below this. */
const signalsMax = 2 ** 24;

export class SamplesBuilder {
  private readonly series = new Map<number, Series>();
  private readonly textSeries = new Map<
    number,
    { decoder: number; signalIndex: number; times: number[]; texts: string[] }
  >();
  /** Samples held, texts included. */
  count = 0;
  /** Of the earliest sample held; Infinity when empty. A good t0. */
  firstMs = Number.POSITIVE_INFINITY;

  /**
   * @param decoder index into the pack's decoders
   * @param timeMs since boot; a fraction is dropped
   * @param raw an integer, before scale and offset; bigint past 2^53
   */
  add(decoder: number, signalIndex: number, timeMs: number, raw: number | bigint): void {
    const key = decoder * signalsMax + signalIndex;
    let series = this.series.get(key);
    if (!series) {
      series = new Series(decoder, signalIndex);
      this.series.set(key, series);
    }
    const whole = Math.floor(timeMs);
    series.push(whole, raw);
    if (whole < this.firstMs) this.firstMs = whole;
    this.count++;
  }

  addText(decoder: number, signalIndex: number, timeMs: number, text: string): void {
    const key = decoder * signalsMax + signalIndex;
    let series = this.textSeries.get(key);
    if (!series) {
      series = { decoder, signalIndex, times: [], texts: [] };
      this.textSeries.set(key, series);
    }
    const whole = Math.floor(timeMs);
    series.times.push(whole);
    series.texts.push(text);
    if (whole < this.firstMs) this.firstMs = whole;
    this.count++;
  }

  /**
   * Sorted by decoder and signal, but signals sampled together stand together, which is shorter.
   * Views into the builder, good until the next add or clear.
   */
  columns(): Column[] {
    const filled = [...this.series].filter(([, series]) => series.count > 0);
    const sorted = filled.sort(([a], [b]) => a - b).map(([, series]) => series);
    // The largest group comes last: texts of that moment then follow it.
    const groups = new Map<string, Series[]>();
    for (const series of sorted) {
      const group = groups.get(series.rhythm);
      if (group) group.push(series);
      else groups.set(series.rhythm, [series]);
    }
    const ordered = [...groups.values()].sort((a, b) => a.length - b.length);
    return ordered.flat().map((series) => series.column());
  }

  texts(): TextColumn[] {
    const sorted = [...this.textSeries].sort(([a], [b]) => a - b);
    return sorted.map(([, { decoder, signalIndex, times, texts }]) => {
      return { decoder, signalIndex, timesMs: Float64Array.from(times), texts };
    });
  }

  /** Forgets the samples, and keeps the arrays for the next pack. */
  clear(): void {
    for (const series of this.series.values()) series.clear();
    this.textSeries.clear();
    this.count = 0;
    this.firstMs = Number.POSITIVE_INFINITY;
  }
}
