// The gateway on MQTT, with its own broker and with one that is not ours: packs in, receipts and refusals out.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import mqtt from 'mqtt';
import { toHex } from '../../../edge/pack/index.ts';
import { decodeRefusal, openReceipt, receiptAad } from '../../../edge/uplink/index.ts';
import { serveGateway, startBroker } from '../../../tools/gateway/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { device, gatewayKey, gatewayWorld, packOf } from './packs.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'serve-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 10) {
    assert.ok(waitedMs < 10_000, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function boundPort(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await boundPort(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

interface Broker {
  url: string;
  close(): Promise<void>;
}

async function mosquitto(): Promise<Broker> {
  const port = await freePort();
  const config = path.join(folder, 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child: ChildProcess = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  let listens = false;
  const probe = () => {
    const socket = connect(port, '127.0.0.1', () => {
      listens = true;
      socket.destroy();
    });
    socket.on('error', () => setTimeout(probe, 20));
  };
  probe();
  await until('mosquitto', () => listens);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    close: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const brokers = [
  { name: 'the embedded broker', start: () => startBroker(), protocolVersion: 4, skip: false },
  { name: 'mosquitto', start: mosquitto, protocolVersion: 5, skip: skipWithoutProgram('mosquitto') },
] as const;

/** A device at the other side of a broker: publishes packs, keeps what it is told. */
async function deviceAt(t: TestContext, url: string, protocolVersion: 4 | 5) {
  const base = `dimo/1/${toHex(device.kid)}`;
  const receipts: Uint8Array[] = [];
  const refusals: Uint8Array[] = [];
  const client = await mqtt.connectAsync(url, { protocolVersion, reconnectPeriod: 100 });
  t.after(() => client.endAsync(true));
  client.on('error', () => {});
  client.on('message', (topic, payload) => {
    (topic.endsWith('receipts') ? receipts : refusals).push(new Uint8Array(payload));
  });
  await client.subscribeAsync([`${base}/receipts`, `${base}/refusals`], { qos: 1 });
  const send = (pack: Uint8Array, topic = `${base}/packs`, dup = false) =>
    client.publishAsync(topic, Buffer.from(pack), { qos: 1, dup });
  return { send, receipts, refusals, client };
}

for (const { name, start, protocolVersion, skip } of brokers) {
  test(`through ${name}`, { skip }, async (t) => {
    const broker = await start();
    t.after(() => broker.close());
    const { trust, gateway, ledger, events } = gatewayWorld();
    const serving = await serveGateway({ gateway, brokerUrl: broker.url, protocolVersion });
    t.after(() => serving.close());
    const { send, receipts, refusals } = await deviceAt(t, broker.url, protocolVersion);

    await t.test('a pack comes in, a receipt goes out', async () => {
      await send(packOf(trust, 1));
      await until('the receipt', () => receipts.length === 1);
      const externalAad = receiptAad(trust.chainId, trust.minerRegistry);
      const trusted = { gateways: [gatewayKey.kid], device: device.kid, externalAad };
      assert.equal(openReceipt(receipts[0], trusted).seq, 1);
    });

    await t.test('a redelivered pack changes nothing and gets the same receipt', async () => {
      await send(packOf(trust, 1), undefined, true);
      await until('the receipt', () => receipts.length === 2);
      assert.deepEqual(receipts[1], receipts[0]);
      assert.deepEqual([ledger.totals().packs, ledger.totals().samples], [1, 3]);
      await until('the refusal', () => refusals.length === 1);
      assert.equal(decodeRefusal(refusals[0])?.code, 'SEQ_REPLAYED');
    });

    await t.test('a refusal names the pack; one for bytes that nobody signed is not sent', async () => {
      await send(Uint8Array.of(1, 2, 3));
      trust.setDevice(device.kid, { licence: 'suspended', effective: false });
      await send(packOf(trust, 2));
      await until('the refusal', () => refusals.length === 2);
      assert.deepEqual([decodeRefusal(refusals[1])?.code, decodeRefusal(refusals[1])?.seq], ['LICENCE_NOT_ACTIVE', 2]);
      trust.setDevice(device.kid);
    });

    await t.test('topics that are no device’s are not read', async () => {
      const before = events.length;
      for (const who of ['nobody', 'AB'.repeat(20), 'ab'.repeat(21)])
        await send(packOf(trust, 3), `dimo/1/${who}/packs`);
      await send(packOf(trust, 2));
      await until('the last verdict', () => events.length > before);
      assert.equal(events.length, before + 1);
    });
  });
}

test('two gateways at one broker do not put each other out', async (t) => {
  const broker = await startBroker();
  t.after(() => broker.close());
  const downs: string[] = [];
  const worlds = [gatewayWorld(), gatewayWorld()];
  for (const { gateway } of worlds) {
    const onDown = (reason: string) => downs.push(reason);
    const serving = await serveGateway({ gateway, brokerUrl: broker.url, protocolVersion: 4, onDown });
    t.after(() => serving.close());
  }
  const { send } = await deviceAt(t, broker.url, 4);
  await send(packOf(worlds[0].trust, 1));
  await until('both verdicts', () => worlds.every(({ events }) => events.length > 0));
  assert.deepEqual(downs, []);
});

test('a broker that goes and comes back: told once, and served again', async (t) => {
  const first = await startBroker();
  const port = Number(new URL(first.url).port);
  const { trust, gateway, events } = gatewayWorld();
  const downs: string[] = [];
  const onDown = (reason: string) => downs.push(reason);
  const serving = await serveGateway({ gateway, brokerUrl: first.url, protocolVersion: 4, onDown, reconnectMs: 20 });
  await first.close();
  await until('the loss', () => downs.length > 0);
  // Long enough for a few attempts that fail.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(downs.length, 1);
  const second = await startBroker({ port });
  t.after(() => second.close());
  const { send } = await deviceAt(t, second.url, 4);
  for (let seq = 1; events.length === 0 && seq < 100; seq++) {
    await send(packOf(trust, seq));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(events[0]?.kind, 'accepted');
  await serving.close();
  assert.equal(downs.length, 1, 'closing is no loss');
});

test('closing while the broker is away ends', async () => {
  const broker = await startBroker();
  const { gateway } = gatewayWorld();
  const downs: string[] = [];
  const onDown = (reason: string) => downs.push(reason);
  const serving = await serveGateway({ gateway, brokerUrl: broker.url, protocolVersion: 4, onDown });
  await broker.close();
  await until('the loss', () => downs.length > 0);
  await serving.close();
});

test('no broker at the start: BROKER_UNREACHABLE, with its URL', async () => {
  const brokerUrl = `mqtt://127.0.0.1:${await freePort()}`;
  await assert.rejects(
    serveGateway({ gateway: gatewayWorld().gateway, brokerUrl }),
    (error: Error & { code: string }) => {
      assert.ok(error.message.includes(brokerUrl));
      assert.doesNotMatch(error.message, /: $/);
      return error.code === 'BROKER_UNREACHABLE';
    },
  );
});

test('the port is taken: BROKER_PORT, and nothing is left running', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const port = await boundPort(server);
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  await assert.rejects(startBroker({ port }), { code: 'BROKER_PORT' });
  assert.equal(timers(), before);
});
