/** One file of the log, and where its packs lie: parallel arrays, ascending by seq. */
import type { Storage } from './storage.ts';

const namePattern = /^[0-9a-f]{8}\.log$/;

export function segmentName(index: number): string {
  return `${index.toString(16).padStart(8, '0')}.log`;
}

/** Indices of the segments in a storage, ascending; other files are left alone. */
export function segmentIndices(storage: Pick<Storage, 'list'>): number[] {
  const names = storage.list().filter((name) => namePattern.test(name));
  return names.map((name) => Number.parseInt(name, 16)).sort((a, b) => a - b);
}

export class Segment {
  readonly index: number;
  readonly name: string;
  /** Bytes of whole records. */
  size = 0;
  readonly seqs: number[] = [];
  private readonly offsets: number[] = [];
  private readonly lengths: number[] = [];

  constructor(index: number) {
    this.index = index;
    this.name = segmentName(index);
  }

  get firstSeq(): number {
    return this.seqs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** 0 when it holds no pack. */
  get lastSeq(): number {
    return this.seqs[this.seqs.length - 1] ?? 0;
  }

  add(seq: number, offset: number, length: number): void {
    this.seqs.push(seq);
    this.offsets.push(offset);
    this.lengths.push(length);
  }

  /** Where pack `seq` lies, or undefined. */
  find(seq: number): { offset: number; length: number } | undefined {
    const at = this.firstAbove(seq - 1);
    return this.seqs[at] === seq ? { offset: this.offsets[at], length: this.lengths[at] } : undefined;
  }

  /** The least seq above `seq`, or undefined. */
  after(seq: number): number | undefined {
    return this.seqs[this.firstAbove(seq)];
  }

  /** How many of its packs are within these numbers, both inclusive. */
  countBetween(from: number, to: number): number {
    return this.firstAbove(to) - this.firstAbove(from - 1);
  }

  private firstAbove(seq: number): number {
    let low = 0;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seqs[middle] > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
