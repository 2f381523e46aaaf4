/** SenML and CloudEvents as their standards, and today's consumers, read them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contentHash } from '../../../edge/dbc/index.ts';
import { fromHex, type PackBody, SamplesBuilder } from '../../../edge/pack/index.ts';
import { senmlName } from '../../../tools/pack/export-senml.ts';
import { decodePacks, decoderOf, type Format } from '../../../tools/pack/index.ts';
import { senmlUnit } from '../../../tools/pack/senml-units.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { device, driveBody, older, scratch, signed } from './fixtures.ts';

const { file } = scratch();
const dbc = file('older.dbc', older);

interface Exported {
  lines: string[];
  left: number;
}

async function exported(body: PackBody, format: Format, options: object = {}): Promise<Exported> {
  let text = '';
  const outcome = await decodePacks(
    [file('it.pack', signed(body))],
    { dbc: [dbc], format, enterpriseNumber: 32473, ...options },
    { write: (piece) => (text += piece), pause: async () => {}, note: (note) => assert.fail(note) },
  );
  return { lines: text.split('\n').slice(0, -1), left: outcome.left };
}

interface Resolved {
  n: string;
  t: number;
  u?: string;
  v?: number;
  vs?: string;
  vb?: boolean;
}

/** RFC 8428, 4.6, of the base fields that we write. */
function resolve(line: string): Resolved[] {
  let base = { bn: '', bt: 0, bver: 10 };
  return JSON.parse(line).map((record: Record<string, unknown>) => {
    const { bn = base.bn, bt = base.bt, bver = base.bver, n = '', t = 0, ...rest } = record;
    base = { bn, bt, bver } as typeof base;
    return { ...rest, n: `${bn}${n}`, t: (bt as number) + (t as number) };
  });
}

test('SenML: names, times, units and one value each', async () => {
  const { lines, left } = await exported(driveBody(), 'senml');
  assert.equal(lines.length, 1);
  const prefix = `urn:dev:org:32473-${device.slice(2)}_`;
  const records = resolve(lines[0]);
  for (const record of records) {
    // RFC 8428, 4.5.1; and the components of RFC 9039, 3.2.
    assert.match(record.n, /^[A-Za-z0-9][-A-Za-z0-9:./_]*$/);
    assert.match(record.n.slice(prefix.length - 1), /^(_[-A-Za-z0-9.]+)+$/);
    assert.equal(['v', 'vs', 'vb'].filter((key) => key in record).length, 1);
    assert.ok(record.t >= 2 ** 28);
  }
  const of = (name: string) => records.filter(({ n }) => n === prefix + name).map(({ n, ...rest }) => rest);
  assert.deepEqual(of('Drive.Speed')[0], { u: 'km/h', v: 50, t: 1_713_460_846.5 });
  assert.deepEqual(of('Drive.Gear'), [
    { vs: 'D', t: 1_713_460_846.5 },
    { v: 7, t: 1_713_460_847.5 },
  ]);
  assert.deepEqual(of('Drive.Brake'), [{ vb: true, t: 1_713_460_847 }]);
  assert.deepEqual(of('Float.Odd_-_Name'), [{ v: 9, t: 1_713_460_846.6 }]);
  assert.deepEqual(of('Engine.Temperature'), [{ u: 'Cel', v: 90, t: 1_713_460_847.2 }]);
  assert.equal(JSON.parse(lines[0])[0].bver, 26, 'km/h is a secondary unit');
  assert.match(lines[0], /"v":18446744073709551615\}/);
  assert.equal(left, 2, 'NaN and not available');
});

test('SenML without secondary units asks for no newer version', async () => {
  const builder = new SamplesBuilder();
  builder.add(0, 7, 600_000, 1);
  const { lines } = await exported(driveBody({ columns: builder.columns() }), 'senml');
  assert.equal('bver' in JSON.parse(lines[0])[0], false);
});

test('SenML names of two signals never collide', () => {
  const names = ['A.B__C', 'A.B_C', 'A._B', 'A.B_', 'A.ü', 'A.u', 'A.-fc-'];
  assert.equal(new Set(names.map(senmlName)).size, names.length);
  assert.deepEqual(['A.B__C', 'A.ü'].map(senmlName), ['A.B_-_C', 'A.-fc-']);
});

const unitRows: [string, string | undefined][] = [
  ['rpm', '1/min'],
  ['degC', 'Cel'],
  [' km/h ', 'km/h'],
  ['C', undefined],
  ['Nm', undefined],
  ['', undefined],
];
for (const [unit, symbol] of unitRows) {
  test(`unit ${JSON.stringify(unit)} is ${symbol ?? 'none of SenML'}`, () => {
    assert.equal(senmlUnit(unit)?.symbol, symbol);
  });
}

for (const format of ['senml', 'cloudevent'] as const) {
  test(`${format}: a pack without a clock is refused, and taken with the time of boot`, async () => {
    const body = driveBody({ anchor: undefined });
    await assert.rejects(exported(body, format), { code: 'PACK_CLOCK_UNKNOWN', exitCode: 1 });
    const { lines } = await exported(body, format, { bootedUnixMs: Date.UTC(2026, 0, 1) });
    assert.match(lines[0], format === 'senml' ? /"bt":1767226200,/ : /"time":"2026-01-01T00:10:01.000Z"/);
  });
}

test('names by a mapping: VSS paths and units of a package, or plain names; the rest as the DBC has them', async () => {
  const vss = file(
    'vss.json',
    JSON.stringify([{ message: 'Drive', signal: 'Speed', path: 'Vehicle.Speed', unit: 'm/s' }]),
  );
  const { lines } = await exported(driveBody(), 'senml', { names: vss });
  assert.ok(resolve(lines[0]).some(({ n, u }) => n.endsWith('_Vehicle.Speed') && u === 'm/s'));
  assert.ok(resolve(lines[0]).some(({ n }) => n.endsWith('_Drive.Gear')));
  const plain = file('plain.json', JSON.stringify({ 'Drive.Speed': 'vehicleSpeed' }));
  const events = await exported(driveBody(), 'cloudevent', { names: plain });
  const { signals } = JSON.parse(events.lines[0]).data.vehicle;
  assert.ok(signals.some(({ name }: { name: string }) => name === 'vehicleSpeed'));
  const rows = await exported(driveBody(), 'jsonl', { names: plain });
  assert.ok(rows.lines.some((line) => JSON.parse(line).name === 'vehicleSpeed'));
});

const badMappings: [string, string, RegExp][] = [
  ['no JSON', '{', /not JSON/],
  ['a number', '5', /neither an array nor an object/],
  ['null', 'null', /neither an array nor an object/],
  ['an entry without a signal', '[{"message":"A"}]', /\/0 has no message and signal/],
  ['an entry that is null', '[null]', /\/0 has no message and signal/],
  ['a path that is no text', '[{"message":"A","signal":"B","path":5}]', /\/0\/path is no text/],
  ['a unit that is no text', '[{"message":"A","signal":"B","path":"C","unit":[]}]', /\/0\/unit is no text/],
  ['a name that is no text', '{"A.B":5}', /\/A\.B is no text/],
];
for (const [what, json, message] of badMappings) {
  test(`a mapping file that is ${what} is refused`, async () => {
    const names = file('names.json', json);
    await assert.rejects(exported(driveBody(), 'jsonl', { names }), { code: 'PACK_NAMES', message });
  });
}

test('CSV quotes what needs it', async () => {
  const names = file('names.json', JSON.stringify({ 'Drive.Speed': 'speed, "true"' }));
  const { lines } = await exported(driveBody(), 'csv', { names });
  assert.equal(lines[0].split(',').length, 13);
  assert.ok(lines.some((line) => line.includes(',Speed,"speed, ""true""",50,km/h,,5000,,column')));
});

/** As size.test.ts scales them; each name a signal of its own. */
const scales: Record<string, string> = {
  maf: '16|32@1+ (0.01,0)',
  engineLoad: '16|32@1+ (0.39216,0)',
  throttlePosition: '16|32@1+ (0.39216,0)',
  shortTermFuelTrim1: '16|32@1+ (0.78125,0)',
  longitude: '16|32@1- (1e-7,0)',
  latitude: '16|32@1- (1e-7,0)',
  hdop: '16|32@1+ (0.1,0)',
  isRedacted: '16|1@1+ (1,0)',
};

test('the legacy status of 21 signals comes out as it was', { skip: skipWithout('vectors/pack') }, async () => {
  const legacy = JSON.parse(readFileSync(sharedPath('vectors/pack/dimo-status-v2.json') as string, 'utf8'));
  const signals: { timestamp: number; name: string; value: number | boolean | string }[] = legacy.data.vehicle.signals;
  const bootedMs = legacy.data.timestamp - legacy.data.device.rpiUptimeSecs * 1000;
  const names = [...new Set(signals.map(({ name }) => name))];
  const text = names
    .map((name, i) => `BO_ ${i + 1} M${i}: 8 X\n SG_ ${name} : ${scales[name] ?? '16|32@1+ (1,0)'} [0|0] "" X\n`)
    .join('');
  const bytes = new TextEncoder().encode(text);
  const { places } = decoderOf('status.dbc', bytes);
  const builder = new SamplesBuilder();
  for (const { timestamp, name, value } of signals) {
    const { signal } = places.find((place) => place.signal.name === name)!;
    const timeMs = timestamp - bootedMs;
    if (typeof value === 'string') builder.addText(0, signal.signalIndex, timeMs, value);
    else builder.add(0, signal.signalIndex, timeMs, Math.round(Number(value) / signal.scale));
  }
  const body: PackBody = {
    seq: 7,
    bootCount: 1,
    decoders: [{ contentHash: fromHex(contentHash(bytes)) }],
    startMs: builder.firstMs,
    anchor: { unixMs: bootedMs + builder.firstMs, source: 3, uncertaintyMs: 1 },
    columns: builder.columns(),
    texts: builder.texts(),
  };
  const mapping = Object.fromEntries(names.map((name, i) => [`M${i}.${name}`, name]));
  const { lines } = await exported(body, 'cloudevent', {
    dbc: [file('status.dbc', bytes)],
    names: file('legacy.json', JSON.stringify(mapping)),
    subject: legacy.subject,
    source: legacy.source,
  });
  const event = JSON.parse(lines[0]);
  assert.deepEqual(
    Object.keys(event).sort(),
    Object.keys(legacy)
      .filter((key) => key !== 'signature')
      .sort(),
  );
  for (const key of ['source', 'specversion', 'dataversion', 'subject', 'type']) assert.equal(event[key], legacy[key]);
  // The legacy one was stamped when it was sent, a moment after its last sample.
  assert.ok(Math.abs(Date.parse(event.time) - Date.parse(legacy.time)) < 10);
  assert.equal(event.data.timestamp, legacy.data.timestamp);
  assert.equal(event.data.device.rpiUptimeSecs, legacy.data.device.rpiUptimeSecs);
  const order = (a: { timestamp: number; name: string }, b: { timestamp: number; name: string }) =>
    a.timestamp - b.timestamp || (a.name < b.name ? -1 : 1);
  const found = event.data.vehicle.signals.sort(order);
  assert.equal(found.length, 21);
  signals.sort(order).forEach(({ timestamp, name, value }, i) => {
    assert.deepEqual([found[i].timestamp, found[i].name, typeof found[i].value], [timestamp, name, typeof value]);
    if (typeof value === 'number') assert.ok(Math.abs(found[i].value - value) < 1e-5, `${name} ${found[i].value}`);
    else assert.equal(found[i].value, value);
  });
});
