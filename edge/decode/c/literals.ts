/** Numbers as C99 source text that reads back as exactly the same value. */

const view = new DataView(new ArrayBuffer(8));

/**
 * A double as a hexadecimal floating literal in parentheses: exact whatever the compiler's decimal conversion.
 * @example doubleLiteral(0.1)  // '(0x1.999999999999ap-4)'
 */
export function doubleLiteral(value: number): string {
  if (Number.isNaN(value)) return '(0.0 / 0.0)';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `(${sign}1.0 / 0.0)`;
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const mantissa = (bits & 0xfffffffffffffn).toString(16).padStart(13, '0').replace(/0+$/, '');
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const point = mantissa === '' ? '' : `.${mantissa}`;
  if (exponent === 0) return mantissa === '' ? `(${sign}0.0)` : `(${sign}0x0${point}p-1022)`;
  return `(${sign}0x1${point}p${exponent - 1023})`;
}

const int64Minimum = -(2n ** 63n);

/** A 64-bit integer constant: of type int64_t when signed, else uint64_t. */
export function integerLiteral(value: bigint, signed: boolean): string {
  if (!signed) return `UINT64_C(${value})`;
  // C has no negative constants: -9223372036854775808 would negate one that does not fit.
  if (value === int64Minimum) return '(-INT64_C(9223372036854775807) - 1)';
  return value < 0n ? `(-INT64_C(${-value}))` : `INT64_C(${value})`;
}

/** `count` ones at the low end, 1 to 64. */
export function maskLiteral(count: number): string {
  return `UINT64_C(0x${((1n << BigInt(count)) - 1n).toString(16)})`;
}
