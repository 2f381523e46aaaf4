/** Reading a log that is not ours: every whole record, what is damaged, and nothing written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { MemoryStorage } from '../../../edge/sim/index.ts';
import { type LogEntry, PackLog, type ReadableStorage, readLog } from '../../../edge/store/index.ts';

/** Only what reading needs: a write would not even compile. */
function readable(storage: MemoryStorage): ReadableStorage {
  return {
    list: () => storage.list(),
    size: (name) => storage.size(name),
    read: (name, offset, length) => storage.read(name, offset, length),
  };
}

function filled(packs: number): MemoryStorage {
  const storage = new MemoryStorage();
  const { log } = PackLog.open(storage, { segmentBytes: 200 });
  for (let i = 0; i < packs; i++) log.append(log.nextSeq()!, new Uint8Array(40).fill(i));
  return storage;
}

const seqs = (entries: LogEntry[]) => entries.flatMap((entry) => (entry.kind === 'pack' ? [entry.seq] : []));

test('packs come in order, and what the log says of itself comes last', () => {
  const storage = filled(9);
  const entries = [...readLog(readable(storage))];
  assert.deepEqual(seqs(entries), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const last = entries.at(-1);
  assert.ok(last?.kind === 'state' && last.state.bootCount === 1 && last.state.reservedTo === 64);
  const third = entries.find((entry) => entry.kind === 'pack' && entry.seq === 3);
  assert.ok(third?.kind === 'pack' && third.bytes.every((byte) => byte === 2) && third.bytes.length === 40);
});

test('a torn tail is told and not cut; a log can be opened after as before', () => {
  const storage = filled(2);
  const name = storage.list().at(-1)!;
  const size = storage.size(name);
  storage.append(name, new Uint8Array([0x4d, 0x52, 1]));
  const damage = [...readLog(readable(storage))].find(({ kind }) => kind === 'damage');
  assert.deepEqual(damage, { kind: 'damage', segment: name, at: size, bytes: 3, isTail: true });
  assert.equal(storage.size(name), size + 3);
  assert.equal(PackLog.open(storage).report.truncated?.bytes, 3);
});

test('damage in the middle hides the rest of its segment, and of no other', () => {
  const storage = filled(9);
  const [first, ...others] = storage.list();
  const bytes = storage.read(first, 0, storage.size(first));
  storage.remove(first);
  const broken = bytes.slice();
  broken[30] ^= 1;
  storage.append(first, broken);
  const entries = [...readLog(readable(storage))];
  const damage = entries.find(({ kind }) => kind === 'damage');
  assert.ok(damage?.kind === 'damage' && damage.segment === first && !damage.isTail);
  assert.ok(others.length > 1 && seqs(entries).length > 0);
  assert.ok(!seqs(entries).includes(1));
});

test('a segment that goes while we read is left out; one that cannot be read is an error', () => {
  const storage = filled(9);
  const [first] = storage.list();
  const gone = readable(storage);
  const unreadable = edgeError('STORAGE_IO', { name: first, operation: 'read', reason: 'EIO' });
  const read = gone.read;
  gone.read = (name, offset, length) => {
    if (name !== first) return read(name, offset, length);
    storage.remove(first);
    throw unreadable;
  };
  assert.ok(seqs([...readLog(gone)]).every((seq) => seq > 1));
  const faulty = readable(filled(2));
  faulty.read = () => {
    throw unreadable;
  };
  assert.throws(() => [...readLog(faulty)], { code: 'STORAGE_IO' });
});

test('an empty folder holds nothing', () => {
  assert.deepEqual([...readLog(readable(new MemoryStorage()))], []);
});
