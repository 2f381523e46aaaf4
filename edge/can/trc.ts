/**
 * PCAN's TRC, versions 1.0 to 2.1: `1)  1059.900 1  Rx  0300 -  7  00 00 ...`, times in milliseconds from a start that
 * the header gives in days. What stands in which column depends on the version, and from 2.0 on `$COLUMNS` says it.
 * @see PEAK-System, PEAK CAN TRC File Format
 */
import { CarBusLine } from './carbus.ts';
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { LineOutcome, type Lines } from './line-log-reader.ts';
import { parseLogDateAsUs } from './log-date.ts';
import { parseSecondsAsUs } from './text-number.ts';
import { Words } from './words.ts';

const semicolon = 0x3b;
const atSign = 0x40;

/** Columns of the versions that don't list them, by the letters of `$COLUMNS`. */
const columnsByVersion: Readonly<Record<string, string>> = {
  '1.0': 'NOILD',
  '1.1': 'NOTILD',
  '1.2': 'NOBTILD',
  '1.3': 'NOBTIRLD',
  '2.0': 'NOTIdlD',
  '2.1': 'NOTBIdRLD',
};

/** 1899-12-30, from which STARTTIME counts days, to 1970-01-01. */
const daysToEpoch = 25_569;
const usPerDay = 86_400e6;

/** Types of 2.x that are frames, and what they say of them. */
const frameTypes: Readonly<Record<string, number>> = {
  DT: 0,
  FD: FrameFlag.fd,
  FB: FrameFlag.fd | FrameFlag.bitRateSwitch,
  FE: FrameFlag.fd | FrameFlag.errorState,
  BI: FrameFlag.fd | FrameFlag.bitRateSwitch | FrameFlag.errorState,
  RR: FrameFlag.remote,
};

const codeOf = (letter: string) => letter.charCodeAt(0);
const column = {
  bus: codeOf('B'),
  direction: codeOf('d'),
  data: codeOf('D'),
  dlc: codeOf('L'),
  id: codeOf('I'),
  length: codeOf('l'),
  number: codeOf('N'),
  offset: codeOf('O'),
  type: codeOf('T'),
} as const;

export class TrcLines implements Lines {
  readonly #words = new Words();
  #version = '1.0';
  #columns = encode(columnsByVersion['1.0']);
  #startUs = 0;
  #carBus: CarBusLine | undefined;

  readLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
    if (bytes[from] === semicolon) return this.#readComment(bytes, from, to);
    if (bytes[from] === atSign) {
      this.#carBus = new CarBusLine();
      return LineOutcome.ignored;
    }
    if (this.#carBus !== undefined) return this.#carBus.read(bytes, from, to, sink);
    this.#words.start(bytes, from, to);
    return this.#readRow(sink);
  }

  #readRow(sink: FrameSink): string | undefined {
    const words = this.#words;
    const columns = this.#columns;
    let timeUs = 0;
    let flags = 0;
    let bus = 0;
    let id = -1;
    let length = -1;
    for (let i = 0; i < columns.length && columns[i] !== column.data; i++) {
      const hasWord = words.next();
      if (columns[i] === column.number) {
        if (!this.#isNumber()) return 'expected a message number';
      } else if (columns[i] === column.offset) {
        timeUs = this.#time();
        if (timeUs < 0) return 'expected a time in milliseconds';
      } else if (columns[i] === column.type) {
        const outcome = this.#type();
        if (typeof outcome === 'string') return outcome;
        if (outcome === FrameFlag.error) {
          // What is wrong stands in columns that differ from version to version; the bus may follow the type.
          const hasBus = columns[i + 1] === column.bus && words.next();
          sink.addError(timeUs, hasBus ? this.#bus(sink) : bus);
          return undefined;
        }
        flags = outcome;
      } else if (columns[i] === column.bus) {
        bus = this.#bus(sink);
      } else if (columns[i] === column.id) {
        id = words.hex();
        // A warning of versions 1.x, not a frame.
        if (id === 0xffffffff) return LineOutcome.ignored;
        if (id < 0 || id > 0x1fffffff || (words.length <= 4 && id > 0x7ff))
          return 'expected an id of 4 or 8 hex digits';
        if (words.length > 4) flags |= FrameFlag.extended;
      } else if (columns[i] === column.direction) {
        if (words.is('tx')) flags |= FrameFlag.transmitted;
        else if (!words.is('rx')) return 'expected Rx or Tx';
      } else if (columns[i] === column.length) length = words.decimal();
      else if (columns[i] === column.dlc) length = this.#lengthOfDlc(flags);
      if (!hasWord) return `expected ${columns.length - 1} columns before the bytes`;
    }
    if (id < 0) return 'expected an id';
    return this.#readData({ timeUs, id, flags, length, bus }, sink);
  }

  #readData(
    { timeUs, id, flags, length, bus }: { timeUs: number; id: number; flags: number; length: number; bus: number },
    sink: FrameSink,
  ): string | undefined {
    const words = this.#words;
    const isFd = (flags & FrameFlag.fd) !== 0;
    // Versions 1.x show a message of several J1939 packets in one line: no frame of the bus.
    if (length > 8 && this.#version < '2') return LineOutcome.ignored;
    if (length < 0 || (isFd ? !dlcToLength.includes(length) : length > 8)) return 'expected a length of CAN or CAN FD';
    if ((flags & FrameFlag.remote) === 0) {
      for (let i = 0; i < length; i++) {
        const value = words.next() ? words.hex() : -1;
        if (i === 0 && words.is('rtr')) {
          sink.add(timeUs, id, flags | FrameFlag.remote, length, bus);
          return undefined;
        }
        if (i === 0 && words.is('error')) {
          sink.addError(timeUs, bus);
          return undefined;
        }
        if (value < 0 || value > 0xff) return `expected ${length} bytes`;
        sink.payload[i] = value;
      }
      if (length === 0 && words.next() && words.is('rtr')) flags |= FrameFlag.remote;
    }
    sink.add(timeUs, id, flags, length, bus);
    return undefined;
  }

  /** Versions 1.x write `1)`. */
  #isNumber(): boolean {
    const { bytes, from, to } = this.#words;
    const end = bytes[to - 1] === 0x29 ? to - 1 : to;
    for (let at = from; at < end; at++) if (bytes[at] < 0x30 || bytes[at] > 0x39) return false;
    return end > from;
  }

  #time(): number {
    const { bytes, from, to } = this.#words;
    // As seconds it would be a thousand times as much; three decimals of a millisecond are kept.
    const offsetUs = parseSecondsAsUs(bytes, from, to);
    return offsetUs < 0 ? -1 : this.#startUs + Math.floor(offsetUs / 1000);
  }

  /** Flags of a frame, FrameFlag.error, '' for what is no frame, or what is wrong. */
  #type(): number | string {
    const words = this.#words;
    if (words.is('rx')) return 0;
    if (words.is('tx')) return FrameFlag.transmitted;
    if (words.is('error') || words.is('er')) return FrameFlag.error;
    if (words.is('warng') || words.is('st') || words.is('ec') || words.is('ev')) return LineOutcome.ignored;
    if (words.is('dt')) return 0;
    return frameTypes[words.text()] ?? 'expected a type: Rx, Tx, DT, FD, FB, FE, BI, RR, ER, ST, EC or EV';
  }

  #bus(sink: FrameSink): number {
    const channel = this.#words.decimal();
    return channel < 0 ? 0 : sink.busOfChannel(channel);
  }

  #lengthOfDlc(flags: number): number {
    const dlc = this.#words.decimal();
    if (this.#version < '2' || dlc < 0) return dlc;
    return (flags & FrameFlag.fd) !== 0 ? (dlcToLength[dlc] ?? -1) : dlc > 15 ? -1 : Math.min(dlc, 8);
  }

  #readComment(bytes: Uint8Array, from: number, to: number): string {
    const text = new TextDecoder().decode(bytes.subarray(from, to));
    const setting = /^;\$(\w+)=(.*?);?$/.exec(text);
    if (setting?.[1] === 'FILEVERSION') {
      this.#version = setting[2].trim();
      this.#columns = encode(columnsByVersion[this.#version.slice(0, 3)] ?? columnsByVersion['2.1']);
    } else if (setting?.[1] === 'STARTTIME') {
      // Taken apart, since a double of the whole is good for a microsecond at most.
      const days = /^(\d+)(\.\d+)?$/.exec(setting[2].trim());
      const since = Number(days?.[1] ?? 0) - daysToEpoch;
      if (since >= 0) this.#startUs = since * usPerDay + Math.round(Number(days?.[2] ?? 0) * usPerDay);
    } else if (setting?.[1] === 'COLUMNS') {
      this.#columns = encode(setting[2].replaceAll(/[^A-Za-z]/g, ''));
    } else if (this.#startUs === 0 && /start time:/i.test(text)) {
      // Version 1.0 has no other.
      this.#startUs = parseLogDateAsUs(text.slice(text.indexOf(':') + 1)) ?? 0;
    }
    return LineOutcome.ignored;
  }
}

function encode(letters: string): Uint8Array {
  return new TextEncoder().encode(letters);
}
