/** The batch decoder: every value, status, row and time as the interpreter has them, however frames are put in. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { drawFrames } from '../../../bench/frames.ts';
import { FrameFlag } from '../../../edge/can/index.ts';
import { parseDbc, type Signal } from '../../../edge/dbc/index.ts';
import {
  type ColumnType,
  compilePlan,
  createBatchDecoder,
  emitBatchModule,
  type PlanSignal,
} from '../../../edge/decode/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { sharedPath } from '../../shared.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { assertDecoded, type BlockFrame, batchOf, recordsOf } from './support/block.ts';
import { by, database, message, signal } from './support/build.ts';

const ids = [0x123, 0x124, 0x0cf00400, 0x0cf00433, 0x18eaff00, 0x700];

/** Frames of the plan's ids and of others, of every kind. */
const anyFrames: fc.Arbitrary<BlockFrame[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom(...ids),
      fc.constantFrom(0, 0, 0, FrameFlag.remote, FrameFlag.error, FrameFlag.fd),
      anyPayload,
    )
    .map(([id, flags, payload]) => ({ id, flags: id > 0x7ff ? flags | FrameFlag.extended : flags, payload })),
  { maxLength: 40 },
);

const anyDatabase = fc
  .tuple(anyMessage(0x123), anyMessage(0x124), anyMessage(0x0cf00400))
  .map(([a, b, c]) =>
    database(
      { ...a, extended: false, j1939: false },
      { ...b, extended: false, j1939: false },
      { ...c, extended: true },
    ),
  );

/** The narrowest type that holds the signal, or a float. */
function narrowest({ valueType, scale, offset, length }: PlanSignal): ColumnType {
  const isInteger = valueType === 'integer' && Number.isSafeInteger(scale) && Number.isSafeInteger(offset);
  if (!isInteger) return 'f32';
  const reach = 2 ** length * Math.max(1, Math.abs(scale)) + Math.abs(offset);
  if (reach < 2 ** 31) return 'i32';
  return reach < 2 ** 62 ? 'i64' : 'f64';
}

describe('agrees with the interpreter', () => {
  test('random databases and frames, from arrays and from records, in columns of every type', () => {
    fc.assert(
      fc.property(anyDatabase, anyFrames, fc.boolean(), (drawn, frames, isNarrow) => {
        const plan = compilePlan(drawn);
        const decoder = createBatchDecoder(plan, { capacity: 64, columnType: isNarrow ? narrowest : () => 'f64' });
        for (const payloadBytes of [8, 64] as const) {
          decoder.decode(batchOf(frames, payloadBytes));
          assertDecoded(plan, decoder, frames, { payloadBytes, hasTime: true });
          const data = frames.filter(({ flags }) => (flags & (FrameFlag.remote | FrameFlag.error)) === 0);
          decoder.records.set(recordsOf(data, payloadBytes));
          decoder.decodeRecords(payloadBytes, 0, data.length);
          assertDecoded(plan, decoder, data, { payloadBytes, hasTime: false });
        }
      }),
      { numRuns: 300 },
    );
  });

  for (const name of ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt']) {
    const file = sharedPath(`corpus/opendbc/${name}.dbc`);
    test(`${name}, drawn frames in blocks`, { skip: file === undefined && 'no ../shared/corpus' }, () => {
      const plan = compilePlan(parseDbc(readFileSync(file!)).database);
      const drawn = drawFrames(plan, 3000, 5);
      const frames = Array.from({ length: drawn.count }, (_, i) => {
        const { id, flags, data } = drawn.frame(i);
        return { id, flags, payload: data };
      });
      const decoder = createBatchDecoder(plan, { capacity: 1024 });
      for (let from = 0; from < frames.length; from += 1000) {
        const block = frames.slice(from, from + 1000);
        decoder.decode(batchOf(block, drawn.stride));
        assertDecoded(plan, decoder, block, { payloadBytes: drawn.stride, hasTime: true });
      }
    });
  }
});

/** Every length at every place of an FD payload, in both byte orders. */
test('a signal of every length, at every bit', () => {
  const payload = Uint8Array.from({ length: 64 }, (_, i) => (i * 151 + 43) & 255);
  for (let length = 1; length <= 64; length++) {
    const signals: Signal[] = [];
    for (let start = 0; start + length <= 160; start += 3)
      for (const byteOrder of ['intel', 'motorola'] as const) {
        const startBit = byteOrder === 'intel' ? start : start - (start % 8) + 7 - (start % 8);
        const kind = { signed: start % 2 === 0, scale: start % 4 === 0 ? 0.1 : 1, offset: (start % 5) - 2 };
        signals.push(signal(`S${signals.length}`, { ...kind, startBit, length, byteOrder }));
      }
    const plan = compilePlan(database(message(0x100, signals, { length: 64, fd: true })));
    const frames = [64, 20, 12, 8, 3].map((size) => ({ id: 0x100, flags: 0, payload: payload.subarray(0, size) }));
    const decoder = createBatchDecoder(plan, { capacity: 16 });
    decoder.decode(batchOf(frames, 64));
    assertDecoded(plan, decoder, frames, { payloadBytes: 64, hasTime: true });
  }
});

test('offsets that a double holds only in part, at every place of the word', () => {
  const offsets = [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 52 + 1, 2 ** 51, -(2 ** 51) - 1, 2 ** 60, 1e300, 0.1];
  const signals = offsets.flatMap((offset, i) =>
    [0, 1, 13, 40].map((startBit) =>
      signal(`S${i}_${startBit}`, { startBit, length: 12, signed: i % 2 === 0, offset }),
    ),
  );
  const plan = compilePlan(database(message(0x100, signals)));
  const frames = Array.from({ length: 20 }, (_, i) => ({
    id: 0x100,
    flags: 0,
    payload: Uint8Array.from({ length: 8 }, (_, at) => (i * 41 + at * 97) & 255),
  }));
  const decoder = createBatchDecoder(plan);
  decoder.decode(batchOf(frames, 8));
  assertDecoded(plan, decoder, frames, { payloadBytes: 8, hasTime: true });
});

test('J1939: a message of its own for a source address goes before the one for any', () => {
  const facts = { extended: true, j1939: true };
  const sources = [0x0cf004fe, 0x0cf00400, 0x0cf00417];
  const plan = compilePlan(database(...sources.map((id) => message(id, [signal('Speed')], facts))));
  const frames = [0x0cf00400, 0x18f00417, 0x18f00400, 0x0cf00499, 0x0cf00599].map((id) => ({
    id,
    flags: FrameFlag.extended,
    payload: Uint8Array.of(id & 0x7f),
  }));
  const decoder = createBatchDecoder(plan);
  for (const input of ['arrays', 'records']) {
    if (input === 'arrays') decoder.decode(batchOf(frames, 8));
    else {
      decoder.records.set(recordsOf(frames, 8));
      decoder.decodeRecords(8, 0, frames.length);
    }
    const rows = decoder.tables.map((table) => [table.message.id, [...table.rows]]);
    assert.deepEqual(rows, [
      [0x0cf00400, [0, 2]],
      [0x0cf00417, [1]],
      [0x0cf004fe, [3]],
    ]);
  }
});

describe('multiplexers', () => {
  const mode = signal('Mode', { length: 10, isSelector: true });
  const under = (name: string, ...values: Parameters<typeof by>[1][]) =>
    signal(name, { startBit: 16, multiplexedBy: by('Mode', ...values) });

  test('each branch is a table, in the order of its first signal; ranges stay ranges', () => {
    const plan = compilePlan(database(message(1, [mode, under('A', 1), under('B', [2n, 500n]), under('C', 1, 700)])));
    const { tables } = createBatchDecoder(plan);
    assert.deepEqual(
      tables.map(({ branch, signals }) => [
        branch?.selector.name,
        branch?.ranges.length,
        signals.map(({ name }) => name),
      ]),
      [
        [undefined, undefined, ['Mode']],
        ['Mode', 1, ['A']],
        ['Mode', 2, ['C']],
        ['Mode', 1, ['B']],
      ],
    );
  });

  test('a value that two branches share puts its frame into both; one that none has, into none', () => {
    const plan = compilePlan(database(message(1, [mode, under('A', 1, 2), under('B', [2n, 9n])])));
    const decoder = createBatchDecoder(plan);
    const values = [1, 2, 3, 10, 2];
    const payloads = values.map((value) => Uint8Array.of(value, 0, value * 2));
    decoder.decode(
      batchOf(
        payloads.map((payload) => ({ id: 1, flags: 0, payload })),
        8,
      ),
    );
    const [own, a, b] = decoder.tables;
    assert.deepEqual([...own.rows], [0, 1, 2, 3, 4]);
    assert.deepEqual([...a.rows], [0, 1, 4]);
    assert.deepEqual([...b.rows], [1, 2, 4]);
    assert.deepEqual([...b.column(0)], [4, 6, 4]);
    assert.deepEqual([...own.status(0)!], [0, 0, 0, 4, 0]);
  });
});

describe('columns', () => {
  const wide = signal('Wide', { length: 64 });
  const all = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255);
  test('i64: exact past 2^53, signed or not', () => {
    for (const signed of [false, true]) {
      const plan = compilePlan(database(message(1, [{ ...wide, signed }])));
      const decoder = createBatchDecoder(plan, { columnType: () => 'i64' });
      decoder.decode(batchOf([{ id: 1, flags: 0, payload: all }], 8));
      assert.deepEqual([...decoder.tables[0].column(0)], [signed ? -1n : 2n ** 64n - 1n]);
    }
  });
  const refused: [string, Partial<Signal>, ColumnType][] = [
    ['a scale that is no integer', { scale: 0.5 }, 'i32'],
    ['an offset that is no integer', { offset: 0.5 }, 'i64'],
    ['values past 2^31', { length: 32 }, 'i32'],
    ['values past 2^64', { length: 64, scale: 2 }, 'i64'],
    ['values on both sides that no 64 bits hold', { length: 64, offset: -1 }, 'i64'],
    ['a float', { length: 32, valueType: 'float32' }, 'i64'],
  ];
  for (const [what, facts, type] of refused)
    test(`${type} is refused for ${what}`, () => {
      const plan = compilePlan(database(message(1, [signal('S', facts)])));
      assert.throws(() => createBatchDecoder(plan, { columnType: () => type }), { code: 'COLUMN_NOT_INTEGER' });
    });
});

describe('blocks', () => {
  const plan = compilePlan(database(message(1, [signal('S', { length: 16 })])));
  test('an empty block empties the tables', () => {
    const decoder = createBatchDecoder(plan);
    const frames = [{ id: 1, flags: 0, payload: Uint8Array.of(1, 2) }];
    decoder.decode(batchOf(frames, 8));
    assert.equal(decoder.tables[0].count, 1);
    decoder.decode(batchOf([], 8));
    const [table] = decoder.tables;
    assert.deepEqual([table.count, table.rows.length, table.column(0).length, table.status(0)], [0, 0, 0, undefined]);
  });
  test('a full block of one message, then a block of none: capacity is enough for both', () => {
    const decoder = createBatchDecoder(plan, { capacity: 33 });
    const frames = Array.from({ length: 33 }, (_, i) => ({ id: 1, flags: 0, payload: Uint8Array.of(i, 1) }));
    for (let round = 0; round < 3; round++) {
      decoder.decode(batchOf(frames, 8));
      assertDecoded(plan, decoder, frames, { payloadBytes: 8, hasTime: true });
    }
    assert.throws(() => decoder.decode(batchOf([...frames, frames[0]], 8)), RangeError);
  });
  test('a part of a batch: rows count from its first frame', () => {
    const decoder = createBatchDecoder(plan);
    const frames = Array.from({ length: 10 }, (_, i) => ({ id: i % 2, flags: 0, payload: Uint8Array.of(i, 0) }));
    decoder.decode(batchOf(frames, 8), 4, 8);
    assert.deepEqual([...decoder.tables[0].rows], [1, 3]);
    assert.deepEqual([...decoder.tables[0].column(0)], [5, 7]);
  });
  test('a plan without messages decodes to nothing', () => {
    const decoder = createBatchDecoder(compilePlan(database()));
    decoder.decode(batchOf([{ id: 1, flags: 0, payload: new Uint8Array(8) }], 8));
    assert.deepEqual(decoder.tables, []);
  });
  test('many messages shrink the block, so that memory stays bounded', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => message(i, [signal('S')], { extended: true }));
    const decoder = createBatchDecoder(compilePlan(database(...many)), { capacity: 8192 });
    assert.ok(decoder.capacity >= 16 && decoder.capacity < 8192);
    decoder.decode(batchOf([{ id: 19_999, flags: FrameFlag.extended, payload: Uint8Array.of(7) }], 8));
    assert.equal(decoder.tables[19_999].column(0)[0], 7);
  });
});

test('the same plan gives the same module', () => {
  fc.assert(
    fc.property(anyDatabase, (drawn) => {
      assert.deepEqual(emitBatchModule(compilePlan(drawn)).bytes, emitBatchModule(compilePlan(drawn)).bytes);
    }),
    { numRuns: 20 },
  );
});

test('wabt finds the modules valid', { skip: skipWithoutProgram('wasm-validate', 'wabt') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'batch-module-'));
  try {
    fc.sample(anyDatabase, { numRuns: 15, seed: 3 }).forEach((drawn, i) => {
      const path = join(folder, `${i}.wasm`);
      writeFileSync(path, emitBatchModule(compilePlan(drawn)).bytes);
      const { status, stderr } = spawnSync('wasm-validate', [path], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
