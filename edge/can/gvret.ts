/**
 * SavvyCAN's and GVRET's CSV: a header, then `166064000,0000021A,false,0,8,FE,36,...`, time in microseconds, id and
 * bytes in hex. Newer versions have a column `Dir` before `Bus`, so the header says where each column stands.
 */
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { LineOutcome, type Lines } from './line-log-reader.ts';
import { parseDecimal, parseHex } from './text-number.ts';

const comma = 0x2c;

/** Reads lines, after the header has set which column is which. */
export class GvretColumns implements Lines {
  #time = 0;
  #id = 1;
  #extended = 2;
  #direction = -1;
  #bus = 3;
  #length = 4;
  #data = 5;
  /** Where each field of the line begins; it ends one before the next. */
  readonly #fields = new Int32Array(80);

  /** See `Lines`. */
  readLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
    const count = this.#split(bytes, from, to);
    if (isLetter(bytes[from])) return this.#readHeader(bytes, count);
    if (count <= this.#length) return `expected at least ${this.#length + 1} columns`;
    const timeUs = this.#parseTime(bytes);
    if (timeUs < 0) return 'expected a time in microseconds';
    const id = parseHex(bytes, this.#from(this.#id), this.#to(this.#id));
    const extended = this.#isTrue(bytes, this.#extended);
    if (id < 0 || id > (extended ? 0x1fffffff : 0x7ff)) return `expected a hex id of ${extended ? 29 : 11} bits`;
    const length = parseDecimal(bytes, this.#from(this.#length), this.#to(this.#length));
    if (length < 0 || (length > 8 && !dlcToLength.includes(length))) return 'expected a length of 0 to 8, or of CAN FD';
    if (count < this.#data + length) return `expected ${length} data bytes`;
    for (let i = 0; i < length; i++) {
      const value = parseHex(bytes, this.#from(this.#data + i), this.#to(this.#data + i));
      if (value < 0 || value > 0xff) return `expected a hex byte as D${i + 1}`;
      sink.payload[i] = value;
    }
    let flags = extended ? FrameFlag.extended : 0;
    if (length > 8) flags |= FrameFlag.fd;
    if (this.#direction >= 0 && (bytes[this.#from(this.#direction)] | 0x20) === 0x74) flags |= FrameFlag.transmitted;
    const bus = this.#bus < 0 ? -1 : parseDecimal(bytes, this.#from(this.#bus), this.#to(this.#bus));
    sink.add(timeUs, id, flags, length, sink.busOfChannel(bus + 1));
    return undefined;
  }

  /** Finds the fields, and returns how many there are. */
  #split(bytes: Uint8Array, from: number, to: number): number {
    const fields = this.#fields;
    let count = 0;
    fields[count++] = from;
    for (let at = from; at < to && count < fields.length - 1; at++) {
      if (bytes[at] === comma) fields[count++] = at + 1;
    }
    fields[count] = to + 1;
    // SavvyCAN ends each line with a comma.
    return fields[count - 1] === to ? count - 1 : count;
  }

  #from(column: number): number {
    return this.#fields[column];
  }

  #to(column: number): number {
    return this.#fields[column + 1] - 1;
  }

  #parseTime(bytes: Uint8Array): number {
    const from = this.#from(this.#time);
    let to = from;
    const end = this.#to(this.#time);
    // Some converters write decimals; parts of a microsecond are cut off.
    while (to < end && bytes[to] !== 0x2e) to++;
    return parseDecimal(bytes, from, to);
  }

  /** `true`, `True` or `1`. */
  #isTrue(bytes: Uint8Array, column: number): boolean {
    const byte = bytes[this.#from(column)];
    return (byte | 0x20) === 0x74 || byte === 0x31;
  }

  #readHeader(bytes: Uint8Array, count: number): string | undefined {
    const decoder = new TextDecoder();
    const names: string[] = [];
    for (let column = 0; column < count; column++) {
      names.push(
        decoder
          .decode(bytes.subarray(this.#from(column), this.#to(column)))
          .trim()
          .toLowerCase(),
      );
    }
    const find = (name: string) => names.indexOf(name);
    const required = [find('time stamp'), find('id'), find('extended'), find('len'), find('d1')];
    if (required.includes(-1)) return 'expected a header with Time Stamp, ID, Extended, LEN and D1';
    [this.#time, this.#id, this.#extended, this.#length, this.#data] = required;
    this.#direction = find('dir');
    this.#bus = find('bus');
    return LineOutcome.ignored;
  }
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
