/** What is told of images that are not what they say: a problem in words, or our error, and nothing a terminal obeys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  buildManifestBody,
  imageSigner,
  modelIdOf,
  padToSlot,
  parseImageVersion,
  signImage,
} from '../../../edge/firmware/index.ts';
import { table } from '../../../tools/cli/table.ts';
import { type ImageInfo, imageInfo, imageInfoText } from '../../../tools/firmware/index.ts';

const manifest = { version: '1.0.0', model: modelIdOf('m'), decoders: [new Uint8Array(32)], settings: {} };
const signer = imageSigner('ed25519', new Uint8Array(32).fill(4));
const body = buildManifestBody({ ...manifest, fault: 'hang' });
const uuids = { vendor: new Uint8Array(16).fill(1), class: new Uint8Array(16).fill(2) };
const version = parseImageVersion('1.0.0');
const image = signImage({ body, version, securityCounter: 1, uuids }, signer);
const slot = padToSlot(image, { slotBytes: 1024, writeAlignBytes: 16, sectorsMax: 4 }, false);
const textOf = (info: ImageInfo) => imageInfoText('image.bin', info, table);

const damaged = (offset: number, value: number) => {
  const bytes = slot.slice();
  bytes[offset] = value;
  return bytes;
};
const told: [string, Uint8Array, RegExp][] = [
  [
    'nothing wrong',
    slot,
    /fault {2,}hang\n.*padding {3}0xff\n {2}image_ok {2}unset: on trial\n.*fields 16 bytes apart/s,
  ],
  ['a changed version', damaged(20, 7), /image 7\.0\.0.*\nSHA-256 [0-9a-f]{64}, NOT what it says: it is damaged\n/],
  ['a damaged manifest', damaged(32 + 13, 0xff), /manifest {2}not deterministic CBOR at byte 1/],
  ['no manifest', damaged(32, 0), /firmware {2}\d+ bytes, no manifest/],
  [
    'something behind the image',
    damaged(700, 0),
    /problem {2}not an MCUboot image at byte 700: 0x00 in place of padding/,
  ],
  ['flags', damaged(16, 0x14), /flags {2,}0x14 ENCRYPTED_AES128 NON_BOOTABLE/],
];
for (const [what, bytes, expected] of told) {
  test(`told in words: ${what}`, () => assert.match(textOf(imageInfo(bytes)), expected));
}

test('an entry that nobody knows is shown by its number', () => {
  const strange = image.slice();
  // The signature's type, 64 bytes and a head before the end.
  strange[strange.length - 68] = 0xa7;
  const { tlvs, signature } = imageInfo(strange);
  assert.deepEqual([tlvs[2].name, tlvs[2].type, signature], ['VENDOR', 0xa7, 'none']);
  strange[strange.length - 68] = 0x9f;
  assert.equal(imageInfo(strange).tlvs[2].name, 'UNKNOWN');
});

test('any bytes changed: told, or our error', () => {
  const change = fc.tuple(fc.nat(slot.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = slot.slice();
      for (const [place, value] of changes) bytes[place] = value;
      try {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
        return !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(textOf(imageInfo(bytes)));
      } catch (error) {
        return error instanceof MinerError && error.code === 'IMAGE_INVALID';
      }
    }),
    { numRuns: 500 },
  );
});
