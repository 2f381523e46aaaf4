/** Storage in a real directory: every write goes to the disk by file descriptor, every sync by fsync. */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { edgeError, MinerError } from '../errors/index.ts';
import { takeLock } from './node-lock.ts';
import type { Storage } from './storage.ts';

export { takeLock };

const lockName = 'lock';

export class DirectoryStorage implements Storage {
  private readonly directory: string;
  private readonly release: () => void;
  /** The file last appended to stays open. */
  private open: { name: string; descriptor: number } | undefined;

  /**
   * Creates the directory when it is not there, and locks it for this process.
   * @throws {MinerError} STORE_LOCKED while another process holds it; STORAGE_IO
   */
  constructor(directory: string) {
    this.directory = path.resolve(directory);
    this.run(this.directory, 'create', () => mkdirSync(this.directory, { recursive: true }));
    // Two Miners on one log would hand out the same numbers.
    const heldBy = (pid: number) => edgeError('STORE_LOCKED', { path: this.directory, pid });
    this.release = this.run(lockName, 'lock', () => takeLock(this.at(lockName), heldBy));
  }

  /** Releases the lock. */
  close(): void {
    this.closeOpen();
    this.run(lockName, 'remove', this.release);
  }

  list(): string[] {
    const names = this.run(this.directory, 'list', () => readdirSync(this.directory));
    return names.filter((name) => name !== lockName).sort();
  }

  size(name: string): number {
    return this.run(name, 'size', () => statSync(this.at(name)).size);
  }

  read(name: string, offset: number, length: number): Uint8Array {
    return this.run(name, 'read', () => {
      const descriptor = openSync(this.at(name), 'r');
      try {
        const bytes = new Uint8Array(length);
        let have = 0;
        while (have < length) {
          const count = readSync(descriptor, bytes, have, length - have, offset + have);
          if (count === 0) break;
          have += count;
        }
        return bytes.subarray(0, have);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  append(name: string, bytes: Uint8Array): void {
    this.run(name, 'write', () => this.appendAll(this.descriptorOf(name), bytes), bytes.length);
  }

  truncate(name: string, size: number): void {
    this.run(name, 'truncate', () => ftruncateSync(this.descriptorOf(name), size));
  }

  remove(name: string): void {
    if (this.open?.name === name) this.closeOpen();
    this.run(name, 'remove', () => unlinkSync(this.at(name)));
  }

  sync(name: string): void {
    this.run(name, 'sync', () => fsyncSync(this.descriptorOf(name)));
  }

  syncDirectory(): void {
    // Windows cannot open a directory; there, a created file is durable with its own sync.
    if (process.platform === 'win32') return;
    this.run(this.directory, 'sync', () => {
      const descriptor = openSync(this.directory, 'r');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  private at(name: string): string {
    return path.join(this.directory, name);
  }

  private descriptorOf(name: string): number {
    if (this.open?.name === name) return this.open.descriptor;
    this.closeOpen();
    const descriptor = openSync(this.at(name), 'a');
    this.open = { name, descriptor };
    return descriptor;
  }

  private closeOpen(): void {
    if (this.open) closeSync(this.open.descriptor);
    this.open = undefined;
  }

  private appendAll(descriptor: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  }

  private run<Result>(name: string, operation: string, action: () => Result, bytes = 0): Result {
    try {
      return action();
    } catch (cause) {
      throw this.fault(name, operation, bytes, cause);
    }
  }

  private fault(name: string, operation: string, bytes: number, cause: unknown) {
    if (cause instanceof MinerError) return cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const where = name === this.directory ? name : this.at(name);
    if (code === 'ENOSPC' || code === 'EDQUOT') return edgeError('STORAGE_FULL', { name: where, bytes }, cause);
    return edgeError('STORAGE_IO', { name: where, operation, reason: message }, cause);
  }
}
