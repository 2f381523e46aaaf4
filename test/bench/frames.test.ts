// The generator draws frames that a bus could carry, and that reach every branch of every multiplexer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawableMessages, drawFrames } from '../../bench/frames.ts';
import { multiplexedDbc } from '../../bench/synthetic.ts';
import { dlcToLength, type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { createInterpreter, type Plan, type PlanMessage, SignalStatus } from '../../edge/decode/index.ts';
import { dbc, electricCar, planOf } from './databases.ts';

const multiplexed = planOf(multiplexedDbc());
const bytesOf = ({ id, flags, length, data, timeUs }: FrameBatch) =>
  [id, flags, length, data, timeUs].map(String).join();

/** Calls back with the message and statuses of each frame. */
function decodeAll(plan: Plan, frames: FrameBatch, each: (message: PlanMessage, status: Uint8Array) => void): void {
  const decoder = createInterpreter(plan);
  const { id, flags, length, data, stride } = frames;
  for (let i = 0; i < frames.count; i++) {
    const message = decoder.decode(id[i], flags[i], data, i * stride, length[i]);
    assert.ok(message, `frame ${i}, id ${id[i]}, belongs to no message`);
    each(message, decoder.status);
  }
}

test('the same seed gives the same frames, another seed others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), (seed) => {
      for (const plan of [electricCar().plan, multiplexed]) {
        const frames = bytesOf(drawFrames(plan, 50, seed));
        assert.equal(bytesOf(drawFrames(plan, 50, seed)), frames);
        assert.notEqual(bytesOf(drawFrames(plan, 50, seed + 1)), frames);
      }
    }),
    { numRuns: 20 },
  );
});

for (const [name, plan] of [
  ['electric car', electricCar().plan],
  ['29 multiplexed messages', multiplexed],
] as const) {
  test(`${name}: every signal of every message is active in some frame, and no selector misses`, () => {
    const seen = new Set<number>();
    decodeAll(plan, drawFrames(plan, 20_000, 1), (message, status) => {
      for (const { slot, signalIndex } of message.signals) {
        assert.notEqual(status[slot], SignalStatus.unknownMultiplexer);
        assert.notEqual(status[slot], SignalStatus.absent);
        if (status[slot] !== SignalStatus.inactive) seen.add(signalIndex);
      }
    });
    const missed = plan.signals.filter(({ signalIndex }) => !seen.has(signalIndex));
    assert.deepEqual(
      missed.map((signal) => signal.name),
      [],
    );
  });
}

test('29 messages, each with a multiplexer, some nested, some by ranges', () => {
  assert.equal(multiplexed.messages.length, 29);
  for (const { signals } of multiplexed.messages) assert.ok(signals.some(({ selectorSlot }) => selectorSlot >= 0));
  const selectors = multiplexed.signals.filter(({ isSelector }) => isSelector);
  assert.ok(selectors.some(({ selectorSlot }) => selectorSlot >= 0));
  assert.ok(multiplexed.signals.some(({ selectorRanges }) => selectorRanges.some(({ from, to }) => from < to)));
});

test('a signed selector and one in Motorola order select', () => {
  const plan = planOf(
    dbc(
      'BO_ 1 Signed: 8 X\n SG_ S M : 0|3@1- (1,0) [0|0] "" X\n SG_ A m1 : 8|8@1+ (1,0) [0|0] "" X\n SG_ B m2 : 8|8@1+ (1,0) [0|0] "" X',
      'BO_ 2 Motorola: 8 X\n SG_ S M : 5|12@0+ (1,0) [0|0] "" X\n SG_ A m300 : 40|8@1+ (1,0) [0|0] "" X\n SG_ B m2000 : 40|8@1+ (1,0) [0|0] "" X',
    ),
  );
  const active = new Map<string, number>();
  decodeAll(plan, drawFrames(plan, 400, 7), ({ name, signals }, status) => {
    for (const signal of signals.filter(({ slot }) => status[slot] !== SignalStatus.inactive)) {
      const key = `${name}.${signal.name}`;
      active.set(key, (active.get(key) ?? 0) + 1);
    }
  });
  for (const name of ['Signed.A', 'Signed.B', 'Motorola.A', 'Motorola.B']) {
    const count = active.get(name) ?? 0;
    assert.ok(count > 50 && count < 150, `${name} is active in ${count} of 400 frames`);
  }
});

test('J1939 messages come from several source addresses, never as another message of the database', () => {
  const attributes = [
    'BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";',
    'BA_DEF_DEF_ "VFrameFormat" "J1939PG";',
  ].join('\n');
  const message = (id: number, name: string) => `BO_ ${id + 2 ** 31} ${name}: 8 X\n SG_ A : 0|8@1+ (1,0) [0|0] "" X`;
  const plan = planOf(dbc(message(0x18fef1fe, 'Any'), message(0x18fef103, 'FromThree'), attributes));
  assert.ok(plan.messages.every(({ j1939 }) => j1939));
  const frames = drawFrames(plan, 500, 3);
  const idsOf = new Map<string, Set<number>>();
  let i = 0;
  decodeAll(plan, frames, ({ name }) => idsOf.set(name, (idsOf.get(name) ?? new Set()).add(frames.id[i++])));
  assert.ok(idsOf.get('Any')!.size > 4);
  assert.deepEqual([...idsOf.get('FromThree')!], [0x18fef103]);
});

test('what no frame can carry is not drawn', () => {
  const signal = ' SG_ A : 0|8@1+ (1,0) [0|0] "" X';
  const plan = planOf(
    dbc(
      `BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 X\n${signal}`,
      'BO_ 1 NoSignals: 8 X',
      `BO_ 2 NoBytes: 0 X\n${signal}`,
      `BO_ 3 TooLong: 65 X\n${signal}`,
      `BO_ 4 Good: 8 X\n${signal}`,
    ),
  );
  assert.deepEqual(
    drawableMessages(plan).map(({ name }) => name),
    ['Good'],
  );
  assert.equal(drawFrames(planOf(dbc('BO_ 1 NoSignals: 8 X')), 100, 1).count, 0);
});

test('CAN FD: lengths that exist, the flag, and nothing of it when payloads are to be short', () => {
  const plan = planOf(
    dbc('BO_ 1 Long: 33 X\n SG_ A : 256|8@1+ (1,0) [0|0] "" X', 'BO_ 2 Short: 5 X\n SG_ A : 0|8@1+ (1,0) [0|0] "" X'),
  );
  const frames = drawFrames(plan, 100, 1);
  assert.equal(frames.stride, 64);
  for (let i = 0; i < frames.count; i++) {
    assert.equal((frames.flags[i] & FrameFlag.fd) !== 0, frames.id[i] === 1);
    assert.equal(frames.length[i], frames.id[i] === 1 ? 48 : 5);
    assert.ok(dlcToLength.includes(frames.length[i]));
  }
  const short = drawFrames(plan, 100, 1, { payloadMax: 8 });
  assert.equal(short.stride, 8);
  assert.ok(short.id.every((id) => id === 2));
});
