/** Pack bodies as vehicles make them, for figures of size and speed. */
import { type PackBody, packAad, SamplesBuilder, softwareSigner } from '../../edge/pack/index.ts';
import { SeededRandom } from '../../edge/sim/index.ts';

export const exampleSigner = softwareSigner(new Uint8Array(32).fill(1));
export const exampleAad = packAad(137, new Uint8Array(20).fill(2));
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

export interface TwelveSignals {
  seed: number;
  seconds: number;
  /** How many signals share a message, and so its arrival times. */
  perMessage: number;
  /** Default 1234. */
  seq?: number;
}

/** Twelve signals, each once a second. */
export function twelveSignals({ seed, seconds, perMessage, seq = 1234 }: TwelveSignals): PackBody {
  const random = new SeededRandom(seed);
  const builder = new SamplesBuilder();
  const values = signals.map(([, start]) => start);
  for (let second = 0; second < seconds; second++) {
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
  return bodyOf(builder, seq);
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

interface LegacyStatus {
  timestamp: number;
  device: { rpiUptimeSecs: number };
  vehicle: { signals: { timestamp: number; name: string; value: number | boolean | string }[] };
}

/** The published status of a legacy device as a pack. @param legacy the CloudEvent's JSON text */
export function legacyStatus(legacy: string): PackBody {
  const { timestamp: sentMs, device, vehicle } = JSON.parse(legacy).data as LegacyStatus;
  const bootMs = sentMs - device.rpiUptimeSecs * 1000;
  const names = [...new Set(vehicle.signals.map(({ name }) => name))].sort();
  const builder = new SamplesBuilder();
  for (const { timestamp, name, value } of vehicle.signals) {
    const index = names.indexOf(name);
    const timeMs = timestamp - bootMs;
    if (typeof value === 'string') builder.addText(0, index, timeMs, value);
    else builder.add(0, index, timeMs, scales[name]?.(Number(value)) ?? Number(value));
  }
  return bodyOf(builder, 1234);
}
