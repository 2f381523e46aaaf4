/** C expressions for a signal's bits: out of 64-bit words of the payload, or gathered byte by byte. */
import { bitPosition, bytesNeeded, isSigned } from '../layout.ts';
import type { PlanSignal } from '../types.ts';
import { maskLiteral } from './literals.ts';

/** Eight payload bytes (fewer at the message's end) from a multiple of 8, read as Intel or Motorola. */
export interface Word {
  /** `i0`, `m8`: the C variable. */
  name: string;
  motorola: boolean;
  firstByte: number;
}

/** Collects the words that a function needs while its signals are written. */
export class Words {
  readonly #words = new Map<string, Word>();

  /** In the order of first use. */
  get all(): Word[] {
    return [...this.#words.values()];
  }

  /** The raw integer: int64_t of a signed signal, else uint64_t, and then never wider than the signal. */
  read(signal: PlanSignal): string {
    const motorola = signal.byteOrder === 'motorola';
    const position = bitPosition(signal);
    const base = Math.floor(position / 64) * 8;
    let shift = position - base * 8;
    let word = this.#word(motorola, base);
    if (shift + signal.length > 64) {
      const next = this.#word(motorola, base + 8);
      word = motorola
        ? `(${word} << ${shift} | ${next} >> ${64 - shift})`
        : `(${word} >> ${shift} | ${next} << ${64 - shift})`;
      shift = 0;
    }
    const above = 64 - shift - signal.length;
    const [left, right] = motorola ? [shift, above] : [above, shift];
    if (isSigned(signal)) {
      const lifted = left === 0 ? word : `(${word} << ${left})`;
      return signal.length === 64 ? `(int64_t)${lifted}` : `((int64_t)${lifted} >> ${64 - signal.length})`;
    }
    const lowered = right === 0 ? word : `(${word} >> ${right})`;
    return left === 0 ? lowered : `(${lowered} & ${maskLiteral(signal.length)})`;
  }

  #word(motorola: boolean, firstByte: number): string {
    const name = `${motorola ? 'm' : 'i'}${firstByte}`;
    this.#words.set(name, { name, motorola, firstByte });
    return name;
  }
}

/**
 * The raw integer from `data[...]`, in 32-bit arithmetic where that is wide enough: for cores without 64-bit registers.
 * Type as `Words.read`, or its 32-bit sibling.
 */
export function readBytes(signal: PlanSignal): string {
  const bits = signal.length <= 32 ? 32 : 64;
  const motorola = signal.byteOrder === 'motorola';
  const first = bitPosition(signal);
  const end = first + signal.length;
  const parts: string[] = [];
  for (let byte = Math.floor(first / 8); byte < bytesNeeded(signal); byte++) {
    // Where the byte's least significant bit lands in the raw integer; below 0 it loses bits.
    const at = motorola ? end - 8 * (byte + 1) : 8 * byte - first;
    const before = Math.max(0, first - 8 * byte);
    const after = Math.max(0, 8 * (byte + 1) - end);
    // At the most significant end the byte may hold bits of another signal; at the other they are shifted out.
    const foreign = motorola ? before : after;
    const masked = foreign === 0 ? `data[${byte}]` : `(data[${byte}] & ${0xff >> foreign}u)`;
    const wide = `(uint${bits}_t)${masked}`;
    parts.push(at === 0 ? wide : at > 0 ? `${wide} << ${at}` : `${wide} >> ${-at}`);
  }
  const joined = `(${parts.join(' | ')})`;
  if (!isSigned(signal)) return joined;
  if (signal.length === bits) return `(int${bits}_t)${joined}`;
  return `((int${bits}_t)(${joined} << ${bits - signal.length}) >> ${bits - signal.length})`;
}
