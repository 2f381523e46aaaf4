/** Storage in a real directory: every write goes to the disk by file descriptor, every sync by fsync. */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { edgeError } from '../errors/index.ts';
import type { Storage } from './storage.ts';

const lockName = 'lock';

/** Directories this process holds: after a crash, in a container, its number may be the one in a stale lock. */
const heldHere = new Set<string>();

export class DirectoryStorage implements Storage {
  private readonly directory: string;
  /** The file last appended to stays open. */
  private open: { name: string; descriptor: number } | undefined;

  /**
   * Creates the directory when it is not there, and locks it for this process.
   * @throws {MinerError} STORE_LOCKED while another process holds it; STORAGE_IO
   */
  constructor(directory: string) {
    this.directory = path.resolve(directory);
    this.run(this.directory, 'create', () => mkdirSync(this.directory, { recursive: true }));
    this.lock();
  }

  /** Releases the lock. */
  close(): void {
    this.closeOpen();
    heldHere.delete(this.directory);
    this.run(lockName, 'remove', () => unlinkSync(path.join(this.directory, lockName)));
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

  /** Two Miners on one log would hand out the same numbers. */
  private lock(): void {
    const file = this.at(lockName);
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        heldHere.add(this.directory);
        return;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw this.fault(lockName, 'create', 0, cause);
      }
      const pid = Number(this.run(lockName, 'read', () => readFileSync(file, 'utf8')));
      const held = pid === process.pid ? heldHere.has(this.directory) : isRunning(pid);
      if (held) throw edgeError('STORE_LOCKED', { path: this.directory, pid });
      this.run(lockName, 'remove', () => unlinkSync(file));
    }
  }

  private run<Result>(name: string, operation: string, action: () => Result, bytes = 0): Result {
    try {
      return action();
    } catch (cause) {
      throw this.fault(name, operation, bytes, cause);
    }
  }

  private fault(name: string, operation: string, bytes: number, cause: unknown) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const where = name === this.directory ? name : this.at(name);
    if (code === 'ENOSPC' || code === 'EDQUOT') return edgeError('STORAGE_FULL', { name: where, bytes }, cause);
    return edgeError('STORAGE_IO', { name: where, operation, reason: message }, cause);
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
