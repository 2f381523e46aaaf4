// Lines say what the interpreter says: random databases and frames, through JSON lines and CSV and back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan, createInterpreter, physicalAt, readObject, SignalStatus } from '../../../edge/decode/index.ts';
import { createCsv, field } from '../../../tools/decode/text/csv.ts';
import { createJsonLines } from '../../../tools/decode/text/json-lines.ts';
import { numberText, TimeText } from '../../../tools/decode/text/number-text.ts';
import { TextSink } from '../../../tools/decode/text/text-sink.ts';
import { anyMessage, anyPayload } from '../../edge/decode/support/arbitraries.ts';
import { bytes, database, message, planOf, signal } from '../../edge/decode/support/build.ts';

const anyRun = fc.tuple(
  fc.tuple(anyMessage(0x100), anyMessage(0x101)),
  fc.array(fc.tuple(fc.nat(2), anyPayload, fc.nat(2 ** 40)), { minLength: 1, maxLength: 20 }),
);

const asText = (value: number | bigint) => (Object.is(value, -0) ? '-0.0' : String(value));

test('jsonl: every value and status as the interpreter has them', () => {
  fc.assert(
    fc.property(anyRun, ([messages, picks]) => {
      const plan = compilePlan(database(...messages));
      const interpreter = createInterpreter(plan);
      const batch = new FrameBatch(picks.length, 64);
      const expected: unknown[] = [];
      for (const [pick, data, timeUs] of picks) {
        const flags = messages[pick % 2].extended ? FrameFlag.extended : 0;
        batch.push(timeUs, 0x100 + pick, flags, data);
        const found = interpreter.decode(0x100 + pick, flags, data, 0, data.length);
        if (found === undefined) continue;
        const { signals, status } = readObject(interpreter, found);
        // What JSON has no number for is a string.
        for (const [name, value] of Object.entries(signals)) {
          if (typeof value === 'bigint' || !Number.isFinite(value)) signals[name] = `${value}` as unknown as number;
        }
        expected.push({
          t: timeUs / 1e6,
          id: 0x100 + pick,
          ext: flags !== 0,
          name: found.name,
          signals,
          status,
        });
      }
      const sink = new TextSink(plan, createJsonLines);
      const text = new TextDecoder().decode(sink.write(batch));
      const lines = text.split('\n').slice(0, -1);
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        expected,
      );
      assert.equal(sink.tally.decoded, expected.length);
    }),
    { numRuns: 150 },
  );
});

test('csv: a row for every signal that the frame holds or should hold', () => {
  fc.assert(
    fc.property(anyRun, ([messages, picks]) => {
      const plan = compilePlan(database(...messages));
      const interpreter = createInterpreter(plan);
      const batch = new FrameBatch(picks.length, 64);
      const expected: string[] = ['t,id,ext,name,signal,value,unit,status'];
      for (const [pick, data, timeUs] of picks) {
        const { extended } = messages[pick % 2];
        batch.push(timeUs, 0x100 + pick, extended ? FrameFlag.extended : 0, data);
        const found = interpreter.decode(0x100 + pick, extended ? FrameFlag.extended : 0, data, 0, data.length);
        for (const each of found?.signals ?? []) {
          const status = interpreter.status[each.slot];
          if (status === SignalStatus.inactive) continue;
          const value = status === SignalStatus.absent ? '' : asText(physicalAt(interpreter, each));
          const words = ['', 'out-of-range', 'absent', '', 'unknown-multiplexer', 'error', 'not-available'];
          expected.push(
            `${timeUs / 1e6},${0x100 + pick},${extended},${found!.name},${each.name},${value},,${words[status]}`,
          );
        }
      }
      const text = new TextDecoder().decode(new TextSink(plan, createCsv).write(batch));
      assert.deepEqual(text.split('\n').slice(0, -1), expected);
    }),
    { numRuns: 150 },
  );
});

describe('texts of numbers', () => {
  test('times are the shortest text of timeUs / 1e6', () => {
    const time = new TimeText();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat(2 ** 31 - 1),
          fc.maxSafeNat().map((us) => us % 4e15),
          fc.double(),
        ),
        (timeUs) => {
          const text = time.text(timeUs);
          if (Number.isNaN(timeUs)) assert.equal(text, '');
          else assert.ok(Object.is(Number(text), timeUs / 1e6) || timeUs === 0, `${timeUs}: ${text}`);
        },
      ),
    );
    assert.deepEqual(
      [0, 12.34e6, 1e6, 1436509052249713, 5, 1.7347237205519504e308].map((us) => time.text(us)),
      ['0', '12.34', '1', '1436509052.249713', '0.000005', '1.7347237205519503e+302'],
    );
  });

  test('numbers read back as the same double', () => {
    fc.assert(fc.property(fc.double({ noNaN: true }), (value) => Object.is(Number(numberText(value)), value)));
    assert.equal(numberText(-0), '-0.0');
  });
});

test('fields are quoted as RFC 4180 says', () => {
  const rows = ['plain', 'a,b', 'say "x"', 'two\nlines', '°C', ''];
  assert.deepEqual(rows.map(field), ['plain', '"a,b"', '"say ""x"""', '"two\nlines"', '°C', '']);
});

test('names and units beyond ASCII, and names that JSON escapes', () => {
  const plan = planOf([signal('Öl"druck', { unit: '°C' })], { name: 'Motor\\Ö' });
  const batch = new FrameBatch(2);
  for (const hex of ['05', '']) batch.push(1e6, 0x100, 0, bytes(hex));
  const [json, csv] = [createJsonLines, createCsv].map((format) =>
    new TextDecoder().decode(new TextSink(plan, format).write(batch)),
  );
  assert.equal(
    json,
    '{"t":1,"id":256,"ext":false,"name":"Motor\\\\Ö","signals":{"Öl\\"druck":5},"status":{}}\n' +
      '{"t":1,"id":256,"ext":false,"name":"Motor\\\\Ö","signals":{},"status":{"Öl\\"druck":"absent"}}\n',
  );
  assert.equal(csv.split('\n')[1], '1,256,false,Motor\\Ö,"Öl""druck",5,°C,');
});

test('a line longer than all memory so far: a message of many signals', () => {
  const signals = Array.from({ length: 3000 }, (_, i) =>
    signal(`${'S'.repeat(60)}${i}`, { startBit: i % 8, length: 1 }),
  );
  const plan = compilePlan(database(message(0x100, signals)));
  const batch = new FrameBatch(1);
  batch.push(0, 0x100, 0, bytes('FF'));
  const text = new TextDecoder().decode(new TextSink(plan, createJsonLines).write(batch));
  assert.equal(Object.keys(JSON.parse(text).signals).length, 3000);
});
