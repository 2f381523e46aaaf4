// The gateway as a process that is killed at any moment: what it accepted stays, and each sample is written once.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parquetReadObjects } from 'hyparquet';
import { SampleStore, startBroker } from '../../../tools/gateway/index.ts';
import { loneDevice, signSmallPacks, startLoneMiner } from './fleet-of-one.ts';
import { until } from './mosquitto.ts';
import { gatewayWorld } from './packs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gateway-killed-'));
after(() => rmSync(root, { recursive: true, force: true }));
const program = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));

async function startGateway(...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  await until('the gateway to serve', () => said.includes('ready') || child.exitCode !== null);
  assert.ok(said.includes('ready'), `the gateway ended by itself with ${child.exitCode}`);
  return child;
}

test('kill -9 four times in 1,000 packs: none lost, none twice, receipts a function of what is stored', async (t) => {
  const packs = signSmallPacks(1_000);
  const ledgerPath = path.join(root, 'ledger.sqlite');
  const samples = path.join(root, 'samples');
  const broker = await startBroker();
  t.after(() => broker.close());
  let child = await startGateway(broker.url, ledgerPath, samples);
  t.after(() => child.kill('SIGKILL'));
  const miner = startLoneMiner(broker.url, packs, { windowCount: 64, resendMs: 500, protocolVersion: 4 });
  t.after(() => miner.close());

  const receiptedAt: number[] = [];
  for (const count of [1, 200, 400, 600]) {
    await until(`${count} receipted packs`, () => miner.log.receipted >= count);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    receiptedAt.push(miner.log.receipted);
    child = await startGateway(broker.url, ledgerPath, samples);
  }
  await until('the last receipt', () => miner.log.receipted === packs.length);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  assert.ok(receiptedAt.every((seq, i) => seq < packs.length && (i === 0 || seq >= receiptedAt[i - 1])));

  const { trust, gateway, ledger } = gatewayWorld(ledgerPath);
  t.after(() => ledger.close());
  trust.setDevice(loneDevice.kid);
  assert.deepEqual([ledger.totals().packs, ledger.contiguous(loneDevice.kid)], [packs.length, packs.length]);
  const again = await gateway.receive(packs[17]);
  assert.equal(again.refusal?.code, 'SEQ_REPLAYED');
  assert.deepEqual(again.receipt, miner.receipt, 'another process, the same ledger, the same bytes');

  await new SampleStore({ ledger, folder: samples }).flush();
  const values: number[] = [];
  for (const name of globSync('day=*/**/*.parquet', { cwd: samples })) {
    const bytes = new Uint8Array(readFileSync(path.join(samples, name)));
    for (const { raw } of await parquetReadObjects({ file: bytes.buffer })) values.push(Number(raw));
  }
  assert.deepEqual(
    values.sort((a, b) => a - b),
    packs.map((_, i) => i + 1),
  );
  assert.deepEqual(globSync('parts/*.part', { cwd: samples }), []);
});
