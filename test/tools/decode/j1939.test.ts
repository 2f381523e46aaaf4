// J1939 messages of more than one frame are put together, and come out like any other: in lines and in tables.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan } from '../../../edge/decode/index.ts';
import { TableSink } from '../../../tools/decode/tables/table-sink.ts';
import { createJsonLines } from '../../../tools/decode/text/json-lines.ts';
import { TextSink } from '../../../tools/decode/text/text-sink.ts';
import { by, database, message, signal } from '../../edge/decode/support/build.ts';
import { readManifest, readRows } from './read-tables.ts';

const root = mkdtempSync(path.join(tmpdir(), 'miner-j1939-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Any source (254): PGN 0xFECA. The last signal lies past what one CAN FD frame could hold. */
const signals = [
  signal('Lamp', { isSelector: true }),
  signal('Spn', { startBit: 8, length: 16 }),
  signal('Serial', { startBit: 24, length: 64 }),
  signal('Far', { startBit: 99 * 8, maximum: 10 }),
  signal('Blink', { startBit: 88, multiplexedBy: by('Lamp', 1) }),
  signal('Steady', { startBit: 88, multiplexedBy: by('Lamp', 2) }),
];
const plan = compilePlan(
  database(
    message(0x18fecafe, signals, { name: 'DM1', extended: true, j1939: true, length: 100 }),
    message(0x18f00400, [signal('Speed')], { name: 'EEC1', extended: true, j1939: true }),
  ),
);

const payload = new Uint8Array(100);
payload.set([1, 0x34, 0x12, 1, 2, 3, 4, 5, 6, 7, 0x80, 77]);
payload[99] = 50;

/** SAE J1939-21, broadcast announce message and its packets, from source 0x21. */
function broadcast(batch: FrameBatch, packetCount = 15): void {
  const announce = [32, payload.length, 0, 15, 0xff, 0xca, 0xfe, 0];
  batch.push(0, 0x1cecff21, FrameFlag.extended, Uint8Array.from(announce));
  for (let packet = 0; packet < packetCount; packet++) {
    const data = new Uint8Array(8).fill(0xff);
    data[0] = packet + 1;
    data.set(payload.subarray(packet * 7, packet * 7 + 7), 1);
    batch.push((packet + 1) * 50_000, 0x1cebff21, FrameFlag.extended, data);
  }
}

function drive(): FrameBatch {
  const batch = new FrameBatch(64);
  broadcast(batch);
  batch.push(800_000, 0x0cf00400, FrameFlag.extended, Uint8Array.of(5));
  broadcast(batch, 3);
  return batch;
}

test('jsonl: a line when the last packet has come', () => {
  const sink = new TextSink(plan, createJsonLines);
  const text = new TextDecoder().decode(sink.write(drive()));
  sink.end();
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      {
        t: 0.75,
        id: 0x1cfeca21,
        ext: true,
        name: 'DM1',
        signals: { Lamp: 1, Spn: 0x1234, Serial: '9225348980303659521', Far: 50, Blink: 77 },
        status: { Far: 'out-of-range' },
      },
      { t: 0.8, id: 0x0cf00400, ext: true, name: 'EEC1', signals: { Speed: 5 }, status: {} },
    ],
  );
  const { decoded, transport, reassembled, transportLost, unknown } = sink.tally;
  assert.deepEqual([decoded, transport, reassembled, transportLost, unknown], [1, 20, 1, 1, 0]);
});

for (const format of ['parquet', 'arrow'] as const) {
  test(`${format}: a row, in the branch that its selector selects too`, async () => {
    const folder = mkdtempSync(path.join(root, 'tables-'));
    const sink = await TableSink.create(plan, format, folder);
    sink.write(drive());
    sink.end();
    assert.deepEqual(
      readManifest(folder).map(({ file, rows }) => [path.parse(file).name, rows]),
      [
        ['EEC1', 1],
        ['DM1', 1],
        ['DM1.Lamp_1', 1],
      ],
    );
    assert.deepEqual(await readRows(path.join(folder, `DM1.${format}`)), [
      {
        t: 0.75,
        frame: 15n,
        Far: 50,
        Lamp: 1,
        Serial: 9225348980303659521n,
        Spn: 0x1234,
        status: '{"Far":"out-of-range"}',
      },
    ]);
    assert.deepEqual(await readRows(path.join(folder, `DM1.Lamp_1.${format}`)), [
      { t: 0.75, frame: 15n, Blink: 77, status: null },
    ]);
    assert.deepEqual([sink.tally.reassembled, sink.tally.transportLost], [1, 1]);
  });
}

test('a database without such messages does not look for them', () => {
  const plain = compilePlan(database(message(0x100, [signal('A')])));
  const sink = new TextSink(plain, createJsonLines);
  sink.write(drive());
  assert.deepEqual([sink.tally.unknown, sink.tally.transport], [21, 0]);
});
