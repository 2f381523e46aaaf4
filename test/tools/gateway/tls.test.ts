// TLS with client certificates, through mosquitto as docs/gateway.md configures it and through the embedded broker: each
// device has its own topics alone. And gateways that share the packs of one ledger.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import mqtt from 'mqtt';
import { toHex } from '../../../edge/pack/index.ts';
import {
  Gateway,
  Ledger,
  readTlsFiles,
  type ServeOptions,
  serveGateway,
  startBroker,
} from '../../../tools/gateway/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { loneDevice, signSmallPacks, startLoneMiner } from './fleet-of-one.ts';
import { startMosquitto, until } from './mosquitto.ts';
import { device, gatewayKey, gatewayWorld, packOf } from './packs.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const kid = toHex(loneDevice.kid);

/** A key, and a certificate of our CA for it; the CA's own where there is no CA yet. */
function certify(name: string, commonName: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`)];
  const subject = ['-subj', `/CN=${commonName}`];
  if (name === 'ca') {
    openssl('req', '-x509', ...newKey, ...subject, '-days', '2', '-out', at('ca.pem'));
    return;
  }
  openssl('req', ...newKey, ...subject, '-out', at(`${name}.csr`));
  writeFileSync(at('names'), 'subjectAltName = IP:127.0.0.1');
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')];
  openssl('x509', '-req', '-in', at(`${name}.csr`), ...signing, '-days', '2', '-out', at(`${name}.pem`));
}

const skip = skipWithoutProgram('openssl');
if (!skip) {
  for (const [name, commonName] of [
    ['ca', 'a CA for this test'],
    ['broker', '127.0.0.1'],
    ['gateway', 'gateway'],
    ['device', kid],
    ['intruder', toHex(device.kid)],
  ])
    certify(name, commonName);
}
const tlsOf = (name: string) => readTlsFiles({ ca: at('ca.pem'), cert: at(`${name}.pem`), key: at(`${name}.key`) });

/** The configuration that docs/gateway.md gives, with this test's paths. */
async function documentedMosquitto(t: TestContext) {
  const page = readFileSync(new URL('../../../docs/gateway.md', import.meta.url), 'utf8');
  const block = (language: string) => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] as string;
  writeFileSync(at('acl'), block('acl'));
  const lines = block('conf')
    .split('\n')
    .filter((line) => !line.startsWith('listener'))
    .map((line) => line.replace('/etc/mosquitto/dimo/', `${folder}/`));
  const broker = await startMosquitto({ lines: [...lines, `user ${userInfo().username}`] });
  t.after(() => broker.end());
  return { url: broker.url.replace('mqtt:', 'mqtts:'), serve: { tls: tlsOf('gateway') } as Partial<ServeOptions> };
}

async function embeddedBroker(t: TestContext) {
  const { ca, cert, key } = tlsOf('broker');
  const broker = await startBroker({ tls: { ca, cert: cert as string, key: key as string } });
  t.after(() => broker.close());
  return { url: broker.url, serve: { connect: broker.connect } as Partial<ServeOptions> };
}

const brokers = [
  { name: 'mosquitto', start: documentedMosquitto, version: 5, skip: skip || skipWithoutProgram('mosquitto') },
  { name: 'the embedded broker', start: embeddedBroker, version: 4, skip },
] as const;

for (const { name, start, version: protocolVersion, skip: skipHere } of brokers) {
  test(`${name} over TLS: a device reaches the gateway, and nobody speaks or listens in its name`, {
    skip: skipHere,
  }, async (t) => {
    const { url, serve } = await start(t);
    assert.match(url, /^mqtts:/);
    const { trust, gateway, events } = gatewayWorld();
    trust.setDevice(loneDevice.kid);
    const serving = await serveGateway({ gateway, brokerUrl: url, protocolVersion, ...serve });
    t.after(() => serving.close());

    const intruder = await mqtt.connectAsync(url, { ...tlsOf('intruder'), protocolVersion, reconnectPeriod: 50 });
    t.after(() => intruder.endAsync(true));
    intruder.on('error', () => {});
    const heard: string[] = [];
    intruder.on('message', (topic) => heard.push(topic));
    const listening = [`dimo/1/${kid}/receipts`, 'dimo/1/+/packs', 'dimo/1/+/receipts'];
    await intruder.subscribeAsync(listening, { qos: 1 }).catch(() => {});
    // The gateway would take this pack of another device: it is the topic that is not the intruder's.
    // Some brokers answer that it is not allowed, others hang up.
    const hungUp = new Promise((resolve) => intruder.once('close', () => resolve(undefined)));
    const published = intruder.publishAsync(`dimo/1/${kid}/packs`, Buffer.from(packOf(trust, 1)), { qos: 1 });
    await Promise.race([published.catch(() => {}), hungUp]);

    const packs = signSmallPacks(20);
    const miner = startLoneMiner(url, packs, {
      windowCount: 8,
      resendMs: 2_000,
      protocolVersion,
      tls: tlsOf('device'),
    });
    t.after(() => miner.close());
    await until('every receipt', () => miner.log.receipted === packs.length);
    assert.deepEqual(heard, []);
    const kinds = events.map((event) => (event.kind === 'accepted' ? toHex(event.pack.kid) : event.kind));
    assert.ok(!kinds.includes(toHex(device.kid)), 'the intruder’s pack did not arrive');

    const { ca } = tlsOf('device');
    await assert.rejects(
      mqtt.connectAsync(url, { ca, protocolVersion, reconnectPeriod: 0, connectTimeout: 2_000 }, false),
    );
  });
}

test('two gateways of one group and one ledger share the packs of a device, and receipt all', {
  skip: skipWithoutProgram('mosquitto'),
}, async (t) => {
  const broker = await startMosquitto();
  t.after(() => broker.end());
  const { trust, ledger } = gatewayWorld(at('shared.sqlite'));
  t.after(() => ledger.close());
  trust.setDevice(loneDevice.kid);
  const gateways = [ledger, new Ledger(at('shared.sqlite'))].map(
    (of) => new Gateway({ trust, ledger: of, signer: gatewayKey, nowMs: () => 1 }),
  );
  for (const gateway of gateways) {
    const serving = await serveGateway({ gateway, brokerUrl: broker.url, shareGroup: 'fleet' });
    t.after(() => serving.close());
  }
  const packs = signSmallPacks(60);
  const miner = startLoneMiner(broker.url, packs, { windowCount: 8, resendMs: 2_000 });
  t.after(() => miner.close());
  await until('every receipt', () => miner.log.receipted === packs.length);
  assert.equal(ledger.totals().packs, packs.length);
  const accepted = gateways.map(({ status }) => status.accepted);
  assert.equal(accepted[0] + accepted[1], packs.length);
  assert.ok(Math.min(...accepted) > 0, `${accepted}: both took part`);
});

test('a gateway with a device’s certificate may not listen to all: BROKER_REFUSED, with the topic', {
  skip,
}, async (t) => {
  const { url } = await embeddedBroker(t);
  const { gateway } = gatewayWorld();
  const options = { gateway, brokerUrl: url, protocolVersion: 4, tls: tlsOf('intruder') } as const;
  await assert.rejects(serveGateway(options), { code: 'BROKER_REFUSED', message: /dimo\/1\/\+\/packs/ });
});

const badFiles: [string, () => Parameters<typeof readTlsFiles>[0]][] = [
  ['a file that is not there', () => ({ ca: at('missing.pem') })],
  ['a CA file without a certificate', () => ({ ca: at('device.key') })],
  ['a certificate that is none', () => ({ cert: at('names') })],
  ['the key of another certificate', () => ({ cert: at('device.pem'), key: at('intruder.key') })],
];
for (const [what, files] of badFiles) {
  test(`TLS_FILE: ${what}`, { skip }, () => {
    assert.throws(() => readTlsFiles(files()), { code: 'TLS_FILE' });
  });
}
