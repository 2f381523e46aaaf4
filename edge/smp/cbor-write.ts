/**
 * CBOR as Zephyr writes it: maps and arrays of indefinite length, in the order given. A body has its buffer's size at
 * most, as on a device.
 */
import { MajorType, Simple } from './cbor-types.ts';
import { SmpError } from './protocol.ts';
import { refuse } from './refusal.ts';

export type SmpValue = number | bigint | string | boolean | Uint8Array | readonly SmpValue[] | SmpFields;

/** A Map where names are somebody else's: an object would sort those that look like numbers to the front. */
export type SmpFields = { readonly [name: string]: SmpValue | undefined } | ReadonlyMap<string, SmpValue>;

const utf8 = new TextEncoder();
const indefinite = 31;
const breakByte = 0xff;

/**
 * Writes the body of a message. Fields that are undefined are left out.
 * @throws {SmpRefusal} messageSize when it does not fit in `bytesMax`
 * @throws {TypeError} on a number that is not whole and exact
 * @example encodeSmpBody({ off: 5 })  // BF 63 6F6666 05 FF
 */
export function encodeSmpBody(fields: SmpFields, bytesMax = 0xffff): Uint8Array {
  const writer = new BoundedWriter(bytesMax);
  writeMap(writer, fields);
  return writer.finish();
}

class BoundedWriter {
  readonly #bytesMax: number;
  #buffer = new Uint8Array(256);
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytesMax) throw refuse(SmpError.messageSize);
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return at;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}

function write(writer: BoundedWriter, value: SmpValue): void {
  if (typeof value === 'number' || typeof value === 'bigint') {
    writeInteger(writer, value);
  } else if (typeof value === 'string') {
    writeString(writer, MajorType.text, utf8.encode(value));
  } else if (typeof value === 'boolean') {
    writer.byte((MajorType.simple << 5) | (value ? Simple.true : Simple.false));
  } else if (value instanceof Uint8Array) {
    writeString(writer, MajorType.bytes, value);
  } else if (isArray(value)) {
    writer.byte((MajorType.array << 5) | indefinite);
    for (const item of value) write(writer, item);
    writer.byte(breakByte);
  } else {
    writeMap(writer, value);
  }
}

/** Array.isArray does not narrow a readonly array away. */
function isArray(value: readonly SmpValue[] | SmpFields): value is readonly SmpValue[] {
  return Array.isArray(value);
}

function writeMap(writer: BoundedWriter, fields: SmpFields): void {
  writer.byte((MajorType.map << 5) | indefinite);
  for (const [name, value] of fields instanceof Map ? fields : Object.entries(fields)) {
    if (value === undefined) continue;
    writeString(writer, MajorType.text, utf8.encode(name));
    write(writer, value);
  }
  writer.byte(breakByte);
}

function writeInteger(writer: BoundedWriter, value: number | bigint): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new TypeError(`no exact integer: ${value}`);
  if (value >= 0) writeHead(writer, MajorType.unsigned, value);
  else writeHead(writer, MajorType.negative, typeof value === 'number' ? -1 - value : -1n - value);
}

function writeString(writer: BoundedWriter, major: number, bytes: Uint8Array): void {
  writeHead(writer, major, bytes.length);
  writer.bytes(bytes);
}

function writeHead(writer: BoundedWriter, major: number, argument: number | bigint): void {
  const type = major << 5;
  if (argument < 24) {
    writer.byte(type | Number(argument));
    return;
  }
  // One, two, four or eight bytes, whichever is the first to hold it.
  const power = argument <= 0xff ? 0 : argument <= 0xffff ? 1 : argument <= 0xffffffff ? 2 : 3;
  writer.byte(type | (24 + power));
  const wide = BigInt(argument);
  for (let shift = 8 * (1 << power) - 8; shift >= 0; shift -= 8) writer.byte(Number((wide >> BigInt(shift)) & 0xffn));
}
