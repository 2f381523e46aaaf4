// From a file to a decoder: warm in this process, cold in fresh ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText, reportParseBench } from '../../bench/parse.ts';
import { electricCarFile } from './databases.ts';

test('a report has warm and cold times, and they add up', () => {
  const report = reportParseBench([electricCarFile], 5);
  const [car] = report.files;
  assert.equal(report.benchmark, 'parse');
  assert.equal(car.file, 'electric-car.dbc');
  assert.equal(car.messages, 26);
  for (const key of ['parse_ms', 'compile_ms', 'ready_ms', 'batch_ms', 'cold_ready_ms', 'cold_process_ms'] as const)
    assert.ok(car[key] > 0, key);
  assert.ok(car.cold_process_ms > car.cold_ready_ms);
  assert.match(
    parseText(report),
    /^electric-car\.dbc: 18 kB, 26 messages, 226 signals\n {2}warm {3}ready in [\d.]+ ms/,
  );
});
