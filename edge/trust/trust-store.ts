/**
 * What a device must not forget about trust, in two files that are written in turn: whenever the power goes, one of
 * them is whole. A file is "DMTS", payload length u32, payload, CRC-32C u32 over all before it, little-endian; the
 * payload is deterministic CBOR.
 */
import { edgeError, MinerError } from '../errors/index.ts';
import { type CborMap, type CborValue, cborMap, decodeCbor, encodeCbor, equalBytes } from '../pack/index.ts';
import { crc32c, type Storage } from '../store/index.ts';
import type { SignerSet } from './checkpoint.ts';
import { decodeSignerSet, encodeSignerSet } from './checkpoint-file.ts';
import type { SeenEpoch } from './checkpoint-verify.ts';

export interface TrustState {
  /** The newest epoch seen on the chain or in a checkpoint. */
  seen?: SeenEpoch;
  /** Unix milliseconds that it was at least. */
  knownUnixMs?: number;
  signerSet?: SignerSet;
  /** The last accepted checkpoint file. */
  checkpoint?: Uint8Array;
}

/** Which registry a state is about: another one's says nothing. */
export interface RegistryPlace {
  chainId: number;
  /** Address of the DecoderRegistry, 20 bytes. */
  registry: Uint8Array;
}

const slots = ['trust-a', 'trust-b'] as const;
const magic = 0x53544d44; // "DMTS"
const headLength = 8;
const tailLength = 4;
/** A checkpoint file has 1 MiB at most. */
const slotBytesMax = 1 << 21;
const stateVersion = 1;
const Field = { seen: 1, knownUnixMs: 2, signerSet: 3, checkpoint: 4 } as const;

interface Slot {
  /** Counts the saves: the higher one is the newer. */
  count: number;
  place: RegistryPlace;
  state: TrustState;
}

export class TrustStore {
  readonly #storage: Storage;
  readonly #place: RegistryPlace;
  /** Written next: the slot that does not hold the newest state. */
  #next: 0 | 1;
  #count: number;

  private constructor(storage: Storage, place: RegistryPlace, newest: { slot: 0 | 1; count: number }) {
    this.#storage = storage;
    this.#place = place;
    this.#next = newest.slot === 0 ? 1 : 0;
    this.#count = newest.count;
  }

  /**
   * Reads the newest whole state. One of another chain or registry is not given, and overwritten later.
   * @returns `damaged`: how many of the two files are there but not whole; one is what a power cut leaves
   * @throws {MinerError} STORAGE_IO when not even the names of the files can be read
   */
  static open(storage: Storage, place: RegistryPlace): { store: TrustStore; state: TrustState; damaged: number } {
    const names = storage.list();
    const read = slots.map((name) => (names.includes(name) ? readSlot(storage, name) : undefined));
    const damaged = slots.filter((name, i) => names.includes(name) && !read[i]).length;
    const slot = (read[1]?.count ?? 0) > (read[0]?.count ?? 0) ? 1 : 0;
    const newest = read[slot];
    const isOurs = newest?.place.chainId === place.chainId && equalBytes(newest.place.registry, place.registry);
    const store = new TrustStore(storage, place, { slot, count: newest?.count ?? 0 });
    return { store, state: isOurs ? newest.state : {}, damaged };
  }

  /**
   * Makes `state` what the next `open` gives, at once and as a whole.
   * @throws {MinerError} STORAGE_FULL, STORAGE_IO; the state before is then kept
   */
  save(state: TrustState): void {
    const name = slots[this.#next];
    // Removed rather than cut short: after a failed sync some systems never write a file's pages again.
    if (this.#storage.list().includes(name)) this.#storage.remove(name);
    this.#storage.append(name, encodeSlot({ count: this.#count + 1, place: this.#place, state }));
    this.#storage.sync(name);
    this.#storage.syncDirectory();
    this.#count++;
    this.#next = this.#next === 0 ? 1 : 0;
  }
}

function encodeSlot({ count, place, state }: Slot): Uint8Array {
  const { seen, knownUnixMs, signerSet, checkpoint } = state;
  const fields = cborMap([
    [Field.seen, seen && [seen.epoch, seen.root]],
    [Field.knownUnixMs, knownUnixMs],
    [Field.signerSet, signerSet && encodeSignerSet(signerSet)],
    [Field.checkpoint, checkpoint],
  ]);
  const payload = encodeCbor([stateVersion, count, place.chainId, place.registry, fields]);
  const bytes = new Uint8Array(headLength + payload.length + tailLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, payload.length, true);
  bytes.set(payload, headLength);
  view.setUint32(headLength + payload.length, crc32c(bytes, 0, headLength + payload.length), true);
  return bytes;
}

/** The slot, or undefined where it is not whole or can't be read: the other one may be. */
function readSlot(storage: Storage, name: string): Slot | undefined {
  try {
    return readWhole(storage, name);
  } catch (error) {
    if (error instanceof MinerError) return undefined;
    throw error;
  }
}

function readWhole(storage: Storage, name: string): Slot | undefined {
  const size = storage.size(name);
  if (size < headLength + tailLength || size > slotBytesMax) return undefined;
  const bytes = storage.read(name, 0, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = headLength + view.getUint32(4, true);
  if (view.getUint32(0, true) !== magic || end + tailLength !== bytes.length) return undefined;
  if (view.getUint32(end, true) !== crc32c(bytes, 0, end)) return undefined;
  return decodeSlot(decodeCbor(bytes.subarray(headLength, end)));
}

function decodeSlot(value: CborValue): Slot | undefined {
  if (!Array.isArray(value) || value.length !== 5) return undefined;
  const [version, count, chainId, registry, fields] = value as CborValue[];
  const isKnown = version === stateVersion && typeof count === 'number' && typeof chainId === 'number';
  if (!isKnown || !(registry instanceof Uint8Array) || !(fields instanceof Map)) return undefined;
  return { count, place: { chainId, registry: registry.slice() }, state: decodeState(fields) };
}

/** Our own writing, with its CRC whole: what does not fit it was not written by us. */
function decodeState(fields: CborMap): TrustState {
  const [seen, knownUnixMs, signerSet, checkpoint] = Object.values(Field).map((key) => fields.get(key));
  const state: TrustState = {};
  if (Array.isArray(seen)) {
    const [epoch, root] = seen as CborValue[];
    if (typeof epoch !== 'number' || !(root instanceof Uint8Array)) return unreadable();
    state.seen = { epoch, root: root.slice() };
  }
  if (typeof knownUnixMs === 'number') state.knownUnixMs = knownUnixMs;
  if (signerSet !== undefined) state.signerSet = decodeSignerSet(signerSet);
  if (checkpoint instanceof Uint8Array) state.checkpoint = checkpoint.slice();
  return state;
}

function unreadable(): never {
  throw edgeError('CHECKPOINT_INVALID', { reason: 'the stored state cannot be read' });
}
