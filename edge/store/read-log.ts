/** Reads a log that is not ours: takes no lock, cuts no torn tail, writes nothing, so a running Miner is not disturbed. */
import { MinerError } from '../errors/index.ts';
import { decodeState, type LogState } from './log-state.ts';
import { RecordType, readRecord } from './record.ts';
import { segmentIndices, segmentName } from './segment.ts';
import type { Storage } from './storage.ts';

/** The half of a Storage that changes nothing. */
export type ReadableStorage = Pick<Storage, 'list' | 'size' | 'read'>;

export type LogEntry =
  /** In the order of the segments; a pack that was written again after a failed sync comes twice, byte for byte. */
  | { kind: 'pack'; segment: string; seq: number; bytes: Uint8Array }
  /**
   * Bytes that are no whole record; what follows them in their segment is not read. At the end of the last segment it
   * is a power cut's torn record, or one that is being written just now.
   */
  | { kind: 'damage'; segment: string; at: number; bytes: number; isTail: boolean }
  /** The last of all: what the log says of itself; missing where no whole state is found. */
  | { kind: 'state'; state: LogState };

/**
 * Every whole record, one segment in memory at a time. A segment that is forgotten while we read is left out.
 * @throws {MinerError} what the storage throws for files that are still listed
 */
export function* readLog(storage: ReadableStorage): Generator<LogEntry> {
  let state: LogState | undefined;
  const indices = segmentIndices(storage);
  for (const index of indices) {
    const segment = segmentName(index);
    const bytes = readSegment(storage, segment);
    if (bytes === undefined) continue;
    let at = 0;
    for (let record = readRecord(bytes, 0); record; record = readRecord(bytes, at)) {
      at = record.end;
      if (record.type === RecordType.pack) yield { kind: 'pack', segment, seq: record.seq, bytes: record.payload };
      if (record.type !== RecordType.state || record.seq <= (state?.version ?? 0)) continue;
      state = decodeState(record.seq, record.payload) ?? state;
    }
    if (at === bytes.length) continue;
    const isTail = index === indices[indices.length - 1];
    yield { kind: 'damage', segment, at, bytes: bytes.length - at, isTail };
  }
  if (state) yield { kind: 'state', state };
}

function readSegment(storage: ReadableStorage, name: string): Uint8Array | undefined {
  try {
    return storage.read(name, 0, storage.size(name));
  } catch (error) {
    if (error instanceof MinerError && !storage.list().includes(name)) return undefined;
    throw error;
  }
}
