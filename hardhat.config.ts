import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

/** The compiler is the one from the npm registry, so building needs no download beyond `npm ci`. */
const compilerPath = createRequire(import.meta.url).resolve('solc/soljson.js');

export default defineConfig({
  solidity: {
    version: '0.8.37',
    path: compilerPath,
    settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'prague' },
    npmFilesToBuild: [
      '@openzeppelin/contracts/governance/TimelockController.sol',
      '@openzeppelin/contracts/access/manager/AccessManager.sol',
      '@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
    ],
  },
  paths: { tests: { solidity: './test/contracts' } },
});
