/** A serial line that loses, repeats, tears and flips bytes, stalls, and hangs up. */
import { memoryPair, type Transport } from '../transport/index.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Chances in 1,000 that a written piece suffers this. */
export interface LineFaults {
  drop: number;
  duplicate: number;
  split: number;
  flip: number;
}

/** Both ends of a line, which is as bad as its faults say from one write to the next. */
export class FaultyLine {
  readonly #faults: Readonly<LineFaults>;
  /** Pieces that did not arrive as they were written. */
  harmed = 0;
  readonly a: Transport;
  readonly b: Transport;
  readonly #random: SeededRandom;
  readonly #innerB: Transport;
  #stalled: Promise<void> | undefined;
  #release: () => void = () => {};

  /** @param faults read at every write, so that they may change on the way */
  constructor(random: SeededRandom, faults: Readonly<LineFaults>, name = 'line') {
    this.#random = random;
    this.#faults = faults;
    const [a, b] = memoryPair(name);
    this.#innerB = b;
    this.a = this.#end(a);
    this.b = this.#end(b);
  }

  #end(inner: Transport): Transport {
    return {
      name: inner.name,
      write: (bytes) => this.#write(inner, bytes),
      onData: (receive) => inner.onData(receive),
      onClose: (closed) => inner.onClose(closed),
      close: () => inner.close(),
    };
  }

  async #write(inner: Transport, bytes: Uint8Array): Promise<void> {
    const pieces = this.#harm(bytes);
    if (this.#stalled !== undefined) await this.#stalled;
    for (const piece of pieces) await inner.write(piece);
  }

  /** What arrives of one write. The bytes are copied, since their owner may reuse them while the line stalls. */
  #harm(bytes: Uint8Array): Uint8Array[] {
    const { drop, duplicate, split, flip } = this.#faults;
    const copy = bytes.slice();
    if (drop + duplicate + split + flip === 0) return [copy];
    const random = this.#random;
    const happens = (chance: number) => chance > 0 && random.chance(chance, 1000);
    if (happens(flip)) {
      copy[random.below(copy.length)] ^= 1 << random.below(8);
      this.harmed++;
    }
    const pieces = [copy];
    if (happens(drop)) {
      // A run of bytes, as an overrun of a UART loses them.
      const from = random.below(copy.length);
      const to = from + 1 + random.below(copy.length - from);
      pieces.splice(0, 1, copy.subarray(0, from), copy.subarray(to));
      this.harmed++;
    }
    if (happens(duplicate)) {
      pieces.push(pieces[random.below(pieces.length)]);
      this.harmed++;
    }
    if (happens(split)) {
      const [first] = pieces;
      const at = random.below(first.length + 1);
      pieces.splice(0, 1, first.subarray(0, at), first.subarray(at));
    }
    return pieces.filter((piece) => piece.length > 0);
  }

  /** From now on nothing arrives, in either direction, until `resume`. */
  stall(): void {
    this.#stalled ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  resume(): void {
    this.#stalled = undefined;
    this.#release();
  }

  /** The far end goes away: to end `a` that is the loss of its peer. */
  hangUp(): void {
    this.resume();
    void this.#innerB.close();
  }
}
