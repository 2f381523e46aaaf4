/** The folder in which commands of one machine find each other: what stands where, and the keys. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { bytesToHex, isAddress } from 'viem/utils';
import { fromHex } from '../../edge/pack/index.ts';
import { nativeSigner } from '../../edge/pack/node-signer.ts';
import type { Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import type { Identity } from './identity.ts';

/** What `miner chain` writes down. */
export interface ChainRecord {
  rpcUrl: string;
  deployment: Deployment;
}

/** What `miner gateway` writes down. */
export interface GatewayRecord {
  brokerUrl: string;
  /** Address whose receipts count. */
  address: string;
}

export const defaultFolder = '.miner';

export function writeRecord(folder: string, name: 'chain' | 'gateway', record: ChainRecord | GatewayRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws {MinerError} RECORD_MISSING, RECORD_UNREADABLE */
export function readChain(folder: string): ChainRecord {
  return readChainFile(recordPath(folder, 'chain'));
}

/**
 * The same from a file of any name, as somebody else publishes it.
 * @throws {MinerError} RECORD_MISSING, RECORD_UNREADABLE
 */
export function readChainFile(file: string): ChainRecord {
  const record = readJson<ChainRecord>(file, 'chain');
  const addresses = record?.deployment?.addresses;
  const isWhole =
    typeof record?.rpcUrl === 'string' &&
    Number.isSafeInteger(record.deployment?.chainId) &&
    isAddress(addresses?.MinerRegistry ?? '');
  if (!isWhole) throw toolError('RECORD_UNREADABLE', { path: file, reason: 'fields are missing' });
  return record;
}

/** @throws {MinerError} RECORD_MISSING, RECORD_UNREADABLE */
export function readGateway(folder: string): GatewayRecord {
  const record = readJson<GatewayRecord>(recordPath(folder, 'gateway'), 'gateway');
  if (typeof record?.brokerUrl === 'string' && isAddress(record.address ?? '')) return record;
  throw toolError('RECORD_UNREADABLE', { path: recordPath(folder, 'gateway'), reason: 'fields are missing' });
}

function recordPath(folder: string, name: string): string {
  return path.join(folder, `${name}.json`);
}

function readJson<Record>(file: string, name: 'chain' | 'gateway'): Record {
  if (!existsSync(file)) throw toolError('RECORD_MISSING', { path: file, command: `miner ${name}` });
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record;
  } catch (cause) {
    throw toolError('RECORD_UNREADABLE', { path: file, reason: (cause as Error).message }, cause);
  }
}

/**
 * Reads a secp256k1 key, 64 hex digits in a file that only its owner can read; makes one where there is none.
 * @throws {MinerError} KEY_UNREADABLE
 */
export function readOrMakeKey(file: string): Identity & { made: boolean } {
  const made = !existsSync(file);
  if (made) {
    mkdirSync(path.dirname(file), { recursive: true });
    const key = crypto.getRandomValues(new Uint8Array(32));
    // `wx`: of two processes that start at once, one makes the key and the other fails.
    writeFileSync(file, `${bytesToHex(key).slice(2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const key = readKey(file);
  try {
    return { signer: nativeSigner(key), account: privateKeyToAccount(bytesToHex(key)), made };
  } catch (cause) {
    throw toolError('KEY_UNREADABLE', { path: file, reason: 'not a key of secp256k1' }, cause);
  }
}

/**
 * Reads a key of 32 bytes, 64 hex digits in a file.
 * @throws {MinerError} KEY_UNREADABLE
 */
export function readKey(file: string): Uint8Array {
  if (!existsSync(file)) throw toolError('KEY_UNREADABLE', { path: file, reason: 'no such file' });
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw toolError('KEY_UNREADABLE', { path: file, reason: 'not 64 hex digits' });
  return fromHex(text);
}
