// The ledger: all of a pack or nothing, the same answers as the reference tracker, and nothing forgotten by closing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { SeqTracker } from '../../../edge/uplink/index.ts';
import { encodeSignals, Ledger, type LedgerPack } from '../../../tools/gateway/index.ts';

const kid = new Uint8Array(20).fill(1);
const decoder = new Uint8Array(32).fill(2);
const folder = mkdtempSync(path.join(tmpdir(), 'ledger-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function packOf(seq: number, facts: Partial<LedgerPack> = {}): LedgerPack {
  const hash = new Uint8Array(32).fill(seq);
  const signals = encodeSignals([{ decoder, signalIndex: 0 }]);
  return { kid, seq, hash, boot: 1, bytes: new Uint8Array(100).fill(seq), gaps: [], samples: 1, signals, ...facts };
}

test('a pack is new once, then replayed, and another one under its number conflicts', () => {
  const ledger = new Ledger(':memory:');
  assert.equal(ledger.accept(packOf(1), 0), 'new');
  assert.equal(ledger.accept(packOf(1), 0), 'replayed');
  assert.equal(ledger.accept(packOf(1, { hash: new Uint8Array(32) }), 0), 'conflicting');
  assert.deepEqual(ledger.totals(), { packs: 1, bytes: 100, samples: 1 });
});

test('a failure half-way leaves nothing of the packs behind, and they can come again', () => {
  const ledger = new Ledger(':memory:');
  const gaps = [{ from: 1, to: 1, reason: 2 }];
  const failing = () =>
    ledger.transact(() => {
      ledger.accept(packOf(2, { gaps }), 0);
      ledger.refuse(kid, 9, 'X', 'x', 0);
      throw new Error('half-way');
    });
  assert.throws(failing, /half-way/);
  assert.deepEqual(ledger.totals(), { packs: 0, bytes: 0, samples: 0 });
  assert.deepEqual(ledger.waitingTotals(), { packs: 0, samples: 0 });
  assert.equal(ledger.contiguous(kid), 0);
  assert.equal(ledger.accept(packOf(2), 0), 'new');
  assert.equal(ledger.contiguous(kid), 0);
  assert.deepEqual(
    ledger.activity(0, 1).map(({ signals }) => signals),
    [1],
  );
});

test('a pack that comes after it was declared lost is stored, and moves no mark', () => {
  const ledger = new Ledger(':memory:');
  ledger.accept(packOf(1), 0);
  ledger.accept(packOf(4, { gaps: [{ from: 2, to: 3, reason: 2 }] }), 0);
  assert.equal(ledger.accept(packOf(2), 0), 'new');
  assert.equal(ledger.contiguous(kid), 4);
  assert.equal(ledger.receiptable(kid)?.seq, 4);
});

/** What honest devices send: each number sent or declared by a later pack, in any order, any number of times. */
const deliveries = fc
  .tuple(fc.array(fc.boolean(), { minLength: 1, maxLength: 24 }), fc.infiniteStream(fc.nat(1_000)))
  .map(([arrives, random]) => {
    const sent: { seq: number; gaps: { from: number; to: number; reason: number }[] }[] = [];
    let from = 1;
    for (const [i, comes] of [...arrives, true].entries()) {
      const seq = i + 1;
      if (!comes) continue;
      sent.push({ seq, gaps: from < seq ? [{ from, to: seq - 1, reason: 1 }] : [] });
      from = seq + 1;
    }
    const draw = () => random.next().value as number;
    const twice = [...sent, ...sent.filter(() => draw() % 2 === 0)];
    return twice.map((pack) => ({ pack, place: draw() })).sort((a, b) => a.place - b.place);
  });

test('contiguous and receiptable are those of the reference tracker, after every delivery', () => {
  const property = fc.property(deliveries, (order) => {
    const ledger = new Ledger(':memory:');
    const tracker = new SeqTracker();
    for (const { pack } of order) {
      ledger.accept(packOf(pack.seq, { gaps: pack.gaps }), 0);
      tracker.accept(pack.seq, pack.gaps);
      assert.equal(ledger.contiguous(kid), tracker.contiguous);
      assert.equal(ledger.receiptable(kid)?.seq ?? 0, tracker.receiptable);
    }
    assert.equal(ledger.contiguous(kid), Math.max(...order.map(({ pack }) => pack.seq)));
    ledger.close();
  });
  fc.assert(property, { numRuns: 100 });
});

test('packs wait with their bytes, oldest first, no more at once than asked for', () => {
  const ledger = new Ledger(':memory:');
  for (const seq of [3, 1, 2]) ledger.accept(packOf(seq, { samples: 10 }), seq * 100);
  const waiting = (samplesMax: number, bytesMax = 1e6) => ledger.waiting({ samplesMax, bytesMax });
  assert.deepEqual(ledger.waitingTotals(), { packs: 3, samples: 30 });
  assert.deepEqual(
    waiting(25).map(({ receivedMs, samples, bytes }) => [receivedMs, samples, bytes[0], bytes.length]),
    [
      [300, 10, 3, 100],
      [100, 10, 1, 100],
    ],
  );
  assert.equal(waiting(1).length, 1, 'one at least');
  assert.equal(waiting(1e6, 250).length, 2);
  const [, second] = waiting(1e6);
  const file = { path: 'a.parquet', part: 'a.part', rows: 20 };
  assert.equal(ledger.nextBatch(), 1);
  ledger.finishBatch(1, [file], second.id);
  assert.deepEqual(
    waiting(1e6).map(({ receivedMs }) => receivedMs),
    [200],
  );
  assert.deepEqual([ledger.nextBatch(), ledger.filesToPlace()], [2, [file]]);
  ledger.filesPlaced();
  assert.deepEqual(ledger.filesToPlace(), []);
  assert.equal(ledger.totals().samples, 30, 'written samples still count');
});

test('a file opened again knows what it knew', () => {
  const file = path.join(folder, 'again.sqlite');
  const first = new Ledger(file);
  first.accept(packOf(1), 10);
  first.accept(packOf(3), 20);
  first.close();
  const second = new Ledger(file);
  assert.equal(second.contiguous(kid), 1);
  assert.equal(second.accept(packOf(3), 30), 'replayed');
  assert.equal(second.accept(packOf(2), 30), 'new');
  assert.equal(second.receiptable(kid)?.seq, 3);
  assert.deepEqual(second.totals(), { packs: 3, bytes: 300, samples: 3 });
  second.close();
  second.close();
});

test('of refusals only the latest 10,000 are kept', () => {
  const file = path.join(folder, 'refusals.sqlite');
  const ledger = new Ledger(file);
  const writer = new DatabaseSync(file);
  writer.exec(`insert into refusal (received_ms, code, reason)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 12000) select i, 'OLD', 'old' from n`);
  writer.close();
  ledger.refuse(undefined, undefined, 'NEW', 'from nobody', 1);
  ledger.refuse(kid, 7, 'NEW', 'known', 2);
  ledger.close();
  const reader = new DatabaseSync(file);
  const [{ count }] = reader.prepare('select count(*) as count from refusal').all();
  const latest = reader.prepare('select kid, seq, code from refusal order by id desc limit 2').all();
  reader.close();
  assert.equal(count, 10_000);
  assert.deepEqual(
    latest.map((row) => ({ ...row })),
    [
      { kid, seq: 7, code: 'NEW' },
      { kid: null, seq: null, code: 'NEW' },
    ],
  );
});

test('activity counts packs of the time asked for, and signals of different decoders apart', () => {
  const ledger = new Ledger(':memory:');
  const other = new Uint8Array(32).fill(3);
  const of = (samples: number, ...names: [Uint8Array, number][]) => ({
    samples,
    signals: encodeSignals(names.map(([name, signalIndex]) => ({ decoder: name, signalIndex }))),
  });
  ledger.accept(packOf(1, of(3, [decoder, 0], [decoder, 1], [decoder, 0])), 100);
  ledger.accept(packOf(2, of(2, [other, 0], [decoder, 0])), 199);
  ledger.accept(packOf(3, of(1, [decoder, 9])), 200);
  const second = new Uint8Array(20);
  ledger.accept(packOf(1, { kid: second, ...of(0) }), 150);
  const rows = (fromMs: number, toMs: number) =>
    ledger.activity(fromMs, toMs).map(({ kid: who, packs, samples, signals }) => [who[0], packs, samples, signals]);
  assert.deepEqual(rows(100, 200), [
    [0, 1, 0, 0],
    [1, 2, 5, 3],
  ]);
  assert.deepEqual(rows(200, 300), [[1, 1, 1, 1]]);
  assert.deepEqual(rows(0, 100), []);
});

/** As ledgers were before samples went to files: a row per sample, and no PRAGMA user_version. */
const layoutBefore = `
create table device (kid blob primary key, contiguous integer not null) strict, without rowid;
create table pack (kid blob not null, seq integer not null, hash blob not null, boot integer not null,
  received_ms integer not null, bytes integer not null, samples integer not null, primary key (kid, seq)) strict, without rowid;
create table gap (kid blob not null, seq_from integer not null, seq_to integer not null, reason integer not null,
  primary key (kid, seq_from, seq_to)) strict, without rowid;
create table sample (kid blob not null, seq integer not null, place integer not null, decoder blob not null,
  signal integer not null, time_ms integer not null, raw integer not null, primary key (kid, seq, place)) strict, without rowid;
create table refusal (id integer primary key, received_ms integer not null, kid blob, seq integer, code text not null,
  reason text not null) strict;`;

test('a ledger of the layout before is taken over: same receipts, same rewards, its samples left where they are', () => {
  const file = path.join(folder, 'before.sqlite');
  const old = new DatabaseSync(file);
  old.exec(layoutBefore);
  old.prepare('insert into device values (?, 2)').run(kid);
  const other = new Uint8Array(32).fill(3);
  const rows: [number, Uint8Array, number][] = [
    [1, decoder, 0],
    [1, decoder, 7],
    [1, decoder, 0],
    [2, other, 0],
  ];
  for (const seq of [1, 2, 4]) {
    const samples = rows.filter(([of]) => of === seq).length;
    old.prepare('insert into pack values (?, ?, ?, 1, ?, 100, ?)').run(kid, seq, packOf(seq).hash, seq * 10, samples);
  }
  const addSample = old.prepare('insert into sample values (?, ?, ?, ?, ?, 5, 6)');
  for (const [place, [seq, of, signal]] of rows.entries()) addSample.run(kid, seq, place, of, signal);
  old.close();
  for (const opening of ['first', 'second']) {
    const ledger = new Ledger(file);
    assert.deepEqual([ledger.contiguous(kid), ledger.receiptable(kid)?.seq], [2, 2], opening);
    assert.deepEqual(ledger.activity(0, 100), [{ kid, packs: 3, samples: 4, signals: 3 }]);
    assert.deepEqual(ledger.activity(15, 100), [{ kid, packs: 2, samples: 1, signals: 1 }]);
    assert.equal(ledger.accept(packOf(1), 50), 'replayed');
    assert.deepEqual(ledger.waitingTotals(), { packs: 0, samples: 0 });
    ledger.close();
  }
  const ledger = new Ledger(file);
  assert.equal(ledger.accept(packOf(3), 50), 'new');
  assert.equal(ledger.receiptable(kid)?.seq, 4);
  ledger.close();
  const reader = new DatabaseSync(file);
  assert.equal(reader.prepare('select count(*) as count from sample').get()?.count, 4);
  reader.close();
});

const unusable: [string, () => string][] = [
  [
    'a layout of a later version',
    () => {
      const file = path.join(folder, 'later.sqlite');
      const later = new DatabaseSync(file);
      later.exec('pragma user_version = 99');
      later.close();
      return file;
    },
  ],
  [
    'a file that is not SQLite',
    () => {
      const file = path.join(folder, 'notes.txt');
      writeFileSync(file, 'not a database, '.repeat(100));
      return file;
    },
  ],
  ['a folder', () => folder],
  ['a path into a folder that is not there', () => path.join(folder, 'missing', 'ledger.sqlite')],
];

for (const [name, file] of unusable) {
  test(`LEDGER_UNUSABLE: ${name}`, () => {
    const place = file();
    assert.throws(
      () => new Ledger(place),
      (error: Error & { code: string }) => error.code === 'LEDGER_UNUSABLE' && error.message.includes(place),
    );
  });
}

test('a ledger that another program holds locked says so', () => {
  const file = path.join(folder, 'locked.sqlite');
  const ledger = new Ledger(file, { busyMs: 10 });
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  assert.throws(() => ledger.accept(packOf(1), 0), { code: 'LEDGER_UNUSABLE' });
  assert.throws(() => ledger.refuse(kid, 1, 'X', 'x', 0), { code: 'LEDGER_UNUSABLE' });
  other.exec('rollback');
  other.close();
  assert.equal(ledger.accept(packOf(1), 0), 'new');
  ledger.close();
});
