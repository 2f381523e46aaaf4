/**
 * Reads any valid CBOR map, whichever way its writer put it: definite or indefinite lengths, long heads, keys in any
 * order, keys that nobody asked for. What packs are read with accepts one encoding only, hence a reader of its own.
 */
import { concatBytes } from '../pack/index.ts';
import { MajorType, Simple } from './cbor-types.ts';
import { SmpError } from './protocol.ts';
import { refuse } from './refusal.ts';

/** Floats and simple values without a meaning here are read over: `other`. */
export type SmpReadValue = number | bigint | string | boolean | null | Uint8Array | SmpReadValue[] | SmpBody | Other;

class Other {}
const other = new Other();

const depthMax = 8;
const breakCode = 31;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The fields of a message. Each getter gives undefined for a field that is not there, and refuses one of another type. */
export class SmpBody {
  readonly #fields: ReadonlyMap<string, SmpReadValue>;

  constructor(fields: ReadonlyMap<string, SmpReadValue>) {
    this.#fields = fields;
  }

  get names(): string[] {
    return [...this.#fields.keys()];
  }

  value(name: string): SmpReadValue | undefined {
    return this.#fields.get(name);
  }

  /** @throws {SmpRefusal} invalid */
  text(name: string): string | undefined {
    return this.#typed(name, (value) => typeof value === 'string');
  }

  /** A whole number from 0 to 2^53 - 1. @throws {SmpRefusal} invalid */
  unsigned(name: string): number | undefined {
    return this.#typed(name, (value): value is number => typeof value === 'number' && value >= 0);
  }

  /** A whole number whose absolute value is below 2^53. @throws {SmpRefusal} invalid */
  integer(name: string): number | undefined {
    return this.#typed(name, (value) => typeof value === 'number');
  }

  /** @throws {SmpRefusal} invalid */
  boolean(name: string): boolean | undefined {
    return this.#typed(name, (value) => typeof value === 'boolean');
  }

  /** A view. @throws {SmpRefusal} invalid */
  bytes(name: string): Uint8Array | undefined {
    return this.#typed(name, (value) => value instanceof Uint8Array);
  }

  /** @throws {SmpRefusal} invalid */
  list(name: string): SmpReadValue[] | undefined {
    return this.#typed(name, (value) => Array.isArray(value));
  }

  /** @throws {SmpRefusal} invalid */
  map(name: string): SmpBody | undefined {
    return this.#typed(name, (value) => value instanceof SmpBody);
  }

  #typed<Type extends SmpReadValue>(name: string, is: (value: SmpReadValue) => value is Type): Type | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    if (!is(value)) throw refuse(SmpError.invalid);
    return value;
  }
}

/**
 * Reads the body of a message; an empty one is an empty map. Byte strings are views. What follows the map is ignored,
 * as devices do.
 * @throws {SmpRefusal} invalid, on what is no CBOR map, nests too deep, or has a key twice
 */
export function decodeSmpBody(bytes: Uint8Array): SmpBody {
  if (bytes.length === 0) return new SmpBody(new Map());
  const value = new Reader(bytes).item(depthMax);
  if (!(value instanceof SmpBody)) throw refuse(SmpError.invalid);
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  item(depthLeft: number): SmpReadValue {
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 31;
    if (major === MajorType.simple) return this.#simple(info);
    if (info === breakCode) return this.#indefinite(major, depthLeft);
    const argument = this.#argument(info);
    switch (major) {
      case MajorType.unsigned:
        return argument;
      case MajorType.negative:
        return negative(argument);
      case MajorType.bytes:
        return this.#take(argument);
      case MajorType.text:
        return text(this.#take(argument));
      case MajorType.array:
        return this.#array(this.#count(argument), depthLeft);
      case MajorType.map:
        return this.#map(this.#count(argument), depthLeft);
      default:
        // A tag says more of its item than is asked here.
        return this.item(this.#deeper(depthLeft));
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw refuse(SmpError.invalid);
    return this.#bytes[this.#at++];
  }

  #deeper(depthLeft: number): number {
    if (depthLeft === 0) throw refuse(SmpError.invalid);
    return depthLeft - 1;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) throw refuse(SmpError.invalid);
    const width = 1 << (info - 24);
    const at = this.#skip(width);
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at);
    if (width === 4) return this.#view.getUint32(at);
    const value = this.#view.getBigUint64(at);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  /** @returns where the skipped bytes began */
  #skip(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw refuse(SmpError.invalid);
    this.#at += count;
    return at;
  }

  #take(length: number | bigint): Uint8Array {
    if (typeof length === 'bigint') throw refuse(SmpError.invalid);
    const at = this.#skip(length);
    return this.#bytes.subarray(at, this.#at);
  }

  /** Every item takes a byte at least: more than are left cannot come. */
  #count(claimed: number | bigint): number {
    if (claimed > this.#bytes.length - this.#at) throw refuse(SmpError.invalid);
    return Number(claimed);
  }

  #indefinite(major: number, depthLeft: number): SmpReadValue {
    switch (major) {
      case MajorType.bytes:
        return this.#chunks(major);
      case MajorType.text:
        return text(this.#chunks(major));
      case MajorType.array:
        return this.#array(undefined, depthLeft);
      case MajorType.map:
        return this.#map(undefined, depthLeft);
      default:
        throw refuse(SmpError.invalid);
    }
  }

  /** A string in pieces, each of the same type and of definite length. */
  #chunks(major: number): Uint8Array {
    const chunks: Uint8Array[] = [];
    while (!this.#takeBreak()) {
      const initial = this.#byte();
      if (initial >> 5 !== major || (initial & 31) === breakCode) throw refuse(SmpError.invalid);
      chunks.push(this.#take(this.#argument(initial & 31)));
    }
    return concatBytes(...chunks);
  }

  #takeBreak(): boolean {
    if (this.#bytes[this.#at] !== 0xff) return false;
    this.#at++;
    return true;
  }

  /** @param count undefined until a break */
  #array(count: number | undefined, depthLeft: number): SmpReadValue[] {
    const inside = this.#deeper(depthLeft);
    const items: SmpReadValue[] = [];
    while (count === undefined ? !this.#takeBreak() : items.length < count) items.push(this.item(inside));
    return items;
  }

  #map(count: number | undefined, depthLeft: number): SmpBody {
    const inside = this.#deeper(depthLeft);
    const fields = new Map<string, SmpReadValue>();
    for (let i = 0; count === undefined ? !this.#takeBreak() : i < count; i++) {
      const name = this.item(inside);
      const value = this.item(inside);
      if (typeof name !== 'string') continue;
      if (fields.has(name)) throw refuse(SmpError.invalid);
      fields.set(name, value);
    }
    return new SmpBody(fields);
  }

  #simple(info: number): SmpReadValue {
    if (info === Simple.false) return false;
    if (info === Simple.true) return true;
    if (info === Simple.null) return null;
    if (info === breakCode || (info > Simple.float64 && info < breakCode)) throw refuse(SmpError.invalid);
    // Simple values in a byte of their own, and floats of two, four and eight.
    if (info >= 24) this.#skip(1 << (info - 24));
    return other;
  }
}

function negative(argument: number | bigint): number | bigint {
  return typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER ? -1 - argument : -1n - BigInt(argument);
}

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse(SmpError.invalid);
  }
}
