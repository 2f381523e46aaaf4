/** The invariants of flash bite: each broken part is found out by the invariant that is about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootOnce, geometryOf, ImageSlots, SwapType } from '../../../edge/boot/index.ts';
import { parseImage } from '../../../edge/firmware/index.ts';
import { type FlashDevice, FlashSettings, type MemoryFlash } from '../../../edge/flash/index.ts';
import { encodeCbor } from '../../../edge/pack/index.ts';
import { type Board, boards } from '../../../tools/sim/flash-board.ts';
import { operationsAfterStart } from '../../../tools/sim/flash-campaign.ts';
import type { FlashInvariant, FlashViolation } from '../../../tools/sim/flash-invariants.ts';
import { everyFlashCut } from '../../../tools/sim/flash-plan.ts';
import { type FlashParts, FlashWorld } from '../../../tools/sim/flash-world.ts';

/** Leaves out the writes that `isLost` says. */
function losingWrites(flash: MemoryFlash, isLost: (offset: number, bytes: Uint8Array) => boolean): void {
  const write = flash.write.bind(flash);
  flash.write = (offset, bytes) => {
    if (!isLost(offset, bytes)) write(offset, bytes);
  };
}

function losingErases(flash: MemoryFlash, isLost: (offset: number) => boolean): void {
  const erase = flash.erase.bind(flash);
  flash.erase = (offset, length) => {
    if (!isLost(offset)) erase(offset, length);
  };
}

const changedBoard = (change: (board: Board, geometry: ReturnType<typeof geometryOf>) => void) => ({
  board: (board: Board) => {
    change(board, geometryOf(board.layout));
    return board;
  },
});

/** Image management, changed after it was made. */
const changedImages = (change: (slots: ImageSlots) => void): Partial<FlashParts> => ({
  images: (options) => {
    const slots = new ImageSlots(options);
    change(slots);
    return slots;
  },
});

const mistakes: [string, Partial<FlashParts>, FlashInvariant[]][] = [
  [
    'a step of a swap that is not noted',
    changedBoard(({ primary }, { primary: { status, swapSize } }) => {
      losingWrites(primary, (offset) => offset > status && offset < swapSize);
    }),
    ['boots'],
  ],
  [
    'a swap that does not say that it is done',
    changedBoard(({ primary }, geometry) => losingWrites(primary, (offset) => offset === geometry.primary.copyDone)),
    ['trial'],
  ],
  [
    'a record of a swap without its magic',
    changedBoard(({ primary }, geometry) => losingWrites(primary, (offset) => offset === geometry.primary.magic)),
    ['trial', 'boots', 'asked'],
  ],
  [
    'a request that is not taken back before images move',
    changedBoard(({ secondary }, geometry) => losingErases(secondary, (offset) => offset === geometry.secondary.start)),
    ['flash-rules', 'confirmed-kept', 'boots', 'trial', 'asked', 'verified', 'refused', 'aim'],
  ],
  [
    'a revert that is forgotten when the power goes at its beginning',
    changedBoard(({ secondary }, { secondary: { swapInfo, magic } }) => {
      losingWrites(secondary, (offset) => offset === magic && secondary.read(swapInfo, 1)[0] === SwapType.revert);
    }),
    ['verified'],
  ],
  [
    'a confirmation without its flag',
    changedBoard(({ primary }, geometry) => losingWrites(primary, (offset) => offset === geometry.primary.imageOk)),
    ['trial', 'trial-once', 'asked', 'verified'],
  ],
  [
    'a request for good in place of a trial',
    changedImages((slots) => {
      const setPending = slots.setPending.bind(slots);
      slots.setPending = (hash) => setPending(hash, true);
    }),
    ['trial'],
  ],
  [
    'a confirmation that is only said',
    changedImages((slots) => {
      slots.confirm = () => {};
    }),
    ['verified'],
  ],
  [
    'a request that is only said',
    changedImages((slots) => {
      slots.setPending = () => {};
    }),
    ['asked'],
  ],
  [
    'an upload that begins anew each time',
    changedImages((slots) => {
      const begin = slots.uploadBegin.bind(slots);
      slots.uploadBegin = (request) => {
        slots.erase(1);
        return begin(request);
      };
    }),
    ['upload-resumes'],
  ],
  [
    'a boot loader that checks no signature',
    {
      boot: (layout, { verify }) =>
        bootOnce(layout, {
          verify: (bytes) => {
            try {
              return verify(bytes);
            } catch {
              const { length } = parseImage(bytes);
              return { version: '?', hash: new Uint8Array(32), lengthBytes: length, securityCounter: 9 };
            }
          },
        }),
    },
    ['verified'],
  ],
  [
    'a boot loader without a counter',
    { boot: ({ counter: _, ...layout }, options) => bootOnce(layout, options) },
    ['counter'],
  ],
  [
    'a boot loader that reverts nothing',
    {
      boot: (layout, options) => {
        const { imageOk } = geometryOf(layout).primary;
        const isTrial = layout.primary.read(imageOk, 1)[0] !== 1;
        if (isTrial) layout.primary.write(imageOk, new Uint8Array(8).fill(1));
        return bootOnce(layout, options);
      },
    },
    ['trial', 'verified', 'flash-rules'],
  ],
  [
    'settings that are written over',
    {
      settings: (flash: FlashDevice) => ({
        load: () => new FlashSettings(flash).load(),
        save: (settings) => {
          flash.erase(0, flash.sizeBytes);
          new FlashSettings(flash).save(settings);
        },
      }),
    },
    ['settings'],
  ],
  [
    'settings without a checksum',
    {
      settings: (flash: FlashDevice) => {
        const word = flash.writeAlignBytes;
        return {
          load: () => new FlashSettings(flash).load(),
          save: (settings) => {
            const bytes = encodeCbor(new Map(settings));
            flash.erase(0, flash.sizeBytes);
            flash.write(0, new Uint8Array(Math.ceil(bytes.length / word) * word));
          },
        };
      },
    },
    ['settings'],
  ],
  [
    'a write without an erase before it',
    changedBoard(({ primary }, geometry) => losingErases(primary, (offset) => offset < geometry.primary.start)),
    ['flash-rules'],
  ],
];

const plans = [...everyFlashCut(boards.slice(0, 1), operationsAfterStart)];

for (const [mistake, parts, expected] of mistakes) {
  test(`found out: ${mistake}`, () => {
    let found: FlashViolation | undefined;
    // Another stride than in order: mistakes of the last scenario are found as soon as those of the first.
    for (let i = 0; i < plans.length && !found; i++) {
      found = new FlashWorld(plans[(i * 137) % plans.length], parts).run().violation;
    }
    assert.ok(found, 'not found out');
    assert.ok(expected.includes(found.invariant), `${found.invariant}: ${found.message}`);
  });
}
