/**
 * Named append-only files on something that can lose power. Synchronous, as the drivers of a device are;
 * a write is durable only after `sync` of the file, a create, rename or remove only after `syncDirectory`.
 * @throws {MinerError} STORAGE_FULL or STORAGE_IO; the file then holds any prefix of the write.
 */
export interface Storage {
  list(): string[];
  size(name: string): number;
  read(name: string, offset: number, length: number): Uint8Array;
  /** Creates the file when it is not there. */
  append(name: string, bytes: Uint8Array): void;
  truncate(name: string, size: number): void;
  remove(name: string): void;
  sync(name: string): void;
  syncDirectory(): void;
}
