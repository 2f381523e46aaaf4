/**
 * The loops that all the time goes into. Each handles one column of one table: it reads a run of 64-bit words and writes
 * a run of values, eight rows a turn, its constants in registers. They are the same functions for every signal, so an
 * engine's optimising compiler has them ready after the first blocks, however large the database.
 *
 * Runs are padded to a multiple of eight rows; what stands behind the last row does not matter.
 *
 * An integer of up to 52 bits becomes a double without a conversion instruction, of which there is none for vectors of
 * 64 bits: put below the exponent of 2^52 it *is* the double 2^52 + integer, and a subtraction leaves the integer.
 */
import { FunctionBody } from '../wasm/assembler.ts';
import type { Opcode, ValueType } from '../wasm/opcodes.ts';

/** A double's bits for 2^52 and 2^84: an integer of up to 52 bits put into them is added, the latter's times 2^32. */
export const doubleExponent = { of52: 0x4330000000000000n, of84: 0x4530000000000000n };

/** Rows handled in one turn of a loop; runs are padded to it. */
export const rowsPerTurn = 8;

export interface Kernel {
  parameters: ValueType[];
  body: Uint8Array;
}

const vectorsPerTurn = rowsPerTurn / 2;
const [words, out, end] = [0, 1, 2];

/** Opens a loop that runs once or more; the turn advances `pointers` by `bytes` each and ends when `out` meets `end`. */
function turns(body: FunctionBody, advance: readonly [pointer: number, bytes: number][], turn: () => void): Uint8Array {
  body.open('loop');
  turn();
  for (const [pointer, bytes] of advance) body.get(pointer).i32(bytes).do('i32.add').set(pointer);
  body.get(out).get(end).do('i32.lt_u').branch('br_if', 0).do('end');
  return body.done();
}

/** A vector local that holds a parameter in both lanes. */
function splat(body: FunctionBody, parameter: number, name: 'i64x2.splat' | 'f64x2.splat'): number {
  const local = body.local('v128');
  body.get(parameter).vector(name).set(local);
  return local;
}

const both: [number, number][] = [
  [words, vectorsPerTurn * 16],
  [out, vectorsPerTurn * 16],
];

/** The integer (or 2^shift times the integer) as a double, then `* scale`, then `+ offset`, as far as asked for. */
export interface DoubleKernel {
  shifts: boolean;
  multiplies: boolean;
  adds: boolean;
}

/** (words, out, end, [shift], mask, exponent and sign, bias, [scale], [offset]) */
export function doubleKernel({ shifts, multiplies, adds }: DoubleKernel): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', ...(shifts ? (['i32'] as const) : [])];
  const shift = 3;
  const mask = parameters.push('i64') - 1;
  const exponent = parameters.push('i64') - 1;
  const bias = parameters.push('f64') - 1;
  const scale = multiplies ? parameters.push('f64') - 1 : 0;
  const offset = adds ? parameters.push('f64') - 1 : 0;
  const body = new FunctionBody(parameters.length);
  const maskLanes = splat(body, mask, 'i64x2.splat');
  const exponentLanes = splat(body, exponent, 'i64x2.splat');
  const biasLanes = splat(body, bias, 'f64x2.splat');
  const scaleLanes = multiplies ? splat(body, scale, 'f64x2.splat') : 0;
  const offsetLanes = adds ? splat(body, offset, 'f64x2.splat') : 0;
  const turn = (): void => {
    for (let vector = 0; vector < vectorsPerTurn; vector++) {
      body
        .get(out)
        .get(words)
        .vectorMemory('v128.load', vector * 16);
      if (shifts) body.get(shift).vector('i64x2.shr_u');
      body.get(maskLanes).vector('v128.and').get(exponentLanes).vector('v128.xor');
      body.get(biasLanes).vector('f64x2.sub');
      if (multiplies) body.get(scaleLanes).vector('f64x2.mul');
      if (adds) body.get(offsetLanes).vector('f64x2.add');
      body.vectorMemory('v128.store', vector * 16);
    }
  };
  return { parameters, body: turns(body, both, turn) };
}

/** (words, out, end, shift, mask, sign bit, scale, offset): the exact integer, modulo 2^64. */
export function integerKernel({ multiplies }: { multiplies: boolean }): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i64', 'i64', 'i64'];
  const [shift, mask, sign, offset] = [3, 4, 5, 6];
  const scale = multiplies ? parameters.push('i64') - 1 : 0;
  const body = new FunctionBody(parameters.length);
  const maskLanes = splat(body, mask, 'i64x2.splat');
  const signLanes = splat(body, sign, 'i64x2.splat');
  const offsetLanes = splat(body, offset, 'i64x2.splat');
  const scaleLanes = multiplies ? splat(body, scale, 'i64x2.splat') : 0;
  const turn = (): void => {
    for (let vector = 0; vector < vectorsPerTurn; vector++) {
      body
        .get(out)
        .get(words)
        .vectorMemory('v128.load', vector * 16);
      body.get(shift).vector('i64x2.shr_u').get(maskLanes).vector('v128.and');
      // Two's complement of any length: flip the sign bit, then take its weight away.
      body.get(signLanes).vector('v128.xor').get(signLanes).vector('i64x2.sub');
      if (multiplies) body.get(scaleLanes).vector('i64x2.mul');
      body
        .get(offsetLanes)
        .vector('i64x2.add')
        .vectorMemory('v128.store', vector * 16);
    }
  };
  return { parameters, body: turns(body, both, turn) };
}

/**
 * (words, out, end, shift, mask, sign bit, bias, scale, offset): integers of 53 to 64 bits, rounded to the nearest
 * double. The upper 32 bits put below the exponent of 2^84, less a bias, are exact; so are the lower ones below that of
 * 2^52; their sum is rounded once.
 */
export function wideKernel(): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i64', 'i64', 'f64', 'f64', 'f64'];
  const [shift, mask, sign, bias, scale, offset] = [3, 4, 5, 6, 7, 8];
  const body = new FunctionBody(parameters.length);
  const constant = (value: bigint): number => {
    const local = body.local('v128');
    body.i64(value).vector('i64x2.splat').set(local);
    return local;
  };
  const lowHalf = constant(0xffffffffn);
  const lowExponent = constant(doubleExponent.of52);
  const highExponent = constant(doubleExponent.of84);
  const maskLanes = splat(body, mask, 'i64x2.splat');
  const signLanes = splat(body, sign, 'i64x2.splat');
  const biasLanes = splat(body, bias, 'f64x2.splat');
  const scaleLanes = splat(body, scale, 'f64x2.splat');
  const offsetLanes = splat(body, offset, 'f64x2.splat');
  const integer = body.local('v128');
  const turn = (): void => {
    for (let vector = 0; vector < vectorsPerTurn; vector++) {
      body
        .get(words)
        .vectorMemory('v128.load', vector * 16)
        .get(shift)
        .vector('i64x2.shr_u');
      body.get(maskLanes).vector('v128.and').get(signLanes).vector('v128.xor').set(integer);
      body.get(out);
      body.get(integer).i32(32).vector('i64x2.shr_u').get(highExponent).vector('v128.or');
      body.get(biasLanes).vector('f64x2.sub');
      body.get(integer).get(lowHalf).vector('v128.and').get(lowExponent).vector('v128.or', 'f64x2.add');
      body.get(scaleLanes).vector('f64x2.mul').get(offsetLanes).vector('f64x2.add');
      body.vectorMemory('v128.store', vector * 16);
    }
  };
  return { parameters, body: turns(body, both, turn) };
}

/** What the lowest bits of a word, shifted to its top, are taken for by `scalarKernel`. */
export const scalarReadings = {
  float32: ['i64.shr_u', 'i32.wrap_i64', 'f32.reinterpret_i32', 'f64.promote_f32'],
  float64: ['i64.shr_u', 'f64.reinterpret_i64'],
} as const satisfies Record<string, readonly Opcode[]>;
export type ScalarReading = keyof typeof scalarReadings;

/** (words, out, end, left, right, scale, offset): floats, a row at a time. */
export function scalarKernel(reading: ScalarReading): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i64', 'i64', 'f64', 'f64'];
  const [left, right, scale, offset] = [3, 4, 5, 6];
  const body = new FunctionBody(parameters.length);
  const turn = (): void => {
    body.get(out).get(words).memory('i64.load', 0).get(left).do('i64.shl').get(right);
    body.do(...scalarReadings[reading]);
    body.get(scale).do('f64.mul').get(offset).do('f64.add').memory('f64.store', 0);
  };
  const one: [number, number][] = [
    [words, 8],
    [out, 8],
  ];
  return { parameters, body: turns(body, one, turn) };
}

/** (from, out, end): doubles to the nearest floats. */
export function floatKernel(): Kernel {
  const body = new FunctionBody(3);
  return narrowing(body, (half) => half.vector('f32x4.demote_f64x2_zero'), [0, 1, 2, 3, 4, 5, 6, 7]);
}

/** (from, out, end): the low halves of 64-bit integers. */
export function lowHalfKernel(): Kernel {
  const body = new FunctionBody(3);
  return narrowing(body, (half) => half, [0, 1, 2, 3, 8, 9, 10, 11]);
}

/** Two vectors of two values in; of each, narrowed, the bytes `kept`, as one vector of four values out. */
function narrowing(body: FunctionBody, narrow: (body: FunctionBody) => FunctionBody, kept: number[]): Kernel {
  const turn = (): void => {
    for (let row = 0; row < rowsPerTurn; row += 4) {
      body.get(out);
      for (const half of [0, 2]) narrow(body.get(words).vectorMemory('v128.load', (row + half) * 8));
      body.shuffle([...kept, ...kept.map((position) => position + 16)]).vectorMemory('v128.store', row * 4);
    }
  };
  const advance: [number, number][] = [
    [words, rowsPerTurn * 8],
    [out, rowsPerTurn * 4],
  ];
  return { parameters: ['i32', 'i32', 'i32'], body: turns(body, advance, turn) };
}
