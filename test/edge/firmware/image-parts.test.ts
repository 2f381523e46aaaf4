/** What goes with an image: versions, the trailer of its slot, and the names of licence and model in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  licenceText,
  licenceUuids,
  modelIdOf,
  padToSlot,
  parseImageVersion,
  parseUuid,
  readTrailer,
  type SlotLayout,
  securityCounterOfVersion,
  trailerLength,
  uuidText,
  uuidV5,
  versionText,
} from '../../../edge/firmware/index.ts';
import { fromHex, toHex } from '../../../edge/pack/index.ts';

const versions: [string, string, number][] = [
  ['1', '1.0.0', 0x01000000],
  ['1.2', '1.2.0', 0x01020000],
  ['1.2.3', '1.2.3', 0x01020003],
  ['1.2.3+4', '1.2.3+4', 0x01020003],
  ['0.0.0+0', '0.0.0', 0],
  ['255.255.65535+4294967295', '255.255.65535+4294967295', 0xffffffff],
];
for (const [text, written, counter] of versions) {
  test(`version ${text}`, () => {
    const version = parseImageVersion(text);
    assert.equal(versionText(version), written);
    assert.equal(securityCounterOfVersion(version), counter);
  });
}
for (const text of [
  '',
  'v1',
  '1.2.3.4',
  '1.2+3',
  '256',
  '1.256',
  '1.2.65536',
  '1.2.3+4294967296',
  '01',
  '1.02',
  '-1',
  '1.2.3+',
  '1 ',
]) {
  test(`no version: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseImageVersion(text), { code: 'IMAGE_VERSION' });
  });
}

// Sizes that imgtool's documentation gives a formula for: sectors x 3 x alignment, four fields, magic.
const trailers: [SlotLayout, number][] = [
  [{ slotBytes: 8192, writeAlignBytes: 1 }, 128 * 3 + 32 + 16],
  [{ slotBytes: 8192, writeAlignBytes: 4, sectorsMax: 10 }, 120 + 32 + 16],
  [{ slotBytes: 8192, writeAlignBytes: 8 }, 3072 + 32 + 16],
  [{ slotBytes: 16384, writeAlignBytes: 16 }, 6144 + 64 + 16],
  [{ slotBytes: 16384, writeAlignBytes: 32, sectorsMax: 4 }, 384 + 128 + 32],
  [{ slotBytes: 8192, writeAlignBytes: 8, overwriteOnly: true }, 16 + 16],
  [{ slotBytes: 8192, writeAlignBytes: 32, overwriteOnly: true }, 64 + 32],
];
for (const [slot, length] of trailers) {
  const { writeAlignBytes, overwriteOnly = false } = slot;
  test(`the trailer of ${JSON.stringify(slot)}`, () => {
    assert.equal(trailerLength(slot), length);
    const image = Uint8Array.of(1, 2, 3);
    for (const erasedByte of [0xff, 0x00]) {
      for (const confirm of [false, true]) {
        const bytes = padToSlot(image, { ...slot, erasedByte }, confirm);
        assert.equal(bytes.length, slot.slotBytes);
        assert.deepEqual(readTrailer(bytes, image.length), {
          erasedByte,
          alignBytes: Math.max(8, writeAlignBytes),
          isConfirmed: confirm && !overwriteOnly,
        });
      }
    }
  });
}

test('an image that just fits, and one byte more', () => {
  const slot = { slotBytes: 1024, writeAlignBytes: 1, sectorsMax: 4 };
  const most = 1024 - (12 + 32 + 16);
  assert.equal(padToSlot(new Uint8Array(most), slot, false).length, 1024);
  assert.throws(() => padToSlot(new Uint8Array(most + 1), slot, false), {
    code: 'IMAGE_OVER_SLOT',
    message: 'an image of 965 bytes and a trailer of 60 do not fit a slot of 1024',
  });
  assert.throws(() => trailerLength({ ...slot, writeAlignBytes: 3 }), { code: 'IMAGE_CONTENT' });
});

test('the magic of 32-byte writes carries the alignment', () => {
  const bytes = padToSlot(Uint8Array.of(1), { slotBytes: 4096, writeAlignBytes: 32, sectorsMax: 4 }, true);
  assert.equal(toHex(bytes.subarray(-16)), '20002de15d29410b8d77679c110f1f8a');
  assert.equal(bytes[4096 - 32 - 32], 1);
});

const slot = padToSlot(Uint8Array.of(1), { slotBytes: 256, writeAlignBytes: 1, sectorsMax: 4 }, true);
const changed = (offset: number, ...values: number[]) => {
  const bytes = slot.slice();
  bytes.set(values, offset);
  return bytes;
};
const invalid: [string, Uint8Array, RegExp][] = [
  ['one byte more', Uint8Array.of(1, 2), /no trailer ends/],
  ['padding without magic', slot.subarray(0, 200), /byte 184: no trailer ends/],
  ['magic without room for fields', slot.subarray(-20), /byte 1: no room for a trailer/],
  ['something in the padding', changed(7, 0x55), /byte 7: 0x55 in place of padding; the image itself ends at byte 1/],
  ['a swap that has begun', changed(200, 1), /byte 200: 0x01 in place of padding/],
  ['a flag half written', changed(256 - 24, 3), /byte 232: 0x03 in place of padding/],
  ['copy_done', changed(256 - 32, 1), /byte 224: 0x01 in place of padding/],
  ['an erased value of 0x5a', changed(231, 0x5a), /byte 231: 0x5a in place of padding/],
  ['an alignment of 24', changed(240, 24, 0, ...fromHex('2de15d29410b8d77679c110f1f8a')), /no trailer ends/],
];
for (const [what, bytes, message] of invalid) {
  test(`no trailer: ${what}`, () => {
    assert.throws(() => readTrailer(bytes, 1), { code: 'IMAGE_INVALID', message });
  });
}

const dns = parseUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8');

// The first from RFC 9562, A.4, the second from Python's documentation, the others from a published SUIT manifest.
const nordic = '7617daa5-71fd-5a85-8f94-e28d735ce9f4';
const uuids: [string, Uint8Array, string][] = [
  ['www.example.com', dns, '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  ['python.org', dns, '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ['nordicsemi.com', dns, nordic],
  ['unspecified_class', parseUuid(nordic), 'cad8523a-f829-5a9a-ba85-2ea0b2f577c9'],
];
for (const [name, namespace, text] of uuids) {
  test(`the UUID of ${name}`, () => assert.equal(uuidText(uuidV5(namespace, name)), text));
}

test('UUIDs of a licence and a model: another for another chain, registry, licence or model', () => {
  const licence = { chainId: 31337, registry: new Uint8Array(20).fill(0xab), licenceId: 7n };
  assert.equal(licenceText(licence), `eip155:31337/erc721:0x${'ab'.repeat(20)}/7`);
  const { vendor, class: class_ } = licenceUuids(licence, modelIdOf('macaron-2'));
  const namespace = uuidV5(dns, 'dimo.org');
  assert.deepEqual(vendor, uuidV5(namespace, licenceText(licence)));
  assert.deepEqual(class_, uuidV5(vendor, 'macaron-2'));
  const others = [
    licenceUuids({ ...licence, chainId: 1 }, modelIdOf('macaron-2')),
    licenceUuids({ ...licence, registry: new Uint8Array(20) }, modelIdOf('macaron-2')),
    licenceUuids({ ...licence, licenceId: 8n }, modelIdOf('macaron-2')),
  ];
  for (const other of others) {
    assert.notDeepEqual(other.vendor, vendor);
    assert.notDeepEqual(other.class, class_);
  }
  assert.notDeepEqual(licenceUuids(licence, modelIdOf('macaron-3')).class, class_);
});

test('no UUID', () => {
  for (const text of ['', nordic.slice(1), `${nordic}0`, 'g'.repeat(32)])
    assert.throws(() => parseUuid(text), TypeError);
});
