/** IEEE 754 binary16, which CBOR writes wherever it loses nothing. */

const view = new DataView(new ArrayBuffer(4));

/** The value of 16 bits. NaN payloads are lost. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of a value, or undefined where they cannot hold it exactly. NaN becomes 0x7E00. */
export function numberToFloat16(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  if (Math.fround(value) !== value) return undefined;
  view.setFloat32(0, value);
  const single = view.getUint32(0);
  const sign = (single >>> 16) & 0x8000;
  const exponent = ((single >>> 23) & 255) - 127;
  const fraction = single & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00;
  if (value === 0) return sign;
  if (exponent > 15 || exponent < -24) return undefined;
  // Below 2^-14 the leading one moves into the fraction, and every step down costs a bit of it.
  const subnormal = exponent < -14;
  const significand = subnormal ? fraction | 0x800000 : fraction;
  const shift = subnormal ? -1 - exponent : 13;
  if (significand % 2 ** shift !== 0) return undefined;
  const kept = significand >>> shift;
  return sign | (subnormal ? kept : ((exponent + 15) << 10) | kept);
}
