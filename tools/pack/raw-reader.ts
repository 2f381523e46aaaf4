/** What a raw integer of a pack means: its physical value, label and status, by the decoder itself. */
import { FrameFlag } from '../../edge/can/index.ts';
import {
  createFrameDecoder,
  type FrameDecoder,
  labelAt,
  type PlanSignal,
  physicalAt,
} from '../../edge/decode/index.ts';
import type { SignalPlace } from './decoders.ts';

export interface Reading {
  /** A bigint past 2^53; NaN and infinities of float signals stay. */
  value: number | bigint;
  label: string | undefined;
  /** SignalStatus. */
  status: number;
}

/**
 * Puts the raw integer back into a payload of its own and decodes that, so that scale, floats, labels, ranges and
 * reserved values are what they are on the bus.
 */
export class RawReader {
  readonly #decoder: FrameDecoder;
  readonly #signal: PlanSignal;
  readonly #payload = new Uint8Array(8);
  readonly #view = new DataView(this.#payload.buffer);

  constructor({ message, signal }: SignalPlace) {
    const alone: PlanSignal = {
      ...signal,
      signalIndex: 0,
      slot: 0,
      byteOrder: 'intel',
      startBit: 0,
      isSelector: false,
      selectorSlot: -1,
      selectorRanges: [],
    };
    // Any id serves, but for the orphans that DBC parks on one that no frame has.
    const frame = { ...message, id: 0, extended: true, length: 8, signals: [alone] };
    this.#signal = alone;
    this.#decoder = createFrameDecoder({ messages: [frame], signals: [alone], find: () => frame });
  }

  /** @returns undefined when the raw value does not fit the signal's bits: no frame can have held it */
  read(raw: number | bigint): Reading | undefined {
    this.#view.setBigUint64(0, BigInt.asUintN(64, BigInt(raw)), true);
    this.#decoder.decode(0, FrameFlag.extended, this.#payload, 0, 8);
    // biome-ignore lint/suspicious/noDoubleEquals: 5 and 5n are one raw value
    if (this.#decoder.rawAt(0) != raw) return undefined;
    return {
      value: physicalAt(this.#decoder, this.#signal),
      label: labelAt(this.#decoder, this.#signal),
      status: this.#decoder.status[0],
    };
  }
}
