/** Turns mutants into as few compilations as the compiler allows. */
import type { Sources } from './ast.ts';
import { blame, type Compiled, compile, mutantsInside } from './compile.ts';
import type { Mutant } from './mutants.ts';
import { writeSchemata } from './schemata.ts';

export interface Build {
  mutants: Mutant[];
  compiled: Compiled;
}

/**
 * Compiles until nothing is refused: a mutant that is no Solidity is left out for good, and where a function grew too
 * deep for the stack, half of its mutants wait for the next build.
 * @returns invalid What didn't compile even without the others.
 */
export function buildAll(
  sources: Sources,
  mutants: Mutant[],
  say: (text: string) => void,
): { builds: Build[]; invalid: Mutant[] } {
  const byId = new Map(mutants.map((mutant) => [mutant.id, mutant]));
  const builds: Build[] = [];
  const invalid = new Set<Mutant>();
  let waiting = mutants;
  while (waiting.length > 0) {
    let current = waiting;
    waiting = [];
    // Analysis takes a fifth of the time, so nearly all that is refused is found out by it alone.
    for (let want: 'ast' | 'code' = 'ast'; current.length > 0; ) {
      const texts = writeSchemata(sources, current);
      const compiled = compile(texts, want);
      say(`build ${builds.length + 1}: ${current.length} mutants, ${want}, ${compiled.errors.length} refusals`);
      if (compiled.errors.length === 0 && want === 'code') {
        builds.push({ mutants: current, compiled });
        break;
      }
      if (compiled.errors.length === 0) {
        want = 'code';
        continue;
      }
      const guilty = blame(compiled.errors, texts);
      for (const id of guilty.mutants) invalid.add(byId.get(id)!);
      const later = new Set<number>();
      for (const { file, id } of guilty.definitions) {
        const inside = mutantsInside(texts.get(file)!, id);
        if (inside.length === 0) throw new Error(compiled.errors[0]!.formattedMessage);
        // Alone and still too deep: the compiler has no stack for it.
        if (inside.length === 1) invalid.add(byId.get(inside[0]!)!);
        for (const mutant of inside.slice(0, Math.ceil(inside.length / 2))) later.add(mutant);
      }
      const left = current.filter((mutant) => !invalid.has(mutant));
      waiting.push(...left.filter(({ id }) => later.has(id)));
      current = left.filter(({ id }) => !later.has(id));
    }
  }
  return { builds, invalid: [...invalid] };
}
