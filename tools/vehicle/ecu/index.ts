export { type EcuDescription, type EcuIdentifier, electricCarEcus, exampleVin, type StoredDtc } from './description.ts';
export type { Ecu } from './ecu.ts';
export { EcuNetwork, type EcuNetworkCounters, type EcuNetworkOptions } from './ecu-network.ts';
