/**
 * A batch on disk: `batch.json` says what was signed and is written last, `devices.jsonl` has a line for each device
 * with its proof. A line is all that a device needs of it, and can be sent with the device.
 */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { type Address, concat, getAddress, type Hex, hashTypedData, isAddress, isHex, keccak256 } from 'viem';
import { bytesToHex } from 'viem/utils';
import { toolError } from '../errors/index.ts';
import { type BatchPlan, batchLeaves } from './batch.ts';
import { batchMessage, type EnrolmentBatch, type MessageDomain } from './typed-data.ts';

const batchFormat = 'dimo-enrolment-batch/1';
const lineLengthMax = 1 << 16;

/** What batch.json holds, read back. */
export interface BatchRecord extends MessageDomain {
  batch: EnrolmentBatch;
  batchId: Hex;
  /** By the licence's attestation signer, once it was given. */
  signature?: Hex;
}

/** A device's line. */
export interface BatchDevice {
  index: number;
  device: Address;
  /** Whom the production line means it for; the device's own claim decides. */
  owner?: Address;
  proof: Hex[];
}

export const batchFile = (folder: string) => path.join(folder, 'batch.json');
const devicesFile = (folder: string) => path.join(folder, 'devices.jsonl');

/**
 * Writes both files; each is whole or not there.
 * @throws {MinerError} OUTPUT_UNWRITABLE
 */
export async function writeBatch(
  folder: string,
  { at, plan, owners }: { at: MessageDomain; plan: BatchPlan; owners: ReadonlyMap<number, Address> },
  onDevice: (count: number) => void = () => {},
): Promise<void> {
  const file = devicesFile(folder);
  function* lines() {
    for (const [index, device] of plan.devices.entries()) {
      if (index % 1_000 === 0) onDevice(index);
      const owner = owners.get(index);
      yield `${JSON.stringify({ index, device, ...(owner && { owner }), proof: plan.proofOf(index) })}\n`;
    }
  }
  try {
    mkdirSync(folder, { recursive: true });
    await pipeline(lines, createWriteStream(`${file}.part`));
    renameSync(`${file}.part`, file);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path: file, reason: (cause as Error).message }, cause);
  }
  writeBatchRecord(folder, { ...at, batch: plan.batch, batchId: plan.batchId });
}

/** @throws {MinerError} OUTPUT_UNWRITABLE */
export function writeBatchRecord(folder: string, { chainId, registry, batch, batchId, signature }: BatchRecord): void {
  const file = batchFile(folder);
  const record = { format: batchFormat, chainId, registry, ...batch, batchId, ...(signature && { signature }) };
  const text = JSON.stringify(record, (_, one) => (typeof one === 'bigint' ? one.toString() : one), 2);
  try {
    writeFileSync(`${file}.part`, `${text}\n`);
    renameSync(`${file}.part`, file);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path: file, reason: (cause as Error).message }, cause);
  }
}

/** Whether a batch was written there. */
export const isBatchFolder = (folder: string) => existsSync(batchFile(folder));

/**
 * Reads batch.json; its id is computed again.
 * @throws {MinerError} BATCH_FILE
 */
export function readBatchRecord(folder: string): BatchRecord {
  const file = batchFile(folder);
  const fail = (problem: string, cause?: unknown): never => {
    throw toolError('BATCH_FILE', { path: file, problem }, cause);
  };
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : (cause as Error).message, cause);
  }
  if (json?.format !== batchFormat) fail(`format is no ${JSON.stringify(batchFormat)}`);
  const count = (name: string): bigint => {
    const value = json[name];
    return typeof value === 'string' && /^\d{1,78}$/.test(value) ? BigInt(value) : fail(`${name} is no whole number`);
  };
  const bytes = (name: string, size?: number): Hex => {
    const value = json[name];
    const isRight = isHex(value) && value.length % 2 === 0 && (size === undefined || value.length === 2 + 2 * size);
    return isRight ? value : fail(`${name} is no hex of ${size ?? 'some'} bytes`);
  };
  const { chainId } = json;
  if (!Number.isSafeInteger(chainId)) fail('chainId is no whole number');
  const batch = {
    manufacturerId: count('manufacturerId'),
    modelId: bytes('modelId', 32),
    root: bytes('root', 32),
    count: count('count'),
    nonce: count('nonce'),
    deadline: count('deadline'),
  };
  const at = { chainId: chainId as number, registry: getAddress(bytes('registry', 20)) };
  const batchId = hashTypedData(batchMessage(at, batch));
  if (batchId !== json.batchId)
    fail(`its fields hash to ${batchId}, batchId says ${String(json.batchId).slice(0, 70)}`);
  return { ...at, batch, batchId, ...(json.signature !== undefined && { signature: bytes('signature') }) };
}

/**
 * Finds a device's line and checks its proof against the root.
 * @throws {MinerError} BATCH_FILE, BATCH_DEVICE
 */
export async function findBatchDevice(folder: string, record: BatchRecord, device: Address): Promise<BatchDevice> {
  const file = devicesFile(folder);
  const input = createReadStream(file, { encoding: 'utf8' });
  const wanted = device.toLowerCase();
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      // Only the line that is looked for is parsed: there may be a million.
      if (line.length > lineLengthMax || !line.slice(0, 128).toLowerCase().includes(wanted)) continue;
      const fail = (problem: string): never => {
        throw toolError('BATCH_FILE', { path: `${file}:${number}`, problem });
      };
      return checkedDevice(line, record, fail);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw toolError('BATCH_FILE', { path: file, problem: (cause as Error).message }, cause);
  } finally {
    input.destroy();
  }
  throw toolError('BATCH_DEVICE', { path: file, device });
}

function checkedDevice(line: string, record: BatchRecord, fail: (problem: string) => never): BatchDevice {
  let entry: BatchDevice;
  try {
    entry = JSON.parse(line) as BatchDevice;
  } catch (cause) {
    return fail((cause as Error).message);
  }
  const { index, device, owner, proof } = entry ?? {};
  const isWhole =
    Number.isSafeInteger(index) &&
    index >= 0 &&
    isAddress(device ?? '', { strict: false }) &&
    (owner === undefined || isAddress(owner, { strict: false })) &&
    Array.isArray(proof) &&
    proof.every((sibling) => typeof sibling === 'string' && /^0x[0-9a-f]{64}$/.test(sibling));
  if (!isWhole) return fail('index, device, owner or proof are not as they were written');
  const leaf = bytesToHex(batchLeaves(record, record.batch, [device], index));
  const root = proof.reduce<Hex>((node, sibling) => keccak256(concat([node, sibling].sort() as Hex[])), leaf);
  if (root !== record.batch.root) return fail(`its proof leads to ${root}, the batch's root is ${record.batch.root}`);
  return { index, device: getAddress(device), ...(owner && { owner: getAddress(owner) }), proof };
}
