import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { edgeError } from '../errors/index.ts';

/** A file's bytes, gzip taken off, one chunk after the other. */
export interface Chunks {
  /** Undefined for what is no regular file. */
  readonly totalBytes: number | undefined;
  /** Of the file itself, packed as it may be. */
  readonly bytesRead: number;
  readonly isSeekable: boolean;
  readonly isPacked: boolean;
  /** The first bytes, so many or all there are; `next` gives them again. */
  peek(count: number): Promise<Uint8Array>;
  /** From now on, only the lines that begin within these bytes of the file. Only when seekable and not packed. */
  restrict(from: number, to: number): Promise<void>;
  /** The next bytes, good until the call after; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Large enough that the system calls don't show, small enough for the second-level cache. */
const chunkBytes = 1 << 20;
const newline = 0x0a;

/**
 * @param path a file, or `-` for stdin
 * @throws {MinerError} `LOG_NOT_FOUND`, `LOG_UNREADABLE`; so does reading on
 */
export async function openChunks(path: string): Promise<Chunks> {
  try {
    if (path === '-') return await startChunks(path, streamSource(process.stdin));
    const file = await open(path);
    try {
      const found = await file.stat();
      // A pipe or a device has no positions to read at.
      const source = found.isFile() ? fileSource(file, found.size) : streamSource(file.createReadStream());
      return await startChunks(path, source);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Where the bytes come from, as they stand there. */
interface Source {
  readonly totalBytes: number | undefined;
  bytesRead: number;
  isSeekable: boolean;
  next(): Promise<Uint8Array | undefined>;
  restrict(from: number, to: number): Promise<void>;
  close(): Promise<void>;
}

async function startChunks(path: string, source: Source): Promise<Chunks> {
  const first = await source.next();
  const isPacked = first !== undefined && first[0] === 0x1f && first[1] === 0x8b;
  const unpacked = isPacked ? gunzip(first, source) : undefined;
  let ready: Uint8Array[] = first === undefined || isPacked ? [] : [new Uint8Array(first)];
  const following = async (): Promise<Uint8Array | undefined> => {
    if (unpacked === undefined) return source.next();
    const { value, done } = await unpacked.next();
    return done ? undefined : value;
  };
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw unreadable(path, cause);
    }
  };
  return {
    totalBytes: source.totalBytes,
    isSeekable: source.isSeekable,
    isPacked,
    get bytesRead() {
      return source.bytesRead;
    },
    peek: (count) =>
      guarded(async () => {
        let head = ready[0] ?? new Uint8Array(0);
        while (head.length < count) {
          const more = await following();
          if (more === undefined) break;
          head = Buffer.concat([head, more]);
        }
        ready = head.length > 0 ? [head] : [];
        return head.subarray(0, count);
      }),
    async restrict(from, to) {
      ready = [];
      await source.restrict(from, to);
    },
    next: () => guarded(async () => ready.shift() ?? (await following())),
    close: async () => {
      await unpacked?.return(undefined);
      await source.close();
    },
  };
}

function gunzip(first: Uint8Array, source: Source): AsyncGenerator<Uint8Array> {
  const packed = async function* () {
    yield new Uint8Array(first);
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) yield new Uint8Array(chunk);
  };
  // The pipeline destroys both ends on an error, which then reaches whoever reads.
  const stream = pipeline(Readable.from(packed()), createGunzip({ chunkSize: chunkBytes }), () => {});
  return (async function* () {
    try {
      for await (const chunk of stream) yield chunk;
    } finally {
      stream.destroy();
    }
  })();
}

function streamSource(stream: Readable): Source {
  const iterator: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  return {
    totalBytes: undefined,
    bytesRead: 0,
    isSeekable: false,
    async next() {
      const { value, done } = await iterator.next();
      if (done) return undefined;
      this.bytesRead += value.length;
      return value;
    },
    async restrict() {},
    async close() {
      stream.destroy();
    },
  };
}

/** Reads ahead: while one chunk is looked at, the next is on its way into the other buffer. */
function fileSource(file: FileHandle, size: number): Source {
  const buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  let turn = 0;
  let position = 0;
  let part: LinePart | undefined;
  let pending: Promise<Uint8Array> | undefined;
  let isClosed = false;
  const read = async (): Promise<Uint8Array> => {
    const buffer = buffers[turn];
    turn = 1 - turn;
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  };
  const source: Source = {
    totalBytes: size,
    bytesRead: 0,
    isSeekable: true,
    async next() {
      for (;;) {
        if (part?.isDone) return undefined;
        const chunk = await (pending ?? read());
        pending = undefined;
        if (chunk.length === 0) return undefined;
        source.bytesRead += chunk.length;
        position += chunk.length;
        pending = read();
        // Whoever closes the file does not wait for it.
        pending.catch(() => {});
        const lines = part === undefined ? chunk : part.cut(chunk);
        if (lines.length > 0) return lines;
      }
    },
    async restrict(from, to) {
      await pending?.catch(() => {});
      pending = undefined;
      part = new LinePart(from, to);
      position = part.position;
      source.bytesRead = 0;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await pending?.catch(() => {});
      await file.close();
    },
  };
  return source;
}

/** The lines that begin at `from` or later and before `to`. */
class LinePart {
  /** Where the next chunk begins in the file. */
  position: number;
  isDone = false;
  readonly #to: number;
  #isBeforeFirst: boolean;

  constructor(from: number, to: number) {
    // A line that begins at `from` shows by the line end before it.
    this.position = Math.max(0, from - 1);
    this.#to = to;
    this.#isBeforeFirst = from > 0;
    this.isDone = to <= from;
  }

  cut(chunk: Uint8Array): Uint8Array {
    const at = this.position;
    this.position += chunk.length;
    let from = 0;
    if (this.#isBeforeFirst) {
      from = chunk.indexOf(newline) + 1;
      if (from === 0) {
        this.isDone = this.position >= this.#to;
        return chunk.subarray(0, 0);
      }
      this.#isBeforeFirst = false;
      if (at + from >= this.#to) {
        this.isDone = true;
        return chunk.subarray(0, 0);
      }
    }
    // The last line may end behind `to`, but not before the byte in front of it.
    const end = this.position < this.#to ? -1 : chunk.indexOf(newline, Math.max(from, this.#to - 1 - at));
    if (end < 0) return chunk.subarray(from);
    this.isDone = true;
    return chunk.subarray(from, end + 1);
  }
}

function unreadable(path: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return edgeError('LOG_NOT_FOUND', { path }, cause);
  const reason = code === 'EISDIR' ? 'it is a folder' : cause instanceof Error ? cause.message : String(cause);
  return edgeError('LOG_UNREADABLE', { path, reason }, cause);
}
