export type { Clock, Random } from './environment.ts';
export { liveClock, liveRandom } from './live.ts';
export { type CutMoment, MemoryStorage, PowerCut } from './memory-storage.ts';
export { SeededRandom } from './seeded-random.ts';
export { VirtualClock } from './virtual-clock.ts';
