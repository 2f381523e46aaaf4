/** Reads a log back after whatever happened to it. */
import { GapReason, type SeqGap } from '../pack/index.ts';
import { addGap, isInGap, uncovered } from './gaps.ts';
import { decodeState, type LogState } from './log-state.ts';
import { RecordType, readRecord } from './record.ts';
import { Segment, segmentIndices } from './segment.ts';
import type { Storage } from './storage.ts';

/** What recovery found and did, for a person to read. */
export interface RecoveryReport {
  segments: number;
  /** Packs found that no gateway has signed for yet. */
  packs: number;
  /** The last segment was cut here, at its first record that is not whole. */
  truncated?: { segment: string; at: number; bytes: number };
  /** Earlier segments whose rest is left out from here on. */
  damaged: { segment: string; at: number; bytes: number }[];
  /** Numbers that turned out to be missing: written as gaps. */
  missing: SeqGap[];
}

export interface Recovered {
  segments: Segment[];
  state: LogState;
  /** The next number to hand out. */
  next: number;
  report: RecoveryReport;
}

/**
 * Reads every segment; changes nothing but the torn tail, which it cuts off.
 * @throws {MinerError} STORAGE_IO
 */
export function recover(storage: Storage): Recovered {
  let state: LogState = { version: 0, receipted: 0, reservedTo: 0, bootCount: 0, gaps: [] };
  const segments: Segment[] = [];
  const report: RecoveryReport = { segments: 0, packs: 0, damaged: [], missing: [] };
  let ceiling = 0;
  const indices = segmentIndices(storage);
  for (const index of indices) {
    const segment = new Segment(index);
    const bytes = storage.read(segment.name, 0, storage.size(segment.name));
    for (let record = readRecord(bytes, 0); record; record = readRecord(bytes, segment.size)) {
      if (record.type === RecordType.pack && record.seq > segment.lastSeq) {
        segment.add(record.seq, record.payloadAt, record.payload.length);
      }
      // Not always the last one in the files: a segment that failed to begin may have stayed behind a newer one.
      if (record.type === RecordType.state && record.seq > state.version) {
        state = decodeState(record.seq, record.payload) ?? state;
      }
      segment.size = record.end;
    }
    segments.push(segment);
    ceiling = Math.max(ceiling, segment.lastSeq);
    if (segment.size === bytes.length) continue;
    ceiling = Math.max(ceiling, ceilingPast(bytes, segment.size, Math.max(ceiling, state.reservedTo)));
    const damage = { segment: segment.name, at: segment.size, bytes: bytes.length - segment.size };
    if (index !== indices[indices.length - 1]) {
      report.damaged.push(damage);
      continue;
    }
    report.truncated = damage;
    storage.truncate(segment.name, segment.size);
  }
  const next = Math.max(state.reservedTo, ceiling, state.receipted) + 1;
  report.missing = noteMissing(segments, state, next);
  report.segments = segments.length;
  report.packs = countLive(segments, state);
  return { segments, state, next, report };
}

/**
 * Damage in the middle may hide a reservation behind it. Numbers in whole records past the damage are therefore
 * never used again; nothing else of them is believed, since a pack may contain bytes that look like a record.
 */
function ceilingPast(bytes: Uint8Array, from: number, known: number): number {
  let ceiling = 0;
  for (let at = from + 1; at < bytes.length; at++) {
    const record = readRecord(bytes, at);
    if (!record) continue;
    const used =
      record.type === RecordType.state ? (decodeState(record.seq, record.payload)?.reservedTo ?? 0) : record.seq;
    // A forged number could use up all there are; a true one is no further off than a segment has bytes.
    if (used <= known + bytes.length) ceiling = Math.max(ceiling, used);
  }
  return ceiling;
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
