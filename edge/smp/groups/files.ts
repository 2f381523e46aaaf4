/** Group 8: files by path: download with status and checksums, upload where the device lets one. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { SmpBody } from '../cbor-read.ts';
import type { SmpCommandGroup, SmpHandler } from '../command.ts';
import { crc32 } from '../crc32.ts';
import { FileCommand, FileError, SmpError, SmpGroup } from '../protocol.ts';
import { refuse, SmpRefusal } from '../refusal.ts';
import type { SmpFiles } from '../types.ts';

export interface FilesGroupOptions {
  files: SmpFiles;
  /** Of one answer's data. */
  chunkBytesMax: number;
  pathBytesMax: number;
}

/** What a checksum over a long file reads at a time. */
const readBytes = 16_384;

interface Checksum {
  /** 0 for a number, 1 for bytes. */
  format: 0 | 1;
  size: number;
  over: (chunks: Iterable<Uint8Array>) => number | Uint8Array;
}

/** The first is taken unless told. */
const checksums: ReadonlyMap<string, Checksum> = new Map([
  [
    'crc32',
    {
      format: 0,
      size: 4,
      over: (chunks) => {
        let checksum = 0;
        for (const chunk of chunks) checksum = crc32(chunk, checksum);
        return checksum;
      },
    },
  ],
  [
    'sha256',
    {
      format: 1,
      size: 32,
      over: (chunks) => {
        const hash = sha256.create();
        for (const chunk of chunks) hash.update(chunk);
        return hash.digest();
      },
    },
  ],
]);

export function filesGroup({ files, chunkBytesMax, pathBytesMax }: FilesGroupOptions): SmpCommandGroup {
  const pathOf = (body: SmpBody): string => {
    const path = body.text('name');
    if (!path || new TextEncoder().encode(path).length > pathBytesMax) throw refuse(SmpError.invalid);
    return path;
  };
  const download: SmpHandler = ({ body }) => {
    const path = pathOf(body);
    const off = body.unsigned('off');
    if (off === undefined) throw refuse(SmpError.invalid);
    const size = files.size(path);
    if (off > size) throw fileError(FileError.offsetLargerThanFile);
    return { off, data: files.read(path, off, chunkBytesMax), len: off === 0 ? size : undefined };
  };
  const uploads = new FileUploads(files);
  return {
    id: SmpGroup.fileSystem,
    name: 'fs mgmt',
    commands: {
      [FileCommand.file]: {
        read: download,
        write: ({ body, peer }) => uploads.take(pathOf(body), body, peer),
      },
      [FileCommand.status]: { read: ({ body }) => ({ len: files.size(pathOf(body)) }) },
      [FileCommand.hash]: { read: ({ body }) => checksumFields(files, pathOf(body), body) },
      [FileCommand.supportedHashes]: {
        read: () => ({ types: new Map([...checksums].map(([name, { format, size }]) => [name, { format, size }])) }),
      },
      [FileCommand.close]: {
        write: ({ peer }) => {
          uploads.close(peer);
          return {};
        },
      },
    },
  };
}

/** At most one file is being uploaded; whoever begins another takes its place. */
class FileUploads {
  readonly #files: SmpFiles;
  #open: { path: string; peer: string; length: number } | undefined;

  constructor(files: SmpFiles) {
    this.#files = files;
  }

  take(path: string, body: SmpBody, peer: string): { off: number } {
    const off = body.unsigned('off');
    const length = body.unsigned('len');
    const data = body.bytes('data') ?? new Uint8Array();
    if (off === undefined) throw refuse(SmpError.invalid);
    const { create, append } = this.#files;
    if (create === undefined || append === undefined) throw fileError(FileError.readOnly);
    if (off === 0) {
      if (length === undefined) throw refuse(SmpError.invalid);
      create.call(this.#files, path, length);
      this.#open = { path, peer, length };
    }
    const open = this.#open;
    if (open?.path !== path || open.peer !== peer) throw fileError(FileError.offsetNotValid);
    const size = this.#files.size(path);
    // The last piece may come twice, when its answer was lost; it is there already.
    if (off + data.length === size && off < size) return { off: size };
    if (off !== size || size + data.length > open.length) throw fileError(FileError.offsetNotValid);
    if (data.length > 0) append.call(this.#files, path, data);
    return { off: size + data.length };
  }

  close(peer: string): void {
    if (this.#open?.peer === peer) this.#open = undefined;
  }
}

function checksumFields(files: SmpFiles, path: string, body: SmpBody) {
  const type = body.text('type') || 'crc32';
  const off = body.unsigned('off') ?? 0;
  const length = body.unsigned('len');
  if (length === 0) throw refuse(SmpError.invalid);
  const checksum = checksums.get(type);
  if (checksum === undefined) throw fileError(FileError.hashNotFound);
  const size = files.size(path);
  if (size === 0) throw fileError(FileError.empty);
  if (off >= size) throw fileError(FileError.offsetLargerThanFile);
  const end = length === undefined ? size : Math.min(size, off + length);
  const output = checksum.over(chunksOf(files, path, off, end));
  return { type, off: off === 0 ? undefined : off, len: end - off, output };
}

function* chunksOf(files: SmpFiles, path: string, start: number, end: number): Generator<Uint8Array> {
  for (let at = start; at < end; ) {
    const chunk = files.read(path, at, Math.min(readBytes, end - at));
    if (chunk.length === 0) throw fileError(FileError.readFailed);
    yield chunk;
    at += chunk.length;
  }
}

export function fileError(rc: (typeof FileError)[keyof typeof FileError]): SmpRefusal {
  return new SmpRefusal(SmpGroup.fileSystem, rc);
}
