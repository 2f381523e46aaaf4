/** The WebAssembly instructions, types and section ids that the emitter uses, named as the standard names them. */

/** @see WebAssembly Core Specification 1.0, 5.3 "Types" */
export const valueType = { i32: 0x7f, i64: 0x7e, f64: 0x7c } as const;
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
  'i64.load8_u': 0x31,
  'i64.store': 0x37,
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
  'i32.ge_u': 0x4f,
  'i64.eq': 0x51,
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
  'i64.and': 0x83,
  'i64.or': 0x84,
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
