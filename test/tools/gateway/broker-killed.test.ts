// A broker that dies with acknowledged packs in it: none is lost, none counts twice, whether or not anyone listened.
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { SampleStore, type Serving, serveGateway } from '../../../tools/gateway/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { loneDevice, signSmallPacks, startLoneMiner } from './fleet-of-one.ts';
import { startMosquitto, until } from './mosquitto.ts';
import { gatewayWorld } from './packs.ts';

const packCount = 3_000;
const half = packCount / 2;
const skip = skipWithoutProgram('mosquitto');
const packs = skip ? [] : signSmallPacks(packCount);

const root = mkdtempSync(path.join(tmpdir(), 'broker-killed-'));
after(() => rmSync(root, { recursive: true, force: true }));

const variants = (['SIGKILL', 'SIGTERM'] as const).flatMap((signal) => [
  { signal, consumer: 'throughout' as const },
  { signal, consumer: 'late' as const },
]);

for (const { signal, consumer } of variants) {
  const name = `${signal} at half of ${packCount} packs, the gateway there ${consumer}: 0 lost, 0 twice`;
  test(name, { skip }, async (t) => {
    const broker = await startMosquitto();
    t.after(() => broker.end());
    const { trust, gateway, ledger } = gatewayWorld(path.join(root, `${signal}-${consumer}.sqlite`));
    t.after(() => ledger.close());
    trust.setDevice(loneDevice.kid);
    let serving: Serving | undefined;
    t.after(() => serving?.close());
    const serve = async () => {
      serving = await serveGateway({ gateway, brokerUrl: broker.url, reconnectMs: 50 });
    };
    if (consumer === 'throughout') await serve();
    // Without a gateway no receipt opens the window: it has to hold what is to be acknowledged and lost.
    const windowCount = consumer === 'late' ? half + 200 : 256;
    const miner = startLoneMiner(broker.url, packs, { windowCount, resendMs: 3_000 });
    t.after(() => miner.close());

    const isHalf = () => (consumer === 'late' ? miner.acknowledged : gateway.status.accepted) >= half;
    await until('half of the packs', isHalf);
    await broker.end(signal);
    await until('the miner to notice', () => !miner.outbox.status.up);
    if (consumer === 'late') {
      assert.ok(miner.acknowledged >= half);
      assert.equal(miner.log.receipted, 0, 'an acknowledgement is no receipt');
    }
    await broker.restart();
    if (consumer === 'late') await serve();
    await until('the last receipt', () => miner.log.receipted === packCount);

    assert.equal(miner.log.packAfter(0), undefined);
    assert.deepEqual([ledger.totals().packs, ledger.totals().samples], [packCount, packCount]);
    const folder = path.join(root, `${signal}-${consumer}`);
    await new SampleStore({ ledger, folder }).flush();
    const values = (await rowsIn(folder)).map(({ raw }) => Number(raw));
    assert.deepEqual(
      values.sort((a, b) => a - b),
      packs.map((_, i) => i + 1),
    );
  });
}

async function rowsIn(folder: string): Promise<{ raw: bigint }[]> {
  const rows: { raw: bigint }[] = [];
  for (const name of globSync('day=*/**/*.parquet', { cwd: folder })) {
    const bytes = new Uint8Array(readFileSync(path.join(folder, name)));
    rows.push(...((await parquetReadObjects({ file: bytes.buffer })) as { raw: bigint }[]));
  }
  return rows;
}
