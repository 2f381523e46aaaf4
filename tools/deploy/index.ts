/** Deploying the platform's contracts, and the chain of this machine to deploy them on. */
export { type Artifact, type ArtifactName, abiFunction, artifactNames, errorsAbi, loadArtifact } from './artifacts.ts';
export { type ChainClients, connectChain, revertReason, send } from './clients.ts';
export { deployAll } from './deploy.ts';
export { actionLevels, spendActions } from './levels.ts';
export {
  advanceTime,
  type LocalChain,
  localAccounts,
  localChainId,
  localMnemonic,
  startLocalChain,
} from './local-chain.ts';
export { type RawLog, readLogs } from './logs.ts';
export {
  type Addresses,
  type ContractName,
  type DeployOptions,
  guardianTerm,
  plan,
  type RoleName,
  roleFunctions,
  roles,
} from './plan.ts';
export { registriesOf } from './registries.ts';
export { type Deployment, proveWiring, type WiringProof } from './wiring.ts';
