/** Lays functions and tables out as a WebAssembly module. */
import { Bytes } from './assembler.ts';
import { exportKind, functionReference, functionType, section, type ValueType, valueType } from './opcodes.ts';

export interface FunctionType {
  parameters: ValueType[];
  results: ValueType[];
}

export interface ModuleParts {
  types: FunctionType[];
  functions: { type: number; body: Uint8Array }[];
  /** Function indices that call_indirect reaches by position. */
  table: number[];
  memoryPages: number;
  /** Constant i32 globals, exported by name. */
  constants: { name: string; value: number }[];
  /** Functions exported by name. */
  exports: { name: string; functionIndex: number }[];
  /** Bytes that memory holds from address 0. */
  data: Uint8Array;
}

const utf8 = new TextEncoder();

/** @returns the module's bytes: the same parts always give the same bytes */
export function writeModule(parts: ModuleParts): Uint8Array {
  const out = new Bytes().append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const put = (id: number, entries: Uint8Array[]): void => {
    out.byte(id).sized(concat(new Bytes().u(entries.length).done(), ...entries));
  };
  put(section.type, parts.types.map(typeEntry));
  put(
    section.function,
    parts.functions.map(({ type }) => new Bytes().u(type).done()),
  );
  put(section.table, [new Bytes().byte(functionReference).byte(0).u(parts.table.length).done()]);
  put(section.memory, [new Bytes().byte(0).u(parts.memoryPages).done()]);
  put(
    section.global,
    parts.constants.map(({ value }) => new Bytes().byte(valueType.i32).byte(0).append(constant(value)).done()),
  );
  put(section.export, exportEntries(parts));
  const elements = new Bytes().u(parts.table.length);
  for (const functionIndex of parts.table) elements.u(functionIndex);
  put(section.element, [new Bytes().byte(0).append(constant(0)).append(elements.done()).done()]);
  put(
    section.code,
    parts.functions.map(({ body }) => new Bytes().sized(body).done()),
  );
  put(section.data, [new Bytes().byte(0).append(constant(0)).sized(parts.data).done()]);
  return out.done();
}

function typeEntry({ parameters, results }: FunctionType): Uint8Array {
  const entry = new Bytes().byte(functionType).u(parameters.length);
  for (const type of parameters) entry.byte(valueType[type]);
  entry.u(results.length);
  for (const type of results) entry.byte(valueType[type]);
  return entry.done();
}

function exportEntries({ exports, constants }: ModuleParts): Uint8Array[] {
  const entry = (name: string, kind: number, index: number): Uint8Array =>
    new Bytes().sized(utf8.encode(name)).byte(kind).u(index).done();
  return [
    entry('memory', exportKind.memory, 0),
    ...exports.map(({ name, functionIndex }) => entry(name, exportKind.function, functionIndex)),
    ...constants.map(({ name }, index) => entry(name, exportKind.global, index)),
  ];
}

/** `i32.const value; end`. */
function constant(value: number): Uint8Array {
  return new Bytes().byte(0x41).s(BigInt(value)).byte(0x0b).done();
}

function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Bytes();
  for (const part of parts) out.append(part);
  return out.done();
}
