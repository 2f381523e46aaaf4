import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

/** The compiler is the one from the npm registry, so building needs no download beyond `npm ci`. */
const solc = (settings: { viaIR?: boolean } = {}) => ({
  version: '0.8.37',
  path: createRequire(import.meta.url).resolve('solc/soljson.js'),
  settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'prague', ...settings },
});

export default defineConfig({
  solidity: {
    compilers: [solc()],
    // The governor passes the limit of 24,576 bytes without the IR pipeline (25,784; with it 20,758). Everything else
    // is built without, which takes a third of the time.
    overrides: { 'contracts/governance/DimoGovernor.sol': solc({ viaIR: true }) },
    npmFilesToBuild: [
      '@openzeppelin/contracts/governance/TimelockController.sol',
      '@openzeppelin/contracts/access/manager/AccessManager.sol',
      '@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
    ],
  },
  test: { solidity: { fuzz: { runs: 512 } } },
  paths: { tests: { solidity: './test/contracts' } },
});
