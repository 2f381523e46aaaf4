/** What each fault does to a world, and how much of it is usual. */
import type { CutMoment, SeededRandom } from '../../edge/sim/index.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Fault } from './plan.ts';
import { errorFrames } from './vehicle-side.ts';
import type { World } from './world.ts';

interface FaultSpec {
  /** A usual one. */
  draw: (random: SeededRandom) => Partial<Fault>;
  /** @returns a function that ends it, for a fault that lasts */
  begin: (world: World, fault: { amount: number; moment: CutMoment }) => unknown;
}

const between = (random: SeededRandom, least: number, most: number) => least + random.below(most - least + 1);
const lasting = (least: number, most: number) => (random: SeededRandom) => ({
  durationMs: between(random, least, most),
});
const some = (least: number, most: number) => (random: SeededRandom) => ({ amount: between(random, least, most) });
const lastingSome = (longest: number, least: number, most: number) => (random: SeededRandom) => ({
  durationMs: between(random, 100, longest),
  amount: between(random, least, most),
});
const cut = (operations: number) => (random: SeededRandom) => ({
  amount: random.below(operations),
  moment: random.pick(['before', 'within', 'after'] as const),
});

/** Sets one field of a faults object, and sets it back. */
function setting<Key extends string>(target: Record<Key, number>, key: Key, value: number): () => void {
  target[key] = value;
  return () => {
    target[key] = 0;
  };
}

export const faultSpecs: Readonly<Record<FaultKind, FaultSpec>> = {
  'power-cut': {
    draw: cut(8),
    begin: (world, { amount, moment }) => world.storage.cutPowerAt(amount, moment),
  },
  'recovery-cut': {
    draw: cut(6),
    begin: (world, { amount, moment }) => {
      world.recoveryCuts.push({ operationsAhead: amount, moment });
      world.cutPower();
    },
  },
  'power-off': {
    draw: lasting(10, 5_000),
    begin: (world) => {
      world.holdPower(true);
      return () => world.holdPower(false);
    },
  },
  'bit-flip': {
    draw: some(0, 1_000_000),
    begin: (world, { amount }) => {
      const name = world.fileAt(amount);
      if (name === undefined) return;
      world.seen.mayLose = true;
      world.storage.flipBit(name, amount % (world.storage.sizeOf(name) * 8));
    },
  },
  'bad-block': {
    draw: some(0, 1_000_000),
    begin: (world, { amount }) => {
      const name = world.fileAt(amount);
      if (name === undefined) return;
      world.seen.mayLose = true;
      const from = (amount % world.storage.sizeOf(name)) & ~255;
      world.storage.spoil(name, from, from + 256);
    },
  },
  'disk-full': {
    draw: lastingSome(20_000, 0, 400),
    begin: (world, { amount }) => {
      world.seen.mayLose = true;
      world.storage.capacity = world.storage.used + amount;
      return () => {
        world.storage.capacity = Number.POSITIVE_INFINITY;
      };
    },
  },
  'sync-error': { draw: some(1, 6), begin: (world, { amount }) => failing(world, 'failingSyncs', amount) },
  'write-error': { draw: some(1, 6), begin: (world, { amount }) => failing(world, 'failingAppends', amount) },
  'read-error': { draw: some(1, 6), begin: (world, { amount }) => failing(world, 'failingReads', amount) },

  'line-drop': {
    draw: lastingSome(10_000, 20, 500),
    begin: (world, { amount }) => setting(world.vehicle.lineFaults, 'drop', amount),
  },
  'line-duplicate': {
    draw: lastingSome(10_000, 20, 500),
    begin: (world, { amount }) => setting(world.vehicle.lineFaults, 'duplicate', amount),
  },
  'line-split': {
    draw: lastingSome(10_000, 100, 900),
    begin: (world, { amount }) => setting(world.vehicle.lineFaults, 'split', amount),
  },
  'line-flip': {
    draw: lastingSome(10_000, 20, 500),
    begin: (world, { amount }) => setting(world.vehicle.lineFaults, 'flip', amount),
  },
  'line-stall': {
    draw: lasting(100, 10_000),
    begin: ({ vehicle }) => {
      vehicle.stall();
      return () => vehicle.resume();
    },
  },
  'hang-up': { draw: () => ({}), begin: (world) => world.vehicle.hangUp() },
  unplug: {
    draw: lasting(100, 10_000),
    begin: ({ vehicle }) => {
      vehicle.isUnplugged = true;
      vehicle.hangUp();
      return () => {
        vehicle.isUnplugged = false;
      };
    },
  },

  'error-frames': {
    draw: some(1, 40),
    begin: ({ device }, { amount }) => device?.receive(errorFrames(Math.min(amount, 1000), device.miner ? 1000 : 0)),
  },
  'bus-off': {
    draw: lasting(100, 10_000),
    begin: ({ vehicle, device }) => {
      device?.receive(errorFrames(1, 1000));
      vehicle.isSilent = true;
      return () => {
        vehicle.isSilent = false;
      };
    },
  },
  'babbling-node': {
    draw: lasting(100, 5_000),
    begin: ({ vehicle }) => {
      vehicle.isBabbling = true;
      return () => {
        vehicle.isBabbling = false;
      };
    },
  },
  overrun: { draw: () => ({}), begin: ({ vehicle }) => vehicle.burst() },

  'clock-absent': {
    draw: lasting(1_000, 30_000),
    begin: (world) => {
      world.hasWallClock = false;
      world.deviceClock?.setUnixMs(undefined);
      return () => {
        world.hasWallClock = true;
        world.deviceClock?.setUnixMs(world.unixMs);
      };
    },
  },
  'clock-step': {
    draw: some(-100_000_000, 100_000_000),
    begin: (world, { amount }) => world.deviceClock?.setUnixMs(Math.max(0, world.unixMs + amount)),
  },
  // From the next boot on: a crystal does not change while it runs.
  'clock-drift': {
    draw: lastingSome(30_000, -500, 500),
    begin: (world, { amount }) => setting(world, 'driftPpm', amount),
  },

  'broker-kill': {
    draw: lasting(100, 20_000),
    begin: ({ network }) => {
      network.kill();
      return () => network.revive();
    },
  },
  loss: {
    draw: lastingSome(20_000, 10, 100),
    begin: (world, { amount }) => setting(world.network.faults, 'lossPercent', amount),
  },
  duplication: {
    draw: lastingSome(20_000, 10, 100),
    begin: (world, { amount }) => setting(world.network.faults, 'duplicatePercent', amount),
  },
  reordering: {
    draw: lastingSome(20_000, 100, 15_000),
    begin: (world, { amount }) => setting(world.network.faults, 'delayMsMax', amount),
  },
  'gateway-silent': {
    draw: lasting(100, 20_000),
    begin: (world) => {
      world.isGatewaySilent = true;
      return () => {
        world.isGatewaySilent = false;
      };
    },
  },
  'stale-receipt': { draw: some(0, 1_000), begin: (world, { amount }) => world.repeatReceipt(amount) },
  'forged-receipt': {
    draw: some(1, 200),
    begin: (world, { amount }) => world.forgeReceipt({ ahead: amount, by: 'stranger' }),
  },
  'foreign-receipt': {
    draw: some(1, 200),
    begin: (world, { amount }) => world.forgeReceipt({ ahead: amount, by: 'gateway' }),
  },
  garbage: { draw: some(0, 1_000_000), begin: (world, { amount }) => world.sendGarbage(amount) },

  'licence-suspended': {
    draw: lasting(100, 20_000),
    begin: ({ registry }) => {
      registry.licence = 'suspended';
      return () => {
        registry.licence = 'active';
      };
    },
  },
  'node-down': {
    draw: lasting(1_000, 20_000),
    begin: ({ node }) => {
      node.isDown = true;
      return () => {
        node.isDown = false;
      };
    },
  },
  'node-flapping': {
    draw: lastingSome(20_000, 10, 90),
    begin: (world, { amount }) => setting(world.node, 'flapPercent', amount),
  },
  'node-lagging': {
    draw: lastingSome(20_000, 1_000, 30_000),
    begin: (world, { amount }) => setting(world.node, 'lagMs', amount),
  },
  'trust-expired': {
    draw: lasting(1_000, 20_000),
    begin: ({ node }) => {
      node.isExpired = true;
      return () => {
        node.isExpired = false;
      };
    },
  },
  'decoder-suspended': {
    draw: lastingSome(20_000, 0, 1),
    begin: (world, { amount }) => {
      const hash = world.decoderHashes[Math.abs(amount) % 2];
      world.registry.setDecoder(hash, 'suspended');
      return () => world.registry.setDecoder(hash, 'listed');
    },
  },
  // For good: what was signed with it and not yet accepted is given up.
  'decoder-revoked': {
    draw: some(0, 1),
    begin: (world, { amount }) => {
      world.seen.mayLose = true;
      world.registry.setDecoder(world.decoderHashes[Math.abs(amount) % 2], 'revoked');
    },
  },
};

function failing(world: World, what: 'failingSyncs' | 'failingAppends' | 'failingReads', count: number): void {
  world.seen.mayLose = true;
  world.storage[what] += count;
}
