export { FlashFile } from './node-file.ts';
