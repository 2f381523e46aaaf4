/** Which numbers of one device a gateway has accounted for, and which of them a receipt may name. */
import type { SeqGap } from '../pack/index.ts';

/** A device's numbers begin at 1. Packs may come in any order and any number of times. */
export class SeqTracker {
  /** Every number up to here is accepted or declared. */
  private floor: number;
  private highestAccepted: number;
  private readonly accepted = new Set<number>();
  /** Declared ranges that reach above the floor. */
  private gaps: { from: number; to: number }[] = [];

  /** @param known what an earlier run had accounted for */
  constructor(known: { floor: number; highestAccepted: number } = { floor: 0, highestAccepted: 0 }) {
    this.floor = known.floor;
    this.highestAccepted = known.highestAccepted;
  }

  /** What a receipt may name: the highest accepted number with nothing unaccounted for below it; 0 when none. */
  get receiptable(): number {
    return this.highestAccepted;
  }

  /** Every number up to this one is accounted for. */
  get contiguous(): number {
    return this.floor;
  }

  /** @returns false when the number was accounted for before */
  accept(seq: number, gaps: readonly SeqGap[] = []): boolean {
    if (seq <= this.floor || this.accepted.has(seq)) return false;
    this.accepted.add(seq);
    for (const { from, to } of gaps) if (to > this.floor) this.gaps.push({ from, to });
    this.advance();
    return true;
  }

  private advance(): void {
    for (;;) {
      const next = this.floor + 1;
      if (this.accepted.delete(next)) {
        this.floor = next;
        this.highestAccepted = next;
        continue;
      }
      const gap = this.gaps.find(({ from, to }) => from <= next && next <= to);
      if (!gap) break;
      this.jump(gap.to);
    }
    this.gaps = this.gaps.filter(({ to }) => to > this.floor);
  }

  /** A range may be declared lost of which some packs had come. */
  private jump(to: number): void {
    for (const seq of this.accepted) {
      if (seq > to) continue;
      this.accepted.delete(seq);
      this.highestAccepted = Math.max(this.highestAccepted, seq);
    }
    this.floor = to;
  }
}
