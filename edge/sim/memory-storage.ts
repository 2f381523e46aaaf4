/** Storage in memory that loses power: what was not synced may be gone, whole or in part. */
import { edgeError } from '../errors/index.ts';
import type { Storage } from '../store/storage.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Thrown at the instant the power goes. It is no MinerError: nothing may catch it and go on. */
export class PowerCut extends Error {
  constructor(operation: string) {
    super(`power cut at ${operation}`);
  }
}

/** Where in an operation the power goes. */
export type CutMoment = 'before' | 'within' | 'after';

interface MemoryFile {
  bytes: Uint8Array;
  size: number;
  /** What a power cut cannot take any more. */
  durable: Uint8Array;
  /** A sync failed: the system dropped the pages, so that no later sync makes them durable, though they read well. */
  poisoned?: boolean;
  /** Byte ranges that cannot be read: bad blocks. */
  bad?: { from: number; to: number }[];
}

/**
 * The model: `append` and `truncate` change what is read at once, and what is durable at `sync`. After a cut a file
 * is its durable bytes, or any prefix of what was appended since; a file created, or removed, since `syncDirectory`
 * is there or not.
 */
export class MemoryStorage implements Storage {
  private files = new Map<string, MemoryFile>();
  private durableDirectory = new Map<string, MemoryFile>();
  private readonly random: SeededRandom | undefined;
  private cut: { atOperation: number; moment: CutMoment } | undefined;
  private off = false;
  /** Changing operations so far: what a cut is scheduled by. */
  operations = 0;
  /** Bytes that all files together may hold. */
  capacity: number;
  /** Operations that failed so far, other than for a bad block. */
  failures = 0;
  /** Fails the next syncs with STORAGE_IO, as often as this says. */
  failingSyncs = 0;
  /** Fails the next appends with STORAGE_IO, each after any part of it, as often as this says. */
  failingAppends = 0;
  /** Fails the next reads with STORAGE_IO, as often as this says. */
  failingReads = 0;

  /** @param random decides what survives a cut; without it nothing unsynced does */
  constructor(options: { random?: SeededRandom; capacity?: number } = {}) {
    this.random = options.random;
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
  }

  /** Cuts the power at the n-th changing operation from now, 0 being the next. */
  cutPowerAt(operationsAhead: number, moment: CutMoment): void {
    this.cut = { atOperation: this.operations + operationsAhead, moment };
  }

  /** Cuts the power between two operations. */
  cutPower(): void {
    this.off = true;
  }

  /** Power again: what survived becomes what is there, all of it durable. */
  restart(): void {
    const survivors = new Map<string, MemoryFile>();
    for (const name of new Set([...this.files.keys(), ...this.durableDirectory.keys()])) {
      const current = this.files.get(name);
      const settled = this.durableDirectory.get(name);
      if (current !== settled && this.coin()) {
        if (current) survivors.set(name, this.settle(current));
      } else if (settled) {
        survivors.set(name, this.settle(settled));
      }
    }
    this.files = survivors;
    this.durableDirectory = new Map(survivors);
    this.off = false;
    this.cut = undefined;
  }

  private coin(): boolean {
    return this.random?.chance(1, 2) ?? false;
  }

  private settle(file: MemoryFile): MemoryFile {
    const written = file.bytes.subarray(0, file.size);
    let bytes = file.durable;
    const appended = written.length - file.durable.length;
    if (appended >= 0) bytes = written.subarray(0, file.durable.length + (this.random?.below(appended + 1) ?? 0));
    else if (this.coin()) bytes = written;
    // Two copies: what is written over after a truncation is not durable before the next sync.
    return { bytes: bytes.slice(), size: bytes.length, durable: bytes.slice(), ...(file.bad && { bad: file.bad }) };
  }

  /** Runs one changing operation around the scheduled cut. */
  private change(operation: string, whole: () => void, part?: () => void): void {
    this.requirePower(operation);
    const moment = this.cut?.atOperation === this.operations ? this.cut.moment : undefined;
    this.operations++;
    if (moment === undefined) {
      whole();
      return;
    }
    this.off = true;
    if (moment === 'within') part?.();
    if (moment === 'after') whole();
    throw new PowerCut(`${operation} (operation ${this.operations - 1}, ${moment})`);
  }

  private requirePower(operation: string): void {
    if (this.off) throw new PowerCut(operation);
  }

  private existing(name: string, operation: string): MemoryFile {
    const file = this.files.get(name);
    if (!file) throw edgeError('STORAGE_IO', { name, operation, reason: 'no such file' });
    return file;
  }

  list(): string[] {
    this.requirePower('list');
    return [...this.files.keys()].sort();
  }

  size(name: string): number {
    this.requirePower('size');
    return this.existing(name, 'size').size;
  }

  read(name: string, offset: number, length: number): Uint8Array {
    this.requirePower('read');
    const file = this.existing(name, 'read');
    const end = Math.min(offset + length, file.size);
    if (this.failingReads > 0) {
      this.failingReads--;
      this.failures++;
      throw edgeError('STORAGE_IO', { name, operation: 'read', reason: 'EIO' });
    }
    if (file.bad?.some(({ from, to }) => from < end && offset < to)) {
      throw edgeError('STORAGE_IO', { name, operation: 'read', reason: 'bad block' });
    }
    return file.bytes.slice(offset, end);
  }

  append(name: string, bytes: Uint8Array): void {
    const write = (count: number) => {
      const file = this.files.get(name) ?? { bytes: new Uint8Array(256), size: 0, durable: new Uint8Array() };
      this.files.set(name, file);
      if (file.size + count > file.bytes.length) {
        const larger = new Uint8Array(Math.max(file.size + count, file.bytes.length * 2));
        larger.set(file.bytes.subarray(0, file.size));
        file.bytes = larger;
      }
      file.bytes.set(bytes.subarray(0, count), file.size);
      file.size += count;
    };
    // Removed files that a power cut brought back may take more than there is.
    const room = Math.max(0, Math.min(bytes.length, this.capacity - this.used));
    const whole = () => {
      if (this.failingAppends > 0) {
        this.failingAppends--;
        this.failures++;
        write(this.random?.below(room + 1) ?? room >> 1);
        throw edgeError('STORAGE_IO', { name, operation: 'append', reason: 'EIO' });
      }
      write(room);
      if (room === bytes.length) return;
      this.failures++;
      throw edgeError('STORAGE_FULL', { name, bytes: bytes.length });
    };
    this.change(`append to ${name}`, whole, () => write(this.random?.below(room + 1) ?? room >> 1));
  }

  truncate(name: string, size: number): void {
    this.change(`truncate ${name}`, () => {
      const file = this.existing(name, 'truncate');
      file.size = Math.min(file.size, size);
      // Blocks past the end are given back; what comes there later lies elsewhere.
      if (file.bad) file.bad = file.bad.filter(({ from }) => from < file.size);
    });
  }

  remove(name: string): void {
    this.change(`remove ${name}`, () => this.files.delete(name));
  }

  sync(name: string): void {
    this.change(`sync ${name}`, () => {
      const file = this.existing(name, 'sync');
      if (this.failingSyncs > 0) {
        this.failingSyncs--;
        this.failures++;
        file.poisoned = true;
        throw edgeError('STORAGE_IO', { name, operation: 'sync', reason: 'EIO' });
      }
      if (!file.poisoned) file.durable = file.bytes.slice(0, file.size);
    });
  }

  syncDirectory(): void {
    this.change('sync the directory', () => {
      this.durableDirectory = new Map(this.files);
    });
  }

  /** For an onlooker: what is there, with or without power. */
  get names(): string[] {
    return [...this.files.keys()].sort();
  }

  /** For an onlooker; 0 for no such file. */
  sizeOf(name: string): number {
    return this.files.get(name)?.size ?? 0;
  }

  /** No operation fails any more; what is spoilt stays so. */
  heal(): void {
    this.failingSyncs = 0;
    this.failingAppends = 0;
    this.failingReads = 0;
    this.capacity = Number.POSITIVE_INFINITY;
    this.cut = undefined;
  }

  /** Bytes in all files. */
  get used(): number {
    let sum = 0;
    for (const file of this.files.values()) sum += file.size;
    return sum;
  }

  /** Makes part of a file unreadable, for good: `from` up to `to`, in bytes. */
  spoil(name: string, from: number, to: number): void {
    const file = this.files.get(name);
    if (file) file.bad = [...(file.bad ?? []), { from, to }];
  }

  /** Flips one bit where it is stored, as worn flash does. */
  flipBit(name: string, bit: number): void {
    const file = this.files.get(name);
    if (!file) return;
    file.bytes[bit >> 3] ^= 1 << (bit & 7);
    if (bit >> 3 < file.durable.length) file.durable[bit >> 3] ^= 1 << (bit & 7);
  }
}
