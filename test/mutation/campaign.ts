/** A whole mutation run: find, build, see which tests come past which mutant, and try to kill each. */

import { buildAll } from './build.ts';
import { parse } from './compile.ts';
import { findMutants, type Mutant } from './mutants.ts';
import { type Depth, Runner, type Suite } from './runner.ts';

export interface Verdict {
  mutant: Mutant;
  /** `unreached` is a survivor too: no test comes past it. */
  status: 'killed' | 'survived' | 'unreached' | 'invalid';
  /** The first test that failed, `Suite.test`. */
  killer?: string;
}

/** What is known from an interrupted run of the same sources, and where to write down what is found. */
export interface Journal {
  known: ReadonlyMap<number, Omit<Verdict, 'mutant'>>;
  write: (verdict: Verdict) => void;
}

export interface Campaign {
  texts: ReadonlyMap<string, string>;
  isMutated: (file: string) => boolean;
  isSuite: (file: string) => boolean;
  projectRoot: string;
  /** How many mutants are tried at a time. */
  jobs: number;
  /** From shallow to deep: what survives one is tried by the next. */
  depths: Depth[];
  journal?: Journal;
  say?: (text: string) => void;
  progress?: (done: number, total: number, survived: number) => void;
  signal?: AbortSignal;
}

export interface Result {
  verdicts: Verdict[];
  /** Whether it was stopped before every mutant had its verdict. */
  interrupted: boolean;
}

export async function runCampaign(campaign: Campaign): Promise<Result> {
  const { texts, isMutated, journal, say = () => {}, signal } = campaign;
  const sources = parse(texts);
  const mutants = findMutants(sources, isMutated);
  say(`${mutants.length} mutants in ${new Set(mutants.map(({ file }) => file)).size} files`);
  const verdicts = new Map<number, Verdict>();
  const conclude = (verdict: Verdict): void => {
    verdicts.set(verdict.mutant.id, verdict);
    journal?.write(verdict);
  };
  for (const mutant of mutants) {
    const known = journal?.known.get(mutant.id);
    if (known) verdicts.set(mutant.id, { ...known, mutant });
  }
  const open = mutants.filter(({ id }) => !verdicts.has(id));
  const { builds, invalid } = buildAll(sources, open, say);
  for (const mutant of invalid) conclude({ mutant, status: 'invalid' });
  for (const build of builds) {
    if (signal?.aborted) break;
    const runner = new Runner(build.compiled, campaign.projectRoot, campaign.isSuite);
    const hunt = await Hunt.begin(runner, campaign.depths, say);
    await inParallel(build.mutants, campaign.jobs, async (mutant) => {
      if (signal?.aborted) return;
      conclude(await hunt.try(mutant));
      const survived = [...verdicts.values()].filter(({ status }) => status === 'survived' || status === 'unreached');
      campaign.progress?.(verdicts.size, mutants.length, survived.length);
    });
  }
  const inOrder = mutants.flatMap(({ id }) => verdicts.get(id) ?? []);
  return { verdicts: inOrder, interrupted: inOrder.length < mutants.length };
}

async function inParallel<T>(items: T[], jobs: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** Tries mutants against the suites that come past them, those first that killed their neighbours. */
class Hunt {
  /** How often a suite killed in a place or file, and the unit tests that did, the latest first. */
  private readonly kills = new Map<string, { count: number; tests: string[] }>();
  private readonly runner: Runner;
  private readonly depths: Depth[];
  /** By depth, then suite: the mutants it comes past, and how long it took. */
  private readonly reached: Map<Suite, { ids: Set<number>; ms: number }>[];

  private constructor(runner: Runner, depths: Depth[], reached: Map<Suite, { ids: Set<number>; ms: number }>[]) {
    this.runner = runner;
    this.depths = depths;
    this.reached = reached;
  }

  /** Sees first that every test passes with no mutant on. */
  static async begin(runner: Runner, depths: Depth[], say: (text: string) => void): Promise<Hunt> {
    const reached = [];
    for (const depth of depths) {
      const failed = (await runner.run(runner.suites, 0, depth)).flatMap((outcome) =>
        outcome.failed.map(({ test, reason }) => `${outcome.suite.name}.${test}: ${reason}`),
      );
      if (failed.length > 0) throw new Error(`tests fail without any mutant on:\n${failed.join('\n')}`);
      const bySuite = new Map<Suite, { ids: Set<number>; ms: number }>();
      for (const suite of runner.suites) {
        const started = performance.now();
        bySuite.set(suite, { ids: await runner.reach(suite, depth), ms: performance.now() - started });
      }
      reached.push(bySuite);
      const ms = [...bySuite.values()].reduce((sum, each) => sum + each.ms, 0);
      say(`${runner.suites.length} suites pass, ${depth.name}: ${(ms / 1000).toFixed(1)} s`);
    }
    return new Hunt(runner, depths, reached);
  }

  async try(mutant: Mutant): Promise<Verdict> {
    let isReached = false;
    for (const [index, depth] of this.depths.entries()) {
      const suites = this.suitesFor(mutant, index);
      isReached ||= suites.length > 0;
      // One test takes a fraction of its suite's time, and what killed a neighbour mostly kills again.
      const likely = suites.map((suite) => ({ suite, tests: index === 0 ? this.killers(mutant, suite) : [] }));
      const first = likely.filter(({ tests }) => tests.length > 0).slice(0, 2);
      for (const { suite, tests } of [...first, ...suites.map((suite) => ({ suite, tests: undefined }))]) {
        const [outcome] = await this.runner.run([suite], mutant.id, depth, tests);
        const test = outcome?.failed[0]?.test;
        if (test === undefined) continue;
        this.remember(mutant, suite, index === 0 ? test : undefined);
        return { mutant, status: 'killed', killer: `${suite.name}.${test}` };
      }
    }
    return { mutant, status: isReached ? 'survived' : 'unreached' };
  }

  private remember({ place, file }: Mutant, suite: Suite, test: string | undefined): void {
    for (const key of [`${place} ${suite.name}`, `${file} ${suite.name}`]) {
      const { count, tests } = this.kills.get(key) ?? { count: 0, tests: [] };
      const latest =
        test === undefined || test === 'setUp' ? tests : [test, ...tests.filter((other) => other !== test)];
      this.kills.set(key, { count: count + 1, tests: latest.slice(0, 4) });
    }
  }

  private killers({ place, file }: Mutant, suite: Suite): string[] {
    const tests = [place, file].flatMap((key) => this.kills.get(`${key} ${suite.name}`)?.tests ?? []);
    return [...new Set(tests)];
  }

  private suitesFor(mutant: Mutant, depth: number): Suite[] {
    const kills = (suite: Suite, key: string): number => this.kills.get(`${key} ${suite.name}`)?.count ?? 0;
    const ms = (suite: Suite): number => this.reached[depth]!.get(suite)!.ms;
    return this.runner.suites
      .filter((suite) => this.reached[depth]!.get(suite)!.ids.has(mutant.id) && (depth === 0 || suite.isFuzzed))
      .sort(
        (a, b) =>
          kills(b, mutant.place) - kills(a, mutant.place) ||
          kills(b, mutant.file) - kills(a, mutant.file) ||
          ms(a) - ms(b),
      );
  }
}
