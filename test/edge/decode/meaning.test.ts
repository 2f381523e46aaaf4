/** What decoding means, case by case, held for every back end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan, type FrameDecoder, type Plan, SignalStatus as Status } from '../../../edge/decode/index.ts';
import { backEnds } from './support/back-ends.ts';
import { by, bytes, database, message, outcomes, planOf, signal } from './support/build.ts';

for (const { name, create } of backEnds) {
  const run = (plan: Plan, hex: string, id = 0x100, flags = 0) => {
    const decoder = create(plan);
    const payload = bytes(hex);
    const found = decoder.decode(id, flags, payload, 0, payload.length);
    return found && outcomes(decoder, found.signals);
  };

  describe(`${name}: values`, () => {
    const rows: [string, Parameters<typeof signal>[1], string, number | bigint, number][] = [
      ['Intel, aligned', { length: 16 }, '3412', 0x1234, 0x1234],
      ['Intel, across bytes', { startBit: 4, length: 12 }, 'A0BC', 0xbca, 0xbca],
      ['Motorola, aligned', { startBit: 7, length: 16, byteOrder: 'motorola' }, '1234', 0x1234, 0x1234],
      ['Motorola, across bytes', { startBit: 3, length: 12, byteOrder: 'motorola' }, 'FA12', 0xa12, 0xa12],
      ['one bit, Intel and Motorola agree', { startBit: 13, length: 1, byteOrder: 'motorola' }, '0020', 1, 1],
      ['signed, negative', { length: 12, signed: true }, '38FE', -456, -456],
      ['signed, one bit', { length: 1, signed: true }, '01', -1, -1],
      ['32 bits unsigned', { length: 32 }, 'FFFFFFFF', 4294967295, 4294967295],
      ['32 bits signed', { length: 32, signed: true }, 'FFFFFFFF', -1, -1],
      ['32 bits across three words', { startBit: 28, length: 33 }, '000000F0FFFFFF0F00', 0xffffffff, 0xffffffff],
      ['53 bits', { length: 53 }, 'FFFFFFFFFFFF1F00', 2 ** 53 - 1, 2 ** 53 - 1],
      ['40 bits signed', { length: 40, signed: true }, '00000000FF', -(2 ** 32), -(2 ** 32)],
      ['beyond 2^53 the raw is exact', { length: 64 }, 'FFFFFFFFFFFFFFFF', 2n ** 64n - 1n, 2 ** 64],
      ['64 bits signed', { length: 64, signed: true }, '0100000000000080', -(2n ** 63n) + 1n, -(2 ** 63)],
      ['64 bits signed, small', { length: 64, signed: true }, 'FEFFFFFFFFFFFFFF', -2, -2],
      ['64 bits, Motorola', { startBit: 7, length: 64, byteOrder: 'motorola' }, '0000000000000102', 258, 258],
      ['64 bits over nine bytes', { startBit: 4, length: 64 }, '1000000000000000F0', 1, 1],
      ['scale and offset in double', { length: 8, scale: 0.1, offset: -40 }, '03', 3, 3 * 0.1 - 40],
      ['raw 0 with a negative scale is 0, not -0', { scale: -0.5 }, '00', 0, 0],
      ['float32', { length: 32, valueType: 'float32' }, '0000C03F', 0x3fc00000, 1.5],
      [
        'float32, Motorola, scaled',
        { startBit: 7, length: 32, byteOrder: 'motorola', valueType: 'float32', scale: 2 },
        '3FC00000',
        0x3fc00000,
        3,
      ],
      ['float64', { length: 64, valueType: 'float64' }, '182D4454FB210940', 0x400921fb54442d18n, Math.PI],
      ['float -0 and offset 0 give 0', { length: 32, valueType: 'float32' }, '00000080', 0x80000000, 0],
      ['NaN', { length: 32, valueType: 'float32', minimum: 1, maximum: 2 }, '0000C07F', 0x7fc00000, Number.NaN],
      ['infinity', { length: 32, valueType: 'float32' }, '000080FF', 0xff800000, Number.NEGATIVE_INFINITY],
    ];
    for (const [title, facts, hex, raw, physical] of rows) {
      test(title, () => {
        const padded = hex.padEnd(24, '0');
        const result = run(planOf([signal('S', facts)], { length: 12 }), padded)!.S;
        assert.deepEqual(result, { physical, raw, status: Status.ok });
      });
    }
    test('integer signals never give -0, whatever the factors', () => {
      const result = run(planOf([signal('S', { scale: 0, signed: true })]), 'FF')!;
      assert.ok(Object.is(result.S.physical, 0));
    });
  });

  describe(`${name}: range`, () => {
    const statusOf = (facts: Parameters<typeof signal>[1], hex: string) => run(planOf([signal('S', facts)]), hex)!.S;
    test('outside keeps the value', () =>
      assert.deepEqual(statusOf({ minimum: 0, maximum: 100 }, 'C8'), {
        physical: 200,
        raw: 200,
        status: Status.outOfRange,
      }));
    test('the limits are inside', () => assert.equal(statusOf({ minimum: 10, maximum: 100 }, '64').status, Status.ok));
    test('below', () => assert.equal(statusOf({ minimum: 10, maximum: 100 }, '09').status, Status.outOfRange));
    test('[0|0] means no range', () => assert.equal(statusOf({ minimum: 0, maximum: 0 }, 'C8').status, Status.ok));
    test('minimum above maximum means no range', () =>
      assert.equal(statusOf({ minimum: 5, maximum: 1 }, 'C8').status, Status.ok));
  });

  describe(`${name}: frame length`, () => {
    const plan = planOf([
      signal('A'),
      signal('B', { startBit: 8, length: 16 }),
      signal('C', { startBit: 60, length: 8 }),
    ]);
    const absent = { physical: Number.NaN, raw: 0, status: Status.absent };
    const A = { physical: 17, raw: 17, status: Status.ok };
    test('short: what is covered, and absent for the rest', () =>
      assert.deepEqual(run(plan, '1122'), { A, B: absent, C: absent }));
    test('empty: all absent', () => assert.deepEqual(run(plan, ''), { A: absent, B: absent, C: absent }));
    test('longer than the message: decoded, past its length too', () =>
      assert.deepEqual(run(plan, '112200000000000073'), {
        A,
        B: { physical: 0x22, raw: 0x22, status: Status.ok },
        C: { physical: 0x30, raw: 0x30, status: Status.ok },
      }));
    test('never reads past the data, whatever surrounds it', () => {
      const decoder = create(plan);
      const buffer = Uint8Array.of(0xff, 0xff, 0x11, 0x22, 0xff, 0xff);
      const found = decoder.decode(0x100, 0, buffer, 2, 2)!;
      assert.deepEqual(outcomes(decoder, found.signals), { A, B: absent, C: absent });
    });
    test('a length that reaches past the array is cut to it', () => {
      const decoder = create(plan);
      const found = decoder.decode(0x100, 0, Uint8Array.of(0x11), 0, 8)!;
      assert.deepEqual(outcomes(decoder, found.signals), { A, B: absent, C: absent });
    });
    test('short frames and whole ones alternate', () => {
      const decoder = create(plan);
      for (const [hex, status] of [
        ['11', 2],
        ['112233', 0],
        ['1122', 2],
        ['112233', 0],
      ] as const) {
        const payload = bytes(hex);
        decoder.decode(0x100, 0, payload, 0, payload.length);
        assert.equal(decoder.status[1], status);
      }
    });
  });

  describe(`${name}: multiplexers`, () => {
    const inactive = { physical: Number.NaN, raw: 0, status: Status.inactive };
    const simple = planOf([
      signal('Mode', { isSelector: true }),
      signal('X', { startBit: 8, multiplexedBy: by('Mode', 1) }),
      signal('Y', { startBit: 8, multiplexedBy: by('Mode', 2) }),
      signal('Z', { startBit: 16 }),
    ]);
    const Z = { physical: 9, raw: 9, status: Status.ok };
    test('the selected branch', () =>
      assert.deepEqual(run(simple, '010509'), {
        Mode: { physical: 1, raw: 1, status: Status.ok },
        X: { physical: 5, raw: 5, status: Status.ok },
        Y: inactive,
        Z,
      }));
    test('an unknown value keeps the frame', () =>
      assert.deepEqual(run(simple, '070509'), {
        Mode: { physical: 7, raw: 7, status: Status.unknownMultiplexer },
        X: inactive,
        Y: inactive,
        Z,
      }));
    test('a selector beyond the frame leaves its signals absent', () => {
      const plan = planOf([
        signal('Mode', { startBit: 16, isSelector: true }),
        signal('X', { multiplexedBy: by('Mode', 1) }),
      ]);
      assert.deepEqual(
        Object.values(run(plan, '0101')!).map(({ status }) => status),
        [Status.absent, Status.absent],
      );
    });
    test('the raw value selects, not the scaled one; duplicate labels do no harm', () => {
      const labels = [
        { raw: 1n, text: 'on' },
        { raw: 1n, text: 'on' },
        { raw: 2n, text: 'on' },
      ];
      const plan = planOf([
        signal('Mode', { isSelector: true, scale: 10, offset: 5, labels }),
        signal('X', { startBit: 8, multiplexedBy: by('Mode', 1) }),
      ]);
      assert.deepEqual(run(plan, '0105'), {
        Mode: { physical: 15, raw: 1, status: Status.ok },
        X: { physical: 5, raw: 5, status: Status.ok },
      });
    });
    test('nested', () => {
      const plan = planOf([
        signal('Inner', { startBit: 8, isSelector: true, multiplexedBy: by('Outer', 1) }),
        signal('Deep', { startBit: 16, multiplexedBy: by('Inner', 2) }),
        signal('Outer', { isSelector: true }),
      ]);
      const statuses = (hex: string) => {
        const { Outer, Inner, Deep } = run(plan, hex)!;
        return [Outer.status, Inner.status, Deep.status];
      };
      assert.deepEqual(statuses('010207'), [Status.ok, Status.ok, Status.ok]);
      assert.deepEqual(statuses('010307'), [Status.ok, Status.unknownMultiplexer, Status.inactive]);
      assert.deepEqual(statuses('020207'), [Status.unknownMultiplexer, Status.inactive, Status.inactive]);
      assert.deepEqual(statuses('01'), [Status.ok, Status.absent, Status.absent]);
    });
    test('several independent', () => {
      const plan = planOf([
        signal('M', { isSelector: true }),
        signal('N', { startBit: 8, isSelector: true }),
        signal('OfM', { startBit: 16, multiplexedBy: by('M', 0) }),
        signal('OfN', { startBit: 16, multiplexedBy: by('N', 1) }),
      ]);
      const { OfM, OfN } = run(plan, '00017F')!;
      assert.deepEqual([OfM.physical, OfN.physical], [127, 127]);
    });
    test('ranges stay ranges, and may overlap', () => {
      const plan = planOf([
        signal('M', { length: 32, isSelector: true }),
        signal('Wide', { startBit: 32, multiplexedBy: by('M', [10n, 4000000000n]) }),
        signal('Also', { startBit: 32, multiplexedBy: by('M', 12, [3999999999n, 2n ** 64n]) }),
      ]);
      const statuses = (hex: string) => Object.values(run(plan, hex)!).map(({ status }) => status);
      assert.deepEqual(statuses('0900000001'), [Status.unknownMultiplexer, Status.inactive, Status.inactive]);
      assert.deepEqual(statuses('0A00000001'), [Status.ok, Status.ok, Status.inactive]);
      assert.deepEqual(statuses('0C00000001'), [Status.ok, Status.ok, Status.ok]);
      assert.deepEqual(statuses('FFFFFFFF01'), [Status.ok, Status.inactive, Status.ok]);
    });
    test('two ranges that share one value are both active on it', () => {
      const plan = planOf([
        signal('M', { isSelector: true }),
        signal('Low', { startBit: 8, multiplexedBy: by('M', [1n, 5n]) }),
        signal('High', { startBit: 8, multiplexedBy: by('M', [5n, 9n]) }),
      ]);
      const { Low, High } = run(plan, '0507')!;
      assert.deepEqual([Low.physical, High.physical], [7, 7]);
    });
    test('a 64-bit selector compares exactly', () => {
      const plan = planOf([
        signal('M', { length: 64, isSelector: true }),
        signal('S', { startBit: 0, multiplexedBy: by('M', [2n ** 64n - 2n, 2n ** 64n - 2n]) }),
      ]);
      assert.equal(run(plan, 'FEFFFFFFFFFFFFFF')!.S.physical, 254);
      assert.equal(run(plan, 'FFFFFFFFFFFFFFFF')!.S.status, Status.inactive);
    });
    test('a message without a branch for the frame forgets the frame before', () => {
      const decoder = create(simple);
      for (const hex of ['010509', '020609']) decoder.decode(0x100, 0, bytes(hex), 0, 3);
      const { X, Y } = outcomes(decoder, simple.signals);
      assert.deepEqual([X, Y.physical], [inactive, 6]);
    });
  });

  test(`${name}: overlapping signals both decode`, () => {
    const { A, B } = run(planOf([signal('A', { length: 16 }), signal('B', { startBit: 4 })]), '3412')!;
    assert.deepEqual([A.physical, B.physical], [0x1234, 0x23]);
  });

  describe(`${name}: J1939`, () => {
    // EEC1: priority 3, PGN 61444 (0xF004), source 0; a PDU1 group (0xEF00) to destination 0x17.
    const facts = { extended: true, j1939: true };
    const speed = signal('Speed', { startBit: 24, length: 16, scale: 0.125, minimum: 0, maximum: 8031.875 });
    const plan = compilePlan(
      database(
        message(0x0cf00400, [speed, signal('Flag', { length: 2 }), signal('Byte', { startBit: 8 })], facts),
        message(0x18ef1727, [signal('Private')], { ...facts, name: 'Proprietary' }),
        message(0x18fee400, [signal('Other')], { extended: true, name: 'Plain' }),
      ),
    );
    const find = (id: number): string | undefined => {
      const decoder = create(plan);
      return decoder.decode(id, FrameFlag.extended, new Uint8Array(8), 0, 8)?.name;
    };
    test('exact id', () => assert.equal(find(0x0cf00400), 'Messagecf00400'));
    test('any source and priority', () => assert.equal(find(0x18f00421), 'Messagecf00400'));
    test('PDU1: any destination', () => assert.equal(find(0x1cef2a99), 'Proprietary'));
    test('PDU2: the group extension counts', () => assert.equal(find(0x0cf00500), undefined));
    test('the data page counts', () => assert.equal(find(0x0df00400), undefined));
    test('a message that is not J1939 matches by id only', () => assert.equal(find(0x18fee401), undefined));
    test('an 11-bit id never matches', () => {
      const decoder = create(plan);
      assert.equal(decoder.decode(0x400, 0, new Uint8Array(8), 0, 8), undefined);
    });
    const statuses = (hex: string) => {
      const { Speed, Flag, Byte } = run(plan, hex, 0x0cf00400, FrameFlag.extended)!;
      return [Speed.status, Flag.status, Byte.status];
    };
    test('values', () => assert.deepEqual(statuses('01FA00FFFA000000'), [0, 0, 0]));
    test('above the range', () => assert.deepEqual(statuses('01FB00FFFC000000'), [Status.outOfRange, 0, 0]));
    test('error', () => assert.deepEqual(statuses('02FE0034FE000000'), [5, 5, 5]));
    test('not available, and the value stands', () => {
      assert.deepEqual(statuses('03FF0034FF000000'), [6, 6, 6]);
      assert.equal(run(plan, '03FF0034FF000000', 0x0cf00400, FrameFlag.extended)!.Byte.physical, 255);
    });
    test('other lengths: by the top byte', () => {
      const of = (length: number, hex: string, signed = false) => {
        const one = compilePlan(database(message(0x0cf00400, [signal('S', { length, signed })], facts)));
        return run(one, hex, 0x0cf00400, FrameFlag.extended)!.S.status;
      };
      assert.equal(of(12, 'E00F'), Status.error);
      assert.equal(of(12, 'F10F'), Status.notAvailable);
      assert.equal(of(16, '00FF', true), Status.ok);
      assert.equal(of(16, '007F', true), Status.notAvailable);
      assert.equal(of(36, '00000000' + '0F'), Status.ok);
      assert.equal(of(36, '000000F0' + '0F'), Status.notAvailable);
      assert.equal(of(64, '123456781234567E', true), Status.error);
      assert.equal(of(1, '01'), Status.ok);
    });
    test('the known source goes before the lowest id; the null address stands for any', () => {
      const several = compilePlan(
        database(
          message(0x0cf00411, [signal('A')], facts),
          message(0x0cf00422, [signal('A')], facts),
          message(0x0cf004fe, [signal('A')], facts),
        ),
      );
      const found = (id: number) => create(several).decode(id, FrameFlag.extended, new Uint8Array(1), 0, 1)?.id;
      assert.equal(found(0x18f00422), 0x0cf00422);
      assert.equal(found(0x18f00433), 0x0cf004fe);
    });
  });

  describe(`${name}: frames without a result`, () => {
    const plan = compilePlan(
      database(
        message(0x100, [signal('A')]),
        message(0x100, [signal('B')], { extended: true, name: 'Extended' }),
        message(0x40000000, [signal('Orphan')], { extended: true, name: 'VECTOR__INDEPENDENT_SIG_MSG' }),
        message(0x101, [], { name: 'Empty' }),
      ),
    );
    const decodeWith = (decoder: FrameDecoder, id: number, flags: number) =>
      decoder.decode(id, flags, new Uint8Array(8), 0, 8)?.name;
    test('unknown id', () => assert.equal(decodeWith(create(plan), 0x7ff, 0), undefined));
    test('11 and 29 bits are different messages', () => {
      assert.equal(decodeWith(create(plan), 0x100, 0), 'Message100');
      assert.equal(decodeWith(create(plan), 0x100, FrameFlag.extended), 'Extended');
      assert.equal(decodeWith(create(plan), 0x101, FrameFlag.extended), undefined);
    });
    test('remote and error frames', () => {
      assert.equal(decodeWith(create(plan), 0x100, FrameFlag.remote), undefined);
      assert.equal(decodeWith(create(plan), 0x100, FrameFlag.error), undefined);
    });
    test('the message for orphan signals is never decoded', () =>
      assert.equal(decodeWith(create(plan), 0x40000000, FrameFlag.extended), undefined));
    test('a message without signals is found', () => assert.equal(decodeWith(create(plan), 0x101, 0), 'Empty'));
    test('ids that no frame can carry', () => {
      for (const id of [-1, 2048, 2 ** 31, 2 ** 32 + 0x100, Number.NaN]) {
        assert.equal(decodeWith(create(plan), id, 0), undefined);
        assert.equal(decodeWith(create(plan), id, FrameFlag.extended), undefined);
      }
    });
    test('an empty plan', () => assert.equal(decodeWith(create(compilePlan(database())), 1, 0), undefined));
  });
}
