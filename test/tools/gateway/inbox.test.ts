// Packs as files: a courier takes packs one way and receipts the other, and nothing in the folder is believed by its name.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { softwareSigner, toHex } from '../../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { Outbox, openReceipt, receiptAad, type UplinkMessage } from '../../../edge/uplink/index.ts';
import { FileUplink } from '../../../edge/uplink/node-file.ts';
import { Inbox } from '../../../tools/gateway/index.ts';
import { device, gatewayKey, gatewayWorld, packOf } from './packs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'inbox-'));
after(() => rmSync(root, { recursive: true, force: true }));
const kid = toHex(device.kid);
const nameOf = (seq: number, who = kid) => `${who}-${String(seq).padStart(16, '0')}.pack`;
let folders = 0;

function setUp() {
  const world = gatewayWorld();
  const folder = path.join(root, `${folders++}`);
  const inbox = new Inbox({ folder, gateway: world.gateway, nowMs: () => world.time.nowMs, retryMs: 1_000 });
  const put = (name: string, bytes: Uint8Array | string) => writeFileSync(path.join(folder, name), bytes);
  const files = () => readdirSync(folder).filter((name) => name !== 'receipts');
  const receipts = () => readdirSync(path.join(folder, 'receipts'));
  return { ...world, folder, inbox, put, files, receipts };
}

test('both ways by courier: a Miner’s folder goes to the gateway, receipts come back, the log is empty', async () => {
  const { trust, folder, inbox, ledger, receipts } = setUp();
  const { log } = PackLog.open(new MemoryStorage());
  for (let seq = 1; seq <= 20; seq++) log.append(log.nextSeq() as number, packOf(trust, seq));
  const port = new FileUplink(folder, device.kid);
  const trusted = {
    gateways: [gatewayKey.kid],
    device: device.kid,
    externalAad: receiptAad(trust.chainId, trust.minerRegistry),
  };
  const open = (bytes: Uint8Array) => openReceipt(bytes, trusted);
  const outbox = new Outbox({ log, port, clock: new VirtualClock(), openReceipt: open, windowCount: 100 });
  outbox.notify();
  assert.deepEqual(await inbox.scan(), { taken: 20, left: 0, receipts: 1 });
  assert.equal(ledger.totals().packs, 20);
  assert.deepEqual(receipts(), [`${kid}-0000000000000020.receipt`]);
  port.poll();
  assert.deepEqual([log.receipted, log.packAfter(0)], [20, undefined]);
});

test('brought again: answered again, stored once; and a later receipt takes the place of the one before', async () => {
  const { trust, inbox, put, files, receipts, ledger } = setUp();
  put(nameOf(2), packOf(trust, 2));
  assert.deepEqual(await inbox.scan(), { taken: 1, left: 0, receipts: 0 });
  put(nameOf(1), packOf(trust, 1));
  await inbox.scan();
  assert.deepEqual(receipts(), [`${kid}-0000000000000002.receipt`]);
  for (const seq of [1, 2, 3]) put(nameOf(seq), packOf(trust, seq));
  assert.deepEqual(await inbox.scan(), { taken: 3, left: 0, receipts: 1 });
  assert.deepEqual([files(), receipts()], [[], [`${kid}-0000000000000003.receipt`]]);
  assert.deepEqual([ledger.totals().packs, await inbox.scan()], [3, { taken: 0, left: 0, receipts: 0 }]);
});

test('a refused pack stays, and is judged again after a while', async () => {
  const { trust, inbox, put, files, time, events } = setUp();
  trust.setDevice(device.kid, { licence: 'suspended', effective: false });
  put(nameOf(1), packOf(trust, 1));
  assert.deepEqual(await inbox.scan(), { taken: 0, left: 1, receipts: 0 });
  trust.setDevice(device.kid);
  assert.deepEqual(await inbox.scan(), { taken: 0, left: 0, receipts: 0 });
  assert.deepEqual([files(), events.length], [[nameOf(1)], 1]);
  time.nowMs += 1_000;
  assert.deepEqual(await inbox.scan(), { taken: 1, left: 0, receipts: 1 });
});

test('while the chain does not answer, files stay', async () => {
  const { trust, inbox, put, files, time } = setUp();
  trust.reachable = false;
  put(nameOf(1), packOf(trust, 1));
  assert.deepEqual(await inbox.scan(), { taken: 0, left: 1, receipts: 0 });
  trust.reachable = true;
  time.nowMs += 1_000;
  assert.equal((await inbox.scan()).taken, 1);
  assert.deepEqual(files(), []);
});

type World = ReturnType<typeof setUp>;
const stranger = toHex(softwareSigner(new Uint8Array(32).fill(3)).kid);
const hostile: [string, (world: World) => void, { judged: boolean }][] = [
  ['a file being copied', ({ trust, put }) => put(`${nameOf(1)}.part`, packOf(trust, 1)), { judged: false }],
  ['a pack cut short', ({ trust, put }) => put(nameOf(1), packOf(trust, 1).slice(0, -1)), { judged: true }],
  ['an empty file', ({ put }) => put(nameOf(1), ''), { judged: true }],
  ['noise', ({ put }) => put(nameOf(1), 'not a pack'), { judged: true }],
  [
    'a pack under another device’s name',
    ({ trust, put }) => put(nameOf(1, stranger), packOf(trust, 1)),
    { judged: true },
  ],
  ['a name in capitals', ({ trust, put }) => put(nameOf(1, 'AB'.repeat(20)), packOf(trust, 1)), { judged: false }],
  ['a name with a line break', ({ trust, put }) => put(`${nameOf(1)}\n`, packOf(trust, 1)), { judged: false }],
  ['a folder of a pack’s name', ({ folder }) => mkdirSync(path.join(folder, nameOf(1))), { judged: true }],
  [
    'a link to a pack elsewhere',
    ({ trust, folder }) => {
      writeFileSync(path.join(root, 'elsewhere.pack'), packOf(trust, 1));
      symlinkSync(path.join(root, 'elsewhere.pack'), path.join(folder, nameOf(1)));
    },
    { judged: true },
  ],
  [
    'a pipe that nobody writes',
    ({ folder }) => execFileSync('mkfifo', [path.join(folder, nameOf(1))]),
    { judged: true },
  ],
  [
    'a file of a terabyte',
    ({ put, folder }) => {
      put(nameOf(1), '');
      truncateSync(path.join(folder, nameOf(1)), 2 ** 40);
    },
    { judged: true },
  ],
];
for (const [what, arrange, { judged }] of hostile) {
  test(`left alone: ${what}`, async () => {
    const world = setUp();
    arrange(world);
    const before = world.files();
    assert.deepEqual(await world.inbox.scan(), { taken: 0, left: judged ? 1 : 0, receipts: 0 });
    assert.deepEqual([world.files(), world.receipts(), world.ledger.totals().packs], [before, [], 0]);
  });
}

test('a link in the place of a receipt is replaced, not followed', async () => {
  const { trust, inbox, put, folder, receipts } = setUp();
  const victim = path.join(root, 'victim');
  writeFileSync(victim, 'precious');
  const name = `${kid}-0000000000000001.receipt`;
  for (const planted of [name, `${name}.part`]) symlinkSync(victim, path.join(folder, 'receipts', planted));
  put(nameOf(1), packOf(trust, 1));
  assert.equal((await inbox.scan()).receipts, 1);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  assert.deepEqual(receipts(), [name]);
});

test('a link in the place of receipts/, and a folder that cannot be: INBOX_UNUSABLE', async () => {
  const { trust, inbox, put, folder, gateway } = setUp();
  rmSync(path.join(folder, 'receipts'), { recursive: true });
  symlinkSync(root, path.join(folder, 'receipts'));
  put(nameOf(1), packOf(trust, 1));
  await assert.rejects(inbox.scan(), { code: 'INBOX_UNUSABLE', message: /is a link/ });
  const file = path.join(root, 'a-file');
  writeFileSync(file, '');
  assert.throws(() => new Inbox({ folder: file, gateway, nowMs: () => 0 }), { code: 'INBOX_UNUSABLE' });
});

test('a Miner leaves alone what is no receipt: a pipe, a folder, a file too large', () => {
  const folder = path.join(root, `${folders++}`);
  const uplink = new FileUplink(folder, device.kid);
  const messages: UplinkMessage[] = [];
  uplink.onMessage((message) => messages.push(message));
  const at = (name: string) => path.join(folder, 'receipts', `${kid}-${name}.receipt`);
  execFileSync('mkfifo', [at('1')]);
  mkdirSync(at('2'));
  writeFileSync(at('3'), new Uint8Array(5_000));
  writeFileSync(at('4'), Uint8Array.of(1));
  uplink.poll();
  assert.deepEqual(messages, [{ kind: 'receipt', bytes: Uint8Array.of(1) }]);
  assert.ok(existsSync(at('3')));
});
