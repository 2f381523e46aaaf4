/** Trailers: where their fields lie, what imgtool wrote, and what is refused of slots. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type BootLayout, decide, geometryOf, magicOf, Trailer } from '../../../edge/boot/index.ts';
import { padToSlot } from '../../../edge/firmware/index.ts';
import { MemoryFlash } from '../../../edge/flash/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

interface Slot {
  units: number;
  sectorBytes?: number;
  word?: number;
  erasedByte?: 0 | 255;
}
const slot = ({ units, sectorBytes = 4096, word = 8, erasedByte = 0xff }: Slot) =>
  new MemoryFlash({ sizeBytes: units * sectorBytes, sectorBytes, writeAlignBytes: word, erasedByte });
const layout = (primary: Slot, secondary: Slot = { ...primary, units: primary.units + 1 }): BootLayout => ({
  primary: slot(primary),
  secondary: slot(secondary),
});

/** Distances from the end of the slot, by hand from MCUboot's picture of a trailer. */
const places: [word: number, magic: number, imageOk: number, copyDone: number, swapInfo: number, swapSize: number][] = [
  [1, 16, 24, 32, 40, 48],
  [4, 16, 24, 32, 40, 48],
  [8, 16, 24, 32, 40, 48],
  [16, 16, 32, 48, 64, 80],
  [32, 16, 64, 96, 128, 160],
];
for (const [word, magic, imageOk, copyDone, swapInfo, swapSize] of places) {
  test(`words of ${word} bytes: where the fields of a trailer lie`, () => {
    const { primary } = geometryOf(layout({ units: 32, word }));
    const size = 32 * 4096;
    assert.deepEqual(
      [primary.magic, primary.imageOk, primary.copyDone, primary.swapInfo, primary.swapSize].map((at) => size - at),
      [magic, imageOk, copyDone, swapInfo, swapSize],
    );
    assert.equal(primary.swapSize - primary.status, 32 * 2 * word);
  });
}

test('the magic: the usual one, and with longer words one that says how long they are', () => {
  assert.equal(toHex(magicOf(8)), '77c295f360d2ef7f3552500f2cb67980');
  assert.equal(toHex(magicOf(16)), '10002de15d29410b8d77679c110f1f8a');
  assert.equal(toHex(magicOf(32)), '20002de15d29410b8d77679c110f1f8a');
});

test('what imgtool padded and confirmed reads as confirmed', { skip: skipWithout('vectors/mcuboot') }, () => {
  const bytes = readFileSync(sharedPath('vectors/mcuboot/app.padded-confirmed.bin') as string);
  const board = layout({ units: bytes.length / 4096 });
  (board.primary as MemoryFlash).load(0, bytes);
  const geometry = geometryOf(board);
  const primary = new Trailer(board.primary, geometry, 'primary').read();
  assert.deepEqual(primary, { magic: 'good', imageOk: 'set', copyDone: 'unset' });
  assert.equal(decide(primary, new Trailer(board.secondary, geometry, 'secondary').read()), 'none');
});

for (const word of [1, 4, 8, 16, 32]) {
  for (const erasedByte of [0x00, 0xff] as const) {
    test(`words of ${word} bytes, erased to ${erasedByte}: trailers as an image file brings them`, () => {
      const options = { slotBytes: 8192, writeAlignBytes: word, sectorsMax: 2, erasedByte };
      for (const isConfirmed of [false, true]) {
        const board = layout({ units: 2, word, erasedByte });
        (board.primary as MemoryFlash).load(0, padToSlot(Uint8Array.of(1, 2, 3), options, isConfirmed));
        const trailer = new Trailer(board.primary, geometryOf(board), 'primary');
        assert.deepEqual(trailer.read(), { magic: 'good', imageOk: isConfirmed ? 'set' : 'unset', copyDone: 'unset' });
      }
    });

    test(`words of ${word} bytes, erased to ${erasedByte}: each field is written once, and read back`, () => {
      const board = layout({ units: 4, word, erasedByte });
      const trailer = new Trailer(board.primary, geometryOf(board), 'primary');
      assert.deepEqual(trailer.read(), { magic: 'unset', imageOk: 'unset', copyDone: 'unset' });
      trailer.writeImageOk();
      trailer.writeImageOk();
      assert.equal(trailer.read().imageOk, 'set');
      trailer.writeCopyDone();
      trailer.writeMagic();
      assert.deepEqual(trailer.read(), { magic: 'good', imageOk: 'set', copyDone: 'set' });
      assert.equal(trailer.areFieldsErased, false);
      for (let step = 0; step < 6; step++) {
        assert.equal(trailer.readStatus(3), step);
        trailer.writeStatus(step);
      }
      assert.equal(trailer.readStatus(3), 6);
      trailer.erase();
      assert.equal(trailer.areFieldsErased, true);
      assert.equal(trailer.readStatus(3), 0);
    });
  }
}

test('a torn flag is bad, even where its first byte is erased still; its word is not written again', () => {
  const board = layout({ units: 4 });
  const geometry = geometryOf(board);
  const trailer = new Trailer(board.primary, geometry, 'primary');
  (board.primary as MemoryFlash).load(geometry.primary.imageOk, Uint8Array.of(0xff, 0xff, 0x7f));
  assert.equal(trailer.read().imageOk, 'bad');
  trailer.writeImageOk();
  (board.primary as MemoryFlash).load(geometry.primary.copyDone, Uint8Array.of(3));
  assert.equal(trailer.read().copyDone, 'bad');
  (board.primary as MemoryFlash).load(geometry.primary.magic + 15, Uint8Array.of(0));
  assert.equal(trailer.read().magic, 'bad');
});

const room: [string, BootLayout, number][] = [
  ['one sector more: all but the trailer', layout({ units: 8 }, { units: 9 }), 7],
  ['slots of one size: one sector is left free', layout({ units: 8 }, { units: 8 }), 6],
  ['a larger secondary slot: no more than the primary', layout({ units: 8 }, { units: 20 }), 7],
  ['overwrite-only: none is left free', { ...layout({ units: 8 }, { units: 8 }), strategy: 'overwrite-only' }, 7],
  [
    'sectors of 1024 and 4096: units of 4096',
    layout({ units: 32, sectorBytes: 1024 }, { units: 9, sectorBytes: 4096 }),
    7,
  ],
  ['a trailer of several small sectors', layout({ units: 8, sectorBytes: 256, word: 32 }), 5],
];
for (const [what, board, units] of room) {
  test(`room for images: ${what}`, () => assert.equal(geometryOf(board).imageUnitsMax, units));
}

const misfits: [string, BootLayout, RegExp][] = [
  ['erased to 0 and to 255', layout({ units: 8 }, { units: 8, erasedByte: 0 }), /erased to 0, the other to 255/],
  ['no room beside the trailer', layout({ units: 1 }, { units: 8 }), /no room for an image/],
  ['no sector to swap with', layout({ units: 8 }, { units: 2 }), /no room for an image/],
  [
    'a slot of half a unit',
    layout({ units: 7, sectorBytes: 1024 }, { units: 8, sectorBytes: 4096 }),
    /7168 bytes, expected whole sectors of 4096/,
  ],
];
for (const [what, board, message] of misfits) {
  test(`no layout: ${what}`, () => assert.throws(() => geometryOf(board), { code: 'BOOT_LAYOUT', message }));
}
