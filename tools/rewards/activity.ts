/**
 * What devices delivered, week by week, from the packs that a gateway accepted: its ledger, or the list that it
 * published. A device whose key was rotated is one with its heir, so a rotation neither ends a streak nor earns twice.
 */
import type { Hex } from 'viem';

/** Packs of one device in one epoch that had the same set of signals. */
export interface Delivery {
  /** Lower case. */
  device: Hex;
  epoch: number;
  packs: number;
  samples: number;
  /** As the ledger has it: `<decoder hex>:<index>,<index>;...`; undefined without samples. */
  signals?: string;
}

/** A device over all weeks that were read. */
export interface DeviceHistory {
  /** Of the epoch in question. */
  packs: number;
  samples: number;
  /** Distinct signals per decoder (content hash, lower-case hex without 0x), of the epoch in question. */
  signalsByDecoder: ReadonlyMap<string, number>;
  /** Epochs with at least one sample, the epoch in question included; ascending. */
  connected: readonly number[];
}

interface Tally {
  packs: number;
  samples: number;
  sets: Set<string>;
  connected: Set<number>;
}

/**
 * Sums deliveries up per device.
 * @param options.heirOf The key that stands for a device now; the device itself unless it was rotated.
 */
export function tallyActivity(
  deliveries: Iterable<Delivery>,
  options: { epoch: number; heirOf?: (device: Hex) => Hex },
): Map<Hex, DeviceHistory> {
  const { epoch, heirOf = (device) => device } = options;
  const tallies = new Map<Hex, Tally>();
  for (const { device: key, epoch: week, packs, samples, signals } of deliveries) {
    const device = heirOf(key);
    let tally = tallies.get(device);
    if (!tally) {
      tally = { packs: 0, samples: 0, sets: new Set(), connected: new Set() };
      tallies.set(device, tally);
    }
    if (samples > 0) tally.connected.add(week);
    if (week !== epoch) continue;
    tally.packs += packs;
    tally.samples += samples;
    if (signals !== undefined) tally.sets.add(signals);
  }
  // Packs of one device mostly have the same signals, and those of one model too: each set is read once.
  const counted = new Map<string, ReadonlyMap<string, number>>();
  const histories = new Map<Hex, DeviceHistory>();
  for (const [device, { packs, samples, sets, connected }] of tallies) {
    const name = sets.size === 1 ? [...sets][0]! : [...sets].sort().join(';');
    let signalsByDecoder = counted.get(name);
    if (!signalsByDecoder) {
      signalsByDecoder = countByDecoder(name);
      counted.set(name, signalsByDecoder);
    }
    histories.set(device, {
      packs,
      samples,
      signalsByDecoder,
      connected: [...connected].sort((a, b) => a - b),
    });
  }
  return histories;
}

/** Signals of different decoders are different. */
export function signalCount({ signalsByDecoder }: Pick<DeviceHistory, 'signalsByDecoder'>): number {
  let count = 0;
  for (const signals of signalsByDecoder.values()) count += signals;
  return count;
}

function countByDecoder(sets: string): Map<string, number> {
  const all = new Map<string, Set<string>>();
  for (const part of sets === '' ? [] : sets.split(';')) {
    const [decoder = '', indexes = ''] = part.split(':');
    const known = all.get(decoder) ?? new Set();
    all.set(decoder, known);
    for (const index of indexes.split(',')) known.add(index);
  }
  return new Map([...all].map(([decoder, indexes]) => [decoder, indexes.size]));
}
