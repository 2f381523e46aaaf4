/** The flash bench: its bound by another way of counting, and a short run whose images all arrive. No figure is judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundBytesPerSecond, flashBenchText, reportFlashBench } from '../../bench/flash.ts';

test('the bound is what base64, lines, checksums and names leave', () => {
  // 4,092 bytes of message hold 4,064 of the image; with length and checksum 4,096 bytes less padding go into lines.
  const messageBytes = 8 + 20 + 4064;
  const payloadBytes = 2 + messageBytes + 2;
  const fullLines = Math.floor(payloadBytes / 93);
  const rest = payloadBytes - 93 * fullLines;
  const wireBytes = fullLines * 127 + 3 + 4 * Math.ceil(rest / 3);
  assert.ok(Math.abs(boundBytesPerSecond(115_200, 4096) - (11_520 * 4064) / wireBytes) < 1e-9);
});

test('a short run: every image arrives whole, nothing is repeated', async () => {
  const report = await reportFlashBench({ imageBytes: 20_000, rounds: 2, baudSeconds: 0.5 });
  if (report.part.skipped.length > 0) return;
  assert.deepEqual([report.part.faults, report.good], [[], true]);
  assert.deepEqual(
    report.part.figures.map(({ key }) => key),
    ['flash_rate', 'flash_baud', 'flash_bound', 'flash_share'],
  );
  for (const { value } of report.part.figures) assert.ok(value > 0);
  assert.match(flashBenchText(report), /what the framing leaves of it +8,\d{3} +bytes\/s/);
});
