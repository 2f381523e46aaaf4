/** Images that we sign: byte for byte those of imgtool, read by an independent program, and refused with any bit changed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  dependenciesOf,
  type FirmwareImage,
  type ImageContent,
  type ImageSigner,
  type ImageUuids,
  imageSigner,
  keyHashOf,
  padToSlot,
  parseImage,
  parseImageVersion,
  publicKeyOfSpki,
  readTrailer,
  requireUuids,
  securityCounterOf,
  securityCounterOfVersion,
  signImage,
  subjectPublicKeyInfo,
  TlvType,
  uuidsOf,
  verifyHash,
  verifyImage,
  versionText,
} from '../../../edge/firmware/index.ts';
import { concatBytes, fromHex, packHash as sha256, toHex } from '../../../edge/pack/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sign-image-'));
after(() => rmSync(folder, { recursive: true }));

const ecdsa = imageSigner('ecdsa-p256', new Uint8Array(32).fill(5));
const ed25519 = imageSigner('ed25519', new Uint8Array(32).fill(6));
const version = parseImageVersion('1.2.3+4');
const body = Uint8Array.from({ length: 24 }, (_, i) => 3 * i);

const opensslKey = ({ publicKey }: ImageSigner): KeyObject =>
  createPublicKey({ key: Buffer.from(subjectPublicKeyInfo(publicKey)), format: 'der', type: 'spki' });

/** ECDSA signs what is hashed, Ed25519 the hash. */
function opensslVerifies(image: Uint8Array, signer: ImageSigner): boolean {
  const { signed, tlvs } = parseImage(image);
  const signature = tlvs[2].value;
  if (signer.type === 'ed25519') return verify(null, sha256(signed), opensslKey(signer), signature);
  return verify('sha256', signed, opensslKey(signer), signature);
}

const skipVectors = skipWithout('vectors/mcuboot');
const vector = (name: string) => new Uint8Array(readFileSync(sharedPath(`vectors/mcuboot/${name}`) as string));

/** The key of the vectors; `signature` in place of one of its own, as ECDSA of imgtool depends on chance. */
function rootKey(signature?: Uint8Array): ImageSigner {
  const { d } = createPrivateKey(new TextDecoder().decode(vector('root-ec-p256.pem'))).export({ format: 'jwk' });
  const signer = imageSigner('ecdsa-p256', new Uint8Array(Buffer.from(d as string, 'base64url')));
  return signature ? { ...signer, sign: () => signature } : signer;
}

test("imgtool's plain image again from its parts, byte for byte", { skip: skipVectors }, () => {
  const theirs = vector('app-1.2.3.signed.bin');
  const { body, tlvs, version, signed } = parseImage(theirs);
  const content = { body, version, headerLength: 0x200 };
  assert.deepEqual(signImage(content, rootKey(tlvs[2].value)), theirs);
  const ours = signImage(content, rootKey());
  assert.deepEqual(parseImage(ours).signed, signed);
  assert.deepEqual(parseImage(ours).tlvs.slice(0, 2), tlvs.slice(0, 2));
  assert.ok(opensslVerifies(ours, rootKey()));
  assert.deepEqual(signImage(content, rootKey()), ours, 'nothing in it is left to chance');
});

test("imgtool's padded and confirmed image again from its parts, byte for byte", { skip: skipVectors }, () => {
  const theirs = vector('app.padded-confirmed.bin');
  const { body, tlvs, version, length } = parseImage(theirs);
  const content = { body, version, headerLength: 0x200, securityCounter: securityCounterOfVersion(version) };
  const image = signImage(content, rootKey(tlvs[2].value));
  assert.deepEqual(padToSlot(image, { slotBytes: 0x20000, writeAlignBytes: 8 }, true), theirs);
  assert.deepEqual(readTrailer(theirs, length), { erasedByte: 0xff, alignBytes: 8, isConfirmed: true });
});

test('ECDSA signs as RFC 6979, A.2.5 has it, Ed25519 as RFC 8032, 7.1', () => {
  const sample = imageSigner('ecdsa-p256', fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'));
  const digest = sha256(new TextEncoder().encode('sample'));
  assert.equal(
    toHex(sample.sign(digest)),
    '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      '022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  );
  const second = imageSigner('ed25519', fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'));
  assert.equal(toHex(second.publicKey), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  assert.match(toHex(second.sign(Uint8Array.of(0x72))), /^92a009a9f0d4cab8720e820b5f642540/);
});

const uuids = { vendor: new Uint8Array(16).fill(0x76), class: new Uint8Array(16).fill(0x63) };
const dependencies = [
  { image: 1, version: parseImageVersion('2.0.1') },
  { image: 255, version: parseImageVersion('255.255.65535+4294967295') },
];
const contents: [string, ImageContent, Partial<Record<string, unknown>>][] = [
  ['the least', { body, version }, { headerSize: 32, fill: [], protected: [], key: 1, flags: 0, load: 0 }],
  ['a header of 0x200', { body, version, headerLength: 0x200 }, { headerSize: 0x200, fill: [0xff] }],
  ['a header of zeros', { body, version, headerLength: 64, headerFill: 0 }, { headerSize: 64, fill: [0] }],
  ['the whole key', { body, version, keyFormat: 'full' }, { key: 2 }],
  ['a load address', { body, version, loadAddress: 0x20000000 }, { load: 0x20000000, flags: 0x20 }],
  ['a security counter', { body, version, securityCounter: 0xfffffffe }, { protected: [[0x50, 'feffffff']] }],
  [
    'dependencies',
    { body, version, dependencies },
    {
      protected: [
        [0x40, '010000000200010000000000'],
        [0x40, 'ff000000ffffffffffffffff'],
      ],
    },
  ],
  [
    'everything that is signed',
    { body, version, securityCounter: 7, dependencies: dependencies.slice(0, 1), uuids },
    {
      protected: [
        [0x50, '07000000'],
        [0x40, '010000000200010000000000'],
        [0x74, '76'.repeat(16)],
        [0x75, '63'.repeat(16)],
      ],
    },
  ],
];
const signedContents = contents.flatMap(([what, content, expected]) =>
  [ecdsa, ed25519].map((signer) => ({ what, signer, expected, bytes: signImage(content, signer) })),
);

test('images of every kind: read by Python', { skip: skipWithoutProgram('python3') }, () => {
  const arguments_ = signedContents.flatMap(({ bytes, signer }, i) => {
    const file = path.join(folder, `${i}.bin`);
    writeFileSync(file, bytes);
    return [file, toHex(subjectPublicKeyInfo(signer.publicKey))];
  });
  const script = fileURLToPath(new URL('read-image.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync('python3', [script, ...arguments_]);
  assert.equal(status, 0, String(stderr));
  const lines = String(stdout).trim().split('\n');
  assert.equal(lines.length, signedContents.length);
  for (const [i, { what, signer, expected, bytes }] of signedContents.entries()) {
    const found = JSON.parse(lines[i]);
    assert.deepEqual({ ...found, ...expected }, found, what);
    assert.deepEqual(found.version, [1, 2, 3, 4]);
    assert.equal(found.body, toHex(sha256(body)));
    assert.equal(found.signatureKind, signer.type === 'ed25519' ? 0x24 : 0x22);
    assert.equal(found.end, bytes.length);
    assert.equal(found.digest, toHex(verifyHash(parseImage(bytes))));
  }
});

for (const { what, signer, bytes } of signedContents) {
  test(`${signer.type}, ${what}: verified by OpenSSL and by us`, () => {
    assert.ok(opensslVerifies(bytes, signer));
    assert.equal(toHex(verifyImage(parseImage(bytes), signer.publicKey)), toHex(sha256(parseImage(bytes).signed)));
  });
}

test('what is signed reads back as it was said', () => {
  const content = { body, version, securityCounter: 7, dependencies, uuids };
  const image = parseImage(signImage(content, ed25519));
  assert.equal(versionText(image.version), '1.2.3+4');
  assert.deepEqual([image.body, image.headerLength, image.flags], [body, 32, 0]);
  assert.deepEqual([securityCounterOf(image), dependenciesOf(image), uuidsOf(image)], [7, dependencies, uuids]);
});

test("UUIDs are read under the numbers of MCUboot's design page too, but not under both", () => {
  const image = parseImage(signImage({ body, version, uuids }, ed25519));
  const vendorOf = (...types: number[]) =>
    uuidsOf({ ...image, protectedTlvs: types.map((type) => ({ type, value: uuids.vendor })) });
  assert.deepEqual(vendorOf(TlvType.uuidVendorOfDesignPage), { vendor: uuids.vendor });
  assert.throws(() => vendorOf(TlvType.uuidVendor, TlvType.uuidVendorOfDesignPage), {
    code: 'IMAGE_INVALID',
    message: /byte 56: 2 entries for its vendor UUID/,
  });
});

test('every bit of a small image counts', () => {
  const bytes = signImage({ body, version, securityCounter: 3, uuids }, ecdsa);
  for (let bit = 0; bit < 8 * bytes.length; bit++) requireRefused(bytes, bit, ecdsa.publicKey);
});

test('every bit of a small image counts, those of an Ed25519 signature sampled', () => {
  const bytes = signImage({ body, version, securityCounter: 3, uuids }, ed25519);
  const signature = 8 * (bytes.length - 64);
  for (let bit = 0; bit < 8 * bytes.length; bit += bit < signature ? 1 : 13)
    requireRefused(bytes, bit, ed25519.publicKey);
});

test('a device takes images of its own vendor and class only', () => {
  const other = new Uint8Array(16).fill(0x6f);
  const bound = parseImage(signImage({ body, version, uuids }, ed25519));
  const unbound = parseImage(signImage({ body, version }, ed25519));
  requireUuids(bound, uuids);
  requireUuids(bound, { vendor: uuids.vendor });
  requireUuids(unbound, {});
  const refused = (image: FirmwareImage, device: ImageUuids, message: RegExp) =>
    assert.throws(() => requireUuids(image, device), { code: 'IMAGE_UNVERIFIED', message });
  refused(bound, { vendor: other }, /for vendor 76767676-.*, this device is of 6f6f6f6f-/);
  refused(bound, { ...uuids, class: other }, /for class 63636363-.*, this device is of 6f6f6f6f-/);
  refused(unbound, uuids, /for no vendor, this device is of 76767676-/);
});

for (const signer of [ecdsa, ed25519]) {
  test(`${signer.type}: an image cut anywhere is refused`, () => {
    const bytes = signImage({ body, version, securityCounter: 3 }, signer);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => parseImage(bytes.subarray(0, length)), { code: 'IMAGE_INVALID' }, `${length} bytes`);
    }
  });
}

test("imgtool's images, bits of them flipped: refused, padding and trailer included", { skip: skipVectors }, () => {
  const { publicKey } = rootKey();
  const plain = vector('app-1.2.3.signed.bin');
  for (let bit = 0; bit < 8 * plain.length; bit += 41) requireRefused(plain, bit, publicKey);
  const padded = vector('app.padded-confirmed.bin');
  for (let bit = 0; bit < 8 * padded.length; bit += 4099) requireRefused(padded, bit, publicKey);
  for (let bit = 8 * (padded.length - 64); bit < 8 * padded.length; bit++) requireRefused(padded, bit, publicKey);
});

function requireRefused(image: Uint8Array, bit: number, publicKey: Uint8Array): void {
  const damaged = image.slice();
  damaged[bit >> 3] ^= 1 << (bit & 7);
  try {
    const parsed = parseImage(damaged);
    readTrailer(damaged, parsed.length);
    verifyImage(parsed, publicKey);
  } catch (error) {
    assert.ok(error instanceof MinerError && error.code.startsWith('IMAGE_'), String(error));
    return;
  }
  assert.fail(`bit ${bit & 7} of byte ${bit >> 3} does not count`);
}

const withEntries = (image: Uint8Array, change: (area: Uint8Array) => Uint8Array) => {
  const { signed } = parseImage(image);
  const entries = change(image.subarray(signed.length + 4));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint16(0, 0x6907, true);
  new DataView(head.buffer).setUint16(2, entries.length + 4, true);
  return concatBytes(signed, head, entries);
};
const good = signImage({ body, version }, ed25519);
const whole = signImage({ body, version, keyFormat: 'full' }, ed25519);
const keyHashEntry = concatBytes(fromHex('01002000'), keyHashOf(ed25519.publicKey));
const flagged = (flags: number) => {
  const unsigned = parseImage(good).signed.slice();
  unsigned[16] = flags;
  const digest = sha256(unsigned);
  const entries = concatBytes(fromHex('10002000'), digest, keyHashEntry, fromHex('24004000'), ed25519.sign(digest));
  return withEntries(concatBytes(unsigned, good.subarray(unsigned.length)), () => entries);
};

const unverified: [string, Uint8Array, Uint8Array, RegExp][] = [
  ['another Ed25519 key', good, imageSigner('ed25519', new Uint8Array(32).fill(9)).publicKey, /it names key/],
  ['a P-256 key', good, ecdsa.publicKey, /it names key/],
  ['another whole key', whole, imageSigner('ed25519', new Uint8Array(32).fill(9)).publicKey, /it names key 302a/],
  [
    'its key named twice',
    withEntries(whole, (area) => concatBytes(area, keyHashEntry)),
    ed25519.publicKey,
    /names its key twice/,
  ],
  [
    'an entry that nobody signed',
    withEntries(good, (area) => concatBytes(area, fromHex('5000040001000000'))),
    ed25519.publicKey,
    /an entry 0x50 that nobody signed/,
  ],
  ['an encrypted one', flagged(0x4), ed25519.publicKey, /its flags 0x4 say/],
  ['one that is not bootable', flagged(0x10), ed25519.publicKey, /its flags 0x10 say/],
];
for (const [what, bytes, trusted, message] of unverified) {
  test(`not verified: ${what}`, () => {
    assert.throws(() => verifyImage(parseImage(bytes), trusted), { code: 'IMAGE_UNVERIFIED', message });
  });
}

test('the hash alone tells damage, not who signed', () => {
  assert.equal(toHex(verifyHash(parseImage(good))), toHex(sha256(parseImage(good).signed)));
  const damaged = good.slice();
  damaged[40] ^= 1;
  assert.throws(() => verifyHash(parseImage(damaged)), { code: 'IMAGE_UNVERIFIED' });
});

const keys: [string, () => unknown, RegExp][] = [
  ['a scalar of zero', () => imageSigner('ecdsa-p256', new Uint8Array(32)), /no private key of ecdsa-p256/],
  ['a short seed', () => imageSigner('ed25519', new Uint8Array(31)), /no private key of ed25519/],
  ['a public key of 64 bytes', () => keyHashOf(new Uint8Array(64)), /a public key of 64 bytes/],
  ['no point', () => keyHashOf(new Uint8Array(65).fill(4)), /no point on P-256/],
  ['an RSA key', () => publicKeyOfSpki(fromHex('30819f300d06092a864886f70d')), /neither a P-256 nor an Ed25519/],
];
for (const [what, use, message] of keys) {
  test(`no key for images: ${what}`, () => assert.throws(use, { code: 'IMAGE_KEY', message }));
}

test('a key goes through SubjectPublicKeyInfo and back', () => {
  for (const { publicKey } of [ecdsa, ed25519]) {
    assert.deepEqual(publicKeyOfSpki(subjectPublicKeyInfo(publicKey)), publicKey);
  }
});

const unfit: [string, Partial<ImageContent>, RegExp][] = [
  ['a header of 31 bytes', { headerLength: 31 }, /the header is 31, expected 32 to 65535/],
  ['a header past u16', { headerLength: 0x10000 }, /the header is 65536/],
  ['no body', { body: new Uint8Array() }, /the body is 0, expected 1 to/],
  ['a negative counter', { securityCounter: -1 }, /the security counter is -1/],
  ['a counter past u32', { securityCounter: 2 ** 32 }, /the security counter is 4294967296/],
  ['image 256', { dependencies: [{ image: 256, version }] }, /depended on is 256/],
  ['a short UUID', { uuids: { vendor: new Uint8Array(15) } }, /bytes of a UUID is 15/],
  ['too many dependencies', { dependencies: Array(4096).fill(dependencies[0]) }, /an area of entries is 65540/],
];
for (const [what, change, message] of unfit) {
  test(`not signed: ${what}`, () => {
    assert.throws(() => signImage({ body, version, ...change }, ed25519), { code: 'IMAGE_CONTENT', message });
  });
}
