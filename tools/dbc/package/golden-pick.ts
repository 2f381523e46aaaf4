/** Of many frames the few that show something new: each message, branch, status, smallest and largest value. */
import { FrameFlag } from '../../../edge/can/index.ts';
import { type FrameDecoder, type Plan, type PlanMessage, SignalStatus } from '../../../edge/decode/index.ts';
import type { BareFrame } from './golden-expect.ts';

interface Kept extends BareFrame {
  /** For how many reasons it is kept; it goes when the last one is gone. */
  reasons: number;
  order: number;
}

/** What the frames of one message have shown. */
interface Shown {
  /** By slot; NaN before the first value. */
  minimum: Float64Array;
  maximum: Float64Array;
  minimumAt: (Kept | undefined)[];
  maximumAt: (Kept | undefined)[];
  /** By slot: bit k for SignalStatus k, and those of `Special`. */
  seen: Uint16Array;
}

/** Values that are neither smallest nor largest, and yet easily got wrong. */
const Special = { notANumber: 1 << 8, negativeZero: 1 << 9 } as const;

/** Memory grows with the database, not with the number of frames offered. */
export class GoldenPicker {
  readonly #decoder: FrameDecoder;
  readonly #shown = new Map<PlanMessage, Shown>();
  readonly #kept = new Set<Kept>();
  #order = 0;

  /** @param decoder any back end: it only chooses, and says nothing about what is right */
  constructor(decoder: FrameDecoder) {
    this.#decoder = decoder;
  }

  /** Looks at one frame; its data is copied when kept. */
  offer(id: number, flags: number, data: Uint8Array, offset: number, length: number): void {
    const message = this.#decoder.decode(id, flags, data, offset, length);
    if (message === undefined) return;
    let shown = this.#shown.get(message);
    const isFirst = shown === undefined;
    if (shown === undefined) {
      shown = nothingShown(message);
      this.#shown.set(message, shown);
    }
    let kept: Kept | undefined;
    const keep = (): Kept => {
      const extended = (flags & FrameFlag.extended) !== 0;
      kept ??= { id, extended, data: data.slice(offset, offset + length), reasons: 0, order: this.#order++ };
      this.#kept.add(kept);
      kept.reasons++;
      return kept;
    };
    if (isFirst) keep();
    for (let slot = 0; slot < message.signals.length; slot++) this.#look(shown, slot, keep);
  }

  #look(shown: Shown, slot: number, keep: () => Kept): void {
    const status = this.#decoder.status[slot];
    const value = this.#decoder.physical[slot];
    const isHeld = status !== SignalStatus.absent && status !== SignalStatus.inactive;
    let bits = 1 << status;
    if (isHeld && Number.isNaN(value)) bits |= Special.notANumber;
    if (Object.is(value, -0)) bits |= Special.negativeZero;
    if ((shown.seen[slot] | bits) !== shown.seen[slot]) {
      shown.seen[slot] |= bits;
      keep();
    }
    if (Number.isNaN(value)) return;
    if (!(shown.minimum[slot] <= value)) {
      this.#release(shown.minimumAt[slot]);
      shown.minimum[slot] = value;
      shown.minimumAt[slot] = keep();
    }
    if (!(shown.maximum[slot] >= value)) {
      this.#release(shown.maximumAt[slot]);
      shown.maximum[slot] = value;
      shown.maximumAt[slot] = keep();
    }
  }

  #release(kept: Kept | undefined): void {
    if (kept !== undefined && --kept.reasons === 0) this.#kept.delete(kept);
  }

  /** What was kept, in the order it came, each frame once. */
  frames(): BareFrame[] {
    const frames: BareFrame[] = [...this.#kept].sort((a, b) => a.order - b.order);
    return frames.map(({ id, extended, data }) => ({ id, extended, data }));
  }

  /** Messages of the plan that no frame showed. */
  unseen(plan: Plan): PlanMessage[] {
    return plan.messages.filter((message) => !this.#shown.has(message));
  }
}

function nothingShown({ signals: { length } }: PlanMessage): Shown {
  return {
    minimum: new Float64Array(length).fill(Number.NaN),
    maximum: new Float64Array(length).fill(Number.NaN),
    minimumAt: new Array<Kept | undefined>(length).fill(undefined),
    maximumAt: new Array<Kept | undefined>(length).fill(undefined),
    seen: new Uint16Array(length),
  };
}
