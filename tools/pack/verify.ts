/** `miner pack verify`: whether packs hold, each by itself and one after the other. */
import { MinerError } from '../../edge/errors/index.ts';
import { openPack, sampleCount, toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import { ChainCheck, type ChainReport } from './chain-check.ts';
import { readPacks } from './source.ts';

export interface VerifyOptions {
  /** What the signature binds besides the pack: see packAad. */
  externalAad: Uint8Array;
  /** The device that must have signed: 0x and 40 lower-case hex digits. */
  device?: string;
}

export type PackVerdict =
  | {
      file: string;
      valid: true;
      device: string;
      algorithm: string;
      seq: number;
      boot: number;
      samples: number;
      hash: string;
    }
  | { file: string; valid: false; code: string; reason: string; error: MinerError }
  /** Of a log: bytes that are no record. The tail may be in the making, and counts as no fault. */
  | { file: string; damagedBytes: number; isTail: boolean };

/**
 * Verifies packs one after another; keeps of each what the report needs.
 * @returns how they follow each other, once all verdicts were taken
 * @throws {MinerError} FILE_UNREADABLE, PACK_SOURCE_EMPTY: where there is nothing to judge
 */
export function* verifyPacks(paths: readonly string[], options: VerifyOptions): Generator<PackVerdict, ChainReport> {
  const chain = new ChainCheck();
  for (const item of readPacks(paths)) {
    if (item.kind === 'damage') yield { file: item.name, damagedBytes: item.bytes, isTail: item.isTail };
    else yield verdictOf(item.name, item.bytes, options, chain);
  }
  return chain.report();
}

function verdictOf(file: string, bytes: Uint8Array, options: VerifyOptions, chain: ChainCheck): PackVerdict {
  try {
    const pack = openPack(bytes, { externalAad: options.externalAad });
    const device = `0x${toHex(pack.kid)}`;
    if (options.device !== undefined && device !== options.device) {
      throw toolError('PACK_DEVICE', { device, expected: options.device });
    }
    chain.add(file, pack);
    const { algorithm, body, hash } = pack;
    const { seq, bootCount: boot } = body;
    return { file, valid: true, device, algorithm, seq, boot, samples: sampleCount(body), hash: toHex(hash) };
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    return { file, valid: false, code: error.code, reason: error.message, error };
  }
}
