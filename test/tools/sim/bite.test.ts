/** The invariants bite: each broken part is found out within a few seeds, and by the invariant that is about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packHash, softwareSigner } from '../../../edge/pack/index.ts';
import { MemoryStorage, SimulatedRegistry } from '../../../edge/sim/index.ts';
import { receiptAad, signReceipt } from '../../../edge/uplink/index.ts';
import { Device } from '../../../tools/sim/device.ts';
import type { GatewaySide } from '../../../tools/sim/gateway-side.ts';
import { cutPlan, type InvariantName, mixedPlan, type Parts, type Plan, World } from '../../../tools/sim/index.ts';
import { standInSignatures } from '../../../tools/sim/signatures.ts';

/** Says that it synced, and did not. */
class LyingStorage extends MemoryStorage {
  override sync(): void {}
}

/** Gives what it was given, with one bit changed, now and then. */
class WornStorage extends MemoryStorage {
  #reads = 0;

  override read(name: string, offset: number, length: number): Uint8Array {
    const bytes = super.read(name, offset, length);
    if (++this.#reads % 7 === 0 && bytes.length > 30) bytes[bytes.length - 6] ^= 1;
    return bytes;
  }
}

/** Receipts everything that it is sent, and keeps every second pack. */
class ForgetfulGateway implements GatewaySide {
  readonly #inner: GatewaySide;
  readonly #signatures = standInSignatures(registry);
  #packs = 0;

  constructor(inner: GatewaySide) {
    this.#inner = inner;
  }

  async receive(bytes: Uint8Array) {
    if (++this.#packs % 2 === 0) return this.#inner.receive(bytes);
    const { kid, body } = this.#signatures.openPack(bytes);
    const receipt = { device: kid, seq: body.seq, hash: packHash(bytes) };
    const aad = receiptAad(registry.chainId, registry.minerRegistry);
    return [{ kind: 'receipt' as const, bytes: signReceipt(this.#signatures.gateway, receipt, aad) }];
  }

  close(): void {
    this.#inner.close();
  }
}

const registry = new SimulatedRegistry({ nowMs: () => 0 } as never);

/** A device, changed after it was made. */
const changed = (change: (device: Device) => void): Partial<Parts> => ({
  device: (options) => {
    const device = new Device(options);
    change(device);
    return device;
  },
});

const rows: { what: string; parts: Partial<Parts>; found: InvariantName[]; draw?: (seed: number) => Plan }[] = [
  {
    what: 'a storage that lies about syncing',
    parts: { storage: (random) => new LyingStorage({ random }) },
    found: ['seqNeverReused', 'nothingIsForgottenSilently', 'receiptedIsHeld', 'sentAsSigned'],
    draw: cutPlan,
  },
  {
    what: 'a log that hands out a number again',
    parts: changed(({ log }) => {
      const nextSeq = log.nextSeq.bind(log);
      log.nextSeq = () => {
        const seq = nextSeq();
        return seq !== undefined && seq % 5 === 0 ? seq - 1 : seq;
      };
    }),
    found: ['neverCrashes'],
  },
  {
    what: 'a log that forgets one pack more than the receipt says',
    parts: changed(({ log }) => {
      const dropThrough = log.dropThrough.bind(log);
      log.dropThrough = (seq) => dropThrough(seq + 1);
    }),
    found: ['receiptedIsHeld', 'everythingArrives', 'nothingIsForgottenSilently'],
  },
  {
    what: 'a log that drops without a gap',
    parts: changed(({ log }) => {
      const holds = log.holds.bind(log);
      log.holds = (seq) => seq % 3 !== 0 && holds(seq);
    }),
    found: ['nothingIsForgottenSilently'],
  },
  {
    what: 'a log that sends other bytes than were signed',
    parts: changed(({ log }) => {
      const read = log.read.bind(log);
      log.read = (seq) => read(seq)?.map((byte, i) => (i === 40 && seq > 2 ? byte ^ 1 : byte));
    }),
    found: ['sentAsSigned'],
  },
  {
    what: 'a gateway that receipts what it throws away',
    parts: { gateway: (gateway) => new ForgetfulGateway(gateway) },
    found: ['receiptedIsHeld'],
  },
  {
    what: 'a Miner that does not ask whom to trust',
    parts: { trust: (view) => ({ ...view, decoder: async () => ({ state: 'listed', index: 1, active: true }) }) },
    found: ['everythingArrives', 'onlyApprovedIsSigned'],
  },
  {
    what: 'a Miner that asks, and does not obey',
    parts: {
      trust: (view) => ({
        ...view,
        decoder: async (hash) => ({ ...(await view.decoder(hash)), active: true }),
      }),
    },
    found: ['onlyApprovedIsSigned'],
  },
  {
    what: 'a Miner that decodes though it knows that its trust has expired',
    parts: changed(({ miner }) => {
      const receive = miner.receive.bind(miner);
      miner.receive = (batch) => {
        receive(batch);
        const { counters } = miner;
        if (!miner.isTrustExpired || counters.framesUndecoded === 0) return;
        counters.framesUndecoded--;
        counters.framesDecoded++;
      };
    }),
    found: ['nothingIsDecodedWithoutTrust'],
  },
  {
    what: 'a Miner that counts a frame too few',
    parts: changed(({ miner }) => {
      const receive = miner.receive.bind(miner);
      miner.receive = (batch) => {
        receive(batch);
        miner.counters.framesReceived--;
      };
    }),
    found: ['framesAddUp'],
  },
  {
    what: 'a Miner that loses samples uncounted',
    parts: changed(({ miner }) => {
      const receive = miner.receive.bind(miner);
      miner.receive = (batch) => {
        receive(batch);
        miner.counters.samples++;
      };
    }),
    found: ['samplesAddUp'],
  },
  {
    what: 'a Miner that leaves timers behind',
    parts: {
      device: (options) => {
        const device = new Device(options);
        const receive = device.miner.receive.bind(device.miner);
        device.miner.receive = (batch) => {
          receive(batch);
          options.clock.schedule(3_600_000, () => {});
        };
        return device;
      },
    },
    found: ['memoryIsBounded'],
  },
  {
    what: 'an uplink that swallows what it is given',
    parts: { connect: (port) => Object.assign(port, { send: () => {} }) },
    found: ['everythingArrives'],
  },
];

for (const { what, parts, found, draw = mixedPlan } of rows) {
  test(`found: ${what}`, async () => {
    const seen = new Set<InvariantName>();
    for (let seed = 1; seed <= 12 && !found.some((name) => seen.has(name)); seed++) {
      const { violations } = await new World(draw(seed), parts).run();
      for (const { invariant } of violations) seen.add(invariant);
    }
    assert.ok(
      found.some((name) => seen.has(name)),
      `expected one of ${found.join(', ')}; found ${[...seen].join(', ') || 'nothing'}`,
    );
  });
}

test('not found, since the log checks what it reads: a storage that reads wrong bits now and then', async () => {
  const parts: Partial<Parts> = { storage: (random) => new WornStorage({ random }) };
  for (const seed of [1, 2, 3]) {
    const { violations } = await new World({ ...mixedPlan(seed), faults: [] }, parts).run();
    assert.deepEqual(
      violations.filter(({ invariant }) => invariant === 'sentAsSigned' || invariant === 'neverCrashes'),
      [],
    );
  }
});

test('found: everything that is signed under a key that is not the device’s', async () => {
  const stranger = softwareSigner(new Uint8Array(32).fill(9));
  const plan: Plan = { ...mixedPlan(2), faults: [] };
  const parts: Partial<Parts> = {
    device: (options) => new Device({ ...options, signatures: { ...options.signatures, device: stranger } }),
  };
  const { violations } = await new World(plan, parts).run().catch((error: Error) => {
    assert.match(error.message, /not that key|not that address/);
    return { violations: [{ invariant: 'neverCrashes' }] };
  });
  assert.ok(violations.length > 0);
});
