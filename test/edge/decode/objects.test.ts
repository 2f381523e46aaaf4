/** Decoded frames as objects: exact integers, statuses by name, labels, names that bite. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFrameDecoder, decodeToObject, labelAt, physicalAt } from '../../../edge/decode/index.ts';
import { by, bytes, planOf, signal } from './support/build.ts';

describe('decodeToObject', () => {
  test('values, and statuses worth telling', () => {
    const plan = planOf([
      signal('Mode', { isSelector: true }),
      signal('Speed', { startBit: 8, scale: 0.5, minimum: 0, maximum: 10 }),
      signal('On', { startBit: 16, multiplexedBy: by('Mode', 1) }),
      signal('Off', { startBit: 16, multiplexedBy: by('Mode', 2) }),
      signal('Late', { startBit: 48 }),
    ]);
    const result = decodeToObject(createFrameDecoder(plan), 0x100, 0, bytes('01FF07'))!;
    assert.equal(result.message, plan.messages[0]);
    assert.deepEqual(result.signals, { Mode: 1, Speed: 127.5, On: 7 });
    assert.deepEqual(result.status, { Speed: 'out-of-range', Late: 'absent' });
  });
  test('integers beyond 2^53 are exact bigints', () => {
    const plan = planOf([signal('Big', { length: 64 }), signal('Scaled', { length: 52, scale: 100 }), signal('Small')]);
    const { signals } = decodeToObject(createFrameDecoder(plan), 0x100, 0, bytes('FFFFFFFFFFFFFFFF'))!;
    assert.deepEqual(signals, { Big: 2n ** 64n - 1n, Scaled: (2n ** 52n - 1n) * 100n, Small: 255 });
  });
  test('undefined for a frame without a message', () =>
    assert.equal(decodeToObject(createFrameDecoder(planOf([])), 0x101, 0, bytes('00')), undefined));
  test('names reach no generated code and no prototype', () => {
    const names = ['__proto__', 'constructor', '"];throw 1;//', "');throw 1;('", '\\u0022', '\u2028', '*/'];
    const plan = planOf(names.map((name, i) => signal(name, { startBit: i * 8 })));
    const { signals } = decodeToObject(createFrameDecoder(plan), 0x100, 0, bytes('01020304050607'))!;
    assert.deepEqual(
      names.map((name) => signals[name]),
      [1, 2, 3, 4, 5, 6, 7],
    );
  });
});

test('frames of one message that hold different signals', () => {
  const plan = planOf([
    signal('Mode', { isSelector: true }),
    ...Array.from({ length: 100 }, (_, i) => signal(`S${i}`, { startBit: 8, multiplexedBy: by('Mode', i) })),
  ]);
  const decoder = createFrameDecoder(plan);
  for (const pass of [1, 2]) {
    for (let i = 0; i < 100; i++) {
      const { signals } = decodeToObject(decoder, 0x100, 0, Uint8Array.of(i, pass))!;
      assert.deepEqual(signals, { Mode: i, [`S${i}`]: pass });
    }
  }
});

test('two sets of held signals with the same hash', () => {
  const [first, second] = [
    [4, 12, 20, 24],
    [8, 9, 31, 32],
  ];
  const branchOf = (slot: number): number => (first.includes(slot) ? 1 : second.includes(slot) ? 2 : 3);
  // Names sort by branch, so every signal gets a branch of its own range, wide enough to keep the order of slots.
  const children = Array.from({ length: 32 }, (_, i) => {
    const slot = i + 1;
    const name = `S${String(slot).padStart(2, '0')}`;
    return signal(name, { startBit: 8, multiplexedBy: by('Mode', 100 + slot, 200 + branchOf(slot)) });
  });
  const plan = planOf([signal('Mode', { isSelector: true }), ...children]);
  const decoder = createFrameDecoder(plan);
  const held = (mode: number) => Object.keys(decodeToObject(decoder, 0x100, 0, Uint8Array.of(mode, 7))!.signals);
  assert.deepEqual(held(201), ['Mode', 'S04', 'S12', 'S20', 'S24']);
  assert.deepEqual(held(202), ['Mode', 'S08', 'S09', 'S31', 'S32']);
});

describe('physicalAt', () => {
  const physical = (facts: Parameters<typeof signal>[1], hex: string) => {
    const plan = planOf([signal('S', { length: 64, ...facts })]);
    const decoder = createFrameDecoder(plan);
    decoder.decode(0x100, 0, bytes(hex), 0, 8);
    return physicalAt(decoder, plan.signals[0]);
  };
  test('integer factors keep integers', () => {
    assert.equal(physical({}, 'FFFFFFFFFFFFFFFF'), 2n ** 64n - 1n);
    assert.equal(physical({ scale: 10, offset: -3 }, 'FFFFFFFFFFFFFF0F'), (2n ** 60n - 1n) * 10n - 3n);
    assert.equal(physical({ length: 53, scale: 3 }, 'FFFFFFFFFFFF1F00'), (2n ** 53n - 1n) * 3n);
    assert.equal(physical({}, '0100000000000000'), 1);
  });
  test('others are doubles', () => {
    assert.equal(physical({ scale: 0.5 }, 'FFFFFFFFFFFFFFFF'), 2 ** 63);
    assert.equal(physical({ valueType: 'float64' }, '000000000000F07F'), Infinity);
  });
});

describe('labelAt', () => {
  const label = (facts: Parameters<typeof signal>[1], hex: string) => {
    const plan = planOf([signal('S', facts)]);
    const decoder = createFrameDecoder(plan);
    const data = bytes(hex);
    decoder.decode(0x100, 0, data, 0, data.length);
    return labelAt(decoder, plan.signals[0]);
  };
  const labels = [
    { raw: 1n, text: 'one' },
    { raw: 1n, text: 'uno' },
    { raw: -2n, text: 'minus two' },
    { raw: 2n ** 64n - 1n, text: 'all ones' },
  ];
  test('by raw value, the first of two', () => assert.equal(label({ labels, scale: 5, offset: 2 }, '01'), 'one'));
  test('negative raws', () => assert.equal(label({ labels, signed: true }, 'FE'), 'minus two'));
  test('beyond 2^53', () => assert.equal(label({ labels, length: 64 }, 'FFFFFFFFFFFFFFFF'), 'all ones'));
  test('none for other raws', () => assert.equal(label({ labels }, '02'), undefined));
  test('none where the signal is absent', () => assert.equal(label({ labels, startBit: 8 }, '01'), undefined));
  test('a float: only where it is exactly equal', () => {
    assert.equal(label({ labels, length: 32, valueType: 'float32' }, '0000803F'), 'one');
    assert.equal(label({ labels, length: 32, valueType: 'float32' }, '0100803F'), undefined);
  });
});
