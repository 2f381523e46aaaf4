/** Compiles sources held in memory with the project's compiler, and finds whose fault it is where that fails. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isNode, type Node, type Sources } from './ast.ts';

const require = createRequire(import.meta.url);

interface Solc {
  compile(input: string, callbacks: { import: (file: string) => { contents: string } | { error: string } }): string;
}
let solc: Solc | undefined;

export interface CompilerError {
  severity: 'error' | 'warning' | 'info';
  type: string;
  formattedMessage: string;
  message: string;
  sourceLocation?: { file: string; start: number; end: number };
}

export interface CompiledContract {
  abi: { type: string; name?: string; inputs?: unknown[] }[];
  evm: { bytecode: Linkable; deployedBytecode: Linkable };
}
interface Linkable {
  object: string;
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
}

export interface Compiled {
  errors: CompilerError[];
  sources: Record<string, { ast?: Node }>;
  contracts: Record<string, Record<string, CompiledContract>>;
}

/** What packages are imported from. */
function readImport(file: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(require.resolve(file), 'utf8') };
  } catch {
    return { error: `${file}: no such package file` };
  }
}

/**
 * Without the optimizer: what is tested is meaning, not gas. Only the stack of inline assembly is laid out, for which
 * OpenZeppelin's P256 has no room otherwise.
 * @param want `ast` stops after analysis; `code` goes on to bytecode.
 */
export function compile(texts: ReadonlyMap<string, string>, want: 'ast' | 'code'): Compiled {
  solc ??= require('solc') as Solc;
  const contract = want === 'code' ? ['abi', 'evm.bytecode', 'evm.deployedBytecode'] : [];
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...texts].map(([file, content]) => [file, { content }])),
    settings: {
      evmVersion: 'prague',
      optimizer: { enabled: false, details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: ':' } } },
      metadata: { appendCBOR: false },
      outputSelection: { '*': { '': ['ast'], '*': contract } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Partial<Compiled>;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  return { errors, sources: output.sources ?? {}, contracts: output.contracts ?? {} };
}

/** The trees of the sources themselves, not of what they import. */
export function parse(texts: ReadonlyMap<string, string>): Sources {
  const { errors, sources } = compile(texts, 'ast');
  if (errors.length > 0) throw new Error(`the sources don't compile:\n${errors[0]!.formattedMessage}`);
  const parsed: Sources = new Map();
  for (const [file, text] of texts) {
    const ast = sources[file]?.ast;
    if (isNode(ast)) parsed.set(file, { text: Buffer.from(text), ast });
  }
  return parsed;
}

/** Where marked texts start and end. */
interface Marked {
  part: string;
  id: number;
  start: number;
  end: number;
}

function markedIn(text: string): Marked[] {
  // Offsets are the compiler's: bytes.
  const source = Buffer.from(text).toString('latin1');
  const open = new Map<string, number>();
  const found: Marked[] = [];
  for (const match of source.matchAll(
    /\/\*(?:(whole|after|definition) (\d+)\[|\](\d+) (whole|after|definition))\*\//g,
  )) {
    if (match[1]) open.set(`${match[1]} ${match[2]}`, match.index + match[0].length);
    else {
      const start = open.get(`${match[4]} ${match[3]}`)!;
      found.push({ part: match[4]!, id: Number(match[3]), start, end: match.index });
    }
  }
  return found;
}

/** Which mutants a compilation has to do without; `definition`s are those that grew too deep for the stack. */
export interface Blame {
  mutants: Set<number>;
  definitions: { file: string; id: number }[];
}

export function blame(errors: CompilerError[], texts: ReadonlyMap<string, string>): Blame {
  const result: Blame = { mutants: new Set(), definitions: [] };
  const cache = new Map<string, Marked[]>();
  for (const { sourceLocation: at, formattedMessage, message } of errors) {
    const text = at && texts.get(at.file);
    if (!text) throw new Error(`mutants broke the compilation without saying where:\n${formattedMessage}`);
    const marks = cache.get(at.file) ?? markedIn(text);
    cache.set(at.file, marks);
    const around = marks.filter(({ start, end }) => start <= at.start && at.end <= end);
    const closest = (part: string): Marked | undefined =>
      around.filter((marked) => marked.part === part).sort((a, b) => a.end - a.start - (b.end - b.start))[0];
    const deep = /stack too deep/i.test(message);
    const guilty = deep
      ? undefined
      : (closest('after') ??
        closest('whole') ??
        marks.find(({ start, end, part }) => part === 'whole' && at.start <= start && end <= at.end));
    const definition = closest('definition');
    if (guilty) result.mutants.add(guilty.id);
    else if (definition) result.definitions.push({ file: at.file, id: definition.id });
    else throw new Error(`mutants broke the compilation:\n${formattedMessage}`);
  }
  return result;
}

/** The mutants inside one marked definition. */
export function mutantsInside(text: string, definition: number): number[] {
  const marks = markedIn(text);
  const span = marks.find(({ part, id }) => part === 'definition' && id === definition)!;
  return marks
    .filter(({ part, start, end }) => part === 'whole' && span.start <= start && end <= span.end)
    .map(({ id }) => id);
}
