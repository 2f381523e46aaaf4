import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

/** The compiler is the one from the npm registry, so building needs no download beyond `npm ci`. */
const solc = ({ runs = 200, viaIR = false } = {}) => ({
  version: '0.8.37',
  path: createRequire(import.meta.url).resolve('solc/soljson.js'),
  settings: { optimizer: { enabled: true, runs }, evmVersion: 'prague', viaIR },
});

/** One seed for every run, so that a failure repeats; FUZZ_SEED chooses another. */
const seed = process.env.FUZZ_SEED ?? '0x2026';

/** How long the fuzzer looks: `runs` inputs a test, and for each invariant `sequences` of `depth` calls. */
const fuzzing = (runs: number, sequences: number, depth: number) => ({
  fuzz: { runs, seed },
  invariant: { runs: sequences, depth },
});

// What is built to count lines is not what is shipped, so it lies elsewhere and leaves the artifacts alone.
const coverage = process.argv.includes('--coverage');

export default defineConfig({
  solidity: {
    compilers: [solc()],
    // The governor passes the limit of 24,576 bytes without the IR pipeline, and with it from some 10,000 runs on
    // (24,799). Everything else is built without, which takes a third of the time: for what a proposal's execution runs
    // through, 10,000 runs save most of what the IR pipeline would (172,738 gas instead of 173,631).
    overrides: {
      'contracts/governance/DimoGovernor.sol': solc({ viaIR: true, runs: 1_000 }),
      'contracts/token/DimoToken.sol': solc({ runs: 10_000 }),
      'contracts/treasury/Treasury.sol': solc({ runs: 10_000 }),
      '@openzeppelin/contracts/governance/TimelockController.sol': solc({ runs: 10_000 }),
      '@openzeppelin/contracts/access/manager/AccessManager.sol': solc({ runs: 10_000 }),
    },
    npmFilesToBuild: [
      '@openzeppelin/contracts/governance/TimelockController.sol',
      '@openzeppelin/contracts/access/manager/AccessManager.sol',
      '@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
    ],
  },
  test: {
    solidity: {
      profiles: {
        default: fuzzing(512, 64, 64),
        ci: fuzzing(5_000, 256, 128),
        // A line is reached by the first inputs or by none.
        coverage: fuzzing(64, 16, 64),
      },
    },
  },
  paths: {
    tests: { solidity: './test/contracts' },
    ...(coverage && { artifacts: './coverage/artifacts', cache: './coverage/cache' }),
  },
});
