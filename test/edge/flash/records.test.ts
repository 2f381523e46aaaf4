/** Records and settings on flash: the newest that was saved as a whole, whatever was cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FlashSettings, MemoryFlash, RecordStore } from '../../../edge/flash/index.ts';
import { PowerCut, SeededRandom } from '../../../edge/sim/index.ts';

const flashOf = (options: { seed?: number; sectors?: number; word?: number; erasedByte?: 0 | 255 } = {}) =>
  new MemoryFlash(
    {
      sizeBytes: 256 * (options.sectors ?? 2),
      sectorBytes: 256,
      writeAlignBytes: options.word ?? 8,
      erasedByte: options.erasedByte ?? 0xff,
    },
    { random: new SeededRandom(options.seed ?? 1) },
  );

test('nothing saved is no value; the last of many is the value, also when opened again', () => {
  const flash = flashOf();
  assert.equal(new RecordStore(flash).value, undefined);
  const store = new RecordStore(flash);
  for (let i = 0; i < 50; i++) {
    store.save(new Uint8Array(i % 20).fill(i));
    assert.deepEqual(store.value, new Uint8Array(i % 20).fill(i));
    assert.deepEqual(new RecordStore(flash).value, store.value);
  }
});

test('a payload of all the room is kept, one byte more is refused, and the value before stays', () => {
  const flash = flashOf();
  const store = new RecordStore(flash);
  store.save(new Uint8Array(store.payloadBytesMax).fill(1));
  store.save(new Uint8Array(store.payloadBytesMax).fill(2));
  assert.throws(() => store.save(new Uint8Array(store.payloadBytesMax + 1)), { code: 'FLASH_RECORD_TOO_LARGE' });
  assert.deepEqual(new RecordStore(flash).value, new Uint8Array(store.payloadBytesMax).fill(2));
  assert.throws(() => new RecordStore(flashOf({ sectors: 1 })), { code: 'FLASH_GEOMETRY' });
});

test('after any cuts the value is the last one saved, or the one that was being saved', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        word: fc.constantFrom(1, 4, 8, 16, 32),
        erasedByte: fc.constantFrom<0 | 255>(0, 255),
        sectors: fc.constantFrom(2, 3, 4),
      }),
      fc.array(
        fc.record({
          length: fc.nat({ max: 60 }),
          ahead: fc.nat({ max: 4 }),
          moment: fc.constantFrom('before', 'within', 'after'),
        }),
        { maxLength: 30 },
      ),
      (board, saves) => {
        const flash = flashOf(board);
        let store = new RecordStore(flash);
        let saved: Uint8Array | undefined;
        for (const [i, { length, ahead, moment }] of saves.entries()) {
          const payload = new Uint8Array(length).fill(i);
          flash.power.cutAt(ahead, moment as 'before');
          try {
            store.save(payload);
            saved = payload;
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            flash.power.restore();
            store = new RecordStore(flash);
            const { value } = store;
            if (value?.length === length && value.every((byte) => byte === i)) saved = payload;
          }
          assert.deepEqual(store.value, saved);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a flipped bit of the newest record leads back to the one before', () => {
  const flash = flashOf();
  const store = new RecordStore(flash);
  store.save(Uint8Array.of(1));
  store.save(Uint8Array.of(2));
  const second = flash.read(24, 24);
  second[12] ^= 1;
  flash.load(24, second);
  assert.deepEqual(new RecordStore(flash).value, Uint8Array.of(1));
});

test('settings: by name, as a whole; none where something else was saved', () => {
  const flash = flashOf();
  const settings = new Map([
    ['sampling/interval', Uint8Array.of(1, 2)],
    ['empty', new Uint8Array()],
  ]);
  new FlashSettings(flash).save(settings);
  assert.deepEqual(new FlashSettings(flash).load(), settings);
  new FlashSettings(flash).save(new Map());
  assert.equal(new FlashSettings(flash).load().size, 0);
  for (const other of [Uint8Array.of(0xff), Uint8Array.of(1), Uint8Array.of(0xa1, 1, 2)]) {
    new RecordStore(flash).save(other);
    assert.equal(new FlashSettings(flash).load().size, 0);
  }
});
