/** The grammar of package files in numbers; docs/package.md has it in words. */
import { statusNames } from '../../../edge/decode/index.ts';
import { type CborValue, fromHex } from '../../../edge/pack/index.ts';
import type { Hashes } from './package.ts';

/** Bytes of a package file, and of the parts of a folder. */
export const sizeMax = { file: 32 << 20, manifest: 64 << 10, dbc: 16 << 20, golden: 64 << 20, vss: 16 << 20 } as const;

/** Keys of the outermost map. */
export const Key = { format: 1, manifest: 2, dbc: 3, hashes: 4, golden: 5, vss: 6, seal: 7 } as const;
export const formatVersion = 1;
/** Of a golden frame's id: 29 bits, not 11. */
export const extendedBit = 2 ** 31;
/** SignalStatus by its name. */
export const statusCodes = new Map(Object.entries(statusNames).map(([code, name]) => [name, Number(code)]));

/** The array under key 4. */
export const hashList = ({ contentHash, semanticHash, moduleHash }: Hashes): CborValue[] => [
  fromHex(contentHash),
  fromHex(semanticHash),
  moduleHash === null ? null : fromHex(moduleHash),
];
