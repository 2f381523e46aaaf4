// Where packs go, and whose receipts count: from options, from what a gateway wrote, or a clear word why not.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { MinerError } from '../../../edge/errors/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import type { UplinkMessage } from '../../../edge/uplink/index.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { openUplink } from '../../../tools/cli/run/open-uplink.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-uplink-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const kid = new Uint8Array(20).fill(0xab);
const hexKid = 'ab'.repeat(20);
const address = `0x${'cd'.repeat(20)}`;
const gatewayBytes = new Uint8Array(20).fill(0xcd);
const empty = path.join(folder, 'empty');
mkdirSync(empty);
const recorded = path.join(folder, 'recorded');
writeRecord(recorded, 'gateway', { brokerUrl: 'mqtt://127.0.0.1:1', address });
const pem = path.join(folder, 'some.pem');
writeFileSync(pem, 'PEM');

const faults: MinerError[] = [];
const open = (flags: Partial<Parameters<typeof openUplink>[0]>, clock = new VirtualClock()) =>
  openUplink({ data: empty, ...flags }, { kid, clock, onFault: (fault) => faults.push(fault) });

test('nothing named and nothing written: no uplink', () => assert.equal(open({}), undefined));

test('what `miner gateway` wrote', () => {
  const uplink = open({ data: recorded });
  assert.equal(uplink?.where, 'mqtt://127.0.0.1:1');
  assert.deepEqual(uplink.gateways, [gatewayBytes]);
});

test('options go before what was written, each by itself', () => {
  const uplink = open({ data: recorded, uplink: 'mqtts://broker.example:8883', ca: pem, cert: pem, tlsKey: pem });
  assert.equal(uplink?.where, 'mqtts://broker.example:8883');
  assert.deepEqual(uplink.gateways, [gatewayBytes]);
  const other = open({ data: recorded, gateway: `0x${'12'.repeat(20)}` });
  assert.equal(other?.where, 'mqtt://127.0.0.1:1');
  assert.deepEqual(other.gateways, [new Uint8Array(20).fill(0x12)]);
});

const both = { gateway: address };
const wrong: [string, Parameters<typeof open>[0], string, RegExp][] = [
  ['an uplink without whose receipts count', { uplink: 'mqtt://b:1' }, 'OPTION_MISSING', /^--gateway is missing/],
  ['another protocol', { ...both, uplink: 'https://b:1' }, 'OPTION_INVALID', /--uplink https:\/\/b:1: expected mqtt/],
  ['no host', { ...both, uplink: 'mqtt://' }, 'OPTION_INVALID', /expected mqtt/],
  ['certificates without TLS', { ...both, uplink: 'mqtt://b:1', ca: pem }, 'OPTION_INVALID', /are for TLS/],
  ['a certificate without its key', { ...both, uplink: 'mqtts://b:1', cert: pem }, 'OPTION_MISSING', /^--tls-key/],
  ['a key without its certificate', { ...both, uplink: 'mqtts://b:1', tlsKey: pem }, 'OPTION_MISSING', /^--cert/],
  ['a file that is not there', { ...both, uplink: 'mqtts://b:1', ca: `${pem}.not` }, 'FILE_UNREADABLE', /no such file/],
  ['a folder that is a file', { ...both, uplink: `file:${pem}` }, 'STORAGE_IO', /create of .*receipts failed/],
];
for (const [name, flags, code, message] of wrong) {
  test(`refused: ${name}`, () => assert.throws(() => open(flags), { code, message }));
}

test('a folder: packs go in as files, receipts are looked for every two seconds until closed', async () => {
  const where = path.join(folder, 'stick');
  const clock = new VirtualClock();
  const uplink = open({ ...both, uplink: `file:${where}` }, clock);
  assert.ok(uplink);
  const received: UplinkMessage[] = [];
  uplink.port.onMessage((message) => received.push(message));
  uplink.start();
  await uplink.port.send(7, Uint8Array.of(1, 2, 3));
  assert.deepEqual(
    readdirSync(where).filter((name) => name.endsWith('.pack')),
    [`${hexKid}-0000000000000007.pack`],
  );
  writeFileSync(path.join(where, 'receipts', `${hexKid}-7.receipt`), Uint8Array.of(9));
  clock.advance(1999);
  assert.equal(received.length, 0);
  clock.advance(1);
  assert.deepEqual(received, [{ kind: 'receipt', bytes: Uint8Array.of(9) }]);
  rmSync(where, { recursive: true });
  clock.advance(2000);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['STORAGE_IO'],
  );
  await uplink.close();
  assert.equal(clock.pending, 0);
});
