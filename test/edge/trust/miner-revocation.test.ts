// A whole Miner on the layered trust: a revocation while it drives, and a start without any network.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Miner, type MinerEvent } from '../../../edge/miner.ts';
import { compareBytes, toHex } from '../../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import {
  decoderLeaf,
  encodeCheckpointFile,
  LayeredTrust,
  type LayeredTrustOptions,
} from '../../../edge/trust/index.ts';
import { batchOf, body, device, hashOf, keepAll, powertrain } from '../miner-world.ts';
import { alice, bob, issued, place, signatureBy, twoOfThree } from './checkpoint-world.ts';
import { FakeChain, fakeRegistries } from './fake-chain.ts';

const frames = batchOf([0x101, '0700000000000000'], [0x200, '01']);
let chain: FakeChain;

before(async () => {
  chain = await FakeChain.start(issued);
  chain.set(hashOf(powertrain), 'listed');
  chain.set(hashOf(body), 'listed');
});
after(() => chain.stop());

async function startedMiner(trustOptions: Partial<LayeredTrustOptions>) {
  const clock = new VirtualClock(issued * 1000);
  const common = { chainId: place.chainId, registries: fakeRegistries, clock, blockAgeMsMax: 0 };
  const trust = new LayeredTrust({ ...common, storage: new MemoryStorage(), ...trustOptions });
  const events: MinerEvent[] = [];
  const { log } = PackLog.open(new MemoryStorage());
  // No routine check comes into it.
  const settings = { ...keepAll, packIntervalMs: 1e9, trustIntervalMs: 1e9 };
  const miner = new Miner({ signer: device, trust, log, clock, settings, onEvent: (event) => events.push(event) });
  await miner.start([powertrain, body]);
  const names = () => miner.decoders.map(({ name }) => name);
  return { clock, trust, miner, events, names };
}

test('a decoder revoked while driving is dropped within one look of the watch, its unsigned values with it', async () => {
  const { clock, trust, miner, events, names } = await startedMiner({ rpcUrl: chain.url });
  assert.deepEqual(names(), ['powertrain', 'body']);
  miner.receive(frames);
  const withdrawn = Promise.withResolvers<void>();
  const endWatch = trust.watch(5_000, () => miner.checkTrust().then(withdrawn.resolve));
  chain.set(hashOf(powertrain), 'revoked');
  clock.advance(5_000);
  await withdrawn.promise;
  assert.deepEqual(names(), ['body']);
  assert.equal(miner.counters.samplesDropped, 1);
  assert.equal(events.filter(({ kind }) => kind === 'decoder-withdrawn').length, 1);
  endWatch();
  miner.stop();
});

test('with a checkpoint and no network, a Miner starts and signs what the checkpoint vouches for', async () => {
  const contentHash = hashOf(body);
  const checkpoint = {
    ...place,
    root: decoderLeaf(contentHash, 1),
    epoch: 1,
    blockNumber: 1,
    issued,
    expires: issued + 60,
  };
  const file = encodeCheckpointFile({
    checkpoint,
    signatures: [alice, bob]
      .map((who) => signatureBy(who, checkpoint))
      .sort((a, b) => compareBytes(a.signer, b.signer)),
    signerSet: twoOfThree,
    entries: [{ contentHash, index: 1, proof: [] }],
  });
  const { miner, names } = await startedMiner({ checkpoint: file, signerSet: twoOfThree });
  assert.deepEqual(names(), ['body']);
  miner.receive(frames);
  miner.flush();
  assert.deepEqual([miner.counters.packsSigned, miner.counters.samples], [1, 1]);
  assert.equal(toHex(miner.decoders[0].contentHash), toHex(contentHash));
  miner.stop();
});
