/** Whether packs of one device follow each other: every number once, each naming the hash of the one before. */
import { equalBytes, type OpenedPack, type SeqGap, toHex } from '../../edge/pack/index.ts';

export type ChainBreak =
  /** Two different packs under one number: the device, or whoever has its key, signed twice. */
  | { kind: 'seq-twice'; device: string; seq: number; packs: string[] }
  /** A pack names as its predecessor another than the one whose number is one less. */
  | { kind: 'previous-hash'; device: string; seq: number; pack: string; previous: string }
  /** A later number under an earlier boot. */
  | { kind: 'boot-count'; device: string; seq: number; pack: string; boot: number; bootBefore: number };

/** Numbers between the first and the last pack that are not there, and which no pack declares as a gap. */
export interface Missing {
  device: string;
  from: number;
  to: number;
}

export interface ChainReport {
  devices: number;
  packs: number;
  /** Copies of a pack, byte for byte. */
  duplicates: number;
  /** Packs whose predecessor is here and named by them. */
  linked: number;
  /** Numbers missing that some pack declares as a gap. */
  declared: number;
  missing: Missing[];
  breaks: ChainBreak[];
}

interface Link {
  name: string;
  seq: number;
  boot: number;
  hash: Uint8Array;
  previousHash: Uint8Array | undefined;
}

interface DevicePacks {
  bySeq: Map<number, Link>;
  gaps: SeqGap[];
}

export class ChainCheck {
  readonly #devices = new Map<string, DevicePacks>();
  readonly #breaks: ChainBreak[] = [];
  #duplicates = 0;

  /** Takes a pack that was verified, in any order. @param name for the report */
  add(name: string, { kid, hash, body }: OpenedPack): void {
    const device = `0x${toHex(kid)}`;
    const packs = this.#devices.get(device) ?? { bySeq: new Map<number, Link>(), gaps: [] };
    this.#devices.set(device, packs);
    const known = packs.bySeq.get(body.seq);
    if (known && equalBytes(known.hash, hash)) {
      this.#duplicates++;
      return;
    }
    if (known) {
      this.#breaks.push({ kind: 'seq-twice', device, seq: body.seq, packs: [known.name, name] });
      return;
    }
    // Copies: views would keep every pack's bytes in memory.
    const previousHash = body.previousHash?.slice();
    packs.bySeq.set(body.seq, { name, seq: body.seq, boot: body.bootCount, hash, previousHash });
    for (const gap of body.gaps ?? []) addGap(packs.gaps, gap);
  }

  report(): ChainReport {
    const report: ChainReport = {
      devices: this.#devices.size,
      packs: 0,
      duplicates: this.#duplicates,
      linked: 0,
      declared: 0,
      missing: [],
      breaks: this.#breaks.slice(),
    };
    for (const [device, { bySeq, gaps }] of this.#devices) {
      const links = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
      report.packs += links.length;
      const declared = joined(gaps);
      for (let i = 1; i < links.length; i++) {
        compare(report, device, links[i - 1], links[i]);
        countBetween(report, device, links[i - 1].seq + 1, links[i].seq - 1, declared);
      }
    }
    return report;
  }
}

/** Most packs declare the gap that the pack before declared. */
function addGap(gaps: SeqGap[], gap: SeqGap): void {
  const isKnown = gaps.slice(-64).some(({ from, to }) => from <= gap.from && gap.to <= to);
  if (!isKnown) gaps.push(gap);
}

function compare(report: ChainReport, device: string, before: Link, after: Link): void {
  const { seq, name: pack } = after;
  if (after.boot < before.boot) {
    report.breaks.push({ kind: 'boot-count', device, seq, pack, boot: after.boot, bootBefore: before.boot });
  }
  // A boot's first pack names none, and one whose predecessor is not here cannot be judged.
  if (after.previousHash === undefined || seq !== before.seq + 1) return;
  if (equalBytes(after.previousHash, before.hash.subarray(0, 16))) report.linked++;
  else report.breaks.push({ kind: 'previous-hash', device, seq, pack, previous: before.name });
}

/** Ascending and apart. */
function joined(gaps: readonly SeqGap[]): { from: number; to: number }[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of gaps.slice().sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

function countBetween(
  report: ChainReport,
  device: string,
  from: number,
  to: number,
  declared: readonly { from: number; to: number }[],
): void {
  let next = from;
  for (const gap of declared) {
    if (gap.to < next) continue;
    if (gap.from > to) break;
    if (gap.from > next) report.missing.push({ device, from: next, to: gap.from - 1 });
    const end = Math.min(gap.to, to);
    report.declared += end - Math.max(gap.from, next) + 1;
    next = end + 1;
  }
  if (next <= to) report.missing.push({ device, from: next, to });
}

/** One line for a person. */
export function breakText(found: ChainBreak): string {
  switch (found.kind) {
    case 'seq-twice':
      return `device ${found.device} signed two packs with seq ${found.seq}: ${found.packs.join(' and ')}`;
    case 'previous-hash':
      return `${found.pack}: seq ${found.seq} follows another pack than ${found.previous}`;
    case 'boot-count':
      return `${found.pack}: seq ${found.seq} is of boot ${found.boot}, the pack before of boot ${found.bootBefore}`;
  }
}
