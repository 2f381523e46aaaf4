export { DeviceClock, type DeviceClockOptions } from './device-clock.ts';
export type { Clock, Random } from './environment.ts';
export { FaultyLine, type LineFaults } from './faulty-line.ts';
export { FaultyNetwork, type FaultyNetworkOptions, type NetworkFaults } from './faulty-network.ts';
export { liveClock, liveRandom } from './live.ts';
export { type CutMoment, MemoryStorage, PowerCut } from './memory-storage.ts';
export { SeededRandom } from './seeded-random.ts';
export { type NodeFaults, SimulatedRegistry } from './simulated-registry.ts';
export { VirtualClock } from './virtual-clock.ts';
