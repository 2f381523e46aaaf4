/** What a pack's raw integers mean, held against the decoder on the frames that they came from. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createInterpreter, labelAt, physicalAt, SignalStatus } from '../../../edge/decode/index.ts';
import { fromHex, type PackBody, SamplesBuilder } from '../../../edge/pack/index.ts';
import { placeOf } from '../../../tools/pack/decoders.ts';
import { decoderOf, type NamedSample, SampleReader } from '../../../tools/pack/index.ts';
import { flagsOf, unixMsAt } from '../../../tools/pack/samples.ts';
import { driveBody, floatBits, olderDecoder, olderHash, rawFrames, signalIndex } from './fixtures.ts';

const { plan } = olderDecoder;

function samplesOf(body: PackBody): NamedSample[] {
  const place = (_decoder: number, index: number) => placeOf('it', olderDecoder, index);
  return [...new SampleReader().samples({ pack: 'it', stream: 'it', body, place, plans: [plan] })];
}

const bodyOf = (builder: SamplesBuilder, parts: Partial<PackBody> = {}): PackBody => ({
  seq: 1,
  bootCount: 1,
  decoders: [{ contentHash: olderHash }],
  startMs: 0,
  columns: builder.columns(),
  ...parts,
});

/** Judged by messages alone: whether a selector's value selects something is not in a sample. */
const told = (status: number) => (status === SignalStatus.unknownMultiplexer ? SignalStatus.ok : status);

test('value, label and status of every sample are what the interpreter read from its frame', () => {
  const interpreter = createInterpreter(plan);
  const payload = fc.uint8Array({ minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(fc.nat(plan.messages.length - 1), payload, (index, data) => {
      const message = plan.messages[index];
      const builder = new SamplesBuilder();
      interpreter.decode(message.id, message.extended ? flagsOf(2 ** 31) : 0, data, 0, 8);
      const expected = message.signals
        .filter(({ slot }) => interpreter.status[slot] !== SignalStatus.inactive)
        .map((signal) => {
          builder.add(0, signal.signalIndex, 5, interpreter.rawAt(signal.slot));
          const value = physicalAt(interpreter, signal);
          return [signal.name, value, labelAt(interpreter, signal), told(interpreter.status[signal.slot])];
        });
      const found = samplesOf(bodyOf(builder)).map(({ signal, value, label, status }) => [
        signal.name,
        value,
        label,
        status,
      ]);
      const byName = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
      assert.deepEqual(found.sort(byName), expected.sort(byName));
    }),
    { numRuns: 300 },
  );
});

test('samples come in the order of time, and a raw frame gives only what no column has at that time', () => {
  const samples = samplesOf(driveBody({ frames: rawFrames }));
  const times = samples.map(({ timeMs }) => timeMs);
  assert.deepEqual(
    times,
    times.slice().sort((a, b) => a - b),
  );
  const speeds = samples.filter(({ signal }) => signal.name === 'Speed');
  assert.deepEqual(
    speeds.map(({ timeMs, raw, from }) => [timeMs, raw, from]),
    [
      [600_000, 5000, 'column'],
      [600_900, 5014, 'frame'],
      [601_000, 5012, 'column'],
    ],
  );
  assert.deepEqual(
    samples.filter(({ timeMs, from }) => timeMs === 600_000 && from === 'frame').map(({ signal }) => signal.name),
    ['Brake', 'Torque'],
  );
});

test('a J1939 message of several raw frames is put together, over two packs as well', () => {
  const text = `BO_ 2566849790 Long: 12 X
 SG_ Last : 80|16@1+ (1,0) [0|0] "" X
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_ "VFrameFormat" BO_ 2566849790 3;
`;
  const decoder = decoderOf('long.dbc', new TextEncoder().encode(text));
  const column = (id: number, timeMs: number, ...payloads: string[]) => ({
    id: id + 2 ** 31,
    timesMs: Float64Array.from(payloads, (_, i) => timeMs + i * 50),
    payloads: payloads.map(fromHex),
  });
  // A broadcast announcement of 12 bytes in 2 packets of group 0xFED4, and its packets; DBC id 0x18FED4FE.
  const group = (decoder.plan.messages[0].id >>> 8) & 0x3ffff;
  const pgn = [group & 255, (group >> 8) & 255, group >> 16].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const announcement = column(0x1cecff11, 10, `200c0002ff${pgn}`);
  const packets = column(0x1cebff11, 60, '0101020304050607', '0208090a3412ffff');
  const reader = new SampleReader();
  const read = (frames: NonNullable<PackBody['frames']>, stream: string) => {
    const body = bodyOf(new SamplesBuilder(), { frames });
    const samples = [...reader.samples({ pack: 'it', stream, body, place: () => undefined, plans: [decoder.plan] })];
    return samples.map(({ signal, timeMs, raw }) => [signal.name, timeMs, raw]);
  };
  assert.deepEqual(read([announcement, packets], 'a'), [['Last', 110, 0x1234]]);
  assert.deepEqual([read([announcement], 'b'), read([packets], 'b')], [[], [['Last', 110, 0x1234]]]);
  assert.deepEqual([read([announcement], 'c'), read([packets], 'd')], [[], []], 'of another boot');
});

test('remote and error frames are not decoded', () => {
  const column = { timesMs: Float64Array.of(1), payloads: [fromHex('8813030cff0f0000')] };
  const frames = [2 ** 30, 2 ** 29].map((flag) => ({ ...column, id: 416 + flag }));
  assert.deepEqual(samplesOf(bodyOf(new SamplesBuilder(), { frames })), []);
});

const outside: [string, string, number | bigint][] = [
  ['too large for 16 bits', 'Speed', 65_536],
  ['negative and unsigned', 'Speed', -1],
  ['below a signed minimum', 'Torque', -32_769],
  ['of 33 bits for a float', 'Latitude', 2 ** 32],
  ['past 64 bits, signed', 'Counter', -(2n ** 63n)],
];
for (const [what, name, raw] of outside) {
  test(`a raw value ${what} is refused: no frame held it`, () => {
    const builder = new SamplesBuilder();
    builder.add(0, signalIndex(name), 5, raw);
    assert.throws(() => samplesOf(bodyOf(builder)), { code: 'PACK_RAW_RANGE', message: new RegExp(`of \\w+.${name}`) });
  });
}

test('a signal that the decoder does not have is refused', () => {
  const builder = new SamplesBuilder();
  builder.add(0, 999, 5, 1);
  assert.throws(() => samplesOf(bodyOf(builder)), { code: 'PACK_SIGNAL_UNKNOWN', message: /signal 999, but decoder/ });
});

test('times are wall clock where the pack has an anchor, else by the time of boot, else not known', () => {
  const body = driveBody();
  assert.equal(unixMsAt(body, 600_250), 1_713_460_846_750);
  const blind = driveBody({ anchor: { unixMs: 0, source: 0, uncertaintyMs: 0 } });
  assert.equal(unixMsAt(blind, 600_250), undefined);
  assert.equal(unixMsAt(blind, 600_250, 1_000_000), 1_600_250);
});

test('a text column keeps its texts', () => {
  const texts = [{ decoder: 0, signalIndex: signalIndex('Gear'), timesMs: Float64Array.of(1, 2), texts: ['a', 'ü'] }];
  const samples = samplesOf(bodyOf(new SamplesBuilder(), { texts }));
  assert.deepEqual(
    samples.map(({ value, raw }) => [value, raw]),
    [
      ['a', undefined],
      ['ü', undefined],
    ],
  );
});

test('a float is its bits, not its number', () => {
  const builder = new SamplesBuilder();
  builder.add(0, signalIndex('Latitude'), 5, floatBits(-0.5));
  assert.equal(samplesOf(bodyOf(builder))[0].value, -0.5);
});
