/** Everything that a decoder can be compiled to, as files. */
import { emitBatchModule, emitC, emitScalarModule, type Plan } from '../../../edge/decode/index.ts';
import { emitJavaScript } from './javascript.ts';

export const compileTargets = ['wasm', 'wasm-simd', 'c', 'js'] as const;
export type CompileTarget = (typeof compileTargets)[number];

export interface EmittedFile {
  /** Without a folder. */
  name: string;
  content: Uint8Array;
}

/**
 * @param name what the files are called, before their extension
 * @throws {MinerError} `MESSAGE_TOO_LARGE`, `C_SOURCE_TOO_LARGE`
 */
export function emitFiles(plan: Plan, target: CompileTarget, name: string): EmittedFile[] {
  const utf8 = new TextEncoder();
  if (target === 'wasm') return [{ name: `${name}.wasm`, content: emitScalarModule(plan) }];
  if (target === 'js') return [{ name: `${name}.mjs`, content: utf8.encode(emitJavaScript(plan, name)) }];
  if (target === 'wasm-simd') {
    const { bytes, tables } = emitBatchModule(plan);
    const described = `${JSON.stringify(tables.map(describeTable), undefined, 1)}\n`;
    return [
      { name: `${name}.simd.wasm`, content: bytes },
      { name: `${name}.simd.json`, content: utf8.encode(described) },
    ];
  }
  const { header, headerName, source } = emitC(plan, { name });
  return [
    { name: headerName, content: utf8.encode(header) },
    { name: headerName.replace(/\.h$/, '.c'), content: utf8.encode(source) },
  ];
}

/** What stands in which of the batch module's results: one entry per table, in their order. */
function describeTable({ message, branch, columns }: ReturnType<typeof emitBatchModule>['tables'][number]) {
  const ranges = branch?.ranges.map(({ from, to }) => [`${from}`, `${to}`]);
  return {
    message: message.name,
    id: message.id,
    extended: message.extended,
    ...(branch && { selector: branch.selector.name, ranges }),
    columns: columns.map(({ signal, type }) => ({ signal: signal.name, type, unit: signal.unit })),
  };
}
