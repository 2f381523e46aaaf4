// Whatever happens to node, clock, power and files, in any order: the answer is the one that the table in docs/trust.md gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hex, toHex } from 'viem';
import { MinerError } from '../../../edge/errors/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import { encodeCheckpointFile, LayeredTrust } from '../../../edge/trust/index.ts';
import { decoderHash, fileOf, issued, place, treeOf, twoOfThree } from './checkpoint-world.ts';
import { FakeChain, type Fault, fakeRegistries } from './fake-chain.ts';

const minute = 60_000;
const freezeMsMax = 60 * minute;
const headAgeMsMax = 15 * minute;
const expiresMs = (issued + 3 * 3_600) * 1000;
const body = decoderHash('body');
const checkpoint = encodeCheckpointFile(fileOf({ expires: expiresMs / 1000 }));

type Step =
  | { do: 'wait'; minutes: number }
  | { do: 'block' }
  | { do: 'revoke' }
  | { do: 'fault'; fault: Fault }
  | { do: 'offer' }
  | { do: 'restart' }
  | { do: 'ask' };

const event: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.constantFrom<Fault>('none', 'error-object').map((fault): Step => ({ do: 'fault', fault })),
    weight: 4,
  },
  { arbitrary: fc.constantFrom<Step>({ do: 'block' }, { do: 'offer' }), weight: 3 },
  { arbitrary: fc.constantFrom<Step>({ do: 'restart' }, { do: 'revoke' }), weight: 1 },
);
/** Something happens, time passes, somebody asks: so that limits are met, not only waited for. */
const rounds: fc.Arbitrary<Step[]> = fc
  .array(fc.tuple(event, fc.constantFrom(0, 10, 20, 60)), { minLength: 2, maxLength: 10 })
  .map((list) => list.flatMap(([step, minutes]): Step[] => [step, { do: 'wait', minutes }, { do: 'ask' }]));

/** The table, without a network: what the body decoder is, after these steps. */
class Model {
  nowMs = issued * 1000;
  headMs = issued * 1000;
  fault: Fault = 'none';
  isRevoked = false;
  hasCheckpoint = false;
  /** Epoch 3 lists the decoder, epoch 4 revokes it. */
  seenEpoch = 0;
  kept: { active: boolean; atMs: number } | undefined;

  offer(): void {
    if (this.nowMs < expiresMs && this.seenEpoch <= 3) {
      this.hasCheckpoint = true;
      this.seenEpoch = Math.max(3, this.seenEpoch);
    }
  }

  ask(): boolean | 'TRUST_EXPIRED' {
    if (this.fault === 'none' && this.nowMs - this.headMs <= headAgeMsMax) {
      this.seenEpoch = this.isRevoked ? 4 : 3;
      this.kept = { active: !this.isRevoked, atMs: this.nowMs };
      return this.kept.active;
    }
    if (this.kept && this.nowMs - this.kept.atMs <= freezeMsMax) return this.kept.active;
    return this.hasCheckpoint && this.seenEpoch <= 3 && this.nowMs < expiresMs ? true : 'TRUST_EXPIRED';
  }
}

async function answerOf(trust: LayeredTrust): Promise<boolean | string> {
  try {
    return (await trust.decoder(body)).active;
  } catch (error) {
    assert.ok(error instanceof MinerError, String(error));
    return error.code;
  }
}

async function play(list: readonly Step[]): Promise<void> {
  const chain = await FakeChain.start(issued);
  chain.set(decoderHash('powertrain'), 'listed');
  const root: Hex = toHex(treeOf(['powertrain', 'body']).root);
  chain.mine({ epoch: 2 });
  chain.set(body, 'listed', { root });
  const signers = twoOfThree.signers.map((signer) => toHex(signer));
  chain.mine({ timestamp: issued, signers, threshold: 2 });
  const clock = new VirtualClock(issued * 1000);
  const storage = new MemoryStorage();
  const open = () =>
    new LayeredTrust({
      chainId: place.chainId,
      registries: fakeRegistries,
      clock,
      storage,
      signerSet: twoOfThree,
      rpcUrl: chain.url,
      blockAgeMsMax: 0,
      freezeMsMax,
      headAgeMsMax,
    });
  let trust = open();
  const model = new Model();
  const now = () => Math.floor(model.nowMs / 1000);
  try {
    for (const [i, step] of list.entries()) {
      if (step.do === 'wait') {
        clock.advance(step.minutes * minute);
        model.nowMs += step.minutes * minute;
      } else if (step.do === 'block') {
        chain.mine({ timestamp: now() });
        model.headMs = model.nowMs;
      } else if (step.do === 'revoke' && !model.isRevoked) {
        chain.set(body, 'revoked');
        chain.mine({ timestamp: now() });
        model.headMs = model.nowMs;
        model.isRevoked = true;
      } else if (step.do === 'fault') {
        chain.fault = step.fault;
        model.fault = step.fault;
      } else if (step.do === 'offer') {
        trust.offer(checkpoint);
        model.offer();
      } else if (step.do === 'restart') {
        // The power goes; what was kept in memory is gone.
        storage.cutPower();
        storage.restart();
        trust = open();
        model.kept = undefined;
      } else if (step.do === 'ask') {
        assert.equal(await answerOf(trust), model.ask(), `step ${i}`);
      }
    }
    assert.equal(await answerOf(trust), model.ask(), 'at the end');
  } finally {
    await chain.stop();
  }
}

test('any sequence of waits, blocks, faults, revocations, files and power cuts', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, (list) => play([{ do: 'ask' }, ...list])),
    // Each step is asked of a real socket: shrinking would take minutes, and the seed replays it.
    { numRuns: 20, endOnFailure: true },
  );
});

test('a revocation that was seen holds, though node and power go and an older file comes', () =>
  play([
    { do: 'offer' },
    { do: 'ask' },
    { do: 'revoke' },
    { do: 'ask' },
    { do: 'fault', fault: 'error-object' },
    { do: 'ask' },
    { do: 'restart' },
    { do: 'offer' },
    { do: 'ask' },
  ]));

test('an answer of the chain ends with the freeze, the checkpoint with its time', () => {
  const wait = (minutes: number): Step[] => [{ do: 'wait', minutes }, { do: 'ask' }];
  const down: Step = { do: 'fault', fault: 'error-object' };
  return play([
    { do: 'ask' },
    down,
    ...wait(60),
    ...wait(1),
    { do: 'offer' },
    ...wait(118),
    ...wait(1),
    { do: 'block' },
    ...wait(0),
  ]);
});
