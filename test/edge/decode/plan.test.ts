/** The plan's order, its multiplexer tree, and what it makes of files that contradict themselves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compilePlan } from '../../../edge/decode/index.ts';
import { by, database, message, planOf, signal } from './support/build.ts';

describe('signalIndex', () => {
  test('sorts by id with the extended bit, then multiplexer path, then name', () => {
    const plan = compilePlan(
      database(
        message(0x10, [signal('Zed'), signal('Abc')], { extended: true }),
        message(0x700, [
          signal('C', { multiplexedBy: by('M', 2) }),
          signal('B', { multiplexedBy: by('M', 10) }),
          signal('A', { multiplexedBy: by('M', 2) }),
          signal('M', { isSelector: true }),
          signal('Plain'),
        ]),
        message(0x20, [signal('S')]),
      ),
    );
    const names = plan.signals.map(({ name }) => name);
    assert.deepEqual(names, ['S', 'M', 'Plain', 'A', 'C', 'B', 'Abc', 'Zed']);
    plan.signals.forEach(({ signalIndex }, i) => {
      assert.equal(signalIndex, i);
    });
    assert.deepEqual(
      plan.messages[1].signals.map(({ slot }) => slot),
      [0, 1, 2, 3, 4],
    );
  });

  test('does not depend on the order in the file, nor on how ranges are spelt', () => {
    const signals = [
      signal('M', { isSelector: true }),
      signal('A', { multiplexedBy: by('M', 1, 2, [3n, 4n]) }),
      signal('B', { multiplexedBy: by('M', [1n, 4n]) }),
      signal('C', { multiplexedBy: by('M', 0) }),
    ];
    const order = (drawn: typeof signals) => planOf(drawn).signals.map(({ name }) => name);
    assert.deepEqual(order(signals), ['M', 'C', 'A', 'B']);
    assert.deepEqual(order(signals.toReversed()), ['M', 'C', 'A', 'B']);
  });

  test('selectors stand before what they select', () => {
    const plan = planOf([
      signal('A', { multiplexedBy: by('Z', 1) }),
      signal('Z', { isSelector: true, multiplexedBy: by('Y', 1) }),
      signal('Y', { isSelector: true }),
    ]);
    assert.deepEqual(
      plan.signals.map(({ name, selectorSlot }) => [name, selectorSlot]),
      [
        ['Y', -1],
        ['Z', 0],
        ['A', 1],
      ],
    );
  });
});

describe('selector ranges', () => {
  const ranges = (length: number, signed: boolean, ...values: Parameters<typeof by>[1][]) => {
    const plan = planOf([
      signal('M', { length, signed, isSelector: true }),
      signal('S', { multiplexedBy: by('M', ...values) }),
    ]);
    return plan.signals[1].selectorRanges.map(({ from, to }) => [from, to]);
  };
  test('joined and sorted', () =>
    assert.deepEqual(ranges(8, false, 7, [1n, 2n], 3, [2n, 5n]), [
      [1n, 5n],
      [7n, 7n],
    ]));
  test('joined where they touch or overlap by one', () => {
    assert.deepEqual(ranges(8, false, [1n, 2n], 3), [[1n, 3n]]);
    assert.deepEqual(ranges(8, false, [1n, 3n], [2n, 4n]), [[1n, 4n]]);
    assert.deepEqual(ranges(8, false, [1n, 3n], 5), [
      [1n, 3n],
      [5n, 5n],
    ]);
  });
  test('cut to what the selector holds', () => assert.deepEqual(ranges(8, false, [250n, 10n ** 30n]), [[250n, 255n]]));
  test('out of its reach: none', () => assert.deepEqual(ranges(8, false, 256), []));
  test('backwards: none', () => assert.deepEqual(ranges(8, false, [5n, 3n]), []));
  test('a signed selector', () => assert.deepEqual(ranges(4, true, [-10n, 10n]), [[-8n, 7n]]));
});

describe('files that contradict themselves lose no signal', () => {
  test('a selector that does not exist', () => {
    const [only] = planOf([signal('S', { multiplexedBy: by('Nobody', 1) })]).signals;
    assert.deepEqual([only.selectorSlot, only.selectorRanges], [-1, []]);
  });
  test('selectors in a circle', () => {
    const plan = planOf([
      signal('A', { isSelector: true, multiplexedBy: by('B', 1) }),
      signal('B', { isSelector: true, multiplexedBy: by('A', 1) }),
      signal('C', { multiplexedBy: by('A', 3) }),
      signal('D', { isSelector: true, multiplexedBy: by('D', 1) }),
    ]);
    assert.deepEqual(
      plan.signals.map(({ name, selectorSlot }) => [name, selectorSlot]),
      [
        ['A', -1],
        ['B', -1],
        ['D', -1],
        ['C', 0],
      ],
    );
  });
  test('float types at other lengths are integers', () =>
    assert.equal(planOf([signal('S', { length: 16, valueType: 'float32' })]).signals[0].valueType, 'integer'));
  test('selectors nested 20,000 deep cost no stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      signal(`S${i}`, { isSelector: true, ...(i > 0 && { multiplexedBy: by(`S${i - 1}`, 0) }) }),
    );
    assert.equal(planOf(chain).signals.at(-1)!.name, 'S19999');
  });
});

test('find: by id, else undefined', () => {
  const plan = planOf([signal('S')]);
  assert.equal(plan.find(0x100, false)?.name, 'Message100');
  assert.equal(plan.find(0x100, true), undefined);
});
