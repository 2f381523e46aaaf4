/** From a selector's raw values to the rows of each of its branches. */
import { bytesNeeded } from '../layout.ts';
import type { Branch } from '../multiplexer.ts';
import { type Bytes, FunctionBody } from '../wasm/assembler.ts';
import type { ValueType } from '../wasm/opcodes.ts';
import { align } from './classify.ts';
import { advance } from './gather.ts';
import { type Kernel, rowsPerTurn } from './kernels.ts';
import { cell, result, resultBytes } from './memory.ts';
import { type SelectorLayout, signBit } from './tables.ts';

/** Selectors of up to so many bits are looked up in a table; longer ones are searched for. */
const lookUpBitsMax = 8;
/** u64 first and last raw pattern, u32 branch + 1, 4 bytes of nothing. */
const intervalBytes = 24;

/** How one selector's rows are divided: by one table or search, or, where branches overlap, by one search for each. */
export type Division =
  | { kind: 'lookUp'; address: number }
  | { kind: 'search'; address: number; count: number; firstBranch: number; branchCount: number };

/** Appends what dividing needs to the module's data. */
export function writeDivisions(out: Bytes, selector: SelectorLayout): Division[] {
  const { branches, overlaps, signal } = selector;
  if (!overlaps && signal.length <= lookUpBitsMax && branches.length < 65536)
    return [{ kind: 'lookUp', address: writeLookUp(out, selector) }];
  const groups = overlaps ? branches.map((_, i) => ({ first: i, count: 1 })) : [{ first: 0, count: branches.length }];
  return groups.map(({ first, count }) => {
    const intervals = branches
      .slice(first, first + count)
      .flatMap((branch, i) => intervalsOf(branch, signBit(signal)).map((one) => ({ ...one, branch: first + i + 1 })))
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    const address = align(out);
    for (const { from, to, branch } of intervals) {
      for (const bound of [from, to]) out.u32(Number(bound & 0xffffffffn)).u32(Number(bound >> 32n));
      out.u32(branch).u32(0);
    }
    return { kind: 'search', address, count: intervals.length, firstBranch: first, branchCount: count };
  });
}

/** Raw ranges as unsigned ones in the same order: a signed raw has its sign bit flipped. */
function intervalsOf({ ranges }: Branch, sign: bigint): { from: bigint; to: bigint }[] {
  return ranges.map(({ from, to }) => ({ from: from + sign, to: to + sign }));
}

function writeLookUp(out: Bytes, { signal, branches }: SelectorLayout): number {
  const size = 2 ** signal.length;
  const sign = Number(signBit(signal));
  const entries = new Uint16Array(size);
  branches.forEach((branch, i) => {
    for (const { from, to } of intervalsOf(branch, BigInt(sign)))
      for (let value = Number(from); value <= Number(to); value++) entries[value ^ sign] = i + 1;
  });
  const address = align(out);
  for (const entry of entries) out.byte(entry & 255).byte(entry >>> 8);
  return address;
}

/** The functions that `pushDivide` calls. */
export interface PartitionFunctions {
  lookUp: number;
  search: number;
  count: number;
  allocate: number;
  scatter: number;
  absent: number;
}

/** (words, count, shift, mask, table): the branch number of each row, by table. */
export function lookUpFunction(): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i64', 'i64', 'i32'];
  const [words, count, shift, mask, table] = [0, 1, 2, 3, 4];
  const body = new FunctionBody(parameters.length);
  const out = body.local('i32');
  body.i32(cell.branches).memory('i32.load', 0).set(out).open('loop').get(out);
  body.get(words).memory('i64.load', 0).get(shift).do('i64.shr_u').get(mask).do('i64.and', 'i32.wrap_i64');
  body.i32(1).do('i32.shl').get(table).do('i32.add').memory('i32.load16_u', 0).memory('i32.store', 0);
  advance(body, words, 8);
  advance(body, out, 4);
  return { parameters, body: countDown(body, count) };
}

/** (words, count, shift, mask, sign, intervals, how many): the branch number of each row, by binary search. */
export function searchFunction(): Kernel {
  const parameters: ValueType[] = ['i32', 'i32', 'i64', 'i64', 'i64', 'i32', 'i32'];
  const [words, count, shift, mask, sign, intervals, intervalCount] = [0, 1, 2, 3, 4, 5, 6];
  const body = new FunctionBody(parameters.length);
  const [out, low, high, middle, at, found] = Array.from({ length: 6 }, () => body.local('i32'));
  const value = body.local('i64');
  body.i32(cell.branches).memory('i32.load', 0).set(out).open('loop');
  body.get(words).memory('i64.load', 0).get(shift).do('i64.shr_u').get(mask).do('i64.and').get(sign).do('i64.xor');
  body.set(value).i32(0).set(low).get(intervalCount).set(high).i32(0).set(found);
  // Invariant: an interval with the value, if any, is one of low..high-1.
  body.open('block').open('loop').get(low).get(high).do('i32.ge_u').branch('br_if', 1);
  body.get(low).get(high).do('i32.add').i32(1).do('i32.shr_u').tee(middle).i32(intervalBytes).do('i32.mul');
  body.get(intervals).do('i32.add').set(at);
  body.get(at).memory('i64.load', 8).get(value).do('i64.lt_u').open('if');
  body.get(middle).i32(1).do('i32.add').set(low).branch('br', 1).do('end');
  body.get(value).get(at).memory('i64.load', 0).do('i64.lt_u').open('if').get(middle).set(high).branch('br', 1);
  body.do('end').get(at).memory('i32.load', 16).set(found).do('end', 'end');
  body.get(out).get(found).memory('i32.store', 0);
  advance(body, words, 8);
  advance(body, out, 4);
  return { parameters, body: countDown(body, count) };
}

/** (count, results of the first branch): counts the rows of each branch. */
export function countFunction(): Kernel {
  const [count, results] = [0, 1];
  const body = new FunctionBody(2);
  const branches = body.local('i32');
  const branch = body.local('i32');
  body.i32(cell.branches).memory('i32.load', 0).set(branches).open('loop');
  body.get(branches).memory('i32.load', 0).tee(branch).open('if');
  pushResult(body, branch, results);
  body.tee(branch).get(branch).memory('i32.load', result.count).i32(1).do('i32.add').memory('i32.store', result.count);
  body.do('end');
  advance(body, branches, 4);
  return { parameters: ['i32', 'i32'], body: countDown(body, count) };
}

/** Zeros behind a list of rows, for gathering goes on to the end of its turn. */
const paddingBytes = rowsPerTurn * 4;

/** (results of the first branch, branches): makes room for each branch's list of rows, with zeros behind it. */
export function allocateFunction(): Kernel {
  const [results, count] = [0, 1];
  const body = new FunctionBody(2);
  const list = body.local('i32');
  const end = body.local('i32');
  body.open('loop').i32(cell.arena).memory('i32.load', 0).set(list);
  body.get(results).get(list).memory('i32.store', result.rows);
  // Where the next row goes, until the branch's own function puts the address of its times here.
  body.get(results).get(list).memory('i32.store', result.times);
  body.get(list).get(results).memory('i32.load', result.count).i32(2).do('i32.shl', 'i32.add').set(end);
  for (let offset = 0; offset < paddingBytes; offset += 8) body.get(end).i64(0n).memory('i64.store', offset);
  body
    .i32(cell.arena)
    .get(end)
    .i32(paddingBytes + 15)
    .do('i32.add')
    .i32(-16)
    .do('i32.and')
    .memory('i32.store', 0);
  advance(body, results, resultBytes);
  return { parameters: ['i32', 'i32'], body: countDown(body, count) };
}

/** (count, rows, results of the first branch): appends each row's number to its branch's list. */
export function scatterFunction(): Kernel {
  const [count, rows, results] = [0, 1, 2];
  const body = new FunctionBody(3);
  const [branches, branch, list] = Array.from({ length: 3 }, () => body.local('i32'));
  body.i32(cell.branches).memory('i32.load', 0).set(branches).open('loop');
  body.get(branches).memory('i32.load', 0).tee(branch).open('if');
  pushResult(body, branch, results);
  body.tee(branch).get(branch).memory('i32.load', result.times).tee(list).i32(4).do('i32.add');
  body.memory('i32.store', result.times);
  body.get(list).get(rows).memory('i32.load', 0).memory('i32.store', 0).do('end');
  advance(body, branches, 4);
  advance(body, rows, 4);
  return { parameters: ['i32', 'i32', 'i32'], body: countDown(body, count) };
}

/** Leaves the address of a branch's results on the stack; branch numbers begin at 1. */
function pushResult(body: FunctionBody, branch: number, results: number): void {
  body.get(branch).i32(1).do('i32.sub').i32(resultBytes).do('i32.mul').get(results).do('i32.add');
}

/** Closes a loop that runs `count` times, once or more. */
function countDown(body: FunctionBody, count: number): Uint8Array {
  body.get(count).i32(1).do('i32.sub').tee(count).branch('br_if', 0).do('end');
  return body.done();
}

/** What `pushDivide` needs to know of the table whose rows it divides. */
export interface DividedTable {
  /** Locals: the row numbers, how many, their end. */
  rows: number;
  count: number;
  rowsEnd: number;
  /** Leaves the address of a word's run on the stack. */
  pushWord: (word: number) => void;
  /** Leaves on the stack whether some frame of the message was short. */
  pushIsShort: () => void;
  /** Address of the results of a table. */
  results: (table: number) => number;
}

/** Divides a table's rows among the branches of a selector. */
export function pushDivide(
  body: FunctionBody,
  selector: SelectorLayout,
  divisions: readonly Division[],
  functions: PartitionFunctions,
  table: DividedTable,
): void {
  const { signal, word, shift, firstTable } = selector;
  const mask = (1n << BigInt(signal.length)) - 1n;
  const first = table.results(firstTable);
  for (const division of divisions) {
    table.pushWord(word);
    body.get(table.count).i64(BigInt(shift)).i64(mask);
    if (division.kind === 'lookUp') body.i32(division.address).call(functions.lookUp);
    else body.i64(signBit(signal)).i32(division.address).i32(division.count).call(functions.search);
    // Without the selector nobody knows what is there.
    table.pushIsShort();
    body.open('if').get(table.rows).get(table.rowsEnd).i32(cell.branches).memory('i32.load', 0);
    body.i32(bytesNeeded(signal)).i32(0).call(functions.absent).do('end');
    const [from, count] =
      division.kind === 'lookUp' ? [0, selector.branches.length] : [division.firstBranch, division.branchCount];
    body.get(table.count).i32(first).call(functions.count);
    body
      .i32(first + from * resultBytes)
      .i32(count)
      .call(functions.allocate);
    body.get(table.count).get(table.rows).i32(first).call(functions.scatter);
  }
}
