/** Flash in a file: its bytes and nothing else, as a programmer reads a chip. A write is on the disk when it returns. */
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { edgeError } from '../errors/index.ts';
import { type FlashGeometry, NorFlash } from './nor-flash.ts';

export class FlashFile extends NorFlash {
  readonly path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number, geometry: FlashGeometry, cells: Uint8Array) {
    super(geometry, cells);
    this.path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Opens the file, or makes one of erased flash.
   * @throws {MinerError} FLASH_FILE_SIZE when it is there with another size; FLASH_IO; FLASH_GEOMETRY
   */
  static open(path: string, geometry: FlashGeometry): FlashFile {
    const { sizeBytes, erasedByte } = geometry;
    if (!existsSync(path)) attempt(path, 'create', () => create(path, new Uint8Array(sizeBytes).fill(erasedByte)));
    const descriptor = attempt(path, 'open', () => openSync(path, 'r+'));
    try {
      const { size } = attempt(path, 'read', () => fstatSync(descriptor));
      if (size !== sizeBytes) throw edgeError('FLASH_FILE_SIZE', { path, bytes: size, expected: sizeBytes });
      const cells = attempt(path, 'read', () => readAll(descriptor, sizeBytes));
      return new FlashFile(path, descriptor, geometry, cells);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  protected program(offset: number, bytes: Uint8Array): void {
    this.#store(offset, bytes);
    this.cells.set(bytes, offset);
  }

  protected eraseSectors(offset: number, length: number): void {
    this.program(offset, new Uint8Array(length).fill(this.erasedByte));
  }

  #store(offset: number, bytes: Uint8Array): void {
    attempt(this.path, 'write', () => {
      writeAll(this.#descriptor, bytes, offset);
      fsyncSync(this.#descriptor);
    });
  }
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

function readAll(descriptor: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let have = 0; have < length; ) {
    const count = readSync(descriptor, bytes, have, length - have, have);
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
    throw edgeError('FLASH_IO', { path, operation, reason: (cause as Error).message }, cause);
  }
}
