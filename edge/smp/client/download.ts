/** Reads a file of a device, and checks it against the device's own checksum. */
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../../errors/index.ts';
import { concatBytes, equalBytes } from '../../pack/index.ts';
import { FileCommand, SmpGroup, SmpOp } from '../protocol.ts';
import { answerError, type SmpClient } from './client.ts';
import { ifSupported, needed } from './commands.ts';

export interface DownloadOptions {
  path: string;
  /** A longer file is refused before it is read. */
  bytesMax: number;
  onProgress?: (progress: { offsetBytes: number; lengthBytes: number }) => void;
}

export interface Download {
  bytes: Uint8Array;
  /** Whether the device's own SHA-256 of the file agrees; undefined where it has no such command. */
  isVerified: boolean | undefined;
}

/**
 * @throws {MinerError} SMP_REFUSED with the device's reason; SMP_FILE_LARGE; SMP_FILE_HASH when what came is not what
 * the device has; SMP_ANSWER, SMP_NO_ANSWER
 */
export async function downloadFile(client: SmpClient, options: DownloadOptions): Promise<Download> {
  const { path, bytesMax, onProgress } = options;
  const name = `download of ${path}`;
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for (let off = 0; off === 0 || off < lengthBytes; ) {
    const answer = await client.ask({
      op: SmpOp.read,
      group: SmpGroup.fileSystem,
      command: FileCommand.file,
      name,
      body: new Map<string, string | number>([
        ['name', path],
        ['off', off],
      ]),
    });
    if (off === 0) {
      lengthBytes = needed(client, name, 'len', () => answer.unsigned('len'));
      if (lengthBytes > bytesMax)
        throw edgeError('SMP_FILE_LARGE', { device: client.name, path, lengthBytes, bytesMax });
    }
    const at = needed(client, name, 'off', () => answer.unsigned('off'));
    if (at !== off) throw answerError(client, name, `it is for byte ${at}, expected ${off}`);
    const data = needed(client, name, 'data', () => answer.bytes('data'));
    if (data.length > lengthBytes - off) throw answerError(client, name, `it passes the end of the file`);
    if (data.length === 0 && lengthBytes > 0) throw answerError(client, name, 'it is empty before the end of the file');
    chunks.push(data);
    off += data.length;
    onProgress?.({ offsetBytes: off, lengthBytes });
    if (lengthBytes === 0) break;
  }
  const bytes = concatBytes(...chunks);
  return { bytes, isVerified: bytes.length === 0 ? undefined : await verify(client, path, bytes) };
}

async function verify(client: SmpClient, path: string, bytes: Uint8Array): Promise<boolean | undefined> {
  const name = `checksum of ${path}`;
  const question = { op: SmpOp.read, group: SmpGroup.fileSystem, command: FileCommand.hash, name };
  const body = new Map<string, string | number>([
    ['name', path],
    ['type', 'sha256'],
    // A log may have grown since.
    ['len', bytes.length],
  ]);
  const answer = await ifSupported(client.ask({ ...question, body }));
  if (answer === undefined) return undefined;
  const output = needed(client, name, 'output', () => answer.bytes('output'));
  if (equalBytes(output, sha256(bytes))) return true;
  throw edgeError('SMP_FILE_HASH', { device: client.name, path });
}
