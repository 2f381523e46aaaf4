/**
 * Emits the batch decoder: a WebAssembly module with vector instructions that decodes whole blocks of frames into
 * columns. The same plan and column types give the same bytes on every machine.
 *
 * A block goes through three steps. Every frame's id is looked up, and its row number appended to the list of its
 * message. Then for each message the payloads of its rows are gathered, eight bytes at a time, into *words*. Then each
 * column is made by one call of a kernel that knows nothing of databases: mask, bias, scale and offset are its
 * arguments. Multiplexed messages divide their rows among the branches, each of which is a table like any other.
 *
 * Exports: `memory`, which the host grows; `decode_arrays(count)` and `decode_records(count)`, which read the cells of
 * memory.ts; constant globals `abi_version`, `heap_base` (all above is the host's) and `results`.
 */
import { edgeError } from '../../errors/index.ts';
import { generatedSize, generatedSizeMax } from '../layout.ts';
import type { Plan } from '../types.ts';
import { Bytes, FunctionBody } from '../wasm/assembler.ts';
import { type FunctionType, writeModule } from '../wasm/module.ts';
import type { ValueType } from '../wasm/opcodes.ts';
import {
  align,
  classifyArraysFunction,
  classifyRecordsFunction,
  findExtendedFunction,
  type LookupTables,
  probeFunction,
  writeLookupTables,
} from './classify.ts';
import { absentKernel, gatherKernel, ninthByteKernel } from './gather.ts';
import {
  type DoubleKernel,
  doubleKernel,
  floatKernel,
  integerKernel,
  type Kernel,
  lowHalfKernel,
  type ScalarReading,
  scalarKernel,
  scalarReadings,
  wideKernel,
} from './kernels.ts';
import { cell, cellBytes, result, resultBytes } from './memory.ts';
import {
  allocateFunction,
  countFunction,
  lookUpFunction,
  scatterFunction,
  searchFunction,
  writeDivisions,
} from './partition.ts';
import { emitTableFunction, type TableFunctions } from './table-function.ts';
import { type ChooseType, layOutTables, type TableLayout } from './tables.ts';

/** A module and how to read its results. */
export interface BatchModule {
  bytes: Uint8Array;
  tables: TableLayout[];
}

/**
 * @throws {MinerError} `MESSAGE_TOO_LARGE` when a message has more signals and selectors than a function holds;
 *   `COLUMN_NOT_INTEGER`
 */
export function emitBatchModule(plan: Plan, chooseType: ChooseType = () => 'f64'): BatchModule {
  for (const message of plan.messages) {
    const size = generatedSize(message);
    if (size > generatedSizeMax)
      throw edgeError('MESSAGE_TOO_LARGE', { message: message.name, size, maximum: generatedSizeMax });
  }
  const tables = layOutTables(plan, chooseType);
  return { bytes: new Emitter(plan, tables).emit(), tables };
}

const doubleKinds: DoubleKernel[] = [false, true].flatMap((shifts) => [
  { shifts, multiplies: false, adds: false },
  { shifts, multiplies: true, adds: false },
  { shifts, multiplies: true, adds: true },
]);

type Emitted = Kernel & { results?: ValueType[] };

class Emitter {
  readonly #plan: Plan;
  readonly #tables: TableLayout[];
  readonly #functions: { type: number; body: Uint8Array }[] = [];
  readonly #types: FunctionType[] = [];
  readonly #typeByKey = new Map<string, number>();
  readonly #data = new Bytes();

  constructor(plan: Plan, tables: TableLayout[]) {
    this.#plan = plan;
    this.#tables = tables;
  }

  emit(): Uint8Array {
    this.#data.append(new Uint8Array(cellBytes));
    const results = align(this.#data);
    this.#data.append(new Uint8Array(this.#tables.length * resultBytes));
    const ownTables = new Map(
      this.#tables.flatMap(({ branch, messageIndex }, index) => (branch === undefined ? [[messageIndex, index]] : [])),
    );
    const lookups = writeLookupTables(
      this.#data,
      this.#plan,
      this.#plan.messages.map((_, index) => ownTables.has(index)),
    );
    const probe = this.#add(probeFunction());
    const findExtended = this.#add(findExtendedFunction(lookups, probe));
    const classifyArrays = this.#add(classifyArraysFunction(lookups, findExtended));
    const classifyRecords = this.#add(classifyRecordsFunction(lookups, findExtended));
    const shared = this.#addShared();
    const firstTable = this.#functions.length;
    const functions = { ...shared, table: (index: number) => firstTable + index };
    const resultsOf = (index: number): number => results + index * resultBytes;
    this.#tables.forEach((table, index) => {
      const divisions = table.selectors.map((selector) => writeDivisions(this.#data, selector));
      const shortFlag = lookups.shortFlags + table.messageIndex;
      const body = emitTableFunction({
        tables: this.#tables,
        index,
        divisions,
        functions,
        results: resultsOf,
        shortFlag,
      });
      this.#add({ parameters: ['i32', 'i32'], body });
    });
    const nothing = this.#add({ parameters: ['i32', 'i32'], body: new FunctionBody(2).done() });
    const begin = this.#add(beginFunction(lookups, results, this.#tables.length));
    const tableType = this.#functions[nothing].type;
    const finish = this.#add(finishFunction(lookups, tableType));
    const [arrays, records] = [classifyArrays, classifyRecords].map((classify) =>
      this.#add({
        parameters: ['i32'],
        body: new FunctionBody(1).call(begin).get(0).call(classify).call(finish).done(),
      }),
    );
    const heapBase = align(this.#data);
    return writeModule({
      types: this.#types,
      functions: this.#functions,
      table: this.#plan.messages.map((_, index) => {
        const table = ownTables.get(index);
        return table === undefined ? nothing : functions.table(table);
      }),
      memoryPages: Math.ceil((heapBase + 1) / 65536),
      constants: [
        { name: 'abi_version', value: 1 },
        { name: 'heap_base', value: heapBase },
        { name: 'results', value: results },
      ],
      exports: [
        { name: 'decode_arrays', functionIndex: arrays },
        { name: 'decode_records', functionIndex: records },
      ],
      data: this.#data.done(),
    });
  }

  #add(emitted: Emitted): number {
    const { parameters, results = [] } = emitted;
    const key = `${parameters.join()}>${results.join()}`;
    const type = this.#typeByKey.get(key) ?? this.#types.push({ parameters, results }) - 1;
    this.#typeByKey.set(key, type);
    return this.#functions.push({ type, body: emitted.body }) - 1;
  }

  #addShared(): Omit<TableFunctions, 'table'> {
    const doubles = new Map(doubleKinds.map((kind) => [JSON.stringify(kind), this.#add(doubleKernel(kind))]));
    const integers = [false, true].map((multiplies) => this.#add(integerKernel({ multiplies })));
    const readings = Object.keys(scalarReadings) as ScalarReading[];
    const scalars = new Map(readings.map((reading) => [reading, this.#add(scalarKernel(reading))]));
    return {
      gather: this.#add(gatherKernel({ swaps: false })),
      gatherSwapped: this.#add(gatherKernel({ swaps: true })),
      ninthByte: this.#add(ninthByteKernel({ swaps: false })),
      ninthByteSwapped: this.#add(ninthByteKernel({ swaps: true })),
      double: (kind) => doubles.get(JSON.stringify(kind))!,
      integer: ({ multiplies }) => integers[Number(multiplies)],
      wide: this.#add(wideKernel()),
      scalar: (reading) => scalars.get(reading)!,
      float: this.#add(floatKernel()),
      lowHalf: this.#add(lowHalfKernel()),
      absent8: this.#add(absentKernel(8)),
      absent: this.#add(absentKernel(4)),
      lookUp: this.#add(lookUpFunction()),
      search: this.#add(searchFunction()),
      count: this.#add(countFunction()),
      allocate: this.#add(allocateFunction()),
      scatter: this.#add(scatterFunction()),
    };
  }
}

/** (): no rows in any table; every message's list is empty. */
function beginFunction(lookups: LookupTables, results: number, tableCount: number): Kernel {
  const body = new FunctionBody(0);
  const [at, list] = [body.local('i32'), body.local('i32')];
  body
    .open('block')
    .open('loop')
    .get(at)
    .i32(tableCount * resultBytes)
    .do('i32.ge_u')
    .branch('br_if', 1);
  body
    .get(at)
    .i32(0)
    .memory('i32.store', results + result.count);
  body.get(at).i32(resultBytes).do('i32.add').set(at).branch('br', 0).do('end', 'end');
  body.i32(0).set(at).i32(cell.lists).memory('i32.load', 0).set(list);
  body.open('block').open('loop').get(at).i32(lookups.messageCount).do('i32.ge_u').branch('br_if', 1);
  body.get(at).i32(2).do('i32.shl').get(list).memory('i32.store', lookups.cursors);
  body.get(at).i32(cell.payloadSize).memory('i32.load', 0).get(at).memory('i32.load8_u', lookups.needed);
  body.do('i32.lt_u').memory('i32.store8', lookups.shortFlags);
  body.get(list).i32(cell.listStride).memory('i32.load', 0).do('i32.add').set(list);
  body.get(at).i32(1).do('i32.add').set(at).branch('br', 0).do('end', 'end');
  return { parameters: [], body: body.done() };
}

/** (): the function of every message that has rows. */
function finishFunction(lookups: LookupTables, tableType: number): Kernel {
  const body = new FunctionBody(0);
  const [at, list, end] = [body.local('i32'), body.local('i32'), body.local('i32')];
  body.i32(cell.lists).memory('i32.load', 0).set(list);
  body.open('block').open('loop').get(at).i32(lookups.messageCount).do('i32.ge_u').branch('br_if', 1);
  body.get(at).i32(2).do('i32.shl').memory('i32.load', lookups.cursors).tee(end).get(list).do('i32.eq', 'i32.eqz');
  body.open('if').get(list).get(end).get(list).do('i32.sub').i32(2).do('i32.shr_u').get(at);
  body.callIndirect(tableType).do('end');
  body.get(list).i32(cell.listStride).memory('i32.load', 0).do('i32.add').set(list);
  body.get(at).i32(1).do('i32.add').set(at).branch('br', 0).do('end', 'end');
  return { parameters: [], body: body.done() };
}
