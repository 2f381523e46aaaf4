/** Numbers and ids as the page writes them. */
import type { PlanSignal } from '../../../../edge/decode/index.ts';

/** `0x65`, or with 8 digits `0x18FEF100` for an extended id. */
export function idText(id: number, extended: boolean): string {
  return `0x${id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')}`;
}

/** Two hex digits a byte. */
export function hexText(payload: Uint8Array): string {
  return Array.from(payload, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** A physical value with the decimals that its scale and offset can give; exact integers in full. */
export function valueText(value: number | bigint, signal: Pick<PlanSignal, 'scale' | 'offset' | 'valueType'>): string {
  if (typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) return '–';
  if (signal.valueType !== 'integer') return String(Number(value.toPrecision(7)));
  const decimals = Math.max(decimalsOf(signal.scale), decimalsOf(signal.offset));
  // Outside these, toFixed would print noise or nothing.
  if (decimals > 9 || Math.abs(value) >= 1e15) return String(Number(value.toPrecision(12)));
  return value.toFixed(decimals);
}

/** Digits after the point that a number is written with. */
export function decimalsOf(value: number): number {
  const [mantissa, exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}

/** The text that VAL_ gives for a physical value of an integer signal, where it has one. */
export function labelText(value: number, signal: PlanSignal): string | undefined {
  if (signal.labels.length === 0 || signal.valueType !== 'integer') return undefined;
  const raw = Math.round((value - signal.offset) / signal.scale);
  return signal.labels.find((label) => Number(label.raw) === raw)?.text;
}

/** With thousands apart, the same everywhere. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 line`, `2 lines`. */
export function pluralText(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** A share of a whole; 0 and 100 only where it is none and all, however large the whole. */
export function percentText(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (100 * part) / whole;
  if (percent < 0.01) return 'under 0.01 %';
  if (percent > 99.99) return 'over 99.99 %';
  return `${percent.toFixed(percent < 1 || percent > 99 ? 2 : 1)} %`;
}

/** A frequency with three digits that count. */
export function rateText(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–';
  return perSecond >= 100 ? perSecond.toFixed(0) : String(Number(perSecond.toPrecision(3)));
}

export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${(seconds / 3600).toFixed(1)} h`;
}
