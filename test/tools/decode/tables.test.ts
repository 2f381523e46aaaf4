// Tables hold what the interpreter says, value for value: random databases and frames, through both formats and back.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import type { Message } from '../../../edge/dbc/model.ts';
import {
  compilePlan,
  createInterpreter,
  type FrameDecoder,
  type Plan,
  type PlanMessage,
  type PlanSignal,
  physicalAt,
  SignalStatus,
  statusNames,
} from '../../../edge/decode/index.ts';
import { chooseColumnType, rangesText } from '../../../tools/decode/tables/table-schema.ts';
import { TableSink } from '../../../tools/decode/tables/table-sink.ts';
import { anyMessage, anyPayload } from '../../edge/decode/support/arbitraries.ts';
import { by, bytes, database, message, signal } from '../../edge/decode/support/build.ts';
import { type ManifestLine, type Row, readManifest, readRows } from './read-tables.ts';

const root = mkdtempSync(path.join(tmpdir(), 'miner-tables-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => mkdtempSync(path.join(root, `${folders++}-`));

interface Frame {
  timeUs?: number;
  id: number;
  extended?: boolean;
  data: Uint8Array;
}

function batchOf(frames: readonly Frame[]): FrameBatch {
  const batch = new FrameBatch(Math.max(1, frames.length), 64);
  frames.forEach(({ timeUs, id, extended, data }, i) => {
    batch.push(timeUs ?? i * 1000, id, extended ? FrameFlag.extended : 0, data);
  });
  return batch;
}

async function write(plan: Plan, format: 'parquet' | 'arrow', batches: readonly FrameBatch[]) {
  const folder = newFolder();
  const sink = await TableSink.create(plan, format, folder);
  for (const batch of batches) sink.write(batch);
  sink.end();
  return { folder, sink, tables: readManifest(folder) };
}

type Expected = number | bigint | null;

/** In integer columns the exact integer, and no sign of zero; elsewhere the double, bit for bit. */
function expectedValue(interpreter: FrameDecoder, column: PlanSignal): number | bigint {
  const type = chooseColumnType(column);
  if (type === 'i64') return BigInt(physicalAt(interpreter, column));
  const { [column.slot]: physical } = interpreter.physical;
  return type === 'i32' ? physical + 0 : physical;
}

/** What the interpreter says of a table's rows, in the words of the file. */
function expectedRows(plan: Plan, table: ManifestLine, frames: readonly Frame[]) {
  const interpreter = createInterpreter(plan);
  const rows: { t: number; frame: number; told: Record<string, string>; values: Record<string, Expected> }[] = [];
  frames.forEach(({ timeUs, id, extended, data }, frame) => {
    const found = interpreter.decode(id, extended ? FrameFlag.extended : 0, data, 0, data.length);
    if (found === undefined || found.id !== table.id || found.extended !== table.ext) return;
    if (!isSelected(found, table, interpreter)) return;
    const told: Record<string, string> = {};
    const values: Record<string, Expected> = {};
    for (const { name, signal: of } of table.columns) {
      const column = found.signals.find((each) => each.name === of)!;
      const status = interpreter.status[column.slot];
      values[name] = status === SignalStatus.absent ? null : expectedValue(interpreter, column);
      if (status !== SignalStatus.ok && status !== SignalStatus.absent) told[of] = statusNames[status];
    }
    rows.push({ t: (timeUs ?? frame * 1000) / 1e6, frame, told, values });
  });
  return rows;
}

function isSelected(found: PlanMessage, { branch }: ManifestLine, decoder: FrameDecoder) {
  // Whatever the last selector selects shares its ranges, so the branch's own signals tell.
  return branch.every(({ selector, raw }, depth) => {
    const { slot } = found.signals.find(({ name }) => name === selector)!;
    const outer = branch[depth - 1];
    if (outer !== undefined && decoder.status[slot] === SignalStatus.inactive) return false;
    if (decoder.status[slot] === SignalStatus.absent) return false;
    return raw.split('+').some((range) => {
      const [from, to = from] = range.split(/(?<=\d)-/);
      const value = BigInt(decoder.rawAt(slot));
      return BigInt(from) <= value && value <= BigInt(to);
    });
  });
}

function sameRows(actual: readonly Row[], expected: ReturnType<typeof expectedRows>, place: string): void {
  assert.equal(actual.length, expected.length, place);
  actual.forEach((row, i) => {
    const { t, frame, told, values } = expected[i];
    assert.equal(row.t, t, place);
    assert.equal(row.frame, BigInt(frame), place);
    assert.deepEqual(row.status === null ? {} : JSON.parse(String(row.status)), told, place);
    for (const [name, value] of Object.entries(values)) {
      assert.ok(Object.is(row[name], value), `${place} row ${i} ${name}: ${row[name]}, expected ${value}`);
    }
  });
}

for (const format of ['parquet', 'arrow'] as const) {
  describe(format, () => {
    test('random databases and frames: every value and status as the interpreter has them', async () => {
      const messages = fc.tuple(anyMessage(0x100), anyMessage(0x101), anyMessage(0x102));
      const frames = fc.array(fc.tuple(fc.nat(3), anyPayload), { minLength: 1, maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(messages, frames, async (drawn, picks) => {
          const plan = compilePlan(database(...drawn));
          const sent = picks.map(
            ([pick, data]): Frame => ({ id: 0x100 + pick, extended: drawn[pick % 3].extended, data }),
          );
          const { folder, tables } = await write(plan, format, [batchOf(sent)]);
          for (const table of tables) {
            const rows = await readRows(path.join(folder, table.file));
            assert.equal(rows.length, table.rows);
            sameRows(rows, expectedRows(plan, table, sent), table.file);
          }
          const interpreter = createInterpreter(plan);
          const known = sent.filter(({ id, extended, data }) => {
            return interpreter.decode(id, extended ? FrameFlag.extended : 0, data, 0, data.length) !== undefined;
          });
          const own = tables.filter(({ branch }) => branch.length === 0);
          assert.equal(
            own.reduce((sum, { rows }) => sum + rows, 0),
            known.length,
          );
        }),
        { numRuns: 60 },
      );
    });

    test('integers keep every bit: 64 bits signed and unsigned, and types as narrow as they may be', async () => {
      const wide = (name: string, facts: Partial<Message['signals'][number]>) => signal(name, { length: 64, ...facts });
      const plan = compilePlan(
        database(
          message(0x100, [wide('Unsigned', {})]),
          message(0x101, [wide('Signed', { signed: true })]),
          message(0x102, [signal('Small', { length: 8, offset: -40 }), signal('Half', { startBit: 8, scale: 0.5 })]),
        ),
      );
      const ones = bytes('FFFFFFFFFFFFFFFF');
      const sent = [0x100, 0x101, 0x102].map((id) => ({ id, data: ones }));
      const { folder, tables } = await write(plan, format, [batchOf(sent)]);
      const row = async (id: number) => {
        const table = tables.find((each) => each.id === id)!;
        return (await readRows(path.join(folder, table.file)))[0];
      };
      assert.equal((await row(0x100)).Unsigned, 2n ** 64n - 1n);
      assert.equal((await row(0x101)).Signed, -1n);
      const { Small, Half } = await row(0x102);
      assert.deepEqual([Small, Half], [215, 127.5]);
    });

    test('a branch of a multiplexer joins its message by frame', async () => {
      const signals = [
        signal('Mode', { isSelector: true }),
        signal('Speed', { startBit: 8, multiplexedBy: by('Mode', 1) }),
        signal('Sub', { startBit: 8, isSelector: true, multiplexedBy: by('Mode', [2n, 4n]) }),
        signal('Deep', { startBit: 16, multiplexedBy: by('Sub', 7) }),
      ];
      const plan = compilePlan(database(message(0x100, signals, { name: 'Engine' })));
      const sent = ['0163', '0207AA', '03', '09', '0301BB'].map((hex) => ({ id: 0x100, data: bytes(hex) }));
      const { folder, tables } = await write(plan, format, [batchOf(sent)]);
      const stems = tables.map(({ file }) => path.parse(file).name).sort();
      assert.deepEqual(stems, ['Engine', 'Engine.Mode_1', 'Engine.Mode_2-4', 'Engine.Mode_2-4.Sub_7']);
      const rowsOf = (stem: string) => readRows(path.join(folder, `${stem}.${format}`));
      assert.deepEqual(
        (await rowsOf('Engine')).map(({ frame, Mode, status }) => [Number(frame), Mode, status]),
        [
          [0, 1, null],
          [1, 2, null],
          [2, 3, null],
          [3, 9, '{"Mode":"unknown-multiplexer"}'],
          [4, 3, null],
        ],
      );
      const sub = (await rowsOf('Engine.Mode_2-4')).map(({ frame, Sub, status }) => [Number(frame), Sub, status]);
      assert.deepEqual(sub, [
        [1, 7, null],
        [2, null, null],
        [4, 1, '{"Sub":"unknown-multiplexer"}'],
      ]);
      assert.deepEqual(
        (await rowsOf('Engine.Mode_2-4.Sub_7')).map(({ frame, Deep }) => [Number(frame), Deep]),
        [[1, 0xaa]],
      );
    });

    test('more rows than a group holds, and statuses that begin late', async () => {
      const plan = compilePlan(
        database(message(0x100, [signal('A', { maximum: 100 }), signal('B', { startBit: 8, length: 16, scale: 0.1 })])),
      );
      const rows = 150_000;
      const sent: Frame[] = [];
      for (let i = 0; i < rows; i++) {
        const late = i > rows - 50 ? 200 : i % 100;
        sent.push({
          id: 0x100,
          data: Uint8Array.of(late, i & 0xff, (i >> 8) & 0xff).subarray(0, i % 1000 === 7 ? 1 : 3),
        });
      }
      const batches: FrameBatch[] = [];
      for (let from = 0; from < rows; from += 5000) {
        const part = sent.slice(from, from + 5000).map((frame, i) => ({ ...frame, timeUs: (from + i) * 1000 }));
        batches.push(batchOf(part));
      }
      const { folder, tables } = await write(plan, format, batches);
      const found = await readRows(path.join(folder, tables[0].file));
      sameRows(found, expectedRows(plan, tables[0], sent), 'long');
    });

    test('without times t is null; names that clash with others, or with ours, get a number', async () => {
      const signals = ['t', 'T', 'Frame', 'status', 'ok'].map((name, i) => signal(name, { startBit: i * 8 }));
      const twin = message(0x101, [signal('x')], { name: 'm/1' });
      const plan = compilePlan(database(message(0x100, signals, { name: 'M/1' }), twin));
      const sent = [0x100, 0x101].map((id) => ({ id, timeUs: Number.NaN, data: bytes('0102030405') }));
      const { folder, tables } = await write(plan, format, [batchOf(sent)]);
      assert.deepEqual(
        tables.map(({ file }) => file),
        [`M_1.${format}`, `m_1_2.${format}`],
      );
      const [row] = await readRows(path.join(folder, tables[0].file));
      const { t, t_3, T_2, Frame_2, status, status_2, ok } = row;
      assert.deepEqual([t, t_3, T_2, Frame_2, status, status_2, ok], [null, 1, 2, 3, null, 4, 5]);
    });

    test('ranges as they stand in the manifest', () => {
      assert.equal(
        rangesText([
          { from: 1n, to: 1n },
          { from: 4n, to: 9n },
        ]),
        '1+4-9',
      );
    });
  });
}
