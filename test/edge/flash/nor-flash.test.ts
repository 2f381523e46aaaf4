/** What NOR flash refuses, on every device; and what a power cut may leave of one operation. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { FlashArea, type FlashDevice, type FlashGeometry, MemoryFlash } from '../../../edge/flash/index.ts';
import { FlashFile } from '../../../edge/flash/node.ts';
import { PowerCut, SeededRandom } from '../../../edge/sim/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'flash-'));
after(() => rmSync(folder, { recursive: true }));

const geometry: FlashGeometry = { sizeBytes: 1024, sectorBytes: 256, writeAlignBytes: 8, erasedByte: 0xff };
let files = 0;
const freshPath = () => path.join(folder, `flash-${files++}.bin`);

const devices: [string, () => FlashDevice][] = [
  ['memory', () => new MemoryFlash(geometry)],
  ['a file', () => FlashFile.open(freshPath(), geometry)],
  ['an area', () => new FlashArea(new MemoryFlash({ ...geometry, sizeBytes: 2048 }), { offset: 512, sizeBytes: 1024 })],
];

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

const refused: [string, (flash: FlashDevice) => void, string][] = [
  ['a write off a word', (flash) => flash.write(4, bytes(8)), 'FLASH_ALIGNMENT'],
  ['a write of part of a word', (flash) => flash.write(8, bytes(7)), 'FLASH_ALIGNMENT'],
  ['a write past the end', (flash) => flash.write(1016, bytes(16)), 'FLASH_RANGE'],
  ['a write before the beginning', (flash) => flash.write(-8, bytes(8)), 'FLASH_RANGE'],
  ['a write to a word that was written', (flash) => flash.write(256, bytes(8)), 'FLASH_UNERASED'],
  ['a write over one written word among erased ones', (flash) => flash.write(240, bytes(64)), 'FLASH_UNERASED'],
  ['an erase off a sector', (flash) => flash.erase(128, 256), 'FLASH_ALIGNMENT'],
  ['an erase of part of a sector', (flash) => flash.erase(256, 128), 'FLASH_ALIGNMENT'],
  ['an erase past the end', (flash) => flash.erase(768, 512), 'FLASH_RANGE'],
  ['a read past the end', (flash) => flash.read(1000, 25), 'FLASH_RANGE'],
  ['a read of no number of bytes', (flash) => flash.read(0, Number.NaN), 'FLASH_RANGE'],
];

for (const [name, open] of devices) {
  test(`${name}: is erased, is written once, is erased again`, () => {
    const flash = open();
    assert.deepEqual(flash.read(0, 1024), bytes(1024, 0xff));
    flash.write(256, bytes(16));
    assert.deepEqual(flash.read(248, 32), Uint8Array.of(...bytes(8, 0xff), ...bytes(16), ...bytes(8, 0xff)));
    flash.write(272, bytes(8, 9));
    flash.erase(256, 256);
    assert.deepEqual(flash.read(0, 1024), bytes(1024, 0xff));
    flash.write(256, bytes(0));
    flash.erase(0, 0);
  });

  for (const [what, action, code] of refused) {
    test(`${name} refuses ${what}, and stays as it was`, () => {
      const flash = open();
      flash.write(256, bytes(8));
      const before = flash.read(0, 1024);
      assert.throws(() => action(flash), { code });
      assert.deepEqual(flash.read(0, 1024), before);
    });
  }
}

const noFlash: [string, Partial<FlashGeometry>][] = [
  ['words of 3 bytes', { writeAlignBytes: 3 }],
  ['words of 64 bytes', { writeAlignBytes: 64 }],
  ['sectors smaller than a word', { writeAlignBytes: 32, sectorBytes: 16 }],
  ['sectors of 300 bytes', { sectorBytes: 300, sizeBytes: 900 }],
  ['half a sector', { sizeBytes: 384 }],
  ['no bytes', { sizeBytes: 0 }],
  ['erased bytes of 0x55', { erasedByte: 0x55 as never }],
];
for (const [what, change] of noFlash) {
  test(`no flash: ${what}`, () => {
    assert.throws(() => new MemoryFlash({ ...geometry, ...change }), { code: 'FLASH_GEOMETRY' });
  });
}
for (const [what, offset, sizeBytes] of [
  ['off a sector', 128, 256],
  ['of part of a sector', 256, 128],
  ['past the end', 768, 512],
  ['of nothing', 256, 0],
  ['before the beginning', -256, 256],
] as const) {
  test(`no area: ${what}`, () => {
    assert.throws(() => new FlashArea(new MemoryFlash(geometry), { offset, sizeBytes }), { code: 'FLASH_GEOMETRY' });
  });
}

test('a file holds the bytes of the flash and nothing else, and is opened again as it was left', () => {
  const file = freshPath();
  const flash = FlashFile.open(file, geometry);
  flash.write(512, bytes(8));
  assert.deepEqual(new Uint8Array(readFileSync(file)), flash.read(0, 1024), 'without being closed');
  flash.close();
  const again = FlashFile.open(file, geometry);
  assert.deepEqual(again.read(512, 8), bytes(8));
  assert.throws(() => again.write(512, bytes(8)), { code: 'FLASH_UNERASED' });
  assert.throws(() => FlashFile.open(file, geometry), { code: 'FLASH_LOCKED' }, 'one at a time');
  again.close();
});

test('a file of another size is left alone', () => {
  const file = freshPath();
  writeFileSync(file, bytes(1000));
  assert.throws(() => FlashFile.open(file, geometry), {
    code: 'FLASH_FILE_SIZE',
    message: /1000 bytes, expected .* 1024/,
  });
  assert.equal(statSync(file).size, 1000);
  assert.throws(() => FlashFile.open(path.join(folder, 'nowhere', 'flash.bin'), geometry), { code: 'FLASH_IO' });
});

const wordSizes = [1, 4, 8, 16, 32] as const;

test('a cut within a write leaves whole words, perhaps one torn, and erased ones', () => {
  fc.assert(
    fc.property(fc.constantFrom(...wordSizes), fc.constantFrom(0x00, 0xff), fc.nat(), (word, erasedByte, seed) => {
      const flash = new MemoryFlash(
        { sizeBytes: 512, sectorBytes: 256, writeAlignBytes: word, erasedByte: erasedByte as 0 | 255 },
        { random: new SeededRandom(seed) },
      );
      const written = new Uint8Array(128).map((_, i) => i + 1);
      flash.power.cutAt(0, 'within');
      assert.throws(() => flash.write(256, written), PowerCut);
      assert.throws(() => flash.read(0, 1), PowerCut, 'no power');
      flash.power.restore();
      const found = flash.read(256, 128);
      let words = 0;
      const isWord = (at: number, like: (i: number) => number) =>
        found.subarray(at, at + word).every((byte, i) => byte === like(at + i));
      while (words * word < 128 && isWord(words * word, (i) => written[i])) words++;
      for (let at = (words + 1) * word; at < 128; at += word)
        assert.ok(
          isWord(at, () => erasedByte),
          `${at}`,
        );
      assert.deepEqual(flash.read(0, 256), bytes(256, erasedByte));
    }),
    { numRuns: 300 },
  );
});

test('a cut within an erase changes nothing outside its sector, and each sector is an operation', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 3 }), (seed, ahead) => {
      const flash = new MemoryFlash(geometry, { random: new SeededRandom(seed) });
      flash.write(0, bytes(1024));
      flash.power.cutAt(ahead, 'within');
      assert.throws(() => flash.erase(0, 1024), PowerCut);
      flash.power.restore();
      assert.deepEqual(flash.read(0, ahead * 256), bytes(ahead * 256, 0xff));
      assert.deepEqual(flash.read((ahead + 1) * 256, 768 - ahead * 256), bytes(768 - ahead * 256));
    }),
    { numRuns: 200 },
  );
});

test('cuts within erases leave erased, old and other bytes', () => {
  const seen = { erased: 0, old: 0, other: 0 };
  for (let seed = 0; seed < 50; seed++) {
    const flash = new MemoryFlash(geometry, { random: new SeededRandom(seed) });
    flash.write(0, bytes(256));
    flash.power.cutAt(0, 'within');
    assert.throws(() => flash.erase(0, 256), PowerCut);
    flash.power.restore();
    for (const byte of flash.read(0, 256)) seen[byte === 0xff ? 'erased' : byte === 7 ? 'old' : 'other']++;
  }
  assert.ok(Math.min(seen.erased, seen.old, seen.other) > 200, JSON.stringify(seen));
});

for (const [moment, isDone] of [
  ['before', false],
  ['after', true],
] as const) {
  test(`a cut ${moment} an operation leaves it ${isDone ? 'done' : 'undone'}`, () => {
    const flash = new MemoryFlash(geometry);
    flash.power.cutAt(0, moment);
    assert.throws(() => flash.write(0, bytes(8)), PowerCut);
    flash.power.restore();
    assert.deepEqual(flash.read(0, 8), bytes(8, isDone ? 7 : 0xff));
    assert.equal(flash.power.operations, 1);
  });
}
