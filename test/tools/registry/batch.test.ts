// Production lines: keys and lists of them are read or refused with their place, and a batch is the contract's tree.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { type Address, bytesToHex, getAddress, type Hex, toHex } from 'viem';
import type { MinerError } from '../../../edge/errors/index.ts';
import {
  batchFile,
  deviceAddress,
  findBatchDevice,
  modelIdOf,
  modelName,
  p256Device,
  planBatch,
  readBatchRecord,
  readDeviceList,
  writeBatch,
} from '../../../tools/registry/index.ts';
import { keyOf } from './registry-world.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-batch-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const one = new Uint8Array(32).fill(1, 31);
const points = {
  secp256k1: secp256k1.getPublicKey(one, false),
  p256: p256.getPublicKey(one, false),
};
const short = { secp256k1: secp256k1.getPublicKey(one, true), p256: p256.getPublicKey(one, true) };
/** The address of private key 1, as many wallets have published it. */
const addressOfOne = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const hardhatFirst =
  '048318535b54105d4a7aae60c08fc45f9687181b4fdfc625bd1a753fa7397fed753547f11ca8696646f2f3acb08e31016afac23e630c5d11f59f61fef57b0d2aa5';

const goodKeys: [string, string, 'secp256k1' | 'p256' | undefined, string][] = [
  ['an address in lower case', addressOfOne.toLowerCase(), undefined, addressOfOne],
  ['an address with its checksum', addressOfOne, undefined, addressOfOne],
  ['an uncompressed point', bytesToHex(points.secp256k1), undefined, addressOfOne],
  ['one without 0x, in capitals', bytesToHex(points.secp256k1).slice(2).toUpperCase(), undefined, addressOfOne],
  ['one without its first byte', bytesToHex(points.secp256k1.subarray(1)), 'secp256k1', addressOfOne],
  ['a compressed point with its curve', bytesToHex(short.secp256k1), 'secp256k1', addressOfOne],
  ['the first key of a development chain', hardhatFirst, undefined, '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'],
  ['a point of P-256', bytesToHex(points.p256), undefined, getAddress(p256Device(one).address)],
  ['a compressed point of P-256', bytesToHex(short.p256), 'p256', getAddress(p256Device(one).address)],
];
for (const [name, text, curve, expected] of goodKeys) {
  test(`${name} is read as a key`, () => assert.deepEqual(deviceAddress(text, curve), { address: expected }));
}

const badKeys: [string, string, 'secp256k1' | 'p256' | undefined, RegExp][] = [
  ['nothing', '', undefined, /not hex digits in pairs/],
  ['an odd digit', `${addressOfOne}0`, undefined, /not hex digits in pairs/],
  ['letters', 'device-17', undefined, /not hex digits in pairs/],
  ['an address with a slip in it', addressOfOne.replace('5F', '5f'), undefined, /checksum/],
  ['32 bytes, as a private key has', bytesToHex(one), undefined, /^32 bytes, expected an address \(20\)/],
  ['a compressed point without a curve', bytesToHex(short.p256), undefined, /needs its curve/],
  ['a point of the other curve', bytesToHex(points.p256), 'secp256k1', /no point of secp256k1/],
  ['65 bytes that are no point', `04${'11'.repeat(64)}`, undefined, /no point of secp256k1 or p256/],
];
for (const [name, text, curve, expected] of badKeys) {
  test(`${name} is no key`, () => {
    const found = deviceAddress(text, curve);
    assert.ok('problem' in found);
    assert.match(found.problem, expected);
  });
}

const [a, b] = ['first', 'second'].map((name) => keyOf(name).account.address) as [Address, Address];
const pointOfA = bytesToHex(secp256k1.getPublicKey(keyOf('first').key, false));
let files = 0;
function listFile(text: string): string {
  const file = path.join(folder, `list-${files++}.csv`);
  writeFileSync(file, text);
  return file;
}

const goodLists: [string, string, { devices: Address[]; owners: [number, Address][]; modelId?: Hex }][] = [
  ['addresses alone', `${a}\n${b}\n`, { devices: [a, b], owners: [] }],
  ['no newline at the end', `${a}\n${b}`, { devices: [a, b], owners: [] }],
  ['lines that end as in Windows, and empty ones', `${a}\r\n\r\n${b}\r\n`, { devices: [a, b], owners: [] }],
  ['a byte order mark and quotes', `\uFEFF"key","owner"\n"${a}","${b}"\n`, { devices: [a], owners: [[0, b]] }],
  ['columns in another order', `owner,key\n,${pointOfA}\n`, { devices: [a], owners: [] }],
  ['an owner for some', `${a}\n${b},${a.toLowerCase()}\n`, { devices: [a, b], owners: [[1, a]] }],
  ['a model', `${a},,box-2\n${b},,box-2\n`, { devices: [a, b], owners: [], modelId: modelIdOf('box-2')! }],
];
for (const [name, text, { devices, owners, modelId }] of goodLists) {
  test(`a list with ${name} is read`, async () => {
    const list = await readDeviceList(listFile(text));
    assert.deepEqual([list.devices, [...list.owners], list.modelId], [devices, owners, modelId]);
  });
}

const badLists: [string, string, RegExp][] = [
  ['nothing in it', '\n\n', /csv: no device in it/],
  ['columns and no device', 'key,owner\n', /csv: no device in it/],
  ['an unknown column', `key,serial\n${a},7\n`, /csv:1: column "serial", expected key, owner, model, curve/],
  ['a column twice', `key,key\n${a},${b}\n`, /csv:1: column "key"/],
  ['a device twice', `${a}\n${b}\n${a.toLowerCase()}\n`, /csv:3: device 0x\S+ stands in line 1 already/],
  ['a device twice, as point and address', `${pointOfA}\n${a}\n`, /csv:2: device 0x\S+ stands in line 1 already/],
  ['a key that is none', `${a}\nserial-17\n`, /csv:2: key "serial-17": not hex digits in pairs/],
  ['an owner with a slip in it', `${a},${b.slice(0, -1)}\n`, /csv:1: owner "0x/],
  ['another model', `${a},,box-2\n${b},,box-3\n`, /csv:2: model "box-3" is another one than before/],
  ['a model of too many bytes', `${a},,${'x'.repeat(33)}\n`, /csv:1: model "x+": more than 32 bytes/],
  ['an unknown curve', `${pointOfA},,,ed25519\n`, /csv:1: curve "ed25519", expected secp256k1 or p256/],
  ['too many cells', `${a},,,,\n`, /csv:1: 5 cells, expected at most 4/],
  ['an endless line', `${a},,${'x'.repeat(2_000)}\n`, /csv:1: longer than 1024 characters/],
];
for (const [name, text, expected] of badLists) {
  test(`a list with ${name} is refused with its line`, async () => {
    await assert.rejects(readDeviceList(listFile(text)), (error: MinerError) => {
      assert.equal(error.code, 'BATCH_ROW');
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('a list that is not there is refused', async () => {
  await assert.rejects(readDeviceList(path.join(folder, 'none.csv')), /none\.csv: no such file/);
});

test('names of models are themselves again, and other bytes stay hex', () => {
  assert.equal(modelName(modelIdOf('box-2')!), 'box-2');
  const hash: Hex = `0x${'ab'.repeat(32)}`;
  assert.equal(modelName(modelIdOf(hash)!), hash);
  assert.deepEqual([modelIdOf(''), modelIdOf('x'.repeat(33))], [undefined, undefined]);
});

const at = { chainId: 31337, registry: getAddress(`0x${'12'.repeat(20)}`) };
const terms = { manufacturerId: 3n, modelId: modelIdOf('box')!, nonce: 2n, deadline: 99n };
const device = (index: number): Address => getAddress(toHex(index + 1, { size: 20 }));

test("a batch's root and proofs are those of OpenZeppelin's tree", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 160n - 1n }), { minLength: 1, maxLength: 40 }),
      (keys) => {
        const devices = keys.map((key) => getAddress(toHex(key, { size: 20 })));
        const rows = devices.map((one, index) => [
          BigInt(at.chainId),
          at.registry,
          terms.manufacturerId,
          terms.modelId,
          terms.nonce,
          BigInt(index),
          one,
        ]);
        const tree = StandardMerkleTree.of(rows, [
          'uint256',
          'address',
          'uint256',
          'bytes32',
          'uint256',
          'uint256',
          'address',
        ]);
        const plan = planBatch(at, terms, devices);
        assert.equal(plan.batch.root, tree.root);
        for (const index of devices.keys()) assert.deepEqual(plan.proofOf(index), tree.getProof(index));
      },
    ),
    { numRuns: 30 },
  );
});

const plan = planBatch(
  at,
  terms,
  Array.from({ length: 100 }, (_, index) => device(index)),
);
const written = path.join(folder, 'batch');
const ready = writeBatch(written, { at, plan, owners: new Map([[7, a]]) });

test('a batch is read back from its folder, with each device and its proof', async () => {
  await ready;
  const record = readBatchRecord(written);
  assert.deepEqual(record, { ...at, batch: plan.batch, batchId: plan.batchId });
  for (const index of [0, 7, 99]) {
    assert.deepEqual(await findBatchDevice(written, record, device(index)), {
      index,
      device: device(index),
      ...(index === 7 && { owner: a }),
      proof: plan.proofOf(index),
    });
  }
  await assert.rejects(findBatchDevice(written, record, b), /devices\.jsonl: device 0x\S+ is not in this batch/);
});

const spoilt: [string, 'batch.json' | 'devices.jsonl', (text: string) => string, RegExp][] = [
  [
    'terms that were changed',
    'batch.json',
    (text) => text.replace('"nonce": "2"', '"nonce": "3"'),
    /its fields hash to/,
  ],
  ['another format', 'batch.json', (text) => text.replace('batch/1', 'batch/2'), /format is no/],
  ['a count that is none', 'batch.json', (text) => text.replace('"100"', '-1'), /count is no whole number/],
  ['half of batch.json', 'batch.json', (text) => text.slice(0, 90), /JSON/],
  [
    'a proof that was changed',
    'devices.jsonl',
    (text) => text.replace(/"0x(..)/g, '"0x00'),
    /devices\.jsonl:\d+: its proof leads to|not in this/,
  ],
  ['another index', 'devices.jsonl', (text) => text.replace('"index":7,', '"index":8,'), /jsonl:8: its proof leads to/],
  ['a line cut off', 'devices.jsonl', (text) => text.replace(/(00008".{30}).*\n/i, '$1\n'), /jsonl:8: /],
];
for (const [name, file, change, expected] of spoilt) {
  test(`a folder with ${name} is refused with its place`, async () => {
    await ready;
    const copy = path.join(folder, `copy-${files++}`);
    await writeBatch(copy, { at, plan, owners: new Map() });
    const changed = path.join(copy, file);
    const text = readFileSync(changed, 'utf8');
    assert.notEqual(change(text), text);
    writeFileSync(changed, change(text));
    const read = async () => findBatchDevice(copy, readBatchRecord(copy), device(7));
    await assert.rejects(read, (error: MinerError) => {
      assert.match(error.code, /^BATCH_/);
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('a folder without a batch is refused', () => {
  assert.throws(() => readBatchRecord(folder), new RegExp(`${batchFile(folder)}: is not there`));
});
