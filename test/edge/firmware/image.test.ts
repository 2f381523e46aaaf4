/** MCUboot images: two signed by imgtool, and every way of not being one. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  keyHashOf,
  parseImage,
  securityCounterOf,
  TlvType,
  verifyImage,
  versionText,
} from '../../../edge/firmware/index.ts';
import { concatBytes, fromHex, packHash as sha256, softwareSigner, toHex } from '../../../edge/pack/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const skip = skipWithout('vectors/mcuboot');
const read = (name: string) => new Uint8Array(readFileSync(sharedPath(`vectors/mcuboot/${name}`) as string));

/** The point of a PEM key, 65 bytes. */
function pointOf(pem: string): Uint8Array {
  const { x, y } = createPublicKey(pem).export({ format: 'jwk' }) as { x: string; y: string };
  return Uint8Array.from([4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url')]);
}

test('an image signed by imgtool: read and verified', { skip }, () => {
  const publicKey = pointOf(new TextDecoder().decode(read('root-ec-p256.pem')));
  const bytes = read('app-1.2.3.signed.bin');
  const image = parseImage(bytes);
  assert.equal(versionText(image.version), '1.2.3+7');
  assert.equal(image.body.length, 3000);
  assert.equal(image.length, bytes.length);
  assert.deepEqual(
    image.tlvs.map(({ type }) => type),
    [TlvType.sha256, TlvType.keyHash, TlvType.ecdsa],
  );
  assert.deepEqual([image.protectedTlvs, securityCounterOf(image)], [[], undefined]);
  assert.equal(
    toHex(verifyImage(image, publicKey)),
    'd023298bcc78def016ef1096eb888721cc24afaa02a74f4a76d763b18bd5dfb9',
  );
  assert.equal(toHex(keyHashOf(publicKey)), 'e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711e4382bb538b6');
});

test('a padded slot image with protected entries: read and verified', { skip }, () => {
  const publicKey = pointOf(new TextDecoder().decode(read('root-ec-p256.pem')));
  const bytes = read('app.padded-confirmed.bin');
  const image = parseImage(bytes);
  assert.equal(versionText(image.version), '1.2.3');
  assert.ok(image.length < bytes.length);
  assert.equal(securityCounterOf(image), 0x01020003);
  assert.equal(
    toHex(verifyImage(image, publicKey)),
    '1f1f3b5295ab8c0f3c6ccedfc6ffe43300cf3e11cafb169ed9f1d826daea6828',
  );
});

const privateKey = new Uint8Array(32).fill(5);
const { publicKey } = softwareSigner(privateKey, 'ES256');
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const key = createPrivateKey({
  format: 'jwk',
  key: {
    kty: 'EC',
    crv: 'P-256',
    d: base64url(privateKey),
    x: base64url(publicKey.subarray(1, 33)),
    y: base64url(publicKey.subarray(33)),
  },
});

const u16 = (value: number) => Uint8Array.from([value & 255, value >> 8]);
const entry = (type: number, value: Uint8Array) => concatBytes(u16(type), u16(value.length), value);
const area = (magic: number, ...entries: Uint8Array[]) => {
  const content = concatBytes(...entries);
  return concatBytes(u16(magic), u16(content.length + 4), content);
};

/** An image as imgtool writes one, signed by OpenSSL; its entries can be replaced. */
function build(
  options: {
    entries?: (digest: Uint8Array, signature: Uint8Array) => Uint8Array[];
    protectedEntries?: Uint8Array[];
  } = {},
) {
  const body = new Uint8Array(40).fill(7);
  const shield = options.protectedEntries ? area(0x6908, ...options.protectedEntries) : new Uint8Array();
  const header = new Uint8Array(32);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x96f3b83d, true);
  view.setUint16(8, 32, true);
  view.setUint16(10, shield.length, true);
  view.setUint32(12, body.length, true);
  const signed = concatBytes(header, body, shield);
  const signature = new Uint8Array(sign('sha256', signed, key));
  const usual = [
    entry(TlvType.sha256, sha256(signed)),
    entry(TlvType.keyHash, keyHashOf(publicKey)),
    entry(TlvType.ecdsa, signature),
  ];
  return concatBytes(signed, area(0x6907, ...(options.entries?.(sha256(signed), signature) ?? usual)));
}

test('what OpenSSL signed verifies, also with an older padded signature', () => {
  verifyImage(parseImage(build()), publicKey);
  const padded = build({
    entries: (digest, signature) => [
      entry(TlvType.sha256, digest),
      entry(TlvType.keyHash, keyHashOf(publicKey)),
      entry(TlvType.ecdsa, concatBytes(signature, new Uint8Array(3))),
    ],
  });
  verifyImage(parseImage(padded), publicKey);
});

const changed = (offset: number, ...values: number[]) => {
  const bytes = build();
  bytes.set(values, offset);
  return bytes;
};

const invalid: [string, Uint8Array, RegExp][] = [
  ['nothing', new Uint8Array(), /byte 0: 0 bytes, the header alone has 32/],
  ['another magic', changed(0, 0x7f, 0x45, 0x4c, 0x46), /magic 0x464c457f, expected 0x96f3b83d/],
  ['a short header', changed(8, 16), /byte 8: a header of 16 bytes/],
  ['a body past the end', changed(12, 0, 0, 1), /byte 12: a body of 65536 bytes/],
  ['no entries', build().subarray(0, 72), /byte 72: no tag-length-values/],
  ['another area magic', changed(72, 0x08), /byte 72: magic 0x6908, expected 0x6907/],
  ['an area past the end', changed(74, 0xff, 0xff), /byte 74: entries of 65535 bytes/],
  ['an entry past its area', changed(78, 0xff), /byte 76: entry 0x10 passes the end/],
  ['a protected area that is missing', changed(10, 12), /magic 0x6907, expected 0x6908/],
  ['a cut entry', concatBytes(build().subarray(0, 72), area(0x6907, Uint8Array.of(1, 0))), /an entry cut short/],
];
for (const [what, bytes, message] of invalid) {
  test(`no image: ${what}`, () => assert.throws(() => parseImage(bytes), { code: 'IMAGE_INVALID', message }));
}

const other = fromHex('036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
const usual = (digest: Uint8Array, signature: Uint8Array) => [
  entry(TlvType.sha256, digest),
  entry(TlvType.keyHash, keyHashOf(publicKey)),
  entry(TlvType.ecdsa, signature),
];
const unverified: [string, Uint8Array, Uint8Array, RegExp][] = [
  ['a changed body', changed(50, 8), publicKey, /its SHA-256 is/],
  ['a changed version', changed(20, 9), publicKey, /its SHA-256 is/],
  ['another key', build(), other, /it names key/],
  ['no hash', build({ entries: (d, s) => usual(d, s).slice(1) }), publicKey, /0 entries for its SHA-256/],
  ['no signature', build({ entries: (d, s) => usual(d, s).slice(0, 2) }), publicKey, /0 entries for its ECDSA/],
  [
    'two hashes',
    build({ entries: (d, s) => [...usual(d, s), entry(0x10, d)] }),
    publicKey,
    /2 entries for its SHA-256/,
  ],
  ['another signature', build({ entries: (d) => usual(d, fromHex('3006020101020101')) }), publicKey, /not that key/],
  ['no DER', build({ entries: (d) => usual(d, fromHex('ff')) }), publicKey, /not that key/],
];
for (const [what, bytes, trusted, message] of unverified) {
  test(`not verified: ${what}`, () => {
    assert.throws(() => verifyImage(parseImage(bytes), trusted), { code: 'IMAGE_UNVERIFIED', message });
  });
}

test('any byte changed: refused, with our errors only', () => {
  const bytes = build({ protectedEntries: [entry(TlvType.securityCounter, fromHex('05000000'))] });
  assert.equal(securityCounterOf(parseImage(bytes)), 5);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const damaged = bytes.slice();
      damaged[place] ^= change;
      try {
        verifyImage(parseImage(damaged), publicKey);
        return false;
      } catch (error) {
        return error instanceof MinerError && error.code.startsWith('IMAGE_');
      }
    }),
    { numRuns: 400 },
  );
});
