// Samples in Parquet files: every value exactly once, whatever interrupts the writing, and as others read it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import type { PackBody } from '../../../edge/pack/index.ts';
import { type Ledger, SampleStore, sampleColumnNames } from '../../../tools/gateway/index.ts';
import { decoder, device, gatewayWorld, packOf } from './packs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'samples-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => path.join(root, `${folders++}`);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const files = (folder: string, pattern: string) => globSync(pattern, { cwd: folder }).sort();

type Row = Record<string, unknown>;
async function rowsIn(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of files(folder, 'day=*/platform=*/*.parquet')) {
    const bytes = readFileSync(path.join(folder, name));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    rows.push(...((await parquetReadObjects({ file })) as Row[]));
  }
  return rows;
}

const midnight = Date.UTC(2026, 10, 30);

test('every sample becomes a row: times, wall clock, wide values, texts, by day of receipt and decoder', async () => {
  const { trust, gateway, ledger, time } = gatewayWorld();
  const second = new Uint8Array(32).fill(0xd1);
  trust.setDecoder(second, 'listed');
  const wide = [0n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n];
  const changes: Partial<PackBody> = {
    decoders: [{ contentHash: decoder }, { contentHash: second }],
    bootCount: 3,
    anchor: { unixMs: 1_700_000_000_000, source: 3, uncertaintyMs: 5 },
    columns: [
      { decoder: 0, signalIndex: 4, timesMs: Float64Array.of(900, 1_000, 2_500), values: Float64Array.of(7, -8, 9) },
      { decoder: 1, signalIndex: 2 ** 33, timesMs: Float64Array.of(1, 2, 3, 4), values: wide },
    ],
    texts: [{ decoder: 1, signalIndex: 9, timesMs: Float64Array.of(1_500), texts: ['WVWZZZ1JZ3W386752'] }],
  };
  time.nowMs = midnight - 1;
  await gateway.receive(packOf(trust, 1, changes));
  time.nowMs = midnight;
  await gateway.receive(packOf(trust, 2));
  const folder = freshFolder();
  assert.deepEqual(await new SampleStore({ ledger, folder }).flush(), { files: 3, packs: 2, samples: 10 });
  const name = `${ledger.name}-0000000001.parquet`;
  assert.deepEqual(files(folder, '**/*.parquet'), [
    `day=2026-11-29/platform=${hex(decoder).slice(0, 16)}/${name}`,
    `day=2026-11-29/platform=${hex(second).slice(0, 16)}/${name}`,
    `day=2026-11-30/platform=${hex(decoder).slice(0, 16)}/${name}`,
  ]);
  const rows = await rowsIn(folder);
  assert.deepEqual(Object.keys(rows[0]), sampleColumnNames);
  const kid = hex(device.kid);
  const row = (seq: bigint, of: Uint8Array, signal: bigint, timeMs: bigint, raw: bigint | null, facts: Row = {}) => ({
    ...{ kid, seq, boot: 3n, time_ms: timeMs, unix_ms: 1_699_999_999_000n + timeMs, decoder: hex(of), signal, raw },
    ...{ text: null, ...facts },
  });
  const later = { boot: 1n, unix_ms: null };
  assert.deepEqual(rows, [
    row(1n, decoder, 4n, 900n, 7n),
    row(1n, decoder, 4n, 1_000n, -8n),
    row(1n, decoder, 4n, 2_500n, 9n),
    ...wide.map((raw, i) => row(1n, second, 2n ** 33n, BigInt(i + 1), BigInt.asIntN(64, raw))),
    row(1n, second, 9n, 1_500n, null, { text: 'WVWZZZ1JZ3W386752' }),
    row(2n, decoder, 4n, 1_000n, 7n, later),
    row(2n, decoder, 4n, 1_100n, 8n, later),
    row(2n, decoder, 4n, 1_200n, 2n, later),
  ]);
});

test('written once: a second flush, and one at the same time, add nothing', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  const folder = freshFolder();
  const store = new SampleStore({ ledger, folder });
  for (const seq of [1, 2]) await gateway.receive(packOf(trust, seq));
  const [first, same] = await Promise.all([store.flush(), store.flush()]);
  assert.equal(first, same);
  assert.deepEqual(await store.flush(), { files: 0, packs: 0, samples: 0 });
  await gateway.receive(packOf(trust, 2));
  await gateway.receive(packOf(trust, 3));
  assert.deepEqual(await store.flush(), { files: 1, packs: 1, samples: 3 });
  assert.deepEqual(
    (await rowsIn(folder)).map(({ seq }) => seq),
    [1n, 1n, 1n, 2n, 2n, 2n, 3n, 3n, 3n],
  );
  assert.deepEqual(files(folder, 'parts/*.part'), []);
});

/** What a crash leaves at each moment, made by doing what comes before it. */
const crashes: [string, (ledger: Ledger, folder: string) => Promise<void>][] = [
  [
    'while parts were written',
    async (ledger, folder) => {
      mkdirSync(path.join(folder, 'parts'), { recursive: true });
      writeFileSync(path.join(folder, 'parts', `${ledger.name}-1-0.part`), 'PAR1 and no mo');
    },
  ],
  [
    'after the batch counted, before its file was in place',
    async (ledger, folder) => {
      const readOnly = path.join(folder, 'day=1970-01-01');
      mkdirSync(folder, { recursive: true });
      writeFileSync(readOnly, 'a file where a folder has to go');
      await assert.rejects(new SampleStore({ ledger, folder }).flush(), { code: 'SAMPLES_UNWRITABLE' });
      assert.equal(ledger.filesToPlace().length, 1);
      rmSync(readOnly);
    },
  ],
];
for (const [when, crash] of crashes) {
  test(`a crash ${when}: the next flush mends it, each sample once`, async () => {
    const { trust, gateway, ledger } = gatewayWorld();
    const folder = freshFolder();
    for (const seq of [1, 2]) await gateway.receive(packOf(trust, seq));
    await crash(ledger, folder);
    await gateway.receive(packOf(trust, 3));
    await new SampleStore({ ledger, folder }).flush();
    assert.deepEqual(
      (await rowsIn(folder)).map(({ seq }) => seq).sort(),
      [1n, 1n, 1n, 2n, 2n, 2n, 3n, 3n, 3n],
      'each of three packs has three samples',
    );
    assert.deepEqual([files(folder, 'parts/*.part'), ledger.filesToPlace()], [[], []]);
  });
}

test('a file renamed just before a crash is not asked for again', async () => {
  const file = path.join(root, 'renamed.sqlite');
  const { trust, gateway, ledger } = gatewayWorld(file);
  const folder = freshFolder();
  await gateway.receive(packOf(trust, 1));
  await new SampleStore({ ledger, folder }).flush();
  const writer = new DatabaseSync(file);
  writer.exec('update sample_file set in_place = 0');
  writer.close();
  await new SampleStore({ ledger, folder }).flush();
  assert.equal((await rowsIn(folder)).length, 3);
  assert.deepEqual(ledger.filesToPlace(), []);
  ledger.close();
});

test('while another process writes from this ledger, this one leaves it to it', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  const folder = freshFolder();
  await gateway.receive(packOf(trust, 1));
  mkdirSync(path.join(folder, 'parts'), { recursive: true });
  const other = new DatabaseSync(path.join(folder, 'parts', `${ledger.name}.lock`));
  other.exec('begin exclusive');
  const store = new SampleStore({ ledger, folder });
  assert.deepEqual(await store.flush(), { files: 0, packs: 0, samples: 0 });
  other.close();
  assert.equal((await store.flush()).samples, 3);
});

test('two ledgers share a folder, and parts of the other are left alone', async () => {
  const worlds = [gatewayWorld(), gatewayWorld()];
  const folder = freshFolder();
  const foreign = path.join(folder, 'parts', 'ffffffff-1-0.part');
  mkdirSync(path.dirname(foreign), { recursive: true });
  writeFileSync(foreign, 'of another gateway, being written');
  for (const { trust, gateway, ledger } of worlds) {
    await gateway.receive(packOf(trust, 1));
    await new SampleStore({ ledger, folder }).flush();
  }
  assert.equal((await rowsIn(folder)).length, 6);
  assert.equal(readFileSync(foreign, 'utf8').slice(0, 2), 'of');
});

test('packs with raw frames are kept whole, and on request all', async () => {
  const frames = [{ id: 0x123, timesMs: Float64Array.of(1_005), payloads: [Uint8Array.of(1, 2)] }];
  for (const [keepPacks, kept] of [
    [false, [2]],
    [true, [1, 2]],
  ] as const) {
    const { trust, gateway, ledger } = gatewayWorld();
    const folder = freshFolder();
    const packs = [packOf(trust, 1), packOf(trust, 2, { frames })];
    for (const pack of packs) await gateway.receive(pack);
    await new SampleStore({ ledger, folder, keepPacks }).flush();
    const [file] = files(folder, 'packs/day=*/*.cborseq');
    assert.deepEqual(readFileSync(path.join(folder, file)), Buffer.concat(kept.map((seq) => packs[seq - 1])));
  }
});

test('a folder that cannot be: SAMPLES_UNWRITABLE, and the packs go on waiting', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  await gateway.receive(packOf(trust, 1));
  const folder = freshFolder();
  writeFileSync(folder, 'not a folder');
  await assert.rejects(new SampleStore({ ledger, folder }).flush(), {
    code: 'SAMPLES_UNWRITABLE',
    message: new RegExp(folder),
  });
  assert.deepEqual(ledger.waitingTotals(), { packs: 1, samples: 3 });
  rmSync(folder);
  assert.equal((await new SampleStore({ ledger, folder }).flush()).samples, 3);
});

const hasPyarrow = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import pyarrow'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
test('pyarrow reads what was written', { skip: !hasPyarrow && 'needs pyarrow for python3' }, async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  await gateway.receive(packOf(trust, 5));
  const folder = freshFolder();
  await new SampleStore({ ledger, folder }).flush();
  const [file] = files(folder, 'day=*/*/*.parquet');
  const script = 'import sys, pyarrow.parquet as p; print(p.read_table(sys.argv[1]).column("raw").to_pylist())';
  const said = execFileSync('/usr/bin/python3', ['-c', script, path.join(folder, file)], { encoding: 'utf8' });
  assert.equal(said.trim(), '[7, 8, 5]');
});
