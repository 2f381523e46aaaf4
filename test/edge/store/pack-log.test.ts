/** The log of packs, on both storages: what it keeps, what it forgets, and what recovery makes of damage. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { GapReason } from '../../../edge/pack/index.ts';
import { MemoryStorage, SeededRandom } from '../../../edge/sim/index.ts';
import { crc32c, type LogOptions, PackLog, type Storage } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pack-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const packOf = (seq: number, length = 50) => new Uint8Array(length).fill(seq);

function open(storage: Storage, options?: LogOptions) {
  return PackLog.open(storage, options);
}

/** Appends the next `count` packs. */
function add(log: PackLog, count: number, length?: number): number[] {
  return Array.from({ length: count }, () => {
    const seq = log.nextSeq() as number;
    assert.equal(log.append(seq, packOf(seq, length)), true);
    return seq;
  });
}

function held(log: PackLog): number[] {
  const seqs: number[] = [];
  for (let seq = log.packAfter(0); seq !== undefined; seq = log.packAfter(seq)) seqs.push(seq);
  return seqs;
}

test('CRC-32C: the check value of the standard, and the examples of RFC 3720', () => {
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(new Uint8Array()), 0);
});

let directories = 0;
const storages: { name: string; make: () => { storage: Storage; close: () => void; again: () => Storage } }[] = [
  {
    name: 'memory',
    make: () => {
      const storage = new MemoryStorage();
      return { storage, close: () => {}, again: () => storage };
    },
  },
  {
    name: 'directory',
    make: () => {
      const directory = path.join(folder, String(directories++));
      let storage = new DirectoryStorage(directory);
      const again = () => {
        storage.close();
        storage = new DirectoryStorage(directory);
        return storage;
      };
      return { storage, close: () => storage.close(), again };
    },
  },
];

for (const { name, make } of storages) {
  test(`${name}: packs are there after opening again, until their receipt`, () => {
    const { storage, again, close } = make();
    const { log, report } = open(storage, { segmentBytes: 300, reserveCount: 4 });
    assert.deepEqual(report, { segments: 0, packs: 0, damaged: [], missing: [] });
    assert.deepEqual([log.bootCount, log.receipted, log.packAfter(0)], [1, 0, undefined]);
    assert.deepEqual(add(log, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(log.read(7), packOf(7));
    assert.equal(log.read(11), undefined);
    assert.ok(log.status.segments > 2);
    log.dropThrough(6);
    log.dropThrough(2);
    assert.deepEqual(held(log), [7, 8, 9, 10]);
    const before = log.status.segments;

    const second = open(again(), { segmentBytes: 300 });
    assert.deepEqual([second.log.bootCount, second.log.receipted], [2, 6]);
    assert.deepEqual(held(second.log), [7, 8, 9, 10]);
    assert.deepEqual(second.log.read(10), packOf(10));
    assert.ok(second.log.status.segments <= before);
    // Reserved were 9 to 12: what was not used is skipped, and declared.
    assert.deepEqual(second.report.missing, [{ from: 11, to: 12, reason: GapReason.skipped }]);
    assert.deepEqual(second.log.gapsToDeclare(), [{ from: 11, to: 12, reason: GapReason.skipped }]);
    assert.deepEqual(add(second.log, 1), [13]);
    second.log.dropThrough(13);
    assert.deepEqual([second.log.gapsToDeclare(), held(second.log)], [[], []]);
    close();
  });

  test(`${name}: a torn tail is cut off, and the report says where`, () => {
    const { storage, again, close } = make();
    const { log } = open(storage);
    add(log, 3);
    const [file] = storage.list();
    storage.truncate(file, storage.size(file) - 5);
    const { log: second, report } = open(again());
    assert.equal(report.truncated?.segment, file);
    assert.equal(report.truncated?.bytes, 65);
    assert.deepEqual(held(second), [1, 2]);
    assert.deepEqual(report.missing, [{ from: 3, to: 64, reason: GapReason.skipped }]);
    add(second, 1);
    assert.equal(open(again()).report.truncated, undefined);
    close();
  });
}

test('numbers handed out and not used become a gap', () => {
  const { log } = open(new MemoryStorage());
  log.nextSeq();
  log.nextSeq();
  add(log, 1);
  assert.deepEqual(log.gapsToDeclare(), [{ from: 1, to: 2, reason: GapReason.skipped }]);
  assert.throws(() => log.append(3, packOf(3)), /seq 3: not between 3 and 4/);
  assert.throws(() => log.append(9, packOf(9)), TypeError);
});

test('a log closed in order skips no number', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage);
  assert.deepEqual(add(log, 2), [1, 2]);
  log.close();
  const again = open(storage);
  assert.deepEqual(again.report.missing, []);
  assert.deepEqual(again.log.gapsToDeclare(), []);
  assert.deepEqual(add(again.log, 1), [3]);
});

test('a log used on after closing repeats no number', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage);
  add(log, 1);
  log.close();
  assert.deepEqual(add(log, 1), [2]);
  assert.ok((open(storage).log.nextSeq() as number) > 2);
});

test('over the quota the oldest segment goes, and its packs become a gap', () => {
  const { log } = open(new MemoryStorage(), { segmentBytes: 300, bytesMax: 1000 });
  add(log, 30);
  const [first] = held(log);
  assert.ok(first > 1 && log.status.bytes <= 1000);
  assert.deepEqual(log.gapsToDeclare(), [{ from: 1, to: first - 1, reason: GapReason.evicted }]);
  assert.equal(log.status.evicted, first - 1);
  assert.equal(log.declarationWanted, true);
  const [next] = add(log, 1);
  assert.equal(log.packDeclaringNextGap(), next);
});

test('a pinned segment stays while others go', () => {
  const { log } = open(new MemoryStorage(), { segmentBytes: 300, bytesMax: 1000 });
  add(log, 2);
  const unpin = log.pin(1, 1);
  add(log, 20);
  assert.deepEqual(log.read(1), packOf(1));
  assert.equal(log.read(5), undefined);
  unpin();
  add(log, 10);
  assert.equal(log.read(1), undefined);
});

test('on a full disk packs still go in, and with nothing left to evict they become gaps', () => {
  const { log } = open(new MemoryStorage({ capacity: 900 }), { segmentBytes: 300 });
  add(log, 30);
  assert.ok(held(log).length > 3);
  const seq = log.nextSeq() as number;
  assert.equal(log.append(seq, packOf(seq, 2000)), false);
  assert.equal(log.status.dropped, 1);
  assert.equal(log.status.lastFault?.code, 'STORAGE_FULL');
  assert.equal(log.gapsToDeclare().at(-1)?.to, seq);
});

test('after a failed sync everything not durable is written again, and stays one copy to the outside', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage, { segmentBytes: 2000, syncEvery: 100 });
  add(log, 3);
  assert.deepEqual(held(log), [], 'nothing unsynced is offered');
  storage.failingSyncs = 1;
  assert.equal(log.sync(), true);
  assert.equal(log.status.segments, 2);
  assert.deepEqual(held(log), [1, 2, 3]);
  storage.cutPower();
  storage.restart();
  const second = open(storage);
  assert.deepEqual(held(second.log), [1, 2, 3]);
  assert.equal(second.report.packs, 3);
});

test('evicting the first copy of a pack written twice declares nothing lost', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage, { segmentBytes: 2000, bytesMax: 800, syncEvery: 4 });
  add(log, 3);
  storage.failingSyncs = 1;
  log.sync();
  while (storage.list().includes('00000001.log')) add(log, 1);
  assert.deepEqual(log.gapsToDeclare(), []);
  log.sync();
  assert.deepEqual(held(log).slice(0, 3), [1, 2, 3]);
});

/** Segments past the first cannot be synced, nor removed again: each attempt to begin one leaves a file behind. */
class OneGoodFile extends MemoryStorage {
  ill = true;

  override sync(name: string): void {
    if (this.ill && name !== '00000001.log') this.failingSyncs = 1;
    super.sync(name);
  }

  override remove(name: string): void {
    if (this.ill) throw edgeError('STORAGE_IO', { name, operation: 'remove', reason: 'EIO' });
    super.remove(name);
  }
}

test('segments that failed to begin stay behind, and their older state is not taken for newer', () => {
  const storage = new OneGoodFile();
  const options = { segmentBytes: 200, reserveCount: 1 };
  const { log } = open(storage, options);
  const numbers = add(log, 6);
  assert.ok(storage.list().length > 3);
  const last = log.nextSeq() as number;
  storage.ill = false;
  const again = open(storage, options).log;
  assert.ok((again.nextSeq() as number) > last);
  assert.deepEqual(held(again), numbers);
});

test('a segment that begins at last has a file of its own', () => {
  const storage = new OneGoodFile();
  const { log } = open(storage, { segmentBytes: 200 });
  const numbers = add(log, 6);
  storage.ill = false;
  numbers.push(...add(log, 6));
  assert.deepEqual(held(log), numbers);
  for (const seq of numbers) assert.deepEqual(log.read(seq), packOf(seq));
});

test('no number without a durable reservation, and no exception either', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage, { reserveCount: 2 });
  add(log, 2);
  storage.failingSyncs = 5;
  assert.equal(log.nextSeq(), undefined);
  assert.equal(log.status.lastFault?.code, 'STORAGE_IO');
  storage.failingSyncs = 0;
  assert.ok((log.nextSeq() as number) >= 3);
});

test('damage in an earlier segment costs the rest of that segment, declared as a gap', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage, { segmentBytes: 300 });
  add(log, 12);
  const [first] = storage.list();
  const [, second] = held(log);
  storage.flipBit(first, 8 * 120);
  const { log: again, report } = open(storage, { segmentBytes: 300 });
  assert.equal(report.damaged[0].segment, first);
  assert.equal(report.missing[0].reason, GapReason.damaged);
  assert.ok(report.missing[0].from <= second && report.missing[0].to < 12);
  assert.equal(held(again).at(-1), 12);
});

test('a bit flipped anywhere: the log opens, and no number is used again', () => {
  const make = () => {
    const storage = new MemoryStorage();
    const { log } = open(storage, { segmentBytes: 400, reserveCount: 3 });
    return { storage, last: add(log, 14).at(-1) as number };
  };
  const { storage } = make();
  for (const [index, name] of storage.list().entries()) {
    for (let bit = 0; bit < storage.size(name) * 8; bit += 11) {
      const fresh = make();
      fresh.storage.flipBit(fresh.storage.list()[index], bit);
      const { log } = open(fresh.storage, { segmentBytes: 400, reserveCount: 3 });
      const next = log.nextSeq() as number;
      assert.ok(next > fresh.last, `${name}, bit ${bit}: ${next}`);
      const missing = log
        .gapsToDeclare()
        .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      const accounted = new Set([...held(log), ...missing]);
      for (let seq = 1; seq <= fresh.last; seq++) assert.ok(accounted.has(seq), `${name}, bit ${bit}: ${seq}`);
    }
  }
});

test('files that are not ours are left alone; noise in one of ours is not believed', () => {
  const storage = new MemoryStorage();
  storage.append('notes.txt', packOf(1));
  const noise = new Uint8Array(3000);
  new SeededRandom(3).fill(noise);
  storage.append('00000007.log', noise);
  const { log, report } = open(storage);
  assert.equal(report.truncated?.bytes, 3000);
  assert.deepEqual(add(log, 1), [1]);
  assert.ok(storage.list().includes('notes.txt'));
});

test('a pack declares at most 64 gaps, the lowest; the others count as declared later', () => {
  const { log } = open(new MemoryStorage());
  for (let i = 0; i < 100; i++) {
    log.nextSeq();
    add(log, 1);
  }
  const gaps = log.gapsToDeclare();
  assert.equal(gaps.length, 64);
  assert.deepEqual(gaps[63], { from: 127, to: 127, reason: GapReason.skipped });
  log.dropThrough(128);
  assert.equal(log.gapsToDeclare().length, 36);
  assert.equal(log.packDeclaringNextGap(), undefined, 'no stored pack declared the 65th');
  assert.equal(log.declarationWanted, true);
});

test('a directory serves one log at a time; a lock left by a crash does not hold', () => {
  const directory = path.join(folder, 'locked');
  const storage = new DirectoryStorage(directory);
  assert.throws(() => new DirectoryStorage(directory), { code: 'STORE_LOCKED', message: new RegExp(`${process.pid}`) });
  storage.append('00000001.log', packOf(1));
  storage.close();
  for (const stale of ['', 'noise', '999999999', String(process.pid)]) {
    writeFileSync(path.join(directory, 'lock'), stale);
    new DirectoryStorage(directory).close();
  }
  writeFileSync(path.join(directory, 'lock'), String(process.ppid));
  assert.throws(() => new DirectoryStorage(directory), { code: 'STORE_LOCKED' });
  assert.deepEqual(readdirSync(directory).sort(), ['00000001.log', 'lock']);
});

test("a directory's faults name the file and the operation", () => {
  const file = path.join(folder, 'plain-file');
  writeFileSync(file, '');
  assert.throws(() => new DirectoryStorage(file), { code: 'STORAGE_IO', message: /create of .*plain-file failed/ });
  const storage = new DirectoryStorage(path.join(folder, 'faults'));
  assert.throws(() => storage.read('none', 0, 1), { code: 'STORAGE_IO', message: /read of .*none failed/ });
  assert.throws(() => storage.remove('none'), { code: 'STORAGE_IO' });
  storage.append('a', packOf(1, 10));
  storage.append('b', packOf(2, 10));
  storage.append('a', packOf(3, 2));
  storage.truncate('a', 11);
  storage.sync('a');
  storage.syncDirectory();
  assert.deepEqual([storage.size('a'), storage.read('a', 9, 99)], [11, Uint8Array.of(1, 3)]);
  assert.deepEqual(storage.list(), ['a', 'b']);
  storage.close();
});

test('a pack whose bytes were flipped is never handed out: it becomes a gap, and a pack is asked for to declare it', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage);
  add(log, 3);
  const [file] = storage.list();
  // The last byte of pack 2's payload: before its checksum, one record from the end.
  storage.flipBit(file, (storage.size(file) - 70 - 5) * 8);
  assert.equal(log.read(2), undefined);
  assert.deepEqual(log.gapsToDeclare(), [{ from: 2, to: 2, reason: GapReason.damaged }]);
  assert.deepEqual(held(log), [1, 3]);
  assert.equal(log.declarationWanted, true);
  add(log, 1);
  assert.equal(log.declarationWanted, false);
});

test('a pack that cannot be read for a while is kept; one in a bad block is given up', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage);
  add(log, 2);
  storage.failingReads = 7;
  for (let i = 0; i < 7; i++) assert.equal(log.read(1), undefined);
  assert.deepEqual(log.read(1), packOf(1));
  const [file] = storage.list();
  storage.spoil(file, storage.size(file) - 1, storage.size(file));
  for (let i = 0; i < 8; i++) assert.equal(log.read(2), undefined);
  assert.deepEqual([held(log), log.gaps.map(({ from }) => from)], [[1], [2]]);
});

test('a log opens in spite of a bad block, loses what lies in it, and repeats no number', () => {
  for (let block = 0; block < 3; block++) {
    const storage = new MemoryStorage();
    const { log } = open(storage, { reserveCount: 4 });
    const used = add(log, 12);
    const [file] = storage.list();
    storage.spoil(file, block * 512, block * 512 + 1);
    const again = open(storage, { reserveCount: 4 });
    assert.ok((again.log.nextSeq() as number) > (used.at(-1) as number), `block ${block}`);
    if (block * 512 < storage.size(file)) assert.equal(again.report.damaged.length, 1, `block ${block}`);
    for (const seq of used) {
      const isKnown = again.log.holds(seq) || again.log.gaps.some(({ from, to }) => from <= seq && seq <= to);
      assert.ok(isKnown, `block ${block}, pack ${seq}`);
    }
  }
});

test('damage that hides the only reservation costs numbers, never repeats them, also when power goes meanwhile', () => {
  const storage = new MemoryStorage();
  const { log } = open(storage, { reserveCount: 4 });
  const used = add(log, 9);
  const [file] = storage.list();
  storage.flipBit(file, 40);
  storage.cutPowerAt(1, 'within');
  assert.throws(() => open(storage, { reserveCount: 4 }), /power cut/);
  storage.restart();
  assert.ok((open(storage, { reserveCount: 4 }).log.nextSeq() as number) > (used.at(-1) as number));
});

test('a flipped length in front of whole records is damage, not a torn write: nothing is cut off for it', () => {
  const reserve = { reserveCount: 3 };
  const make = () => {
    const storage = new MemoryStorage();
    const { log } = open(storage, reserve);
    return { storage, last: add(log, 9).at(-1) as number };
  };
  const sizeOf = (storage: MemoryStorage) => storage.list().reduce((sum, name) => sum + storage.size(name), 0);
  // The first record is a state; its length stands in its bytes 4 to 7, and 2^24 more is past any file's end.
  const lengthBit = 7 * 8;
  const { storage, last } = make();
  const [file] = storage.list();
  storage.flipBit(file, lengthBit);
  const before = sizeOf(storage);
  storage.cutPowerAt(0, 'before');
  assert.throws(() => open(storage, reserve), /power cut/);
  storage.restart();
  assert.equal(sizeOf(storage), before);
  const { log, report } = open(storage, reserve);
  assert.equal(report.truncated, undefined);
  assert.equal(report.damaged.length, 1);
  assert.ok((log.nextSeq() as number) > last);
});
