/** The WebAssembly instructions, types and section ids that the emitter uses, named as the standard names them. */

/** @see WebAssembly Core Specification 1.0, 5.3 "Types" */
export const valueType = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueType;

export const blockVoid = 0x40;
export const functionType = 0x60;
export const functionReference = 0x70;

/** @see WebAssembly Core Specification 1.0, 5.5 "Modules" */
export const section = {
  type: 1,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
} as const;

export const exportKind = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** @see WebAssembly Core Specification 1.0, 5.4 "Instructions" */
export const opcode = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call: 0x10,
  call_indirect: 0x11,
  select: 0x1b,
  'local.get': 0x20,
  'local.set': 0x21,
  'local.tee': 0x22,
  'i64.load': 0x29,
  'i32.load': 0x28,
  'i32.load8_u': 0x2d,
  'i32.load16_u': 0x2f,
  'i64.load8_u': 0x31,
  'i32.store': 0x36,
  'i64.store': 0x37,
  'f32.store': 0x38,
  'f64.store': 0x39,
  'i32.store8': 0x3a,
  'i32.const': 0x41,
  'i64.const': 0x42,
  'f64.const': 0x44,
  'i32.eqz': 0x45,
  'i32.eq': 0x46,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_u': 0x4b,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i64.eq': 0x51,
  'i64.lt_u': 0x54,
  'i64.le_s': 0x57,
  'i64.le_u': 0x58,
  'i64.ge_s': 0x59,
  'i64.ge_u': 0x5a,
  'f64.lt': 0x63,
  'f64.gt': 0x64,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.shl': 0x74,
  'i32.shr_u': 0x76,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  'i64.and': 0x83,
  'i64.or': 0x84,
  'i64.xor': 0x85,
  'i64.shl': 0x86,
  'i64.shr_s': 0x87,
  'i64.shr_u': 0x88,
  'i64.rotl': 0x89,
  'f64.add': 0xa0,
  'f64.mul': 0xa2,
  'i32.wrap_i64': 0xa7,
  'f64.convert_i64_s': 0xb9,
  'f64.convert_i64_u': 0xba,
  'f64.promote_f32': 0xbb,
  'f32.reinterpret_i32': 0xbe,
  'f64.reinterpret_i64': 0xbf,
} as const;
export type Opcode = keyof typeof opcode;

/**
 * Instructions of the vector extension; each is the prefix, then its number in LEB128.
 * @see WebAssembly Core Specification 2.0, 5.4.8 "Vector Instructions"
 */
export const vectorPrefix = 0xfd;
export const vectorOpcode = {
  'v128.load': 0x00,
  'v128.store': 0x0b,
  'v128.load32_zero': 0x5c,
  'v128.load64_zero': 0x5d,
  'v128.load64_lane': 0x57,
  'v128.store64_lane': 0x5b,
  'i8x16.shuffle': 0x0d,
  'i64x2.splat': 0x12,
  'f64x2.splat': 0x14,
  'v128.and': 0x4e,
  'v128.or': 0x50,
  'v128.xor': 0x51,
  'i64x2.shl': 0xcb,
  'i64x2.shr_u': 0xcd,
  'i64x2.add': 0xce,
  'i64x2.sub': 0xd1,
  'i64x2.mul': 0xd5,
  'f64x2.add': 0xf0,
  'f64x2.sub': 0xf1,
  'f64x2.mul': 0xf2,
  'f32x4.demote_f64x2_zero': 0x5e,
} as const;
export type VectorOpcode = keyof typeof vectorOpcode;
