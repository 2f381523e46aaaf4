export { ChainView, type ChainViewOptions, type RegistryAddresses } from './chain-view.ts';
export {
  type DecoderStanding,
  type DecoderState,
  type DeviceStanding,
  type DeviceState,
  decoderStates,
  deviceStates,
  type LicenceState,
  licenceStates,
  type TrustView,
} from './trust-view.ts';
