/** Counts what a CBOR file holds before anything is made of it: 4 MB of empty maps would take a gigabyte of memory. */

/** Most of a package's items: far more than any real one has, and some 300 MB when decoded. */
const budget = {
  /** Strings, arrays, maps, tags: each becomes an object. */
  objects: 1_000_000,
  /** Numbers and simple values. */
  scalars: 8_000_000,
};

/**
 * @returns what there is too much of, or undefined; malformed files end the count, for the decoder to report
 */
export function budgetProblem(bytes: Uint8Array): string | undefined {
  let objects = 0;
  let scalars = 0;
  for (let at = 0; at < bytes.length; ) {
    const major = bytes[at] >> 5;
    const info = bytes[at] & 31;
    const width = info < 24 ? 0 : 1 << (info - 24);
    const isScalar = major < 2 || major === 7;
    if (isScalar) scalars++;
    else objects++;
    if (objects > budget.objects) return `more than ${budget.objects} strings, arrays and maps`;
    if (scalars > budget.scalars) return `more than ${budget.scalars} numbers`;
    // Items of strings are skipped, those of arrays and maps are counted as they come.
    const isString = major === 2 || major === 3;
    at += 1 + width + (isString ? argumentOf(bytes, at + 1, width, info) : 0);
  }
  return undefined;
}

/** Imprecise past 2^53, where no file reaches. */
function argumentOf(bytes: Uint8Array, at: number, width: number, info: number): number {
  if (width === 0) return info;
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
