export { FlashArea } from './flash-area.ts';
export { MemoryFlash } from './memory-flash.ts';
export { type FlashGeometry, NorFlash } from './nor-flash.ts';
export { PowerSupply } from './power-supply.ts';
export { RecordStore } from './record-store.ts';
export { FlashSettings } from './settings-store.ts';
export type { FlashDevice } from './types.ts';
export { alignDown, alignUp, isErased, padded } from './words.ts';
