/** A value within an OBD answer: where its bits stand, and what they count. All are big-endian, as J1979 has them. */

export interface ParameterField {
  name: string;
  unit: string;
  /** First byte, from 0 (A in the standard's formulas), and its highest bit, 7 unless told. */
  at: number;
  bit?: number;
  bits: number;
  signed?: boolean;
  /** value = raw * scale + offset */
  scale: number;
  offset: number;
  /** Words for raw values. */
  labels?: Readonly<Record<number, string>>;
}

/** Reads a field's raw value from an answer's data, which begin at `offset`. */
export function rawOf(field: ParameterField, data: Uint8Array, offset = 0): number {
  const { at, bit = 7, bits, signed } = field;
  let raw = 0;
  for (let i = 0; i < bits; i++) {
    const place = at * 8 + (7 - bit) + i;
    raw = raw * 2 + ((data[offset + (place >> 3)] >> (7 - (place & 7))) & 1);
  }
  return signed && raw >= 2 ** (bits - 1) ? raw - 2 ** bits : raw;
}

/** Numbers of one byte, A unless `at` says otherwise. */
export function byte(name: string, unit: string, scale = 1, offset = 0, at = 0): ParameterField {
  return { name, unit, at, bits: 8, scale, offset };
}

/** Numbers of two bytes, A and B unless `at` says otherwise. */
export function word(name: string, unit: string, scale = 1, offset = 0, at = 0): ParameterField {
  return { name, unit, at, bits: 16, scale, offset };
}

/** As `word`, in two's complement. */
export function signedWord(name: string, unit: string, scale = 1): ParameterField {
  return { ...word(name, unit, scale), signed: true };
}

/** A byte in hundredths of 255: 0 to 100 %. */
export function percent(name: string, at = 0): ParameterField {
  return byte(name, '%', 100 / 255, 0, at);
}

/** A byte around its middle: -100 to 99.2 %. */
export function trim(name: string, at = 0): ParameterField {
  return byte(name, '%', 100 / 128, -100, at);
}

/** A byte from -40 to 215 degrees Celsius. */
export function celsius(name: string, at = 0): ParameterField {
  return byte(name, 'degC', 1, -40, at);
}

/** Some bits of a byte. */
export function bitsOf(name: string, at: number, bit: number, bits: number): ParameterField {
  return { name, unit: '', at, bit, bits, scale: 1, offset: 0 };
}

/** A byte that stands for a word. */
export function choice(name: string, labels: Readonly<Record<number, string>>, at = 0): ParameterField {
  return { ...byte(name, '', 1, 0, at), labels };
}
