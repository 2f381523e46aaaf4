/** The boot loader without power cuts: each request from upload to boot, and what it refuses. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type BootOutcome,
  bootOnce,
  geometryOf,
  ImageSlots,
  imageVerifier,
  magicOf,
  Trailer,
  type TrailerPlace,
} from '../../../edge/boot/index.ts';
import type { MinerError } from '../../../edge/errors/index.ts';
import { MemoryFlash } from '../../../edge/flash/index.ts';
import { PowerCut, SeededRandom } from '../../../edge/sim/index.ts';
import { type Board, boards, buildBoard } from '../../../tools/sim/flash-board.ts';
import { type ImageName, simulatedImage, verifySimulated as verify } from '../../../tools/sim/flash-images.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const swapBoards = boards.filter(({ strategy }) => strategy === 'swap-offset');
const overwriteBoards = boards.filter(({ strategy }) => strategy === 'overwrite-only');

/** A board whose primary slot holds image `a`. */
function setUp(spec = boards[0]) {
  const board = buildBoard(spec, new SeededRandom(1));
  const image = (name: ImageName) => simulatedImage(name, spec.imageUnits[name === 'a' ? 0 : 1] * board.unitBytes);
  board.primary.load(0, image('a').bytes);
  const boot = () => bootOnce(board.layout, { verify });
  boot();
  const slots = () => new ImageSlots({ ...board.layout, verify });
  const upload = (name: ImageName) => {
    const { bytes, sha256 } = image(name);
    const management = slots();
    management.uploadBegin({ lengthBytes: bytes.length, sha256 });
    management.writeChunk(0, bytes);
    return management.finishUpload();
  };
  return { board, image, boot, slots, upload };
}

const told = ({ image, swap, isTrial }: BootOutcome) => [image.version, swap, isTrial];
const title = ({ sectorBytes, writeAlignBytes, erasedByte }: (typeof boards)[number]) =>
  `sectors of ${sectorBytes.join(' and ')}, words of ${writeAlignBytes.join(' and ')}, erased to ${erasedByte}`;

for (const spec of swapBoards) {
  test(`${title(spec)}: trial, confirmation, and the way back to the image before`, () => {
    const { boot, slots, upload } = setUp(spec);
    slots().setPending(upload('b').hash, false);
    assert.deepEqual(told(boot()), ['1.1.0', 'test', true]);
    slots().confirm();
    assert.deepEqual(told(boot()), ['1.1.0', 'none', false]);
    slots().setPending(upload('c').hash, false);
    assert.deepEqual(told(boot()), ['1.2.0', 'test', true]);
    assert.deepEqual(told(boot()), ['1.1.0', 'revert', false]);
    assert.deepEqual(told(boot()), ['1.1.0', 'none', false]);
    const [, other] = slots().state();
    assert.deepEqual([other.version, other.pending], ['1.2.0', false], 'it can be tried again without an upload');
    slots().setPending(other.hash, false);
    assert.deepEqual(told(boot()), ['1.2.0', 'test', true]);
  });

  test(`${title(spec)}: for good, without a trial`, () => {
    const { boot, slots, upload } = setUp(spec);
    slots().setPending(upload('b').hash, true);
    assert.deepEqual(told(boot()), ['1.1.0', 'permanent', false]);
    assert.deepEqual(told(boot()), ['1.1.0', 'none', false]);
  });
}

for (const spec of overwriteBoards) {
  test(`${title(spec)}, overwrite-only: every update is for good`, () => {
    const { boot, slots, upload } = setUp(spec);
    slots().setPending(upload('b').hash, false);
    assert.deepEqual(told(boot()), ['1.1.0', 'permanent', false]);
    assert.deepEqual(
      slots()
        .state()
        .map(({ slot, version, pending, confirmed }) => [slot, version, pending, confirmed]),
      [
        [0, '1.1.0', false, true],
        [1, '1.1.0', false, false],
      ],
    );
    assert.deepEqual(told(boot()), ['1.1.0', 'none', false]);
  });
}

test('a swap goes through the units once: erases and writes of an update, counted', () => {
  const { board, boot, slots, upload } = setUp();
  slots().setPending(upload('b').hash, false);
  const { unitBytes, primary, secondary } = geometryOf(board.layout);
  const trailers = (board.primary.sizeBytes - primary.start + board.secondary.sizeBytes - secondary.start) / unitBytes;
  const before = board.power.operations;
  boot();
  // For each of 3 units two erases, two copies and two status entries; record in 3 writes; the unit left over; copy_done.
  assert.equal(board.power.operations - before, trailers + 3 + 3 * 6 + 1 + 1);
});

test('the console hears of a swap from beginning to end', () => {
  const { boot, slots, upload } = setUp();
  slots().setPending(upload('b').hash, false);
  const { events } = boot();
  assert.deepEqual(
    events.map(({ event }) => event),
    ['begin', 'done', 'boot'],
  );
  assert.deepEqual(events[0], { event: 'begin', request: 'test', units: 3 });
});

/** As a tool that does not ask image management. */
function plant({ board, image }: ReturnType<typeof setUp>, name: ImageName, isPermanent = false): Trailer {
  const geometry = geometryOf(board.layout);
  board.secondary.load(geometry.uploadOffset, image(name).bytes);
  const trailer = new Trailer(board.secondary, geometry, 'secondary');
  if (isPermanent) trailer.writeImageOk();
  trailer.writeMagic();
  return trailer;
}

const isBlank = ({ secondary }: Board) => secondary.read(0, secondary.sizeBytes).every((byte) => byte === 0xff);

for (const [name, problem] of [
  ['damaged', /does not verify/],
  ['older', /security counter 1, expected 2 or more/],
] as const) {
  for (const isPermanent of [false, true]) {
    test(`${name}, asked for ${isPermanent ? 'for good' : 'on trial'}: erased, and the image that was there boots`, () => {
      const setting = setUp();
      plant(setting, name, isPermanent);
      const outcome = setting.boot();
      assert.deepEqual(told(outcome), ['1.0.0', 'failed', false]);
      const refused = outcome.events.find(({ event }) => event === 'refused');
      assert.match((refused as { reason: string }).reason, problem);
      assert.ok(isBlank(setting.board));
      assert.deepEqual(told(setting.boot()), ['1.0.0', 'none', false]);
    });
  }
}

test('asked for, and nothing there: as a bad image', () => {
  const setting = setUp();
  new Trailer(setting.board.secondary, geometryOf(setting.board.layout), 'secondary').writeMagic();
  assert.deepEqual(told(setting.boot()), ['1.0.0', 'failed', false]);
});

test('a trial whose way back is damaged stays, rather than nothing', () => {
  const { board, boot, slots, upload } = setUp();
  slots().setPending(upload('b').hash, false);
  boot();
  const byte = board.secondary.read(100, 1);
  board.secondary.load(100, Uint8Array.of(byte[0] ^ 1));
  assert.deepEqual(told(boot()), ['1.1.0', 'failed', false]);
  assert.deepEqual(told(boot()), ['1.1.0', 'none', false]);
});

test('an image that goes bad between the preparation of its swap and its first step: the one that was there boots', () => {
  const setting = setUp();
  const { board, boot } = setting;
  plant(setting, 'b');
  const before = board.power.operations;
  const trailerUnits = (board.primary.sizeBytes - geometryOf(board.layout).primary.start) / board.unitBytes;
  // The trailer is erased, the record takes three writes.
  board.power.cutAt(trailerUnits + 2, 'after');
  assert.throws(boot, PowerCut);
  assert.equal(board.power.operations - before, trailerUnits + 3);
  board.power.restore();
  board.secondary.load(board.unitBytes + 100, Uint8Array.of(0, 0));
  assert.deepEqual(told(boot()), ['1.0.0', 'failed', false]);
  assert.deepEqual(told(boot()), ['1.0.0', 'none', false]);
});

/** Stops a boot just before the request is erased: the swap's record is written, and nothing was moved. */
function cutBeforeRequestIsErased({ board, boot }: ReturnType<typeof setUp>): void {
  const trailerUnits = (board.primary.sizeBytes - geometryOf(board.layout).primary.start) / board.unitBytes;
  board.power.cutAt(trailerUnits + 3, 'before');
  assert.throws(boot, PowerCut);
  board.power.restore();
}

for (const [asked, imageOk] of [
  ['test', 0x01],
  ['permanent', 0xff],
] as const) {
  test(`asked for as ${asked}, it stays so when an erase that was cut turns image_ok into the contrary`, () => {
    const setting = setUp();
    const { board, boot } = setting;
    plant(setting, 'b', asked === 'permanent');
    cutBeforeRequestIsErased(setting);
    board.secondary.load(geometryOf(board.layout).secondary.imageOk, Uint8Array.of(imageOk));
    assert.equal(boot().swap, asked);
  });
}

test('what an erase that was cut left of an older record is not taken for that of the swap asked for now', () => {
  const { board, boot, slots, upload } = setUp();
  slots().setPending(upload('b').hash, true);
  boot();
  slots().setPending(upload('c').hash, false);
  const { status, swapSize, copyDone, magic } = geometryOf(board.layout).primary;
  const erase = (from: number, to: number) => board.primary.load(from, new Uint8Array(to - from).fill(0xff));
  erase(status, swapSize);
  erase(copyDone, magic);
  assert.deepEqual(told(boot()), ['1.2.0', 'test', true], 'it was for good, with the same sizes');
});

test('an image too large to be swapped back is not asked into its place', () => {
  const setting = setUp({ ...boards[2], imageUnits: [1, 1], slotBytes: [4096, 4096] });
  const { board, boot } = setting;
  board.primary.load(0, simulatedImage('a', 3 * board.unitBytes).bytes);
  plant(setting, 'b');
  const { swap, events } = boot();
  assert.equal(swap, 'failed');
  assert.match(JSON.stringify(events), /expected 2048 at most/);
});

test('blank flash, a damaged image, one below the counter: nothing boots', () => {
  const { board, boot, image } = setUp();
  board.primary.load(0, image('damaged').bytes);
  assert.throws(boot, { code: 'BOOT_NO_IMAGE', message: /SHA-256/ });
  board.primary.load(0, image('older').bytes);
  assert.throws(boot, { code: 'BOOT_NO_IMAGE', message: /security counter 1/ });
  board.primary.erase(0, board.primary.sizeBytes);
  assert.throws(boot, { code: 'BOOT_NO_IMAGE', message: /magic 0xffffffff/ });
});

test('images of imgtool: the padded one boots, the other is tried, and refused where a counter is kept', {
  skip: skipWithout('vectors/mcuboot'),
}, () => {
  const vector = (name: string) => readFileSync(sharedPath(`vectors/mcuboot/${name}`) as string);
  const { x, y } = createPublicKey(vector('root-ec-p256.pem')).export({ format: 'jwk' });
  const publicKey = Uint8Array.of(4, ...Buffer.from(`${x}`, 'base64url'), ...Buffer.from(`${y}`, 'base64url'));
  const options = { verify: imageVerifier(publicKey) };
  const flash = (sizeBytes: number) =>
    new MemoryFlash({ sizeBytes, sectorBytes: 4096, writeAlignBytes: 8, erasedByte: 0xff });
  const padded = vector('app.padded-confirmed.bin');
  const layout = { primary: flash(padded.length), secondary: flash(padded.length + 4096) };
  layout.primary.load(0, padded);
  const board = { ...layout, counter: flash(8192) };
  assert.deepEqual(told(bootOnce(board, options)), ['1.2.3', 'none', false]);
  const upload = (slots: ImageSlots, bytes: Uint8Array) => {
    slots.uploadBegin({ lengthBytes: bytes.length });
    slots.writeChunk(0, bytes);
    slots.setPending(slots.finishUpload().hash, false);
  };
  const app = vector('app-1.2.3.signed.bin');
  assert.throws(() => upload(new ImageSlots({ ...board, ...options }), app), { code: 'IMAGE_DOWNGRADE' });
  upload(new ImageSlots({ ...layout, ...options }), app);
  assert.deepEqual(told(bootOnce(layout, options)), ['1.2.3+7', 'test', true]);
  assert.deepEqual(told(bootOnce(layout, options)), ['1.2.3', 'revert', false]);
});

test('whatever the trailers hold, an image that verifies boots, or none', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...boards),
      fc.nat(),
      fc.constantFrom<readonly ImageName[]>(['a', 'b'], ['a', 'damaged'], ['damaged', 'b'], ['older', 'a']),
      (spec, seed, [first, second]) => {
        const { board, boot, image } = setUp(spec);
        const { layout, primary, secondary } = board;
        const geometry = geometryOf(layout);
        const random = new SeededRandom(seed);
        primary.load(0, image(first).bytes);
        secondary.load(random.chance(1, 2) ? geometry.uploadOffset : 0, image(second).bytes);
        scribble(primary, geometry.primary, random);
        scribble(secondary, geometry.secondary, random);
        for (let resets = 0; resets < 3; resets++) {
          try {
            const { lengthBytes } = boot().image;
            const runs = [image('a'), image('b')].some(
              ({ bytes }) => primary.holds(0, bytes) && bytes.length === lengthBytes,
            );
            assert.ok(runs);
          } catch (error) {
            assert.equal((error as MinerError).code, 'BOOT_NO_IMAGE', (error as Error).stack);
          }
        }
      },
    ),
    { numRuns: 400 },
  );
});

/** Words that mean something, erased ones, and any others. */
function scribble(flash: MemoryFlash, place: TrailerPlace, random: SeededRandom): void {
  const { sizeBytes, erasedByte } = flash;
  const rubbish = new Uint8Array(sizeBytes - place.start).fill(erasedByte);
  if (random.chance(1, 2)) random.fill(rubbish);
  flash.load(place.start, rubbish);
  const magic = magicOf(place.imageOk - place.copyDone);
  if (random.chance(3, 4)) flash.load(place.magic, magic);
  for (const offset of [place.imageOk, place.copyDone]) {
    if (random.chance(1, 2)) flash.load(offset, new Uint8Array(8).fill(erasedByte).fill(1, 0, random.below(2)));
  }
  if (random.chance(1, 2)) flash.load(place.swapInfo, Uint8Array.of(random.below(6)));
  if (random.chance(1, 2))
    flash.load(place.swapSize, Uint8Array.of(random.below(256), random.below(256), 0, 0, random.below(4)));
}

test('the counter rises with a confirmation, not with a trial', () => {
  const { board, boot, slots, upload, image } = setUp();
  slots().setPending(upload('b').hash, false);
  boot();
  boot();
  slots().setPending(image('b').hash, false);
  assert.deepEqual(told(boot()), ['1.1.0', 'test', true], 'the image before could run in between');
  slots().confirm();
  const [, before] = slots().state();
  assert.deepEqual([before.version, before.bootable], ['1.0.0', false]);
  assert.throws(() => slots().setPending(before.hash, false), { code: 'IMAGE_DOWNGRADE' });
  const withoutCounter = { primary: board.primary, secondary: board.secondary };
  new ImageSlots({ ...withoutCounter, verify }).setPending(before.hash, false);
  assert.deepEqual(told(bootOnce(withoutCounter, { verify })), ['1.0.0', 'test', true], 'without one it may go back');
});
