import { FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { parseSecondsAsUs } from './text-number.ts';
import { Words } from './words.ts';

const comma = 0x2c;
const dot = 0x2e;

/**
 * A row of CarBus Analyzer's traces, which are named .trc too and begin with `@ TEXT @`: seconds with a decimal comma,
 * bus, flags, id, length, bytes. The format is not documented; flags are passed over, and an id's digits say whether
 * it is extended.
 */
export class CarBusLine {
  readonly #words = new Words();
  readonly #stamp = new Uint8Array(32);

  /** See `Lines`. */
  read(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
    const words = this.#words;
    words.start(bytes, from, to);
    words.next();
    const timeUs = this.#time();
    if (timeUs < 0) return 'expected seconds with a decimal comma';
    const channel = words.next() ? words.decimal() : -1;
    if (channel < 0) return 'expected a bus';
    words.next();
    const id = words.next() ? words.hex() : -1;
    const isExtended = words.length > 4;
    if (id < 0 || id > (isExtended ? 0x1fffffff : 0x7ff)) return 'expected an id in hex digits';
    const length = words.next() ? words.decimal() : -1;
    if (length < 0 || length > 8) return 'expected a length of 0 to 8';
    for (let i = 0; i < length; i++) {
      const value = words.next() ? words.hex() : -1;
      if (value < 0 || value > 0xff) return `expected ${length} bytes`;
      sink.payload[i] = value;
    }
    sink.add(timeUs, id, isExtended ? FrameFlag.extended : 0, length, sink.busOfChannel(channel));
    return undefined;
  }

  #time(): number {
    const { bytes, from, to } = this.#words;
    const length = Math.min(to - from, this.#stamp.length);
    for (let i = 0; i < length; i++) this.#stamp[i] = bytes[from + i] === comma ? dot : bytes[from + i];
    return parseSecondsAsUs(this.#stamp, 0, length);
  }
}
