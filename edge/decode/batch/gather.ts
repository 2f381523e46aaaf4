/** Collecting what lies apart: the payload words and times of a table's rows, and rows that a short frame leaves open. */
import { FunctionBody } from '../wasm/assembler.ts';
import type { ValueType } from '../wasm/opcodes.ts';
import { type Kernel, rowsPerTurn } from './kernels.ts';
import { cell } from './memory.ts';

/** Byte positions that reverse each half of a vector. */
const swapped = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8];

/**
 * (rows, out, end, base, stride): the eight bytes at `base + row * stride` of each row, eight rows a turn.
 * Row numbers behind the last are read too, and must be those of some frame.
 */
export function gatherKernel({ swaps }: { swaps: boolean }): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i32'];
  const [rows, out, end, base, stride] = [0, 1, 2, 3, 4];
  const body = new FunctionBody(parameters.length);
  const pair = body.local('v128');
  const address = (row: number): void => {
    body.get(rows).memory('i32.load', row * 4);
    body.get(stride).do('i32.mul').get(base).do('i32.add');
  };
  body.open('loop');
  for (let row = 0; row < rowsPerTurn; row += 2) {
    body.get(out);
    address(row + 1);
    address(row);
    body.vectorMemory('v128.load64_zero', 0).lane('v128.load64_lane', 1);
    if (swaps) body.tee(pair).get(pair).shuffle(swapped);
    body.vectorMemory('v128.store', row * 8);
  }
  advance(body, rows, rowsPerTurn * 4);
  advance(body, out, rowsPerTurn * 8);
  body.get(out).get(end).do('i32.lt_u').branch('br_if', 0).do('end');
  return { parameters, body: body.done() };
}

/**
 * (rows, words, end, base, stride, keep, take): moves each gathered word by `keep` bits, and brings in the bits of the
 * ninth byte, at `base + row * stride`, moved by `take`. Intel reads upwards, Motorola (swaps) downwards.
 */
export function ninthByteKernel({ swaps }: { swaps: boolean }): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i32', 'i64', 'i64'];
  const [rows, words, end, base, stride, keep, take] = [0, 1, 2, 3, 4, 5, 6];
  const body = new FunctionBody(parameters.length);
  body.open('loop').get(words).get(words).memory('i64.load', 0).get(keep);
  body.do(swaps ? 'i64.shl' : 'i64.shr_u');
  body.get(rows).memory('i32.load', 0).get(stride).do('i32.mul').get(base).do('i32.add').memory('i64.load8_u', 0);
  body
    .get(take)
    .do(swaps ? 'i64.shr_u' : 'i64.shl', 'i64.or')
    .memory('i64.store', 0);
  advance(body, rows, 4);
  advance(body, words, 8);
  body.get(words).get(end).do('i32.lt_u').branch('br_if', 0).do('end');
  return { parameters, body: body.done() };
}

/** (rows, end of rows, out, bytes needed, value): overwrites the rows whose frame is shorter than what is needed. */
export function absentKernel(size: 4 | 8): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', size === 8 ? 'i64' : 'i32'];
  const [rows, end, out, needed, value] = [0, 1, 2, 3, 4];
  const body = new FunctionBody(parameters.length);
  body.open('loop');
  pushIsShort(body, rows, needed);
  body.open('if').get(out).get(value);
  body.memory(size === 8 ? 'i64.store' : 'i32.store', 0).do('end');
  advance(body, rows, 4);
  advance(body, out, size);
  body.get(rows).get(end).do('i32.lt_u').branch('br_if', 0).do('end');
  return { parameters, body: body.done() };
}

/** Leaves on the stack whether the frame of the row at `rows` has fewer bytes than needed. */
export function pushIsShort(body: FunctionBody, rows: number, needed: number): void {
  body.i32(cell.lengths).memory('i32.load', 0);
  body.get(rows).memory('i32.load', 0).i32(cell.lengthStride).memory('i32.load', 0).do('i32.mul', 'i32.add');
  body.memory('i32.load8_u', 0).get(needed).do('i32.lt_u');
  // A length byte may promise more than the payload has room for.
  body.i32(cell.payloadSize).memory('i32.load', 0).get(needed).do('i32.lt_u', 'i32.or');
}

/** Moves a pointer on by so many bytes. */
export function advance(body: FunctionBody, pointer: number, bytes: number): void {
  body.get(pointer).i32(bytes).do('i32.add').set(pointer);
}
