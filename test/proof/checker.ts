/**
 * Runs the model checker of the Solidity compiler (CHC, with the Z3 that its npm package holds) on one harness.
 * A property is an assert under a line "/// Proves: ...". It is proven if no sequence of calls, of any length and with
 * any arguments, can break it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Text in a source file that a seeded fault replaces, to see that the proof notices. */
export interface Fault {
  path: string;
  from: string;
  to: string;
}

export interface Task {
  /** Name of a contract and of its file in this folder. */
  harness: string;
  /** Keeps this property alone. */
  only?: string;
  fault?: Fault;
}

export interface Finding {
  property: string;
  /** Refuted means that the checker found a way to break it; unknown, that it gave up, or was not there. */
  verdict: 'proven' | 'refuted' | 'unknown';
  /** What the checker says where it is not proven: a counter-example with its trace, or why it does not know. */
  message: string;
}

interface Diagnostic {
  severity: 'error' | 'warning' | 'info';
  errorCode: string;
  message: string;
  formattedMessage: string;
  sourceLocation?: { file: string; start: number };
}

const SAFE = '9576';
const require = createRequire(import.meta.url);
const root = new URL('../../', import.meta.url);

/** The properties of a harness in the order of its file, each with the position of its assert. */
export function propertiesOf(source: string): { property: string; start: number; end: number }[] {
  const properties = [...source.matchAll(/\/\/\/ Proves: ([^\n]+)\n\s*(assert\(.+?\);)\n/gs)].map((match) => {
    const end = match.index + match[0].length - 1;
    return { property: match[1]!, start: end - match[2]!.length, end };
  });
  const asserts = source.split('assert(').length - 1;
  if (asserts !== properties.length) throw new Error(`${asserts} asserts, but ${properties.length} named properties`);
  return properties;
}

export function sourceOf(path: string): string {
  return readFileSync(new URL(path.startsWith('@') ? `node_modules/${path}` : path, root), 'utf8');
}

/** Takes a minute at most; blocks meanwhile. */
export function check({ harness, only, fault }: Task): Finding[] {
  const solc = require('solc');
  const file = `test/proof/${harness}.sol`;
  const sources = gather(file);
  if (fault) seed(sources, fault);
  if (only) keepOnly(sources, file, only);
  const properties = propertiesOf(sources[file]!.content);
  const input = {
    language: 'Solidity',
    sources,
    settings: {
      evmVersion: 'prague',
      modelChecker: {
        contracts: { [file]: [harness] },
        engine: 'chc',
        // Zero lifts the solver's limit on its steps, which some proofs pass. Any other value starts a timer, which the
        // WebAssembly build does not survive.
        timeout: 0,
        targets: ['assert'],
        showProvedSafe: true,
        showUnproved: true,
        showUnsupported: true,
      },
      outputSelection: { '*': { '*': [] } },
    },
  };
  const diagnostics: Diagnostic[] = JSON.parse(solc.compile(JSON.stringify(input))).errors ?? [];
  const broken = diagnostics.find(({ severity }) => severity === 'error');
  if (broken) throw new Error(`${harness}: ${broken.formattedMessage}`);
  // Whatever concerns no assert is about the checker itself: a solver that is missing, a language feature it skips.
  const general = diagnostics.filter(({ message }) => /SMT|CHC|solver/.test(message) && !/violation/.test(message));
  return properties.map(({ property, start }) => {
    const own = diagnostics.filter(({ sourceLocation: at }) => at?.file === file && at.start === start);
    const proven = own.length > 0 && own.every(({ errorCode }) => errorCode === SAFE);
    const refuted = own.some(({ message }) => message.includes('violation happens here'));
    const message = proven ? '' : [...own, ...general].map((diagnostic) => diagnostic.message).join('\n');
    return { property, verdict: proven ? 'proven' : refuted ? 'refuted' : 'unknown', message };
  });
}

/** A file and all it imports, by their paths from the repository's root. */
export function gather(
  path: string,
  found: Record<string, { content: string }> = {},
): Record<string, { content: string }> {
  if (found[path]) return found;
  const content = sourceOf(path);
  found[path] = { content };
  for (const [, target] of content.matchAll(/^import .*?"(.+?)";/gms)) {
    const next = target!.startsWith('.') ? new URL(target!, `file:///${path}`).pathname.slice(1) : target!;
    gather(next, found);
  }
  return found;
}

function seed(sources: Record<string, { content: string }>, { path, from, to }: Fault): void {
  const source = sources[path];
  const count = source ? source.content.split(from).length - 1 : 0;
  if (count !== 1) throw new Error(`a fault's text must occur once, not ${count} times, in ${path}: ${from}`);
  source!.content = source!.content.replace(from, () => to);
}

function keepOnly(sources: Record<string, { content: string }>, file: string, only: string): void {
  let { content } = sources[file]!;
  const properties = propertiesOf(content);
  if (!properties.some(({ property }) => property === only)) throw new Error(`${file} does not prove: ${only}`);
  for (const { property, start, end } of properties.reverse()) {
    if (property === only) continue;
    const comment = content.lastIndexOf('///', start);
    content = content.slice(0, comment) + content.slice(end);
  }
  sources[file] = { content };
}
