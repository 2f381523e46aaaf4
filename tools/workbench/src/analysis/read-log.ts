/** A log file in the browser: unpacked, recognised, and kept as frames. */
import { createLogReader, detectLogFormat, type FrameBatch } from '../../../../edge/can/index.ts';
import { edgeError } from '../../../../edge/errors/index.ts';
import type { LogView } from './protocol.ts';

export interface DeskLog {
  view: LogView;
  batches: FrameBatch[];
}

export interface ReadLogHooks {
  /** Told now and then, with the part of the file that was read, 0..1. */
  onProgress?: (done: number) => void;
  /** Asked now and then; reading stops when it is true. */
  isStale?: () => boolean;
}

/** How much is looked at to recognise a format. */
const detectBytes = 16_384;
/** Some 25 million classic frames, which take as much memory as half of this. */
const logBytesMax = 2 ** 30;

/**
 * Reads logs of every format that `createLogReader` knows, gzip or not.
 * @returns undefined when it became stale
 * @throws {MinerError} `LOG_FORMAT_UNKNOWN`, `LOG_UNREADABLE`
 */
export async function readLog(
  file: Blob & { name: string },
  { onProgress = () => {}, isStale = () => false }: ReadLogHooks = {},
): Promise<DeskLog | undefined> {
  const chunks = unpackedChunks(file, onProgress);
  const head = await readHead(chunks);
  const format = detectLogFormat(head);
  if (format === undefined) {
    await chunks.return(undefined);
    throw edgeError('LOG_FORMAT_UNKNOWN', { path: file.name, firstLine: firstLine(head) });
  }
  const batches: FrameBatch[] = [];
  const emit = (batch: FrameBatch) => batches.push(batch);
  const reader = createLogReader(format);
  reader.push(head, emit);
  let bytesRead = head.length;
  for await (const chunk of chunks) {
    if (isStale()) return undefined;
    reader.push(chunk, emit);
    bytesRead += chunk.length;
    if (bytesRead > logBytesMax) break;
  }
  if (isStale()) return undefined;
  reader.end(emit);
  const view = { fileName: file.name, format, stats: reader.stats, isWhole: bytesRead <= logBytesMax };
  return { view, batches };
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < detectBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  const head = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.length;
  }
  return head;
}

async function* unpackedChunks(
  file: Blob & { name: string },
  onProgress: (done: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytesRead = 0;
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytesRead += chunk.length;
      onProgress(bytesRead / file.size);
      controller.enqueue(chunk);
    },
  });
  const packed = file.stream().pipeThrough(counting);
  const isGzip = await beginsAsGzip(file);
  const reader = (isGzip ? packed.pipeThrough(new DecompressionStream('gzip')) : packed).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (cause) {
    throw edgeError('LOG_UNREADABLE', { path: file.name, reason: reasonOf(cause, isGzip) }, cause);
  } finally {
    // Of a stream that has failed there is nothing left to cancel.
    await reader.cancel().catch(() => {});
  }
}

async function beginsAsGzip(file: Blob & { name: string }): Promise<boolean> {
  try {
    const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    return magic[0] === 0x1f && magic[1] === 0x8b;
  } catch (cause) {
    throw edgeError('LOG_UNREADABLE', { path: file.name, reason: reasonOf(cause, false) }, cause);
  }
}

function reasonOf(cause: unknown, isGzip: boolean): string {
  if (isGzip && cause instanceof TypeError) return 'its gzip data is damaged or incomplete';
  return cause instanceof Error ? cause.message : String(cause);
}

function firstLine(bytes: Uint8Array): string {
  const newline = bytes.indexOf(0x0a);
  return new TextDecoder().decode(bytes.subarray(0, Math.min(newline < 0 ? bytes.length : newline, 60)));
}
