/** Manifests: one encoding each, every field within its bounds, and nothing else in the body of an image taken for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  buildManifestBody,
  decodeManifest,
  encodeManifest,
  type FirmwareManifest,
  manifestOfBody,
  modelIdOf,
  modelText,
} from '../../../edge/firmware/index.ts';
import { defaultSettings, type MinerSettings } from '../../../edge/miner.ts';
import { type CborValue, encodeCbor, fromHex, toHex } from '../../../edge/pack/index.ts';

const decoder = new Uint8Array(32).fill(0xdc);
const manifest: FirmwareManifest = {
  version: '1.2.3+4',
  model: modelIdOf('macaron-2'),
  decoders: [decoder],
  settings: { packIntervalMs: 5000, recordFrames: 'undecoded' },
};

test('a manifest written by hand, byte for byte', () => {
  const bytes =
    `a5 01 01 02 67 312e322e332b34 03 5820 6d61636172 6f6e2d32 ${'00'.repeat(23)} 04 81 5820 ${'dc'.repeat(32)}
    05 a2 03 19 1388 06 02`.replace(/\s/g, '');
  assert.equal(toHex(encodeManifest(manifest)), bytes);
  assert.deepEqual(decodeManifest(fromHex(bytes)), manifest);
});

test("the Miner's own settings go through a manifest unchanged", () => {
  const { settings } = decodeManifest(encodeManifest({ ...manifest, settings: defaultSettings }));
  const forMiner: Partial<MinerSettings> = settings;
  assert.deepEqual(forMiner, defaultSettings);
});

test('the body: manifest first, filler up to the size, the same each time', () => {
  const body = buildManifestBody(manifest, 5000);
  assert.equal(body.length, 5000);
  assert.deepEqual(buildManifestBody(manifest, 5000), body);
  assert.deepEqual(manifestOfBody(body), manifest);
  assert.ok(new Set(body.subarray(200)).size > 200, 'filler takes all values');
  assert.equal(buildManifestBody(manifest).length, 12 + encodeManifest(manifest).length);
  assert.deepEqual(manifestOfBody(buildManifestBody({ ...manifest, fault: 'hang' }))?.fault, 'hang');
});

test('firmware for other hardware has no manifest', () => {
  for (const body of [new Uint8Array(), new Uint8Array(64), new TextEncoder().encode('DIMO-MN')]) {
    assert.equal(manifestOfBody(body), undefined);
  }
});

const fields = (...changes: [CborValue, CborValue | undefined][]) => {
  const map = new Map<CborValue, CborValue | undefined>([
    [1, 1],
    [2, '1.0.0'],
    [3, manifest.model],
    [4, []],
    [5, new Map()],
    ...changes,
  ]);
  for (const [key, value] of map) if (value === undefined) map.delete(key);
  return encodeCbor(map as Map<CborValue, CborValue>);
};
const settings = (...entries: [CborValue, CborValue][]) => fields([5, new Map(entries)]);

test('the least that a manifest holds', () => {
  assert.deepEqual(decodeManifest(fields()), { version: '1.0.0', model: manifest.model, decoders: [], settings: {} });
});

const invalid: [string, Uint8Array, RegExp][] = [
  ['no map', encodeCbor([]), /the manifest is an array of 0, expected a map/],
  ['another schema', fields([1, 2]), /the schema is 2, expected 1/],
  ['no version', fields([2, undefined]), /version is missing/],
  ['an empty version', fields([2, '']), /version is "", expected 1 to 64 printable/],
  ['a version with a line end', fields([2, '1.0\n']), /version is "1.0\\n"/],
  ['a version without end', fields([2, '1'.repeat(65)]), /version is .* \(65 characters\)/],
  ['a model of 31 bytes', fields([3, new Uint8Array(31)]), /model is 31 bytes, expected 32 bytes/],
  ['no model', fields([3, new Uint8Array(32)]), /model is zeros/],
  ['decoders that are no array', fields([4, 1]), /decoders is 1, expected an array/],
  ['65 decoders', fields([4, Array.from({ length: 65 }, (_, i) => new Uint8Array(32).fill(i))]), /decoders is 65/],
  ['a short decoder hash', fields([4, [decoder, new Uint8Array(4)]]), /decoder 1 is 4 bytes/],
  ['a decoder twice', fields([4, [decoder, decoder]]), /decoder 1 is 32 bytes, expected each decoder once/],
  ['no settings', fields([5, undefined]), /settings is missing/],
  ['a field of later', fields([7, 1]), /a key of the manifest is 7, expected 1 to 6/],
  ['a setting of later', settings([7, 1]), /a key of settings is 7, expected 1 to 6/],
  ['one interval of two', settings([1, 5]), /intervalMsMax is missing, expected both/],
  ['intervals the wrong way round', settings([1, 500], [2, 400]), /intervalMsMax is 400, expected .* from 500/],
  ['packs without a pause', settings([3, 99]), /packIntervalMs is 99, expected a whole number from 100/],
  ['packs of nothing', settings([4, 0]), /packSamplesMax is 0/],
  ['trust asked for always', settings([5, 1]), /trustIntervalMs is 1/],
  [
    'an unknown recording',
    settings([6, 3]),
    /recordFrames is 3, expected 0 \(never\), 1 \(untrusted\), 2 \(undecoded\)/,
  ],
  ['a recording by name', settings([6, 'never']), /recordFrames is "never"/],
  ['a fraction', settings([3, 1000.5]), /packIntervalMs is 1000.5/],
  ['an unknown fault', fields([6, 2]), /the fault is 2/],
];
for (const [what, bytes, message] of invalid) {
  test(`no manifest: ${what}`, () => assert.throws(() => decodeManifest(bytes), { code: 'MANIFEST_INVALID', message }));
}

test('what could not be read is not written', () => {
  assert.throws(() => encodeManifest({ ...manifest, version: 'a b' }), { code: 'MANIFEST_INVALID' });
  assert.throws(() => encodeManifest({ ...manifest, version: '\ud800' }), { code: 'MANIFEST_INVALID' });
  assert.throws(() => encodeManifest({ ...manifest, decoders: [new Uint8Array(31)] }), { code: 'MANIFEST_INVALID' });
  assert.throws(() => encodeManifest({ ...manifest, settings: { packSamplesMax: 0 } }), { code: 'MANIFEST_INVALID' });
});

test('a body that claims a manifest and has none is told', () => {
  const body = buildManifestBody(manifest);
  const claiming = (length: number) => {
    const bytes = body.slice();
    new DataView(bytes.buffer).setUint32(8, length, true);
    return bytes;
  };
  assert.throws(() => manifestOfBody(body.subarray(0, 10)), /its length is cut short/);
  assert.throws(() => manifestOfBody(claiming(0xffffffff)), /its length is 4294967295, expected at most/);
  assert.throws(() => manifestOfBody(claiming(20)), { code: 'CBOR_INVALID' });
});

test('any bytes: a manifest, no manifest, or our error; what is read is written the same', () => {
  const good = buildManifestBody(manifest);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const bytes = good.slice();
      bytes[place] ^= change;
      try {
        const read = manifestOfBody(bytes);
        return read === undefined ? place < 8 : toHex(buildManifestBody(read)) === toHex(bytes);
      } catch (error) {
        return error instanceof MinerError && ['MANIFEST_INVALID', 'CBOR_INVALID'].includes(error.code);
      }
    }),
    { numRuns: 500 },
  );
});

test('model names and their 32 bytes', () => {
  const name = 'ä'.repeat(15);
  assert.equal(modelText(modelIdOf(name)), name);
  const number = `0x${'00'.repeat(31)}01`;
  assert.equal(modelText(modelIdOf(number)), number);
  assert.equal(modelText(fromHex(`ff${'00'.repeat(31)}`)), `0xff${'00'.repeat(31)}`, 'no UTF-8');
  assert.equal(modelText(fromHex(`1b5b${'00'.repeat(30)}`)), `0x1b5b${'00'.repeat(30)}`, 'nothing a terminal obeys');
  for (const bad of ['', 'ä'.repeat(16), 'a\0b', '0x12', '\ud800', `0x${'00'.repeat(32)}`]) {
    assert.throws(() => modelIdOf(bad), { code: 'MANIFEST_INVALID' }, JSON.stringify(bad));
  }
});
