/** RFC 8949, 3.1. */
export const MajorType = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** RFC 8949, 3.3. */
export const Simple = { false: 20, true: 21, null: 22, undefined: 23, float16: 25, float32: 26, float64: 27 } as const;
