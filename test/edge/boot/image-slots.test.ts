/** Image management: the flags of each situation, uploads in any pieces, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bootOnce, geometryOf, ImageSlots, imageVerifier } from '../../../edge/boot/index.ts';
import { imageSigner, parseImageVersion, signImage } from '../../../edge/firmware/index.ts';
import { packHash as sha256 } from '../../../edge/pack/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { boards, buildBoard } from '../../../tools/sim/flash-board.ts';
import { type ImageName, simulatedImage, verifySimulated as verify } from '../../../tools/sim/flash-images.ts';

function setUp(spec = boards[0]) {
  const board = buildBoard(spec, new SeededRandom(1));
  const image = (name: ImageName) => simulatedImage(name, spec.imageUnits[name === 'a' ? 0 : 1] * board.unitBytes);
  board.primary.load(0, image('a').bytes);
  const reset = () => {
    bootOnce(board.layout, { verify });
    return new ImageSlots({ ...board.layout, verify });
  };
  return { board, image, slots: reset(), reset };
}

function upload(slots: ImageSlots, bytes: Uint8Array) {
  slots.uploadBegin({ lengthBytes: bytes.length, sha256: sha256(bytes) });
  slots.writeChunk(0, bytes);
  return slots.finishUpload();
}

/** As mcumgr prints them. */
const flagsOf = (slots: ImageSlots) =>
  slots.state().map((state) => {
    const names = ['bootable', 'pending', 'confirmed', 'active', 'permanent'] as const;
    return `${state.slot} ${state.version}: ${names.filter((name) => state[name]).join(' ')}`;
  });

test('the flags from upload to confirmation', () => {
  const { image, slots, reset } = setUp();
  const a = '0 1.0.0: bootable confirmed active';
  assert.deepEqual(flagsOf(slots), [a]);
  const { hash } = upload(slots, image('b').bytes);
  assert.deepEqual(flagsOf(slots), [a, '1 1.1.0: bootable']);
  slots.setPending(hash, false);
  assert.deepEqual(flagsOf(slots), [a, '1 1.1.0: bootable pending']);
  slots.setPending(hash, false);
  assert.deepEqual(flagsOf(slots), [a, '1 1.1.0: bootable pending'], 'twice is once');
  const trial = reset();
  assert.deepEqual(flagsOf(trial), ['0 1.1.0: bootable active', '1 1.0.0: bootable confirmed']);
  trial.setPending(hash, true);
  assert.deepEqual(flagsOf(trial), ['0 1.1.0: bootable confirmed active', '1 1.0.0: '], 'the counter has risen');
  trial.confirm();
  assert.deepEqual(flagsOf(reset()), ['0 1.1.0: bootable confirmed active', '1 1.0.0: ']);
});

test('the flags of a permanent request, at once or after one on trial', () => {
  const { image, slots } = setUp();
  const { hash } = upload(slots, image('b').bytes);
  slots.setPending(hash, false);
  slots.setPending(hash, true);
  assert.equal(flagsOf(slots)[1], '1 1.1.0: bootable pending permanent');
  slots.setPending(hash, false);
  assert.equal(flagsOf(slots)[1], '1 1.1.0: bootable pending permanent', 'it stays');
});

type Slots = ReturnType<typeof setUp>;
const pendingSlots = ({ slots, image }: Slots) => {
  slots.setPending(upload(slots, image('b').bytes).hash, false);
  return slots;
};
const trialSlots = (setting: Slots) => {
  pendingSlots(setting);
  return setting.reset();
};
const begin = ({ image }: Slots, slots: ImageSlots) => slots.uploadBegin({ lengthBytes: image('c').bytes.length });

const refusals: [string, (setting: Slots) => unknown, string, RegExp?][] = [
  ['erasing the slot that runs', ({ slots }) => slots.erase(0), 'SLOT_BUSY', /slot 0 .* it runs/],
  ['erasing what is pending', (s) => pendingSlots(s).erase(1), 'SLOT_BUSY', /slot 1 .* pending/],
  ['erasing what a trial returns to', (s) => trialSlots(s).erase(1), 'SLOT_BUSY', /returns to it/],
  ['an upload over what is pending', (s) => begin(s, pendingSlots(s)), 'SLOT_BUSY'],
  ['an upload over what a trial returns to', (s) => begin(s, trialSlots(s)), 'SLOT_BUSY'],
  [
    'asking for what a trial returns to',
    (s) => trialSlots(s).setPending(s.image('a').hash, false),
    'SLOT_BUSY',
    /returns to it/,
  ],
  ['a trial of what runs', ({ slots, image }) => slots.setPending(image('a').hash, false), 'SLOT_BUSY', /no trial/],
  ['a trial of nothing', ({ slots }) => slots.setPending(undefined, false), 'SLOT_BUSY'],
  ['asking for what is not there', ({ slots, image }) => slots.setPending(image('b').hash, true), 'IMAGE_UNKNOWN'],
  [
    'an upload that does not fit',
    ({ slots }) => slots.uploadBegin({ lengthBytes: slots.slotInfo()[1].imageBytesMax + 1 }),
    'IMAGE_TOO_LARGE',
    /769 bytes, expected 768 at most/,
  ],
  ['a chunk without an upload', ({ slots }) => slots.writeChunk(0, new Uint8Array(8)), 'UPLOAD_NONE'],
  ['the end of no upload', ({ slots }) => slots.finishUpload(), 'UPLOAD_NONE'],
  [
    'a hash that is none',
    ({ slots }) => slots.uploadBegin({ lengthBytes: 300, sha256: new Uint8Array(20) }),
    'UPLOAD_HASH',
    /20 bytes/,
  ],
  [
    'a chunk that leaves a gap',
    (s) => {
      begin(s, s.slots);
      s.slots.writeChunk(0, new Uint8Array(10));
      s.slots.writeChunk(11, new Uint8Array(1));
    },
    'UPLOAD_OFFSET',
    /offset 11, expected offset 10/,
  ],
  [
    'a chunk past the announced length',
    ({ slots }) => {
      slots.uploadBegin({ lengthBytes: 300 });
      slots.writeChunk(0, new Uint8Array(301));
    },
    'UPLOAD_OFFSET',
  ],
  [
    'an end before the end',
    (s) => {
      begin(s, s.slots);
      s.slots.writeChunk(0, s.image('c').bytes.subarray(0, 100));
      s.slots.finishUpload();
    },
    'UPLOAD_HASH',
    /100 of/,
  ],
  [
    'other bytes than announced',
    ({ slots, image }) => {
      const { bytes } = image('b');
      slots.uploadBegin({ lengthBytes: bytes.length, sha256: new Uint8Array(32) });
      slots.writeChunk(0, bytes);
      slots.finishUpload();
    },
    'UPLOAD_HASH',
    /another one/,
  ],
  ['a damaged image', ({ slots, image }) => upload(slots, image('damaged').bytes), 'IMAGE_UNVERIFIED'],
  ['an older image', ({ slots, image }) => upload(slots, image('older').bytes), 'IMAGE_DOWNGRADE'],
  ['what is no image', ({ slots }) => upload(slots, new Uint8Array(500)), 'IMAGE_INVALID'],
  ['a truncated image', ({ slots, image }) => upload(slots, image('b').bytes.subarray(0, 600)), 'IMAGE_INVALID'],
];
for (const [what, action, code, message] of refusals) {
  test(`refused: ${what}; the running image is untouched`, () => {
    const setting = setUp();
    const runs = () => setting.board.primary.read(0, setting.board.primary.sizeBytes);
    const before = code === 'SLOT_BUSY' ? undefined : runs();
    assert.throws(() => action(setting), { code, ...(message && { message }) });
    if (before) assert.deepEqual(runs(), before);
  });
}

test('an image signed by another key is refused, and can be uploaded again once it is signed right', () => {
  const board = buildBoard(boards[0], new SeededRandom(1));
  const [ours, theirs] = [1, 2].map((byte) => imageSigner('ed25519', new Uint8Array(32).fill(byte)));
  const content = { body: new Uint8Array(300).fill(5), version: parseImageVersion('2.0.0') };
  const slots = new ImageSlots({ ...board.layout, verify: imageVerifier(ours.publicKey) });
  assert.throws(() => upload(slots, signImage(content, theirs)), { code: 'IMAGE_UNVERIFIED', message: /it names key/ });
  assert.deepEqual(slots.state(), []);
  assert.equal(upload(slots, signImage(content, ours)).version, '2.0.0');
  const picky = imageVerifier(ours.publicKey, ({ version }) => {
    if (version.major === 2) throw new Error('not wanted');
  });
  assert.throws(() => picky(signImage(content, ours)), /not wanted/);
});

test('an upload in any pieces, with a reset after any of them, gives the same slot', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...boards),
      fc.infiniteStream(fc.record({ length: fc.integer({ min: 1, max: 700 }), draw: fc.nat({ max: 15 }) })),
      (spec, pieces) => {
        const setting = setUp(spec);
        let { slots } = setting;
        const { bytes, sha256: hash } = setting.image('b');
        let offset = slots.uploadBegin({ lengthBytes: bytes.length, sha256: hash });
        assert.equal(offset, 0);
        for (const { length, draw } of pieces) {
          if (offset === bytes.length) break;
          slots.writeChunk(offset, bytes.subarray(offset, offset + length));
          offset = Math.min(bytes.length, offset + length);
          assert.equal(slots.uploadOffset, offset);
          if (draw > 0) continue;
          slots = setting.reset();
          assert.equal(slots.uploadOffset, undefined);
          const resumed = slots.uploadBegin({ lengthBytes: bytes.length, sha256: hash });
          assert.ok(resumed <= offset);
          offset = resumed;
        }
        assert.equal(slots.finishUpload().lengthBytes, bytes.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('without a hash, or with another one, an upload begins anew after a reset', () => {
  const { slots, image, reset } = setUp();
  const { bytes, sha256: hash } = image('b');
  slots.uploadBegin({ lengthBytes: bytes.length, sha256: hash });
  slots.writeChunk(0, bytes.subarray(0, 600));
  assert.equal(slots.uploadBegin({ lengthBytes: bytes.length, sha256: hash }), 600, 'without a reset to the byte');
  const later = reset();
  assert.equal(later.uploadBegin({ lengthBytes: bytes.length, sha256: hash }), 512, 'with one to the sector');
  assert.equal(later.uploadBegin({ lengthBytes: bytes.length }), 0);
  later.writeChunk(0, bytes);
  assert.equal(later.finishUpload().version, '1.1.0');
});

test('a journal with a gap, as an erase that was cut leaves it, is not gone on with', () => {
  const { board, slots, image, reset } = setUp();
  const { bytes, sha256: hash } = image('b');
  slots.uploadBegin({ lengthBytes: bytes.length, sha256: hash });
  slots.writeChunk(0, bytes.subarray(0, 600));
  const marks = geometryOf(board.layout).secondary.start + 44;
  assert.deepEqual(board.secondary.read(marks, 3), Uint8Array.of(1, 1, 0xff));
  board.secondary.load(marks, Uint8Array.of(0xff));
  const later = reset();
  assert.equal(later.uploadBegin({ lengthBytes: bytes.length, sha256: hash }), 0);
  later.writeChunk(0, bytes);
  assert.equal(later.finishUpload().version, '1.1.0');
});

test('what a swap left in the secondary slot is not listed any more once an upload begins', () => {
  const setting = setUp(boards[2]);
  const trial = trialSlots(setting);
  trial.confirm();
  assert.equal(trial.state().length, 2);
  begin(setting, trial);
  assert.equal(trial.state().length, 1);
});

test('erasing the secondary slot takes image and upload', () => {
  const { slots, image } = setUp();
  upload(slots, image('b').bytes);
  slots.erase(1);
  assert.equal(slots.state().length, 1);
  assert.equal(slots.uploadBegin({ lengthBytes: image('b').bytes.length, sha256: image('b').sha256 }), 0);
});
