/** The live uplinks: MQTT against two brokers that are not ours, and a folder. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Aedes } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import type { MinerError } from '../../../edge/errors/index.ts';
import { fromHex, packHash, softwareSigner } from '../../../edge/pack/index.ts';
import { liveClock, MemoryStorage } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import {
  encodeRefusal,
  Outbox,
  openReceipt,
  receiptAad,
  SeqTracker,
  signReceipt,
  type UplinkMessage,
} from '../../../edge/uplink/index.ts';
import { FileUplink } from '../../../edge/uplink/node-file.ts';
import { connectMqtt, MqttUplink, mqttTopic } from '../../../edge/uplink/node-mqtt.ts';
import { skipWithoutProgram } from '../../programs.ts';

const kid = fromHex('ab'.repeat(20));
const gateway = softwareSigner(new Uint8Array(32).fill(9));
const externalAad = receiptAad(31337, kid);
const folder = mkdtempSync(path.join(tmpdir(), 'uplink-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const until = async (what: string, holds: () => boolean) => {
  for (let waitedMs = 0; !holds(); waitedMs += 10) {
    assert.ok(waitedMs < 8000, `waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

interface Broker {
  port: number;
  stop(): Promise<void>;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

async function aedesBroker(port = 0): Promise<Broker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  const bound = await listen(server, port);
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    broker.close();
    await closed;
  };
  return { port: bound, stop };
}

async function mosquittoBroker(port = 0): Promise<Broker> {
  let chosen = port;
  if (chosen === 0) {
    const probe = createServer();
    chosen = await listen(probe, 0);
    await new Promise((resolve) => probe.close(resolve));
  }
  const config = path.join(folder, `mosquitto-${chosen}.conf`);
  writeFileSync(config, `listener ${chosen} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child: ChildProcess = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
  let open = false;
  const probe = () => {
    const socket = connectTcp(chosen, '127.0.0.1', () => {
      open = true;
      socket.destroy();
    });
    socket.on('error', () => setTimeout(probe, 20));
  };
  probe();
  await until('mosquitto to listen', () => open);
  const stop = async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  };
  return { port: chosen, stop };
}

/** Subscribes as a gateway does, and answers each pack with a receipt. */
async function answeringGateway(url: string, protocolVersion: 4 | 5) {
  const tracker = new SeqTracker();
  const hashes = new Map<number, Uint8Array>();
  const client: MqttClient = await mqtt.connectAsync(url, { protocolVersion, reconnectPeriod: 50 });
  client.on('error', () => {});
  client.on('message', (_topic, payload) => {
    const bytes = new Uint8Array(payload);
    const seq = new DataView(bytes.buffer).getUint32(0);
    tracker.accept(seq);
    hashes.set(seq, packHash(bytes));
    const { receiptable } = tracker;
    const hash = hashes.get(receiptable);
    if (!hash) return;
    const receipt = signReceipt(gateway, { device: kid, seq: receiptable, hash }, externalAad);
    client.publish(mqttTopic(kid, 'receipts'), Buffer.from(receipt), { qos: 1 });
  });
  await client.subscribeAsync(mqttTopic(kid, 'packs'), { qos: 1 });
  return { client, hashes };
}

const brokers = [
  { name: 'aedes', start: aedesBroker, version: 4, skip: false },
  { name: 'mosquitto', start: mosquittoBroker, version: 5, skip: skipWithoutProgram('mosquitto') },
] as const;

for (const { name, start, version, skip } of brokers) {
  test(`${name}: packs arrive and receipts empty the log, over a broker that dies half way`, { skip }, async () => {
    let broker = await start();
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const { client, hashes } = await answeringGateway(url, version);
    const uplink = await connectMqtt({ url, kid, reconnectMs: 50 });
    assert.equal(uplink.protocolVersion, version);

    const { log } = PackLog.open(new MemoryStorage());
    const trusted = { gateways: [gateway.kid], device: kid, externalAad };
    const open = (bytes: Uint8Array) => openReceipt(bytes, trusted);
    const outbox = new Outbox({ log, port: uplink, clock: liveClock(), openReceipt: open, resendMs: 300 });
    const add = (count: number) => {
      for (let i = 0; i < count; i++) {
        const seq = log.nextSeq() as number;
        const pack = new Uint8Array(300);
        new DataView(pack.buffer).setUint32(0, seq);
        log.append(seq, pack);
      }
      outbox.notify();
    };
    try {
      add(100);
      await until('a first receipt', () => log.receipted >= 10);
      await broker.stop();
      await until('the uplink to notice', () => !outbox.status.up);
      add(100);
      broker = await start(broker.port);
      await until('200 receipted packs', () => log.receipted === 200);
      assert.equal(hashes.size, 200);
      assert.equal(log.packAfter(0), undefined);
    } finally {
      outbox.close();
      await uplink.close();
      await client.endAsync(true);
      await broker.stop();
    }
  });

  test(`${name}: refusals come through, and closing is clean`, { skip }, async () => {
    const broker = await start();
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const uplink = await connectMqtt({ url, kid, protocolVersion: version });
    const client = await mqtt.connectAsync(url, { protocolVersion: version });
    const messages: UplinkMessage[] = [];
    uplink.onMessage((message) => messages.push(message));
    const refusal = { seq: 3, code: 'LICENCE_SUSPENDED', reason: 'by DIP 4' };
    try {
      await client.publishAsync(mqttTopic(kid, 'refusals'), 'nonsense', { qos: 1 });
      await client.publishAsync(mqttTopic(kid, 'refusals'), Buffer.from(encodeRefusal(refusal)), { qos: 1 });
      await until('the refusal', () => messages.length > 0);
      assert.deepEqual(messages, [{ kind: 'refusal', ...refusal }]);
      await uplink.send(1, Uint8Array.from([1]));
    } finally {
      await uplink.close();
      await uplink.close();
      await client.endAsync();
      await broker.stop();
    }
    assert.throws(() => uplink.send(2, new Uint8Array()), { code: 'UPLINK_DOWN', message: /pack 2 not sent/ });
  });
}

test('no broker there: one error that names it, or trying on until one comes', async () => {
  const probe = createServer();
  const port = await listen(probe, 0);
  await new Promise((resolve) => probe.close(resolve));
  const url = `mqtt://127.0.0.1:${port}`;
  await assert.rejects(connectMqtt({ url, kid }), { code: 'UPLINK_CONNECT', message: /ECONNREFUSED/ });

  const faults: MinerError[] = [];
  let ups = 0;
  const uplink = new MqttUplink({ url, kid, reconnectMs: 30, onFault: (error) => faults.push(error) });
  uplink.onUp(() => ups++);
  uplink.start();
  await until('two failures', () => faults.length >= 2);
  const broker = await aedesBroker(port);
  await until('the uplink to come up', () => ups === 1);
  await uplink.close();
  await broker.stop();
  assert.deepEqual([...new Set(faults.map(({ code }) => code))], ['UPLINK_CONNECT']);
});

test('something that is no broker is told apart from nothing', async () => {
  const server = createServer((socket) => {
    socket.resume();
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const port = await listen(server, 0);
  const url = `mqtt://127.0.0.1:${port}`;
  await assert.rejects(connectMqtt({ url, kid }), { code: 'UPLINK_CONNECT' });
  await new Promise((resolve) => server.close(resolve));
});

test('a folder takes packs whole and gives receipts once', () => {
  const uplink = new FileUplink(path.join(folder, 'out'), kid);
  const messages: UplinkMessage[] = [];
  let ups = 0;
  uplink.onMessage((message) => messages.push(message));
  uplink.onUp(() => ups++);
  uplink.send(7, Uint8Array.from([1, 2]));
  const name = `${'ab'.repeat(20)}-0000000000000007.pack`;
  assert.deepEqual(readdirSync(path.join(folder, 'out')).sort(), [name, 'receipts']);
  assert.deepEqual(new Uint8Array(readFileSync(path.join(folder, 'out', name))), Uint8Array.from([1, 2]));
  const receipts = path.join(folder, 'out', 'receipts');
  writeFileSync(path.join(receipts, `${'ab'.repeat(20)}-1.receipt.part`), 'x');
  writeFileSync(path.join(receipts, `${'cd'.repeat(20)}-1.receipt`), 'not ours');
  uplink.poll();
  assert.deepEqual([ups, messages], [1, []]);
  const whole = path.join(receipts, `${'ab'.repeat(20)}-1.receipt`);
  renameSync(`${whole}.part`, whole);
  uplink.poll();
  uplink.poll();
  assert.deepEqual(messages, [{ kind: 'receipt', bytes: Uint8Array.from([0x78]) }]);
});

test('a folder that cannot be is an error with its name', () => {
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(() => new FileUplink(file, kid), { code: 'STORAGE_IO', message: /file\/receipts failed/ });
});
