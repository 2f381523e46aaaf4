/** What every back end of the decoder shares: the plan's shape and the meaning of its results. */

/**
 * How one signal fared in one frame. Where several apply: absent and inactive exclude the rest, then
 * unknownMultiplexer goes before notAvailable and error, and those before outOfRange.
 */
export const SignalStatus = {
  ok: 0,
  /** The value stands, but lies outside the signal's [minimum, maximum]. */
  outOfRange: 1,
  /** The frame is too short to hold it, or its selector; the value is NaN, the raw 0. */
  absent: 2,
  /** Its multiplexer selects other signals in this frame; the value is NaN, the raw 0. */
  inactive: 3,
  /** On a selector that selects at least one signal: none hangs on this raw value. The value itself stands. */
  unknownMultiplexer: 4,
  /** J1939: the error indicator, see `j1939Indicator`. The value stands. */
  error: 5,
  /** J1939: not available, see `j1939Indicator`. The value stands. */
  notAvailable: 6,
} as const;

export interface PlanSelectorRange {
  from: bigint;
  to: bigint;
}

export interface PlanSignal {
  name: string;
  /** Position among all signals of the plan sorted by (id incl. bit 31 when extended, multiplexer path, name). */
  signalIndex: number;
  /** Position in its message, in the order of signalIndex: where its results stand after a decode. */
  slot: number;
  byteOrder: 'intel' | 'motorola';
  startBit: number;
  length: number;
  signed: boolean;
  /** A float type only at its own length, 32 or 64. */
  valueType: 'integer' | 'float32' | 'float64';
  scale: number;
  offset: number;
  /** False for `[0|0]` and for a minimum above its maximum. */
  hasRange: boolean;
  minimum: number;
  maximum: number;
  unit: string;
  isSelector: boolean;
  /** Slot of its selector, or -1. */
  selectorSlot: number;
  /** Raw values of the selector that select this signal: sorted, disjoint, within what the selector can hold. */
  selectorRanges: PlanSelectorRange[];
  labels: { raw: bigint; text: string }[];
}

export interface PlanMessage {
  name: string;
  id: number;
  extended: boolean;
  length: number;
  j1939: boolean;
  cycleTimeMs: number;
  /** Selectors stand before the signals they select. */
  signals: PlanSignal[];
}

export interface Plan {
  /** Sorted by (extended, id). */
  messages: PlanMessage[];
  /** By signalIndex. */
  signals: PlanSignal[];
  /** The message a frame belongs to: exact id, else by PGN for J1939. */
  find(id: number, extended: boolean): PlanMessage | undefined;
}

/**
 * Decodes one frame at a time into arrays it owns; slot k of them belongs to `message.signals[k]` of the
 * message last returned, and is overwritten by the next call. Never throws on frame data, never reads past it.
 */
export interface FrameDecoder {
  readonly plan: Plan;
  /**
   * @param id arbitration id without flag bits
   * @param flags bits of FrameFlag
   * @param data holds the payload at `offset`, `length` bytes
   * @returns the message, or undefined when the plan has none for this id (or it is a remote or error frame)
   */
  decode(id: number, flags: number, data: Uint8Array, offset: number, length: number): PlanMessage | undefined;
  /** raw * scale + offset in IEEE double. */
  readonly physical: Float64Array;
  /** The raw integer, exact to 2^53; for a float signal its IEEE bit pattern. See `rawBig` past that. */
  readonly raw: Float64Array;
  /** The raw integer of slot k, exact at any length: a number up to 2^53, else a bigint. */
  rawAt(slot: number): number | bigint;
  /** SignalStatus. */
  readonly status: Uint8Array;
}
