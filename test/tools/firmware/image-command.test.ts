/** `miner image` as a user runs it: imgtool's images again from a command line, keys of every kind, every way to be wrong. */
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildManifestBody, modelIdOf, parseImage, signImage, verifyImage } from '../../../edge/firmware/index.ts';
import { packHash as sha256, toHex } from '../../../edge/pack/index.ts';
import { readImagePublicKey, readImageSigner } from '../../../tools/firmware/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { electricCar } from '../cli/miner-process.ts';
import { image, scratch } from './image-world.ts';

const { at, file } = scratch();
const skip = skipWithout('vectors/mcuboot');
const vector = (name: string) => sharedPath(`vectors/mcuboot/${name}`) as string;
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await image(...args, '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const spki = { type: 'spki', format: 'pem' } as const;
const locked = { cipher: 'aes-256-cbc', passphrase: 'open, sesame' };
const root = file('root.pem', p256.privateKey.export(pkcs8));
const password = file('password', 'open, sesame\n');
const manifest = file(
  'manifest.json',
  JSON.stringify({
    version: '2.0.1',
    model: 'macaron-2',
    decoders: [`0x${'AB'.repeat(32)}`],
    settings: { sampling: { intervalMsMin: 100, intervalMsMax: 1000 }, recordFrames: 'undecoded' },
  }),
);
const body = file(
  'body.bin',
  buildManifestBody({ version: '2.0.1', model: modelIdOf('m'), decoders: [], settings: {} }),
);
const plain = file('plain.bin', new Uint8Array(600).fill(7));

test("imgtool's images again, from the vectors' body and key", { skip }, async () => {
  const plain = readFileSync(vector('app-1.2.3.signed.bin'));
  const app = file('app.bin', parseImage(plain).body);
  const key = ['-k', vector('root-ec-p256.pem')];
  await json('sign', app, at('plain'), ...key, '-v', '1.2.3+7', '-H', '0x200', '--pad-header', '--align', '8');
  assert.deepEqual(parseImage(readFileSync(at('plain'))).signed, parseImage(plain).signed);
  const slot = ['-S', '128k', '--align', '8', '--pad', '--confirm'];
  await json('sign', app, at('padded'), ...key, '-v', '1.2.3', '--pad-header', '-s', 'auto', ...slot);
  const [ours, theirs] = [readFileSync(at('padded')), readFileSync(vector('app.padded-confirmed.bin'))];
  assert.deepEqual(parseImage(ours).signed, parseImage(theirs).signed);
  assert.deepEqual(ours.subarray(-0x1000), theirs.subarray(-0x1000), 'trailer');
  for (const each of [at('plain'), at('padded')]) {
    assert.equal((await json('verify', each, ...key)).signed, true);
  }
});

test("what `info` says of imgtool's padded image", { skip }, async () => {
  const facts = await json('info', vector('app.padded-confirmed.bin'));
  assert.deepEqual(
    { ...facts, tlvs: facts.tlvs.map(({ name }: { name: string }) => name) },
    {
      fileBytes: 131072,
      imageBytes: 3675,
      version: '1.2.3',
      header: { bytes: 512, loadAddress: 0, flags: 0, flagNames: [], protectedBytes: 12 },
      body: { offset: 512, bytes: 3000 },
      hash: '1f1f3b5295ab8c0f3c6ccedfc6ffe43300cf3e11cafb169ed9f1d826daea6828',
      hashHolds: true,
      signature: 'ecdsa',
      protectedTlvs: [{ type: 0x50, name: 'SEC_CNT', bytes: 4, value: '03000201' }],
      tlvs: ['SHA256', 'KEYHASH', 'ECDSASIG'],
      securityCounter: 0x01020003,
      dependencies: [],
      trailer: { erasedByte: 0xff, alignBytes: 8, isConfirmed: true },
    },
  );
  const { stdout } = await image('info', vector('app.padded-confirmed.bin'));
  assert.match(
    stdout,
    /^app\.padded-confirmed\.bin: 131072 bytes, image 1\.2\.3, signed with ecdsa\nSHA-256 1f1f.*, as it says\n/,
  );
  assert.match(
    stdout,
    /protected entries \(offset 0xdb8\)\n {2}SEC_CNT \(0x50\) {2}4 bytes: security counter 16908291\n/,
  );
  assert.match(stdout, /behind the image \(offset 0xe5b\)\n.*\n {2}image_ok {2}set: confirmed\n/);
});

test('from a manifest to a signed image that carries it', async () => {
  const built = await json(
    'build',
    '--manifest',
    manifest,
    '--dbc',
    electricCar,
    '--size',
    '0x800',
    '-o',
    at('miner.bin'),
  );
  const decoders = ['ab'.repeat(32), toHex(sha256(readFileSync(electricCar)))];
  assert.deepEqual([built.bytes, built.manifest.decoders], [2048, decoders]);
  const vid = ['--vid', 'nordicsemi.com', '--cid', 'unspecified_class'];
  const signed = await json('sign', at('miner.bin'), at('miner.img'), '-k', root, ...vid, '-d', '(1, 1.2.3+4)(2,3)');
  assert.equal(signed.version, '2.0.1', "the manifest's");
  assert.equal(signed.vendor, '7617daa5-71fd-5a85-8f94-e28d735ce9f4');
  assert.equal(signed.class, 'cad8523a-f829-5a9a-ba85-2ea0b2f577c9');
  const facts = await json('info', at('miner.img'));
  assert.deepEqual(facts.manifest, {
    schema: 1,
    version: '2.0.1',
    model: 'macaron-2',
    decoders,
    settings: { sampling: { intervalMsMin: 100, intervalMsMax: 1000 }, recordFrames: 'undecoded' },
  });
  assert.deepEqual(facts.dependencies, [
    { image: 1, version: '1.2.3+4' },
    { image: 2, version: '3.0.0' },
  ]);
  const verified = await image('verify', at('miner.img'), '-k', root);
  assert.equal(verified.stdout, `good: 2.0.1, signed by root.pem\nSHA-256 ${signed.hash}\n`);
  const unasked = await image('verify', at('miner.img'));
  assert.match(unasked.stderr, /only the hash is checked/);
});

test('the manifest that the page shows, with every field', async () => {
  const page = readFileSync(new URL('../../../docs/firmware-images.md', import.meta.url), 'utf8');
  const shown = /```json\n(.*?)```/s.exec(page)?.[1] as string;
  const built = await json('build', '--manifest', file('shown.json', shown), '-o', at('shown.bin'));
  assert.deepEqual(built.manifest, JSON.parse(shown));
});

test("a header's room that the build left is used as it is", async () => {
  const firmware = file('zephyr.bin', Buffer.concat([Buffer.alloc(64), Buffer.from('firmware')]));
  await json('sign', firmware, at('zephyr.img'), '-k', root, '-v', '1', '-H', '64', '-L', '0x20000000', '-s', '9');
  const bytes = readFileSync(at('zephyr.img'));
  assert.deepEqual([...bytes.subarray(32, 64)], Array(32).fill(0));
  const { flagNames, loadAddress } = (await json('info', at('zephyr.img'))).header;
  assert.deepEqual([flagNames, loadAddress], [['RAM_LOAD'], 0x20000000]);
});

test('UUIDs of a licence and a model: the same as in an image signed for them', async () => {
  const addresses = { MinerRegistry: `0x${'11'.repeat(20)}`, ManufacturerRegistry: `0x${'Ab'.repeat(20)}` };
  mkdirSync(at('chain'));
  file('chain/chain.json', JSON.stringify({ rpcUrl: 'http://nowhere', deployment: { chainId: 31337, addresses } }));
  const binding = ['--licence', '7', '--data', at('chain')];
  const found = await json('uuids', ...binding, '--model', 'm');
  // Of Python: uuid5(uuid5(uuid5(NAMESPACE_DNS, 'dimo.org'), 'eip155:31337/erc721:0xabab.../7'), 'm').
  assert.deepEqual(found, {
    licence: `eip155:31337/erc721:0x${'ab'.repeat(20)}/7`,
    vendor: '02cd2226-a5c0-5f8f-8d20-90261b1dfc47',
    class: '2150f803-b405-5afe-9360-d702cad6b74f',
  });
  const signed = await json('sign', body, at('bound'), '-k', root, ...binding);
  assert.deepEqual([signed.vendor, signed.class], [found.vendor, found.class]);
  const other = await image('sign', body, at('bound'), '-k', root, ...binding, '--model', 'other', '--force');
  assert.match(other.stderr, /--model other: expected m, as the firmware's manifest has it/);
  await json('sign', plain, at('bound'), '-k', root, ...binding, '--model', 'm', '-v', '1', '--pad-header', '--force');
  assert.equal((await json('info', at('bound'))).class, found.class);
  const nameless = await image(
    'sign',
    plain,
    at('bound'),
    '-k',
    root,
    ...binding,
    '-v',
    '1',
    '--pad-header',
    '--force',
  );
  assert.match(nameless.stderr, /--model is missing: the firmware has no manifest with one/);
});

const keyFiles: [string, string | Buffer, boolean][] = [
  ['P-256 in SEC1', p256.privateKey.export({ type: 'sec1', format: 'pem' }), false],
  ['P-256 in SEC1, encrypted', p256.privateKey.export({ type: 'sec1', format: 'pem', ...locked }), true],
  ['P-256 in PKCS #8', p256.privateKey.export(pkcs8), false],
  ['P-256 in PKCS #8, encrypted', p256.privateKey.export({ ...pkcs8, ...locked }), true],
  ['Ed25519 in PKCS #8', ed25519.privateKey.export(pkcs8), false],
  ['Ed25519 in PKCS #8, encrypted', ed25519.privateKey.export({ ...pkcs8, ...locked }), true],
];
for (const [what, pem, isEncrypted] of keyFiles) {
  test(`a key of ${what}: signs, and its public half verifies`, async () => {
    const pair = what.startsWith('P-256') ? p256 : ed25519;
    const key = file('key.pem', pem);
    const publicKey = file('public.pem', pair.publicKey.export(spki));
    const opened = isEncrypted ? ['--password-file', password] : [];
    await json('sign', body, at('image'), '-k', key, ...opened, '--force');
    await json('verify', at('image'), '-k', publicKey);
    const shown = await image('key', 'show', key, '-f', 'pem', ...opened);
    assert.equal(shown.stdout, pair.publicKey.export(spki));
    if (isEncrypted) {
      for (const wrong of [[], ['--password-file', file('wrong', 'sesame')]]) {
        const { code, stderr } = await image('sign', body, at('image'), '-k', key, ...wrong, '--force');
        assert.equal(code, 3);
        assert.match(stderr, wrong.length === 0 ? /no password is given/ : /the password does not open it/);
      }
    }
  });
}

for (const type of ['ecdsa-p256', 'ed25519']) {
  for (const opened of [[], ['--password-file', password]]) {
    test(`key new: ${type}, ${opened.length > 0 ? 'encrypted' : 'plain'}; OpenSSL reads it`, async () => {
      const target = at(`${type}-${opened.length}.pem`);
      const made = await json('key', 'new', target, '-t', type, ...opened);
      assert.equal(statSync(target).mode & 0o777, 0o600);
      const pem = readFileSync(target, 'utf8');
      assert.match(pem, opened.length > 0 ? /^-----BEGIN ENCRYPTED PRIVATE KEY/ : /^-----BEGIN PRIVATE KEY/);
      createPrivateKey({ key: pem, ...(opened.length > 0 && { passphrase: 'open, sesame' }) });
      const shown = await json('key', 'show', target, ...opened);
      assert.deepEqual([shown.keyHash, shown.type], [made.keyHash, type]);
      const again = await image('key', 'new', target, '-t', type);
      assert.equal(again.code, 2);
      assert.match(again.stderr, /a key is never overwritten/);
    });
  }
}

test('the public key for the source of a boot loader, as imgtool lays it out', async () => {
  const der = p256.publicKey.export({ type: 'spki', format: 'der' });
  const rows = (bytes: Uint8Array) =>
    Array.from(
      { length: Math.ceil(bytes.length / 8) },
      (_, i) =>
        `    ${[...bytes.subarray(8 * i, 8 * i + 8)].map((byte) => `0x${byte.toString(16).padStart(2, '0')},`).join(' ')}\n`,
    ).join('');
  const shown = async (format: string) => (await image('key', 'show', root, '-f', format)).stdout;
  assert.equal(
    await shown('c'),
    `const unsigned char ecdsa_pub_key[] = {\n${rows(der)}};\nconst unsigned int ecdsa_pub_key_len = 91;\n`,
  );
  assert.equal(
    await shown('c-hash'),
    `const unsigned char ecdsa_pub_key_hash[] = {\n${rows(sha256(der))}};\nconst unsigned int ecdsa_pub_key_hash_len = 32;\n`,
  );
  assert.equal(await shown('rust'), `static ECDSA_PUB_KEY: &[u8] = &[\n${rows(der)}];\n`);
  assert.equal(await shown('raw'), der.toString('latin1'));
  assert.equal(await shown('raw-hash'), Buffer.from(sha256(der)).toString('latin1'));
  await json('key', 'show', root, '-f', 'raw', '-o', at('root.der'));
  assert.deepEqual(readFileSync(at('root.der')), der);
});

const signed = file(
  'signed',
  signImage(
    { body: readFileSync(body), version: { major: 1, minor: 0, revision: 0, build: 0 } },
    readImageSigner(root),
  ),
);
const damaged = readFileSync(signed);
damaged[40] ^= 1;
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export(pkcs8);
const other = file('other.pem', ed25519.publicKey.export(spki));
const out = at('out');
const wrong: [string, string[], number, string, RegExp][] = [
  ['a damaged image', ['verify', file('damaged', damaged), '-k', root], 1, 'IMAGE_UNVERIFIED', /its SHA-256 is/],
  ['another key', ['verify', signed, '-k', other], 1, 'IMAGE_UNVERIFIED', /it names key/],
  [
    'a byte behind the image',
    ['verify', file('longer', Buffer.concat([readFileSync(signed), Buffer.of(0)]))],
    1,
    'IMAGE_INVALID',
    /no trailer/,
  ],
  [
    'an image over its slot',
    ['verify', signed, '-S', '512', '--align', '1'],
    1,
    'IMAGE_OVER_SLOT',
    /do not fit a slot of 512/,
  ],
  ['no image', ['info', plain], 1, 'IMAGE_INVALID', /magic 0x7070707/],
  ['no file', ['info', at('nothing')], 3, 'FILE_UNREADABLE', /no such file/],
  [
    'firmware without room for a header',
    ['sign', plain, out, '-k', root, '-v', '1'],
    2,
    'IMAGE_HEADER_ROOM',
    /512 zero bytes/,
  ],
  [
    'firmware shorter than its header',
    ['sign', file('short', new Uint8Array(8)), out, '-k', root, '-v', '1'],
    2,
    'IMAGE_HEADER_ROOM',
    /512 zero/,
  ],
  ['no version', ['sign', plain, out, '-k', root, '--pad-header'], 2, 'OPTION_MISSING', /--image-version is missing/],
  ['no such version', ['sign', body, out, '-k', root, '-v', '1.2.3.4'], 2, 'IMAGE_VERSION', /image version "1.2.3.4"/],
  [
    'dependencies in other words',
    ['sign', body, out, '-k', root, '-d', '1:1.2.3'],
    2,
    'OPTION_INVALID',
    /--dependencies "1:1.2.3"/,
  ],
  ['image 256', ['sign', body, out, '-k', root, '-d', '(256, 1)'], 2, 'OPTION_INVALID', /images from 0 to 255/],
  [
    'a class without its vendor',
    ['sign', body, out, '-k', root, '--cid', 'x'],
    2,
    'OPTION_MISSING',
    /--vid is missing/,
  ],
  ['padding without a slot', ['sign', body, out, '-k', root, '--pad'], 2, 'OPTION_MISSING', /--slot-size is missing/],
  [
    'confirmed without padding',
    ['sign', body, out, '-k', root, '-S', '8k', '--confirm'],
    2,
    'OPTION_MISSING',
    /--pad is missing/,
  ],
  [
    'firmware over its slot',
    ['sign', body, out, '-k', root, '-S', '2k'],
    1,
    'IMAGE_OVER_SLOT',
    /trailer of 3120 do not fit a slot of 2048/,
  ],
  ['an output that is there', ['sign', body, signed, '-k', root], 2, 'OUTPUT_EXISTS', /there is a file already/],
  ['a public key to sign with', ['sign', body, out, '-k', other], 3, 'IMAGE_KEY_FILE', /holds no private key/],
  ['a P-384 key', ['sign', body, out, '-k', file('p384.pem', p384)], 3, 'IMAGE_KEY_FILE', /a key of secp384r1/],
  ['a P-384 key to show', ['key', 'show', at('p384.pem')], 3, 'IMAGE_KEY_FILE', /no PEM key of P-256 or Ed25519/],
  ['no key in it', ['key', 'show', plain], 3, 'IMAGE_KEY_FILE', /no PEM key/],
  [
    'a broken key',
    ['sign', body, out, '-k', file('broken.pem', '-----BEGIN PRIVATE KEY-----\nAA==\n')],
    3,
    'IMAGE_KEY_FILE',
    /no PEM key/,
  ],
  [
    'a file too long for a key',
    ['key', 'show', file('long.pem', new Uint8Array(20_000))],
    3,
    'IMAGE_KEY_FILE',
    /too long/,
  ],
  [
    'no licence without a chain',
    ['sign', body, out, '-k', root, '--licence', '1', '--data', at('none')],
    3,
    'RECORD_MISSING',
    /chain.json/,
  ],
];
for (const [what, args, code, name, message] of wrong) {
  test(`refused: ${what}`, async () => {
    const ran = await image(...args, '--json');
    const { code: found, message: said } = JSON.parse(ran.stdout).error;
    assert.deepEqual([ran.code, found], [code, name], ran.stderr);
    assert.match(said, message);
  });
}

const wrongUsage: [string, string[]][] = [
  ['a header of 31 bytes', ['sign', body, out, '-k', root, '-H', '31']],
  ['a size in words', ['sign', body, out, '-k', root, '-S', 'large']],
  ['a counter below zero', ['sign', body, out, '-k', root, '-s', '-1']],
  ['an alignment of 3', ['sign', body, out, '-k', root, '--align', '3']],
  ['licence 0', ['sign', body, out, '-k', root, '--licence', '0']],
  ['a licence and a vendor', ['sign', body, out, '-k', root, '--licence', '1', '--vid', 'x']],
  ['no key', ['sign', body, out]],
  ['an RSA key', ['key', 'new', out, '-t', 'rsa-2048']],
];
for (const [what, args] of wrongUsage) {
  test(`wrong usage: ${what}`, async () => assert.equal((await image(...args)).code, 2));
}

const badManifests: [string, string, string, RegExp][] = [
  ['no JSON', '{', 'MANIFEST_JSON', /not a firmware manifest/],
  ['a list', '[]', 'MANIFEST_JSON', /the manifest is no object/],
  [
    'a field of later',
    '{"version":"1","model":"m","extra":1}',
    'MANIFEST_JSON',
    /has "extra", expected schema, version/,
  ],
  ['another schema', '{"schema":2,"version":"1","model":"m"}', 'MANIFEST_JSON', /schema is 2, expected 1/],
  ['no version', '{"model":"m"}', 'MANIFEST_JSON', /version is no text/],
  ['no model', '{"version":"1"}', 'MANIFEST_JSON', /model is no text/],
  ['a long model', `{"version":"1","model":"${'m'.repeat(32)}"}`, 'MANIFEST_INVALID', /model is "mmm/],
  ['decoders as a text', '{"version":"1","model":"m","decoders":"x"}', 'MANIFEST_JSON', /decoders is no list/],
  [
    'a file name for a decoder',
    '{"version":"1","model":"m","decoders":["a.dbc"]}',
    'MANIFEST_JSON',
    /decoder 0 is "a.dbc"/,
  ],
  ['an unknown setting', '{"version":"1","model":"m","settings":{"speed":1}}', 'MANIFEST_JSON', /settings has "speed"/],
  ['a setting of a wrong type', '{"version":"1","model":"m","settings":{"packIntervalMs":{}}}', 'MANIFEST_JSON', /./],
  [
    'an unknown recording',
    '{"version":"1","model":"m","settings":{"recordFrames":"all"}}',
    'MANIFEST_INVALID',
    /recordFrames is "all"/,
  ],
  [
    'an interval too short',
    '{"version":"1","model":"m","settings":{"packIntervalMs":1}}',
    'MANIFEST_INVALID',
    /packIntervalMs is 1/,
  ],
  ['an unknown fault', '{"version":"1","model":"m","fault":"fire"}', 'MANIFEST_INVALID', /the fault is "fire"/],
  ['a fault that is no text', '{"version":"1","model":"m","fault":{"a":1}}', 'MANIFEST_JSON', /./],
];
for (const [what, text, name, message] of badManifests) {
  test(`no manifest: ${what}`, async () => {
    const ran = await image('build', '--manifest', file('bad.json', text), '-o', out, '--json');
    const { code, message: said } = JSON.parse(ran.stdout).error;
    assert.deepEqual([ran.code, code], [1, name], ran.stderr);
    assert.match(said, message);
  });
}

test('what is shown as public verifies what the private one signs', () => {
  const bytes = new Uint8Array(readFileSync(signed));
  writeFileSync(at('root.pub.pem'), p256.publicKey.export(spki));
  assert.deepEqual(readImagePublicKey(at('root.pub.pem')), readImagePublicKey(root));
  verifyImage(parseImage(bytes), readImagePublicKey(path.join(at('root.pub.pem'))));
});
