import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

/** The compiler is the one from the npm registry, so building needs no download beyond `npm ci`. */
const solc = ({ runs = 200, viaIR = false } = {}) => ({
  version: '0.8.37',
  path: createRequire(import.meta.url).resolve('solc/soljson.js'),
  settings: { optimizer: { enabled: true, runs }, evmVersion: 'prague', viaIR },
});

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
  test: { solidity: { fuzz: { runs: 512 }, invariant: { runs: 64, depth: 64 } } },
  paths: { tests: { solidity: './test/contracts' } },
});
