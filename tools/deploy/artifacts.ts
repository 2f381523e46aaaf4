/** Reads what Hardhat built: from a checkout after `hardhat build`, or from the installed package. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Abi, AbiFunction, Hex } from 'viem';
import { toolError } from '../errors/index.ts';
import { packageRoot } from '../package-root.ts';

/** Where each contract's source lies; the artifact lies under the same path. */
const sources = {
  AccessManager: '@openzeppelin/contracts/access/manager',
  Bounties: 'contracts/funding',
  DecoderRegistry: 'contracts/registry',
  DimoGovernor: 'contracts/governance',
  DimoToken: 'contracts/token',
  ERC1967Proxy: '@openzeppelin/contracts/proxy/ERC1967',
  GovernanceCheck: 'contracts/governance',
  Grants: 'contracts/funding',
  ManufacturerRegistry: 'contracts/registry',
  MinerRegistry: 'contracts/registry',
  PackVerifier: 'contracts/verify',
  ReferralProgram: 'contracts/rewards',
  RewardLevels: 'contracts/rewards',
  RewardPool: 'contracts/rewards',
  Streams: 'contracts/funding',
  TermedGuardian: 'contracts/governance',
  TimelockController: '@openzeppelin/contracts/governance',
  Treasury: 'contracts/treasury',
  VehicleLocks: 'contracts/rewards',
} as const;

export type ArtifactName = keyof typeof sources;
export const artifactNames = Object.keys(sources) as ArtifactName[];

export interface Artifact {
  contractName: string;
  abi: Abi;
  bytecode: Hex;
}

const loaded = new Map<ArtifactName, Artifact>();

/** The file that Hardhat has written for a contract. */
export function artifactPath(name: ArtifactName): string {
  return path.join(packageRoot, 'artifacts', sources[name], `${name}.sol`, `${name}.json`);
}

/**
 * One contract's ABI and creation code.
 * @throws {MinerError} `ARTIFACT_MISSING` when the contracts were not built.
 */
export function loadArtifact(name: ArtifactName): Artifact {
  const known = loaded.get(name);
  if (known) return known;
  const file = artifactPath(name);
  let artifact: Artifact;
  try {
    artifact = JSON.parse(readFileSync(file, 'utf8')) as Artifact;
  } catch (cause) {
    throw toolError('ARTIFACT_MISSING', { contract: name, path: file }, cause);
  }
  loaded.set(name, artifact);
  return artifact;
}

/** The one function of that name; ours are not overloaded. An unknown name is our own mistake. */
export function abiFunction(name: ArtifactName, functionName: string): AbiFunction {
  const found = loadArtifact(name).abi.filter(
    (item): item is AbiFunction => item.type === 'function' && item.name === functionName,
  );
  if (found.length !== 1) throw new Error(`${name}.${functionName}: ${found.length} such functions in the ABI`);
  return found[0]!;
}

/** Every custom error of every contract, so that a revert is named wherever in a batch it came from. */
export function errorsAbi(): Abi {
  return artifactNames.flatMap((name) => loadArtifact(name).abi.filter((item) => item.type === 'error'));
}
