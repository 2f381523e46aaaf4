/** The function of one table: gathers its rows' words, then calls a kernel for each column, then divides its rows. */
import { bytesNeeded, offsetIsNeutral } from '../layout.ts';
import type { PlanSignal } from '../types.ts';
import { FunctionBody } from '../wasm/assembler.ts';
import { type DoubleKernel, doubleExponent, rowsPerTurn, type ScalarReading } from './kernels.ts';
import { cell, result } from './memory.ts';
import { type Division, type PartitionFunctions, pushDivide } from './partition.ts';
import { type ColumnLayout, columnBytes, signBit, type TableLayout } from './tables.ts';

/** Indices of the functions that tables call. */
export interface TableFunctions extends PartitionFunctions {
  gather: number;
  gatherSwapped: number;
  ninthByte: number;
  ninthByteSwapped: number;
  double: (kind: DoubleKernel) => number;
  integer: (kind: { multiplies: boolean }) => number;
  wide: number;
  scalar: (reading: ScalarReading) => number;
  float: number;
  lowHalf: number;
  absent8: number;
  table: (index: number) => number;
}

export interface TableFunctionInput {
  tables: readonly TableLayout[];
  index: number;
  divisions: readonly (readonly Division[])[];
  functions: TableFunctions;
  /** Address of the results of a table. */
  results: (table: number) => number;
  /** Address of the message's flag: some frame was short. */
  shortFlag: number;
}

/** The body of (rows, count). */
export function emitTableFunction(input: TableFunctionInput): Uint8Array {
  return new Emitter(input).emit();
}

const [rows, count] = [0, 1];
const nanPattern = 0x7ff8000000000000n;

class Emitter {
  readonly #input: TableFunctionInput;
  readonly #table: TableLayout;
  readonly #body = new FunctionBody(2);
  readonly #padded = this.#body.local('i32');
  readonly #rowsEnd = this.#body.local('i32');
  readonly #words = this.#body.local('i32');
  readonly #wordStride = this.#body.local('i32');
  readonly #columns = this.#body.local('i32');
  readonly #out = this.#body.local('i32');

  constructor(input: TableFunctionInput) {
    this.#input = input;
    this.#table = input.tables[input.index];
  }

  emit(): Uint8Array {
    const body = this.#body;
    body.get(count).do('i32.eqz').open('if').do('return', 'end');
    body
      .get(count)
      .i32(rowsPerTurn - 1)
      .do('i32.add')
      .i32(-rowsPerTurn)
      .do('i32.and')
      .set(this.#padded);
    body.get(rows).get(count).i32(2).do('i32.shl', 'i32.add').set(this.#rowsEnd);
    body.i32(cell.words).memory('i32.load', 0).set(this.#words);
    body.i32(cell.wordStride).memory('i32.load', 0).set(this.#wordStride);
    this.#storeResult(result.count, () => body.get(count));
    this.#storeResult(result.rows, () => body.get(rows));
    this.#gatherTimes();
    this.#allocate(this.#columns, this.#table.rowBytes);
    this.#storeResult(result.columns, () => body.get(this.#columns));
    this.#table.words.forEach((_, word) => {
      this.#gatherWord(word);
    });
    for (const column of this.#table.columns) this.#column(column);
    this.#absentColumns();
    this.#branches();
    return body.done();
  }

  #storeResult(field: number, push: () => void): void {
    this.#body.i32(this.#input.results(this.#input.index));
    push();
    this.#body.memory('i32.store', field);
  }

  /** Sets a local to the address of room for so many bytes per row. */
  #allocate(local: number, bytesPerRow: number): void {
    const body = this.#body;
    body.i32(cell.arena).i32(cell.arena).memory('i32.load', 0).tee(local);
    body.get(this.#padded).i32(bytesPerRow).do('i32.mul', 'i32.add').memory('i32.store', 0);
  }

  #gatherTimes(): void {
    const body = this.#body;
    body.i32(cell.times).memory('i32.load', 0).open('if');
    this.#allocate(this.#out, 8);
    this.#storeResult(result.times, () => body.get(this.#out));
    body.get(rows).get(this.#out);
    this.#pushEnd(this.#out, 8);
    body.i32(cell.times).memory('i32.load', 0).i32(8).call(this.#input.functions.gather).do('end');
  }

  /** Leaves the end of a run on the stack. */
  #pushEnd(local: number, bytesPerRow: number): void {
    this.#body.get(local).get(this.#padded).i32(bytesPerRow).do('i32.mul', 'i32.add');
  }

  #pushWord(word: number): void {
    this.#body.get(this.#words);
    if (word > 0) this.#body.get(this.#wordStride).i32(word).do('i32.mul', 'i32.add');
  }

  #gatherWord(word: number): void {
    const { offset, swapped, shift } = this.#table.words[word];
    const { functions } = this.#input;
    const body = this.#body;
    const pushRun = (at: number): void => {
      const [base, stride] = at === 0 ? [cell.heads, cell.headStride] : [cell.data, cell.dataStride];
      body.get(rows).get(this.#out);
      this.#pushEnd(this.#out, 8);
      body.i32(base).memory('i32.load', 0);
      if (at > 0) body.i32(at).do('i32.add');
      body.i32(stride).memory('i32.load', 0);
    };
    this.#pushWord(word);
    body.set(this.#out);
    pushRun(offset);
    body.call(swapped ? functions.gatherSwapped : functions.gather);
    if (shift === 0) return;
    pushRun(offset + 8);
    body.i64(BigInt(shift)).i64(BigInt(swapped ? 8 - shift : 64 - shift));
    body.call(swapped ? functions.ninthByteSwapped : functions.ninthByte);
  }

  #column(column: ColumnLayout): void {
    const { functions } = this.#input;
    const body = this.#body;
    const isNarrow = columnBytes(column.type) === 4;
    // Values of four bytes are made from values of eight, which pass through a run behind the words.
    if (isNarrow) this.#pushWord(this.#table.words.length);
    else this.#pushColumn(column);
    body.set(this.#out);
    this.#pushWord(column.word);
    body.get(this.#out);
    this.#pushEnd(this.#out, 8);
    if (column.type === 'i32' || column.type === 'i64') this.#integer(column);
    else this.#double(column);
    if (!isNarrow) return;
    this.#pushWord(this.#table.words.length);
    this.#pushColumn(column);
    body.tee(this.#out);
    this.#pushEnd(this.#out, 4);
    body.call(column.type === 'f32' ? functions.float : functions.lowHalf);
  }

  #pushColumn({ offset }: ColumnLayout): void {
    this.#body.get(this.#columns);
    if (offset > 0) this.#body.get(this.#padded).i32(offset).do('i32.mul', 'i32.add');
  }

  #integer({ signal, shift }: ColumnLayout): void {
    const mask = (1n << BigInt(signal.length)) - 1n;
    const multiplies = signal.scale !== 1;
    this.#body.i32(shift).i64(mask).i64(signBit(signal)).i64(BigInt(signal.offset));
    if (multiplies) this.#body.i64(BigInt(signal.scale));
    this.#body.call(this.#input.functions.integer({ multiplies }));
  }

  #double({ signal, shift }: ColumnLayout): void {
    const { functions } = this.#input;
    const body = this.#body;
    if (signal.valueType !== 'integer') {
      body.i64(BigInt(64 - shift - signal.length)).i64(BigInt(64 - signal.length));
      body.f64(signal.scale).f64(signal.offset).call(functions.scalar(signal.valueType));
      return;
    }
    if (signal.length > 52) {
      body
        .i32(shift)
        .i64((1n << BigInt(signal.length)) - 1n)
        .i64(signBit(signal));
      body.f64(2 ** 84 + 2 ** 52 + Number(signBit(signal)));
      body.f64(signal.scale).f64(signal.offset).call(functions.wide);
      return;
    }
    const { kind, up, bias, scale, offset } = doubleRecipe(signal, shift);
    const mask = ((1n << BigInt(signal.length)) - 1n) << BigInt(up);
    if (kind.shifts) body.i32(shift);
    body.i64(mask).i64(doubleExponent.of52 | (signBit(signal) << BigInt(up)));
    body.f64(bias);
    if (kind.multiplies) body.f64(scale);
    if (kind.adds) body.f64(offset);
    body.call(functions.double(kind));
  }

  /** A frame that is too short leaves its values open: not a number, or 0 where there is none such. */
  #absentColumns(): void {
    const body = this.#body;
    const { functions } = this.#input;
    this.#pushIsShort();
    body.open('if');
    for (const column of this.#table.columns) {
      body.get(rows).get(this.#rowsEnd);
      this.#pushColumn(column);
      body.i32(bytesNeeded(column.signal));
      const isInteger = column.type === 'i32' || column.type === 'i64';
      if (columnBytes(column.type) === 8) body.i64(isInteger ? 0n : nanPattern).call(functions.absent8);
      else body.i32(isInteger ? 0 : 0x7fc00000).call(functions.absent);
    }
    body.do('end');
  }

  #pushIsShort(): void {
    this.#body.i32(this.#input.shortFlag).memory('i32.load8_u', 0);
  }

  #branches(): void {
    const { divisions, functions, results } = this.#input;
    // All selectors first: the branches' functions use the same room for words.
    this.#table.selectors.forEach((selector, i) => {
      pushDivide(this.#body, selector, divisions[i], functions, {
        rows,
        count,
        rowsEnd: this.#rowsEnd,
        pushWord: (word) => this.#pushWord(word),
        pushIsShort: () => this.#pushIsShort(),
        results,
      });
    });
    for (const { firstTable, branches } of this.#table.selectors) {
      branches.forEach((_, i) => {
        const at = results(firstTable + i);
        this.#body.i32(at).memory('i32.load', result.rows).i32(at).memory('i32.load', result.count);
        this.#body.call(functions.table(firstTable + i));
      });
    }
  }
}

interface DoubleRecipe {
  kind: DoubleKernel;
  /** The mask, and the sign bit, lie so many bits up in the word: the double is 2^up times the integer. */
  up: number;
  bias: number;
  scale: number;
  offset: number;
}

/**
 * Chooses the fewest steps that give `raw * scale + offset` to the last bit. Multiplying by a power of two rounds
 * nothing, so a signal that is not at the bottom of its word need not be shifted down: its scale takes that over.
 * An offset that is an integer can go into the subtraction, which is exact, when no scale comes between them.
 */
function doubleRecipe(signal: PlanSignal, shift: number): DoubleRecipe {
  const { scale, offset, length } = signal;
  const bias = 2 ** 52;
  const down = 2 ** -shift;
  const staysUp =
    shift + length <= 52 && (scale * down) / down === scale && (scale === 0 || Math.abs(scale * down) > 1e-290);
  const up = staysUp ? shift : 0;
  const shifts = !staysUp && shift > 0;
  const signed = Number(signBit(signal)) * 2 ** up;
  const lifted = offset * 2 ** up;
  if (scale === 1 && Number.isInteger(lifted) && Math.abs(lifted) <= 2 ** 51 && Number.isInteger(offset)) {
    const kind = { shifts, multiplies: up > 0, adds: false };
    return { kind, up, bias: bias + signed - lifted, scale: 2 ** -up, offset: 0 };
  }
  const adds = !offsetIsNeutral(signal);
  const kind = { shifts, multiplies: true, adds };
  return { kind, up, bias: bias + signed, scale: staysUp ? scale * down : scale, offset };
}
