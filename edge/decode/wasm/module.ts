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
  const put = <T>(id: number, entries: readonly T[], write: (content: Bytes, entry: T) => void): void => {
    const content = new Bytes().u(entries.length);
    for (const entry of entries) write(content, entry);
    out.byte(id).sized(content.done());
  };
  put(section.type, parts.types, writeType);
  put(section.function, parts.functions, (content, { type }) => content.u(type));
  put(section.table, [parts.table.length], (content, size) => content.byte(functionReference).byte(0).u(size));
  put(section.memory, [parts.memoryPages], (content, pages) => content.byte(0).u(pages));
  put(section.global, parts.constants, (content, { value }) =>
    content.byte(valueType.i32).byte(0).append(constant(value)),
  );
  put(section.export, exportsOf(parts), (content, { name, kind, index }) =>
    content.sized(utf8.encode(name)).byte(kind).u(index),
  );
  put(section.element, [parts.table], (content, functionIndices) => {
    content.byte(0).append(constant(0)).u(functionIndices.length);
    for (const functionIndex of functionIndices) content.u(functionIndex);
  });
  put(section.code, parts.functions, (content, { body }) => content.sized(body));
  put(section.data, [parts.data], (content, data) => content.byte(0).append(constant(0)).sized(data));
  return out.done();
}

function writeType(content: Bytes, { parameters, results }: FunctionType): void {
  content.byte(functionType).u(parameters.length);
  for (const type of parameters) content.byte(valueType[type]);
  content.u(results.length);
  for (const type of results) content.byte(valueType[type]);
}

function exportsOf({ exports, constants }: ModuleParts): { name: string; kind: number; index: number }[] {
  return [
    { name: 'memory', kind: exportKind.memory, index: 0 },
    ...exports.map(({ name, functionIndex }) => ({ name, kind: exportKind.function, index: functionIndex })),
    ...constants.map(({ name }, index) => ({ name, kind: exportKind.global, index })),
  ];
}

/** `i32.const value; end`. */
function constant(value: number): Uint8Array {
  return new Bytes().byte(0x41).s(BigInt(value)).byte(0x0b).done();
}
