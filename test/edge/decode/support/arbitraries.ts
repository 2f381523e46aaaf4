/** Random databases and frames for fast-check: both byte orders, every length, multiplexer trees, floats, FD. */
import fc from 'fast-check';
import type { Message, Signal } from '../../../../edge/dbc/model.ts';
import { by, message, signal } from './build.ts';

const scale = fc.oneof(
  fc.constantFrom(1, 0.1, 0.5, -1, 0.01, 0, 3, 1e-6, -0.25, 1 / 3, 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const offset = fc.oneof(fc.constantFrom(0, 0, -40, 0.1, -0, 1e9), fc.double({ noNaN: true, noDefaultInfinity: true }));
const range = fc.oneof(
  fc.constant([0, 0]),
  fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(2000)).map(([least, width]) => [least, least + width]),
);

/** Places `length` bits somewhere in the payload (or just past it, now and then). */
function placement(length: number, payloadBits: number): fc.Arbitrary<Pick<Signal, 'byteOrder' | 'startBit'>> {
  const last = Math.max(0, payloadBits - length + 4);
  return fc
    .tuple(fc.constantFrom('intel' as const, 'motorola' as const), fc.nat(last))
    .map(([byteOrder, position]) => ({
      byteOrder,
      startBit: byteOrder === 'intel' ? position : position - (position % 8) + 7 - (position % 8),
    }));
}

function anySignal(name: string, payloadBits: number, longest = 64): fc.Arbitrary<Signal> {
  const shape = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.integer({ min: 1, max: longest }).map((length) => ({ length, valueType: 'integer' as const })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { length: 32, valueType: 'float32' as const },
        { length: 64, valueType: 'float64' as const },
      ),
    },
  );
  return fc
    .tuple(shape, fc.boolean(), scale, offset, range)
    .chain(([{ length, valueType }, signed, factor, shift, [minimum, maximum]]) =>
      placement(length, payloadBits).map((place) =>
        signal(name, { ...place, length, valueType, signed, scale: factor, offset: shift, minimum, maximum }),
      ),
    );
}

const selectorValues = fc.array(
  fc.oneof(
    fc.nat(6),
    fc.tuple(fc.nat(40), fc.nat(20)).map(([from, width]): [bigint, bigint] => [BigInt(from), BigInt(from + width)]),
    fc.constant<[bigint, bigint]>([0n, 2n ** 64n]),
  ),
  { minLength: 1, maxLength: 3 },
);

/** Some signals, of which the first few may select those that follow them. */
function signals(payloadBits: number): fc.Arbitrary<Signal[]> {
  return fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length: count }, (_, i) => anySignal(`S${i}`, payloadBits))),
        fc.nat(3),
        fc.array(fc.tuple(fc.nat(20), selectorValues), { minLength: count, maxLength: count }),
      )
      .map(([drawn, selectorCount, hangs]) =>
        drawn.map((one, i) => {
          const isSelector = i < selectorCount;
          const kind = isSelector ? { isSelector, valueType: 'integer' as const } : {};
          const [parent, values] = hangs[i];
          const hangsOn = parent < Math.min(selectorCount, i) ? { multiplexedBy: by(`S${parent}`, ...values) } : {};
          return { ...one, ...kind, ...hangsOn };
        }),
      ),
  );
}

/** A message of 1 to 8 bytes, or of an FD length, with j1939 now and then. */
export function anyMessage(id: number): fc.Arbitrary<Message> {
  return fc
    .tuple(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(8), fc.constantFrom(12, 24, 64)), fc.nat(3))
    .chain(([length, kind]) =>
      signals(length * 8).map((drawn) =>
        message(id, drawn, { length, fd: length > 8, extended: kind > 1, j1939: kind === 3 }),
      ),
    );
}

/** Payloads of 0 to 64 bytes, rich in zeros, ones, and small selector values. */
export const anyPayload: fc.Arbitrary<Uint8Array> = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 0xff, 0xfe, 0x7f, 0x80)), { maxLength: 64 })
  .chain((octets) => fc.constantFrom(octets, octets.slice(0, 8)))
  .map((octets) => Uint8Array.from(octets));
