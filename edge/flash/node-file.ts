/** Flash in a file: its bytes and nothing else, as a programmer reads a chip. A write is on the disk when it returns. */
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { edgeError, MinerError } from '../errors/index.ts';
import { takeLock } from '../store/node.ts';
import { type FlashGeometry, NorFlash } from './nor-flash.ts';

export class FlashFile extends NorFlash {
  readonly path: string;
  readonly #descriptor: number;
  readonly #release: () => void;

  private constructor(
    path: string,
    opened: { descriptor: number; release: () => void },
    geometry: FlashGeometry,
    cells: Uint8Array,
  ) {
    super(geometry, cells);
    this.path = path;
    this.#descriptor = opened.descriptor;
    this.#release = opened.release;
  }

  /**
   * Opens the file for this process alone, or makes one of erased flash.
   * @throws {MinerError} FLASH_LOCKED while another process has it open; FLASH_FILE_SIZE when it is there with another
   * size; FLASH_IO; FLASH_GEOMETRY
   */
  static open(path: string, geometry: FlashGeometry): FlashFile {
    const release = attempt(path, 'lock', () =>
      takeLock(`${resolve(path)}.lock`, (pid) => edgeError('FLASH_LOCKED', { path, pid })),
    );
    let descriptor: number | undefined;
    try {
      const { sizeBytes, erasedByte } = geometry;
      if (!existsSync(path)) attempt(path, 'create', () => create(path, new Uint8Array(sizeBytes).fill(erasedByte)));
      descriptor = attempt(path, 'open', () => openSync(path, 'r+'));
      const cells = readFlash(path, descriptor, sizeBytes);
      return new FlashFile(path, { descriptor, release }, geometry, cells);
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      release();
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#release();
  }

  protected program(offset: number, bytes: Uint8Array): void {
    try {
      this.#store(offset, bytes);
      this.cells.set(bytes, offset);
    } catch (error) {
      this.#readAgain(offset, bytes.length);
      throw error;
    }
  }

  protected eraseSectors(offset: number, length: number): void {
    this.program(offset, new Uint8Array(length).fill(this.erasedByte));
  }

  /** What a write that failed left in the file is what the flash holds. */
  #readAgain(offset: number, length: number): void {
    try {
      this.cells.set(readAll(this.#descriptor, length, offset), offset);
    } catch {
      // The first failure says more than this one.
    }
  }

  #store(offset: number, bytes: Uint8Array): void {
    attempt(this.path, 'write', () => {
      writeAll(this.#descriptor, bytes, offset);
      fsyncSync(this.#descriptor);
    });
  }
}

function readFlash(path: string, descriptor: number, sizeBytes: number): Uint8Array {
  return attempt(path, 'read', () => {
    const { size } = fstatSync(descriptor);
    if (size !== sizeBytes) throw edgeError('FLASH_FILE_SIZE', { path, bytes: size, expected: sizeBytes });
    return readAll(descriptor, sizeBytes, 0);
  });
}

/** Under another name first: a kill leaves no flash of half the size. */
function create(file: string, cells: Uint8Array): void {
  const fresh = `${file}.new`;
  const descriptor = openSync(fresh, 'w');
  try {
    writeAll(descriptor, cells, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, file);
}

function readAll(descriptor: number, length: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let have = 0; have < length; ) {
    const count = readSync(descriptor, bytes, have, length - have, offset + have);
    if (count === 0) throw new Error(`it ends at ${have} of ${length} bytes`);
    have += count;
  }
  return bytes;
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, offset + at);
}

function attempt<Result>(path: string, operation: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof MinerError) throw cause;
    throw edgeError('FLASH_IO', { path, operation, reason: (cause as Error).message }, cause);
  }
}
