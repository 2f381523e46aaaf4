export {
  ChainView,
  type ChainViewOptions,
  type LicenceStanding,
  type RegistryAddresses,
  type RegistryState,
} from './chain-view.ts';
export { type Checkpoint, hashCheckpoint, type SignerSet } from './checkpoint.ts';
export {
  type CheckpointFile,
  type CheckpointSignature,
  type DecoderEntry,
  decodeCheckpointFile,
  encodeCheckpointFile,
} from './checkpoint-file.ts';
export {
  type CheckpointContext,
  requireNotOlder,
  requireSignature,
  type SeenEpoch,
  utc,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint-verify.ts';
export { CheckpointView, type CheckpointViewOptions } from './checkpoint-view.ts';
export { KnownTime } from './known-time.ts';
export { LayeredTrust, type LayeredTrustOptions } from './layered-trust.ts';
export { decoderLeaf, rootOf } from './merkle.ts';
export type { BlockName, TrustEvent, TrustSource } from './trust-event.ts';
export { TrustMemory, type TrustMemoryOptions } from './trust-memory.ts';
export { type RegistryPlace, type TrustState, TrustStore } from './trust-store.ts';
export {
  type DecoderStanding,
  type DecoderState,
  type DeviceStanding,
  type DeviceState,
  decoderStates,
  deviceStates,
  type ImageStanding,
  type ImageTrust,
  type LicenceState,
  licenceStates,
  type TrustView,
} from './trust-view.ts';
