/** The file group over named files of a Storage: a folder to read from, and maybe one to write to. */
import type { ReadableStorage, Storage } from '../store/index.ts';
import { fileError } from './groups/files.ts';
import { FileError } from './protocol.ts';
import type { SmpFiles } from './types.ts';

export interface StorageFilesOptions {
  /** By path: `/log` for the folder of the offline log. Each also has an `index.txt`: size and name of every file. */
  folders: Readonly<Record<string, ReadableStorage>>;
  /** The one folder that clients may write to; none unless told. It can be read as well. */
  upload?: { folder: string; storage: Storage; bytesMax: number };
}

const indexName = 'index.txt';

/** What a name may be: no folders, so none that leads out of its own. */
const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

interface Place {
  folder: string;
  name: string;
  storage: ReadableStorage;
}

export class StorageFiles implements SmpFiles {
  readonly #folders: ReadonlyMap<string, ReadableStorage>;
  readonly #upload: StorageFilesOptions['upload'];
  readonly create: SmpFiles['create'];
  readonly append: SmpFiles['append'];

  constructor({ folders, upload }: StorageFilesOptions) {
    const all = new Map(Object.entries(folders));
    if (upload) {
      all.set(upload.folder, upload.storage);
      this.create = (path, lengthBytes) => this.#create(path, lengthBytes);
      this.append = (path, bytes) => this.#append(path, bytes);
    }
    this.#folders = all;
    this.#upload = upload;
  }

  size(path: string): number {
    const place = this.#find(path);
    return place.name === indexName ? indexOf(place.storage).length : place.storage.size(place.name);
  }

  read(path: string, offset: number, bytesMax: number): Uint8Array {
    const { name, storage } = this.#find(path);
    if (name === indexName) return indexOf(storage).subarray(offset, offset + bytesMax);
    return storage.read(name, offset, Math.max(0, Math.min(bytesMax, storage.size(name) - offset)));
  }

  #find(path: string): Place {
    const place = this.#place(path);
    if (place.name !== indexName && !place.storage.list().includes(place.name)) throw fileError(FileError.notFound);
    return place;
  }

  #place(path: string): Place {
    if (this.#folders.has(path.replace(/\/$/, ''))) throw fileError(FileError.isDirectory);
    const at = path.lastIndexOf('/');
    const folder = path.slice(0, at);
    const name = path.slice(at + 1);
    if (!namePattern.test(name)) throw fileError(FileError.invalidName);
    const storage = this.#folders.get(folder);
    // A path through `..` names no folder that we have either.
    if (storage === undefined) throw fileError(FileError.mountPointNotFound);
    return { folder, name, storage };
  }

  /** The storage that a path may be written in. */
  #writable(path: string): { name: string; storage: Storage; bytesMax: number } {
    const { folder, name } = this.#place(path);
    const upload = this.#upload;
    if (upload === undefined || upload.folder !== folder || name === indexName) throw fileError(FileError.readOnly);
    return { name, storage: upload.storage, bytesMax: upload.bytesMax };
  }

  #create(path: string, lengthBytes: number): void {
    const { name, storage, bytesMax } = this.#writable(path);
    const others = storage.list().filter((other) => other !== name);
    const used = others.reduce((sum, other) => sum + storage.size(other), 0);
    if (used + lengthBytes > bytesMax) throw fileError(FileError.writeFailed);
    if (others.length < storage.list().length) storage.truncate(name, 0);
    storage.append(name, new Uint8Array());
    storage.syncDirectory();
  }

  #append(path: string, bytes: Uint8Array): void {
    const { name, storage } = this.#writable(path);
    storage.append(name, bytes);
    storage.sync(name);
  }
}

/** Who downloads a folder begins here: the protocol has no listing. */
function indexOf(storage: ReadableStorage): Uint8Array {
  const names = storage.list().filter((name) => namePattern.test(name) && name !== indexName);
  return new TextEncoder().encode(names.map((name) => `${storage.size(name)} ${name}\n`).join(''));
}
