/** Runs compiled Solidity tests in this process, through the same engine as `hardhat test solidity`. */
import { createRequire } from 'node:module';
import type * as Edr from '@nomicfoundation/edr';
import hardhatConfig from '../../hardhat.config.ts';
import type { Compiled } from './compile.ts';
import { COVERAGE } from './schemata.ts';

// Hardhat's own dependency, so it is resolved from there.
const require = createRequire(createRequire(import.meta.url).resolve('hardhat/package.json'));
const edr = require('@nomicfoundation/edr') as typeof Edr;

/** How much a run looks at; each depth holds the tests of the one before. */
export interface Depth {
  name: string;
  /** Tests with arguments, and invariants. */
  fuzz?: { runs: number; invariantRuns: number; invariantDepth: number };
}

export interface Suite {
  name: string;
  source: string;
  id: Edr.ArtifactId;
  isFuzzed: boolean;
}

export interface Outcome {
  suite: Suite;
  failed: { test: string; reason: string }[];
  passedCount: number;
}

/** Past this a test is a loop without end. What takes longer without any mutant must be made shorter: a failing test is traced step by step, in memory. */
const gasLimit = 2n ** 29n;
const fuzzed = '^(testFuzz|invariant)';
const invariant = /^invariant/;
const isTest = /^(test|invariant)/;

let context: Promise<Edr.EdrContext> | undefined;

async function openContext(): Promise<Edr.EdrContext> {
  const opened = new edr.EdrContext();
  await opened.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
  return opened;
}

type SolidityTestConfig = Record<string, unknown> & { profiles?: { default?: Record<string, unknown> } };

/** The project's own settings of its tests, the default profile where there are several. */
function projectSettings(): Record<string, unknown> {
  const config = ((hardhatConfig as { test?: { solidity?: SolidityTestConfig } }).test?.solidity ??
    {}) as SolidityTestConfig;
  const { fuzz, invariant, eip712Types, forking, profiles, ...rest } = { ...config, ...config.profiles?.default };
  return { ...rest, fuzz, invariant };
}

/** The block's coinbase that switches a mutant on; well away from the precompiled contracts. */
function switchedTo(mutant: number): Uint8Array {
  return Buffer.from(`5eed${mutant.toString(16).padStart(36, '0')}`, 'hex');
}

export class Runner {
  readonly suites: Suite[];
  /** Beside the suites themselves, which hold most of the bytes: each call hands over all that it may need. */
  private readonly artifacts: Edr.Artifact[] = [];
  private readonly suiteArtifacts = new Map<Suite, Edr.Artifact>();
  private readonly projectRoot: string;

  /** @param isSuite Whether a source holds tests. */
  constructor(compiled: Compiled, projectRoot: string, isSuite: (source: string) => boolean) {
    this.projectRoot = projectRoot;
    this.suites = [];
    for (const [source, contracts] of Object.entries(compiled.contracts)) {
      for (const [name, { abi, evm }] of Object.entries(contracts)) {
        const id = { name, source, solcVersion: '0.8.37' };
        const artifact: Edr.Artifact = {
          id,
          contract: {
            abi: JSON.stringify(abi),
            bytecode: `0x${evm.bytecode.object}`,
            linkReferences: evm.bytecode.linkReferences,
            deployedBytecode: `0x${evm.deployedBytecode.object}`,
            deployedLinkReferences: evm.deployedBytecode.linkReferences,
          },
        };
        const tests = abi.filter(({ type, name: test }) => type === 'function' && isTest.test(test ?? ''));
        const isFuzzed = tests.some(({ name: test, inputs }) => invariant.test(test!) || inputs!.length > 0);
        if (isSuite(source) && evm.bytecode.object !== '' && tests.length > 0) {
          const suite = { name, source, id, isFuzzed };
          this.suites.push(suite);
          this.suiteArtifacts.set(suite, artifact);
        } else this.artifacts.push(artifact);
      }
    }
    this.suites.sort((a, b) => (a.source + a.name < b.source + b.name ? -1 : 1));
  }

  /**
   * Runs suites with one mutant on, or with none (0).
   * @param tests Only these tests of the suites.
   */
  async run(suites: Suite[], mutant: number, depth: Depth, tests?: string[]): Promise<Outcome[]> {
    const testPattern = tests && `^(${tests.join('|')})(\\(|$)`;
    return await this.start(suites, depth, { blockCoinbase: switchedTo(mutant), ...(testPattern && { testPattern }) });
  }

  /** Which mutants a suite comes past. */
  async reach(suite: Suite, depth: Depth): Promise<Set<number>> {
    const reached = new Set<number>();
    const onCollectedCoverageCallback = async (hits: Uint8Array[]): Promise<void> => {
      for (const hit of hits) reached.add(Number(BigInt(`0x${Buffer.from(hit).toString('hex')}`)));
    };
    await this.start([suite], depth, {
      blockCoinbase: switchedTo(Number(COVERAGE)),
      observability: { codeCoverage: { onCollectedCoverageCallback } },
    });
    return reached;
  }

  private async start(
    suites: Suite[],
    depth: Depth,
    settings: Partial<Edr.SolidityTestRunnerConfigArgs>,
  ): Promise<Outcome[]> {
    context ??= openContext();
    const engine = await context;
    const { fuzz, invariant, ...own } = projectSettings() as {
      fuzz?: Edr.FuzzConfigArgs;
      invariant?: Edr.InvariantConfigArgs;
    };
    const outcomes: Outcome[] = [];
    const done = Promise.withResolvers<void>();
    const config: Edr.SolidityTestRunnerConfigArgs = {
      ...own,
      projectRoot: this.projectRoot,
      hardfork: 'osaka',
      localPredeploys: edr.l1GenesisState(edr.l1HardforkFromString('osaka')),
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      gasLimit,
      ...(depth.fuzz ? {} : { excludeTestPattern: fuzzed }),
      // A seed of its own, so that the same tree gives the same verdicts.
      fuzz: { ...fuzz, seed: '0x5eed', runs: depth.fuzz?.runs ?? 1 },
      invariant: {
        ...invariant,
        runs: depth.fuzz?.invariantRuns ?? 1,
        depth: depth.fuzz?.invariantDepth ?? 1,
        shrinkRunLimit: 0,
      },
      ...settings,
    };
    const ids = suites.map(({ id }) => id);
    const artifacts = [...suites.map((suite) => this.suiteArtifacts.get(suite)!), ...this.artifacts];
    await engine.runSolidityTests(edr.L1_CHAIN_TYPE, artifacts, ids, config, {}, ({ id, testResults }) => {
      const suite = suites.find(({ name, source }) => name === id.name && source === id.source)!;
      const failed = testResults
        .filter(({ status }) => status === 'Failure')
        .map(({ name, reason }) => ({ test: name.replace(/\(.*/, ''), reason: reason ?? '' }));
      outcomes.push({ suite, failed, passedCount: testResults.length - failed.length });
      if (outcomes.length === suites.length) done.resolve();
    });
    await done.promise;
    return outcomes;
  }
}
