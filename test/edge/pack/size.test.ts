/** How many bytes a pack takes, signature and all. The bounds are promises; the figures are printed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  openPack,
  type PackBody,
  packAad,
  SamplesBuilder,
  sampleCount,
  signPack,
  softwareSigner,
} from '../../../edge/pack/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const signer = softwareSigner(new Uint8Array(32).fill(1));
const externalAad = packAad(137, new Uint8Array(20).fill(2));
const contentHash = new Uint8Array(32).map((_, i) => i * 37);

/** Where a signal starts, how far it moves in a second, and its raw range: raw units of a usual DBC scaling. */
const signals: [name: string, start: number, step: number, max: number][] = [
  ['speed, 0.01 km/h', 5000, 150, 65535],
  ['engine speed, 0.25 rpm', 8000, 400, 65535],
  ['accelerator, 0.4 %', 60, 12, 255],
  ['brake pressed', 0, 1, 1],
  ['gear', 3, 1, 8],
  ['steering angle, 0.1 deg', 7800, 60, 15600],
  ['coolant, 1 degC', 130, 1, 255],
  ['outside, 0.5 degC', 120, 1, 255],
  ['fuel, 0.4 %', 140, 1, 255],
  ['battery, 0.01 V', 1380, 4, 2000],
  ['odometer, 0.1 km', 1_234_567, 0, 9_999_999],
  ['fuel rate, 0.05 L/h', 90, 25, 65535],
];

/** A minute at 1 Hz. @param perMessage how many signals share a message and so its arrival times */
function minute(seed: number, perMessage: number): PackBody {
  const random = new SeededRandom(seed);
  const builder = new SamplesBuilder();
  const values = signals.map(([, start]) => start);
  for (let second = 0; second < 60; second++) {
    let timeMs = 0;
    signals.forEach(([name, , step, max], index) => {
      if (index % perMessage === 0) timeMs = 600_000 + second * 1000 + index * 7 + random.below(12);
      const moved = name.startsWith('odometer')
        ? values[index] + (random.chance(1, 7) ? 1 : 0)
        : values[index] + random.below(2 * step + 1) - step;
      values[index] = Math.min(max, Math.max(0, moved));
      builder.add(0, index * 11, timeMs, values[index]);
    });
  }
  return bodyOf(builder, 1234);
}

function bodyOf(builder: SamplesBuilder, seq: number): PackBody {
  return {
    seq,
    bootCount: 17,
    previousHash: new Uint8Array(16).fill(3),
    decoders: [{ contentHash, registryIndex: 5 }],
    startMs: builder.firstMs,
    anchor: { unixMs: 1_713_460_846_435, source: 2, uncertaintyMs: 40 },
    columns: builder.columns(),
    texts: builder.texts(),
  };
}

for (const perMessage of [1, 3]) {
  test(`twelve signals at 1 Hz for a minute, ${perMessage} to a message: at most 2.4 bytes a sample`, (t) => {
    const sizes: number[] = [];
    for (let seed = 1; seed <= 9; seed++) {
      const body = minute(seed, perMessage);
      assert.equal(sampleCount(body), 720);
      const bytes = signPack(signer, body, { externalAad });
      assert.equal(sampleCount(openPack(bytes, { externalAad }).body), 720);
      sizes.push(bytes.length / 720);
    }
    sizes.sort((a, b) => a - b);
    t.diagnostic(
      `bytes a sample: median ${sizes[4].toFixed(2)}, from ${sizes[0].toFixed(2)} to ${sizes[8].toFixed(2)}`,
    );
    assert.ok(sizes[8] <= 2.4);
  });
}

interface Status {
  signals: { timestamp: number; name: string; value: number | boolean | string }[];
}

/** Smallest raw integers that keep each value exactly, as a decoder's scale and offset would. */
const scales: Record<string, (value: number) => number> = {
  maf: (value) => Math.round(value * 100),
  engineLoad: (value) => Math.round(value / 0.392157),
  throttlePosition: (value) => Math.round(value / 0.392157),
  shortTermFuelTrim1: (value) => Math.round((value * 128) / 100),
  coolantTemp: (value) => value + 40,
  longitude: (value) => Math.round(value * 1e7),
  latitude: (value) => Math.round(value * 1e7),
  hdop: (value) => Math.round(value * 10),
  rpm: (value) => value * 4,
};

test('a status of 21 signals: at most 330 bytes', { skip: skipWithout('vectors/pack') }, (t) => {
  const legacy = readFileSync(sharedPath('vectors/pack/dimo-status-v2.json') as string, 'utf8');
  const { data } = JSON.parse(legacy);
  const status: Status = data.vehicle;
  assert.equal(status.signals.length, 21);
  const bootMs = data.timestamp - data.device.rpiUptimeSecs * 1000;
  const names = [...new Set(status.signals.map(({ name }) => name))].sort();
  const builder = new SamplesBuilder();
  for (const { timestamp, name, value } of status.signals) {
    const index = names.indexOf(name);
    const timeMs = timestamp - bootMs;
    if (typeof value === 'string') builder.addText(0, index, timeMs, value);
    else builder.add(0, index, timeMs, scales[name]?.(Number(value)) ?? Number(value));
  }
  const body = bodyOf(builder, 1234);
  const bytes = signPack(signer, body, { externalAad });
  const opened = openPack(bytes, { externalAad });
  assert.equal(sampleCount(opened.body), 21);
  assert.deepEqual(opened.body, body);
  const bare = signPack(
    signer,
    { ...body, previousHash: undefined, anchor: undefined },
    { externalAad, recoveryHint: false },
  );
  const minified = JSON.stringify(JSON.parse(legacy)).length;
  t.diagnostic(`${bytes.length} bytes; ${bare.length} without optional fields; the same as JSON ${minified}`);
  assert.ok(bytes.length <= 330, `${bytes.length}`);
});
