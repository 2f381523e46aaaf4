export type { FlashDevice } from './types.ts';
