/** A second reading of the meaning table, on strings of bits; it shares no code with edge/decode. */
import type { Message, Signal } from '../../../../edge/dbc/model.ts';
import type { Outcome } from './build.ts';

const binary = (byte: number): string => byte.toString(2).padStart(8, '0');

/** The signal's bits, most significant first, or undefined when the payload ends before them. */
function bitsOf(signal: Signal, payload: Uint8Array): string | undefined {
  const { startBit, length } = signal;
  if (signal.byteOrder === 'intel') {
    const text = [...payload].reverse().map(binary).join('');
    const end = text.length - startBit;
    return end - length < 0 ? undefined : text.slice(end - length, end);
  }
  const text = [...payload].map(binary).join('');
  const start = Math.floor(startBit / 8) * 8 + 7 - (startBit % 8);
  return start + length > text.length ? undefined : text.slice(start, start + length);
}

function rawOf(signal: Signal, bits: string): bigint {
  const pattern = BigInt(`0b${bits}`);
  const isNegative = signal.signed && signal.valueType === 'integer' && bits[0] === '1';
  return isNegative ? pattern - 2n ** BigInt(bits.length) : pattern;
}

function physicalOf(signal: Signal, bits: string): number {
  let value = Number(rawOf(signal, bits));
  const octets = Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
  if (signal.valueType === 'float32') value = new Float32Array(octets.reverse().buffer)[0];
  if (signal.valueType === 'float64') value = new Float64Array(octets.reverse().buffer)[0];
  const scaled = value * signal.scale;
  return scaled + signal.offset;
}

const within = (signal: Signal, raw: bigint): boolean =>
  signal.multiplexedBy!.ranges.some(({ from, to }) => from <= raw && raw <= to);

function statusOf(message: Message, signal: Signal, bits: string): number {
  const children = message.signals.filter((other) => other.multiplexedBy?.selector === signal.name);
  const raw = rawOf(signal, bits);
  if (children.length > 0 && !children.some((child) => within(child, raw))) return 4;
  if (message.j1939 && signal.valueType === 'integer') {
    const lead = bits.slice(0, 8);
    const [error, notAvailable] =
      signal.signed && bits.length >= 8
        ? ['01111110', '01111111']
        : [`${'1'.repeat(lead.length - 1)}0`, '1'.repeat(lead.length)];
    if (bits.length > 1 && lead === notAvailable) return 6;
    if (bits.length > 1 && lead === error) return 5;
  }
  const physical = physicalOf(signal, bits);
  const hasRange = signal.minimum !== 0 || signal.maximum !== 0;
  return hasRange && (physical < signal.minimum || physical > signal.maximum) ? 1 : 0;
}

/** What a decoder must say about a frame of this message; 64-bit integers beyond 2^53 as bigint. */
export function expected(message: Message, payload: Uint8Array): Record<string, Outcome> {
  const byName = new Map(message.signals.map((signal) => [signal.name, signal]));
  const results: Record<string, Outcome> = {};
  const nothing = (status: number): Outcome => ({ physical: Number.NaN, raw: 0, status });
  const decide = (signal: Signal): Outcome => {
    const done = results[signal.name];
    if (done !== undefined) return done;
    const bits = bitsOf(signal, payload);
    if (signal.multiplexedBy !== undefined) {
      const selector = byName.get(signal.multiplexedBy.selector)!;
      const { raw, status } = decide(selector);
      if (status === 2 || status === 3) return nothing(status);
      if (!within(signal, BigInt(raw))) return nothing(3);
    }
    if (bits === undefined) return nothing(2);
    const raw = rawOf(signal, bits);
    const isExact = raw > -(2n ** 53n) && raw < 2n ** 53n;
    return {
      physical: physicalOf(signal, bits),
      raw: isExact ? Number(raw) : raw,
      status: statusOf(message, signal, bits),
    };
  };
  for (const signal of message.signals) results[signal.name] = decide(signal);
  return results;
}
