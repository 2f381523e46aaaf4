/**
 * Samples as Parquet files, each sample exactly once: `day=<received, UTC>/platform=<decoder>/<ledger>-<batch>.parquet`.
 *
 * A batch is written to part files, which are synced; then one transaction of the ledger makes it count: the packs wait
 * no longer and the files are named. Only after that are the parts renamed into place, so whoever reads the folder never
 * sees a file that is taken back. A crash before the transaction leaves parts that nothing names: they are deleted. A
 * crash after it leaves files that are named and not in place: they are put there.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toolError } from '../errors/index.ts';
import type { Ledger, SampleFile, WaitingPack } from './ledger.ts';
import { encodeSampleFile } from './sample-file.ts';
import { openBodies, sampleTables } from './sample-rows.ts';

export interface SampleStoreOptions {
  ledger: Ledger;
  /** Made when it is not there. */
  folder: string;
  /** Keep every signed pack in `packs/`, not only those with raw frames, of which the tables of samples say nothing. */
  keepPacks?: boolean;
}

export interface WrittenBatch {
  files: number;
  packs: number;
  samples: number;
}

/** Together some 50 MB while a batch is written. */
const limits = { samplesMax: 500_000, bytesMax: 1 << 24 };

export class SampleStore {
  readonly #options: SampleStoreOptions;
  readonly #parts: string;
  #writing: Promise<WrittenBatch> | undefined;

  constructor(options: SampleStoreOptions) {
    this.#options = options;
    this.#parts = path.join(options.folder, 'parts');
  }

  /**
   * Writes all that waits. Calls while one is under way share it.
   * @returns what was written; nothing where another process writes from this ledger at the moment
   * @throws {MinerError} SAMPLES_UNWRITABLE, LEDGER_UNUSABLE; the packs go on waiting
   */
  flush(): Promise<WrittenBatch> {
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #flush(): Promise<WrittenBatch> {
    const written = { files: 0, packs: 0, samples: 0 };
    const unlock = this.#attempt(this.#parts, () => this.#lock());
    if (!unlock) return written;
    try {
      this.#attempt(this.#parts, () => this.#recover());
      for (;;) {
        const packs = this.#options.ledger.waiting(limits);
        if (packs.length === 0) break;
        written.files += this.#write(packs);
        written.packs += packs.length;
        written.samples += packs.reduce((sum, { samples }) => sum + samples, 0);
        // Between batches others have their turn: packs come in meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      unlock();
    }
    return written;
  }

  /** Held by SQLite, so a process that dies lets go of it. @returns undefined when another one has it */
  #lock(): (() => void) | undefined {
    mkdirSync(this.#parts, { recursive: true });
    const lock = new DatabaseSync(path.join(this.#parts, `${this.#options.ledger.name}.lock`), { timeout: 0 });
    try {
      lock.exec('begin exclusive');
    } catch (error) {
      lock.close();
      const { errcode } = error as { errcode?: number };
      if (errcode === sqliteBusy) return undefined;
      throw error;
    }
    return () => lock.close();
  }

  /** Finishes what a crash interrupted, and clears away what it left. */
  #recover(): void {
    const { ledger } = this.#options;
    this.#place(ledger.filesToPlace());
    const isOurs = new RegExp(`^${ledger.name}-\\d+-\\d+\\.part$`);
    for (const name of readdirSync(this.#parts)) if (isOurs.test(name)) rmSync(path.join(this.#parts, name));
  }

  /** @returns the number of files */
  #write(packs: readonly WaitingPack[]): number {
    const { ledger, keepPacks = false } = this.#options;
    const batch = ledger.nextBatch();
    const name = `${ledger.name}-${String(batch).padStart(10, '0')}`;
    const files: SampleFile[] = [];
    const add = (place: string, rows: number, bytes: Uint8Array) => {
      const part = `${ledger.name}-${batch}-${files.length}.part`;
      const target = path.join(this.#parts, part);
      this.#attempt(target, () => writeSynced(target, bytes));
      files.push({ path: place, part, rows });
    };
    const bodies = openBodies(packs);
    for (const table of sampleTables(bodies)) {
      const folder = path.join(`day=${table.day}`, `platform=${table.decoder.slice(0, 16)}`);
      // Two decoders may share their first 16 digits; a file has one.
      const isTwice = files.some((file) => path.dirname(file.path) === folder);
      const place = path.join(folder, `${name}${isTwice ? `-${table.decoder}` : ''}.parquet`);
      add(place, table.rowCount, encodeSampleFile(table));
    }
    for (const [day, kept] of packsByDay(packs, (_pack, i) => keepPacks || bodies[i].body.frames !== undefined)) {
      add(path.join('packs', `day=${day}`, `${name}.cborseq`), kept.length, Buffer.concat(kept));
    }
    this.#attempt(this.#parts, () => syncFolder(this.#parts));
    ledger.finishBatch(batch, files, packs[packs.length - 1].id);
    this.#attempt(this.#parts, () => this.#place(files));
    return files.length;
  }

  #place(files: readonly SampleFile[]): void {
    if (files.length === 0) return;
    const folders = new Set<string>();
    for (const file of files) {
      const target = path.join(this.#options.folder, file.path);
      const folder = path.dirname(target);
      mkdirSync(folder, { recursive: true });
      try {
        renameSync(path.join(this.#parts, file.part), target);
      } catch (error) {
        // Renamed before a crash that came before the ledger heard of it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      // A folder made just now is itself an entry of those above it.
      for (const above of [folder, path.dirname(folder), path.dirname(path.dirname(folder))]) folders.add(above);
    }
    for (const folder of folders) syncFolder(folder);
    this.#options.ledger.filesPlaced();
  }

  #attempt<Result>(place: string, action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const isTheirs = typeof code === 'string' && (/^E[A-Z]+$/.test(code) || code === 'ERR_SQLITE_ERROR');
      if (!isTheirs) throw cause;
      throw toolError('SAMPLES_UNWRITABLE', { path: place, reason: message }, cause);
    }
  }
}

/** SQLITE_BUSY. */
const sqliteBusy = 5;

function packsByDay(packs: readonly WaitingPack[], isKept: (pack: WaitingPack, index: number) => boolean) {
  const days = new Map<string, Uint8Array[]>();
  packs.filter(isKept).forEach(({ receivedMs, bytes }) => {
    const day = new Date(receivedMs).toISOString().slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), bytes]);
  });
  return days;
}

function writeSynced(file: string, bytes: Uint8Array): void {
  const handle = openSync(file, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
