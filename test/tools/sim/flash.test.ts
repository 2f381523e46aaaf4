/** 20,000 power cuts at flash operations: every promise holds, every operation of the list is cut, and all replays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImageSlots } from '../../../edge/boot/index.ts';
import { boards } from '../../../tools/sim/flash-board.ts';
import { shortestFlash } from '../../../tools/sim/flash-campaign.ts';
import { randomFlashCuts, scenarios, scenariosOf } from '../../../tools/sim/flash-plan.ts';
import { FlashWorld, flashPlanOf, runFlashCampaign } from '../../../tools/sim/index.ts';

test('the boards of the list have every sector size, word size, erased value and strategy', () => {
  const all = <Value>(of: (spec: (typeof boards)[number]) => readonly Value[]) => [...new Set(boards.flatMap(of))];
  assert.deepEqual(
    all(({ sectorBytes }) => sectorBytes).sort((a, b) => a - b),
    [256, 1024, 4096],
  );
  assert.deepEqual(
    all(({ writeAlignBytes }) => writeAlignBytes).sort((a, b) => a - b),
    [1, 4, 8, 16, 32],
  );
  assert.deepEqual(all(({ erasedByte }) => [erasedByte]).sort(), [0, 255]);
  assert.deepEqual(
    all(({ strategy }) => [strategy]),
    ['swap-offset', 'overwrite-only'],
  );
  assert.ok(
    boards.some(({ sectorBytes: [a, b] }) => a !== b),
    'slots of different sectors',
  );
  assert.ok(
    boards.some(({ slotBytes: [a, b] }) => a >= b),
    'a primary slot that is as large',
  );
  assert.deepEqual([...new Set(boards.flatMap(scenariosOf))].sort(), [...scenarios].sort());
});

test('20,000 power cuts: no promise is broken', async () => {
  const { findings, cuts, every, isWhole, boots } = await runFlashCampaign({ cuts: 20_000, firstSeed: 1 });
  assert.deepEqual(findings, []);
  assert.ok(isWhole && cuts >= 20_000 && boots > cuts, `${cuts} cuts, ${boots} boots`);
  assert.deepEqual(every.done, every.count, 'every operation of every scenario on every board was cut');
});

test('a life is the same each time, by its seed or its place', () => {
  for (const job of [
    { kind: 'cuts', index: 7 },
    { kind: 'every', index: 1234 },
  ] as const) {
    const tell = () => {
      const notes: string[] = [];
      const world = new FlashWorld(flashPlanOf(job));
      world.onNote = (note) => notes.push(note);
      return { outcome: world.run(), notes };
    };
    const { outcome, notes } = tell();
    assert.deepEqual(tell(), { outcome, notes });
    assert.ok(outcome.cuts > 0 && notes.some((note) => note.startsWith('power cut at')));
  }
  assert.throws(() => flashPlanOf({ kind: 'every', index: 1e6 }), {
    code: 'OPTION_INVALID',
    message: /every:0 to every:/,
  });
});

test('a plan that breaks a promise is made short', () => {
  // Nothing is confirmed: whatever is cut, the aim is never reached.
  const parts = { images: brokenImages };
  const plan = { ...randomFlashCuts(3), board: boards[0], scenario: 'upgrade' as const };
  const outcome = new FlashWorld(plan, parts).run();
  const { invariant, plan: short } = shortestFlash(plan, outcome, parts);
  assert.equal(invariant, outcome.violation?.invariant);
  assert.ok(plan.cuts.length > 0);
  assert.deepEqual(short.cuts, []);
});

function brokenImages(options: ConstructorParameters<typeof ImageSlots>[0]): ImageSlots {
  const slots = new ImageSlots(options);
  slots.confirm = () => {};
  return slots;
}
