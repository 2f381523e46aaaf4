/** Decoded frames as objects: exact integers, statuses by name, labels, names that bite. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import type { Signal } from '../../../edge/dbc/model.ts';
import {
  compilePlan,
  createFrameDecoder,
  createInterpreter,
  type DecodedFrame,
  decodeToObject,
  labelAt,
  type Plan,
  physicalAt,
  readObject,
} from '../../../edge/decode/index.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { by, bytes, database, planOf, signal } from './support/build.ts';

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

describe('both ways to an object agree', () => {
  /** Every field, in order: what tools print. */
  const told = (frame: DecodedFrame | undefined) =>
    frame && [frame.message.name, Object.entries(frame.signals), Object.entries(frame.status)];
  const agree = (plan: Plan, payload: Uint8Array, flags = 0) => {
    const wanted = told(decodeToObject(createInterpreter(plan), 0x100, flags, payload));
    const decoder = createFrameDecoder(plan);
    // Twice: the first frame of a message compiles it.
    for (let pass = 0; pass < 2; pass++) {
      const frame = decodeToObject(decoder, 0x100, flags, payload);
      assert.deepEqual(told(frame), wanted);
      assert.deepEqual(told({ message: plan.messages[0], ...readObject(decoder, plan.messages[0]) }), wanted);
    }
    const message = decoder.decode(0x100, flags, payload, 0, payload.length)!;
    assert.deepEqual(told({ message, ...readObject(decoder, message) }), wanted);
  };
  const agreeOn = (signals: Signal[], ...payloads: string[]) => {
    for (const hex of payloads) agree(planOf(signals), bytes(hex));
  };

  test('random messages and frames', () => {
    const cases = fc.tuple(anyMessage(0x100), fc.array(anyPayload, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(cases, ([message, payloads]) => {
        const plan = compilePlan(database(message));
        for (const payload of payloads) agree(plan, payload, message.extended ? FrameFlag.extended : 0);
      }),
      { numRuns: 400 },
    );
  });
  const mode = signal('Mode', { isSelector: true });
  const gear = signal('Gear', { isSelector: true, startBit: 8, multiplexedBy: by('Mode', 1, [4n, 6n]) });
  const page = signal('Page', { isSelector: true, startBit: 16, length: 4 });
  const leaves = [
    signal('A', { startBit: 24, multiplexedBy: by('Mode', 2) }),
    signal('B', { startBit: 24, multiplexedBy: by('Gear', 0) }),
    signal('C', { startBit: 24, maximum: 9, multiplexedBy: by('Page', 0, 3) }),
    signal('D', { startBit: 40, multiplexedBy: by('Page', [1n, 2n]) }),
  ];
  test('nested and independent multiplexers', () =>
    agreeOn([mode, gear, page, ...leaves], '0100000700FF', '0500030700FF', '0200010700FF', '0900FF0700FF'));
  test('frames that end between selectors and what they select', () =>
    agreeOn([mode, gear, page, ...leaves], '', '01', '0100', '010000', '01000007', '0200000700'));
  test('overlapping branches', () =>
    agreeOn([mode, ...[1, 2, 3].map((n) => signal(`S${n}`, { multiplexedBy: by('Mode', 0, n) }))], '00', '02', '07'));
  test('more choices than there is room for', () => {
    const selectors = Array.from({ length: 8 }, (_, i) =>
      signal(`M${i}`, { startBit: i * 4, length: 4, isSelector: true }),
    );
    const children = selectors.flatMap(({ name }) =>
      [1, 2, 3].map((n) => signal(`${name}_${n}`, { startBit: 32, multiplexedBy: by(name, n) })),
    );
    agreeOn([...selectors, ...children], '1132021355', '0000000000', '11');
  });
  test('a selector past 53 bits', () =>
    agreeOn(
      [
        signal('Wide', { length: 64, isSelector: true }),
        signal('S', { multiplexedBy: by('Wide', [2n ** 63n, 2n ** 64n]) }),
      ],
      '00000000000000FF',
      'FFFFFFFFFFFFFF7F',
    ));
  test('a name that is no ordinary key, with a status', () =>
    agreeOn([signal('__proto__', { maximum: 3 }), signal('a"\\', { startBit: 8, maximum: 3 })], '0909', '09', '0101'));
  test('a message that needs more than any payload has', () =>
    agreeOn([signal('Near', { maximum: 3 }), signal('Far', { startBit: 8 * 5000 })], '07', '01'.repeat(6000)));
});

describe('what decodeToObject leaves behind', () => {
  const plan = planOf([
    signal('Big', { length: 64 }),
    signal('State', { startBit: 56, labels: [{ raw: 7n, text: 'seven' }] }),
  ]);
  const [big, state] = plan.messages[0].signals;
  const decoder = createFrameDecoder(plan);
  const [first, second] = [bytes('01000000000000FF'), bytes('0200000000000007')];
  const decodeBoth = () => {
    decoder.decode(0x100, 0, first, 0, 8);
    decodeToObject(decoder, 0x100, 0, second);
  };
  test('the arrays tell of its frame, not of an older one', () => {
    decodeBoth();
    assert.deepEqual([decoder.physical[1], decoder.raw[1], decoder.status[1]], [7, 7, 0]);
  });
  test('so do exact values and labels', () => {
    decodeBoth();
    assert.equal(decoder.rawAt(big.slot), 0x0700000000000002n);
    decodeBoth();
    assert.equal(physicalAt(decoder, big), 0x0700000000000002n);
    decodeBoth();
    assert.equal(labelAt(decoder, state), 'seven');
  });
  test('a frame without a message leaves the last result as it was', () => {
    decodeBoth();
    assert.equal(decodeToObject(decoder, 0x200, 0, first), undefined);
    assert.equal(decodeToObject(decoder, 0x100, FrameFlag.remote, first), undefined);
    assert.equal(decoder.rawAt(big.slot), 0x0700000000000002n);
  });
  test('objects already given stay as they are', () => {
    const kept = decodeToObject(decoder, 0x100, 0, first)!;
    decodeToObject(decoder, 0x100, 0, second);
    assert.equal(kept.signals.State, 255);
  });
});

test('a payload in the middle of others, cut to its length', () => {
  const plan = planOf([signal('A', { length: 16 }), signal('Late', { startBit: 16 })]);
  const decode = (offset: number, length: number) =>
    decodeToObject(createFrameDecoder(plan), 0x100, 0, bytes('AA0102BB0304'), offset, length)!;
  assert.deepEqual(decode(1, 2).signals, { A: 0x201 });
  assert.deepEqual(decode(1, 3).signals, { A: 0x201, Late: 0xbb });
  assert.deepEqual(decode(4, 8).signals, { A: 0x403 });
  assert.deepEqual(decode(9, 8).status, { A: 'absent', Late: 'absent' });
});

test('frames in which all is well share one status record, which nobody can write to', () => {
  const decoder = createFrameDecoder(planOf([signal('S', { maximum: 3 })]));
  const [first, second] = [1, 2].map((value) => decodeToObject(decoder, 0x100, 0, Uint8Array.of(value))!.status);
  assert.equal(first, second);
  assert.ok(Object.isFrozen(first));
  assert.notEqual(decodeToObject(decoder, 0x100, 0, Uint8Array.of(9))!.status, first);
});

test('where generated code is forbidden: the same results', () => {
  const facade = new URL('../../../edge/decode/index.ts', import.meta.url);
  const build = new URL('./support/build.ts', import.meta.url);
  const program = `
    const { createFrameDecoder, decodeToObject } = await import('${facade}');
    const { planOf, signal } = await import('${build}');
    const plan = planOf([signal('S', { scale: 0.5, maximum: 3 }), signal('Late', { startBit: 8 })]);
    const { signals, status } = decodeToObject(createFrameDecoder(plan), 0x100, 0, Uint8Array.of(9));
    console.log(JSON.stringify([signals, status]));`;
  const flags = ['--disallow-code-generation-from-strings', '--disable-warning=ExperimentalWarning'];
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), [{ S: 4.5 }, { S: 'out-of-range', Late: 'absent' }]);
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
