/** Reads a log back after whatever happened to it. */
import { GapReason, type SeqGap } from '../pack/index.ts';
import { addGap, isInGap, uncovered } from './gaps.ts';
import { decodeState, type LogState, stateLengthMin } from './log-state.ts';
import { claimedEnd, RecordType, readRecord, recordOverhead } from './record.ts';
import { Segment, segmentIndices } from './segment.ts';
import type { Storage } from './storage.ts';
import { readPieces } from './unreadable.ts';

/** What recovery found and did, for a person to read. */
export interface RecoveryReport {
  segments: number;
  /** Packs found that no gateway has signed for yet. */
  packs: number;
  /** The last segment was cut here, at its first record that is not whole. */
  truncated?: { segment: string; at: number; bytes: number };
  /** Segments whose rest is left out from here on: earlier ones, and a last one whose end no torn write explains. */
  damaged: { segment: string; at: number; bytes: number }[];
  /** Numbers that turned out to be missing: written as gaps. */
  missing: SeqGap[];
}

export interface Recovered {
  segments: Segment[];
  state: LogState;
  /** The next number to hand out. */
  next: number;
  /** The last segment is damaged: it stays as it is, and nothing may be written behind it. */
  isLastDamaged: boolean;
  report: RecoveryReport;
}

/**
 * Reads every segment; changes nothing but the torn tail, which it cuts off.
 * @param reserveCount numbers that one state record may have reserved
 * @throws {MinerError} STORAGE_IO when even the directory cannot be read, or the tail not be cut
 */
export function recover(storage: Storage, reserveCount: number): Recovered {
  let state: LogState = { version: 0, receipted: 0, reservedTo: 0, bootCount: 0, gaps: [] };
  const segments: Segment[] = [];
  const report: RecoveryReport = { segments: 0, packs: 0, damaged: [], missing: [] };
  let ceiling = 0;
  /** Up to here numbers may have been reserved by what is damaged, as long as no later state says more. */
  let hiddenTo = 0;
  let isLastDamaged = false;
  const indices = segmentIndices(storage);
  for (const index of indices) {
    const segment = new Segment(index);
    const { bytes, isWhole } = readPieces(storage, segment.name);
    for (let record = readRecord(bytes, 0); record; record = readRecord(bytes, segment.size)) {
      if (record.type === RecordType.pack && record.seq > segment.lastSeq) {
        segment.add(record.seq, record.payloadAt, record.payload.length);
      }
      // Not always the last one in the files: a segment that failed to begin may have stayed behind a newer one.
      if (record.type === RecordType.state && record.seq > state.version) {
        const later = decodeState(record.seq, record.payload);
        if (later) {
          state = later;
          hiddenTo = 0;
        }
      }
      segment.size = record.end;
    }
    segments.push(segment);
    ceiling = Math.max(ceiling, segment.lastSeq);
    if (segment.size === bytes.length) continue;
    const known = Math.max(ceiling, hiddenTo, state.reservedTo, state.receipted);
    const past = recordsPast(bytes, segment.size, known);
    ceiling = Math.max(ceiling, past.ceiling);
    const damage = { segment: segment.name, at: segment.size, bytes: bytes.length - segment.size };
    // Nothing was ever written behind a write that the power interrupted.
    const isTail = isWhole && isTorn(bytes, segment.size) && past.count === 0;
    if (!isTail) hiddenTo = known + hiddenMax(damage.bytes, reserveCount);
    const isLast = index === indices[indices.length - 1];
    if (isLast && isTail) {
      report.truncated = damage;
      storage.truncate(segment.name, segment.size);
    } else {
      report.damaged.push(damage);
      // Cut off, it would be forgotten what it hides before the new state is written.
      isLastDamaged = isLast;
    }
  }
  const next = Math.max(state.reservedTo, ceiling, hiddenTo, state.receipted) + 1;
  report.missing = noteMissing(segments, state, next);
  report.segments = segments.length;
  report.packs = countLive(segments, state);
  return { segments, state, next, isLastDamaged, report };
}

/** Whether a write that the power interrupted explains what begins at `at`: a record whose end is not there. */
function isTorn(bytes: Uint8Array, at: number): boolean {
  return claimedEnd(bytes, at) > bytes.length;
}

/** Numbers that state records in so many bytes may have reserved. */
function hiddenMax(bytes: number, reserveCount: number): number {
  return Math.ceil(bytes / (recordOverhead + stateLengthMin)) * reserveCount;
}

/**
 * Damage in the middle may hide a reservation behind it. Numbers in whole records past the damage are therefore
 * never used again; nothing else of them is believed, since a pack may contain bytes that look like a record.
 */
function recordsPast(bytes: Uint8Array, from: number, known: number): { count: number; ceiling: number } {
  const past = { count: 0, ceiling: 0 };
  for (let at = from + 1; at < bytes.length; at++) {
    const record = readRecord(bytes, at);
    if (!record) continue;
    past.count++;
    const used =
      record.type === RecordType.state ? (decodeState(record.seq, record.payload)?.reservedTo ?? 0) : record.seq;
    // A forged number could use up all there are; a true one is no further off than a segment has bytes.
    if (used <= known + bytes.length) past.ceiling = Math.max(past.ceiling, used);
  }
  return past;
}

/** Declares as gaps what lies between receipt and next number without being there. */
function noteMissing(segments: readonly Segment[], state: LogState, next: number): SeqGap[] {
  const present = segments.flatMap((segment) => segment.seqs).filter((seq) => seq > state.receipted);
  present.sort((a, b) => a - b);
  const lastPresent = present.at(-1) ?? state.receipted;
  const missing: SeqGap[] = [];
  let expected = state.receipted + 1;
  for (const seq of [...present, next]) {
    for (const part of uncovered(state.gaps, expected, seq - 1)) {
      const reason = part.from > lastPresent ? GapReason.skipped : GapReason.damaged;
      missing.push({ ...part, reason });
    }
    expected = Math.max(expected, seq + 1);
  }
  for (const gap of missing) addGap(state.gaps, { ...gap, declaredFrom: next });
  return missing;
}

function countLive(segments: readonly Segment[], { receipted, gaps }: LogState): number {
  const live = new Set<number>();
  for (const { seqs } of segments) for (const seq of seqs) if (seq > receipted && !isInGap(gaps, seq)) live.add(seq);
  return live.size;
}
