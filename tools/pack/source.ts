/** Where packs come from: a file, a folder of `.pack` files as the file uplink writes them, or a Miner's own log. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ReadableStorage, readLog } from '../../edge/store/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

export type SourceItem =
  | { kind: 'pack'; name: string; bytes: Uint8Array }
  /** A part of a log that is no whole record; `isTail` at its very end, where one may be in the making. */
  | { kind: 'damage'; name: string; bytes: number; isTail: boolean };

/** What the CBOR reader takes at most; far more than any pack has. */
export const packBytesMax = 1 << 24;

const segmentPattern = /^[0-9a-f]{8}\.log$/;

/**
 * Reads packs one at a time, in the order given; those of a folder by name, which for the file uplink's is by number.
 * Nothing is written or locked.
 * @throws {MinerError} FILE_UNREADABLE, PACK_SIZE, PACK_SOURCE_EMPTY
 */
export function* readPacks(paths: readonly string[]): Generator<SourceItem> {
  for (const given of paths) {
    if (statSync(given, { throwIfNoEntry: false })?.isDirectory()) yield* readFolder(given);
    else yield { kind: 'pack', name: given, bytes: readPack(given) };
  }
}

/** One pack, looked at before it is read: a log of gigabytes given by mistake is no pack. */
function readPack(file: string): Uint8Array {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts?.isFile() && facts.size > packBytesMax) {
    throw toolError('PACK_SIZE', { path: file, bytes: facts.size, bytesMax: packBytesMax });
  }
  return readInput(file);
}

function* readFolder(folder: string): Generator<SourceItem> {
  const names = readdirSync(folder).sort();
  if (names.some((name) => segmentPattern.test(name))) {
    for (const entry of readLog(new ReadOnlyDirectory(folder))) {
      const name = (segment: string, place: string) => `${path.join(folder, segment)} ${place}`;
      if (entry.kind === 'pack') {
        yield { kind: 'pack', name: name(entry.segment, `seq ${entry.seq}`), bytes: entry.bytes };
      } else if (entry.kind === 'damage') {
        const { segment, at, bytes, isTail } = entry;
        yield { kind: 'damage', name: name(segment, `byte ${at}`), bytes, isTail };
      }
    }
    return;
  }
  const files = names.filter((name) => name.endsWith('.pack'));
  if (files.length === 0) throw toolError('PACK_SOURCE_EMPTY', { path: folder });
  for (const name of files) {
    const file = path.join(folder, name);
    yield { kind: 'pack', name: file, bytes: readPack(file) };
  }
}

/** A directory as the store reads it; DirectoryStorage would lock it. */
class ReadOnlyDirectory implements ReadableStorage {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  list(): string[] {
    return this.#attempt('', () => readdirSync(this.#folder).sort());
  }

  size(name: string): number {
    return this.#attempt(name, () => statSync(path.join(this.#folder, name)).size);
  }

  /** Fewer bytes where the file ends before. */
  read(name: string, offset: number, length: number): Uint8Array {
    return this.#attempt(name, () => {
      const descriptor = openSync(path.join(this.#folder, name), 'r');
      try {
        const bytes = new Uint8Array(length);
        let have = 0;
        for (let count = 1; have < length && count > 0; have += count) {
          count = readSync(descriptor, bytes, have, length - have, offset + have);
        }
        return bytes.subarray(0, have);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  #attempt<Result>(name: string, action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw toolError('FILE_UNREADABLE', { path: path.join(this.#folder, name), reason }, cause);
    }
  }
}
