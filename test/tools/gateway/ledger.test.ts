// The ledger: all of a pack or nothing, the same answers as the reference tracker, and nothing forgotten by closing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { SeqTracker } from '../../../edge/uplink/index.ts';
import { Ledger, type LedgerPack } from '../../../tools/gateway/index.ts';

const kid = new Uint8Array(20).fill(1);
const decoder = new Uint8Array(32).fill(2);
const folder = mkdtempSync(path.join(tmpdir(), 'ledger-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function packOf(seq: number, facts: Partial<LedgerPack> = {}): LedgerPack {
  const hash = new Uint8Array(32).fill(seq);
  const samples = [{ decoder, signalIndex: 0, timeMs: 5, raw: seq }];
  return { kid, seq, hash, boot: 1, bytes: 100, gaps: [], samples, ...facts };
}

test('a pack is new once, then replayed, and another one under its number conflicts', () => {
  const ledger = new Ledger(':memory:');
  assert.equal(ledger.accept(packOf(1), 0), 'new');
  assert.equal(ledger.accept(packOf(1), 0), 'replayed');
  assert.equal(ledger.accept(packOf(1, { hash: new Uint8Array(32) }), 0), 'conflicting');
  assert.deepEqual(ledger.totals(), { packs: 1, bytes: 100, samples: 1 });
});

test('a failure half-way leaves nothing of the pack behind, and the pack can come again', () => {
  const ledger = new Ledger(':memory:');
  const failing = function* () {
    yield* packOf(1).samples;
    throw new Error('half-way');
  };
  const gaps = [{ from: 1, to: 1, reason: 2 }];
  assert.throws(() => ledger.accept(packOf(2, { samples: failing(), gaps }), 0), /half-way/);
  assert.deepEqual(ledger.totals(), { packs: 0, bytes: 0, samples: 0 });
  assert.equal(ledger.contiguous(kid), 0);
  assert.equal(ledger.accept(packOf(2), 0), 'new');
  assert.equal(ledger.contiguous(kid), 0);
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

test('raw values from 2^63 and below zero come back from the file, in two’s complement', () => {
  const file = path.join(folder, 'wide.sqlite');
  const raws = [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)];
  const ledger = new Ledger(file);
  ledger.accept(packOf(1, { samples: raws.map((raw, timeMs) => ({ decoder, signalIndex: 3, timeMs, raw })) }), 0);
  ledger.close();
  const reader = new DatabaseSync(file);
  const statement = reader.prepare('select raw from sample order by place');
  statement.setReadBigInts(true);
  const stored = statement.all().map(({ raw }) => raw as bigint);
  reader.close();
  assert.deepEqual(
    stored,
    raws.map((raw) => BigInt.asIntN(64, BigInt(raw))),
  );
  assert.equal(BigInt.asUintN(64, stored[4]), 2n ** 63n);
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
  const sample = (of: Uint8Array, signalIndex: number) => ({ decoder: of, signalIndex, timeMs: 0, raw: 1 });
  ledger.accept(packOf(1, { samples: [sample(decoder, 0), sample(decoder, 1), sample(decoder, 0)] }), 100);
  ledger.accept(packOf(2, { samples: [sample(other, 0), sample(decoder, 0)] }), 199);
  ledger.accept(packOf(3, { samples: [sample(decoder, 9)] }), 200);
  const second = new Uint8Array(20);
  ledger.accept(packOf(1, { kid: second, samples: [] }), 150);
  const rows = (fromMs: number, toMs: number) =>
    ledger.activity(fromMs, toMs).map(({ kid: of, packs, samples, signals }) => [of[0], packs, samples, signals]);
  assert.deepEqual(rows(100, 200), [
    [0, 1, 0, 0],
    [1, 2, 5, 3],
  ]);
  assert.deepEqual(rows(200, 300), [[1, 1, 1, 1]]);
  assert.deepEqual(rows(0, 100), []);
});

const unusable: [string, () => string][] = [
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
