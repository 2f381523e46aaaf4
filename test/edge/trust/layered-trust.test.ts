// The chain, what it said lately, a checkpoint, or nothing: which one answers, for how long, and that it is told.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Hex, hexToBytes, toHex } from 'viem';
import { MinerError } from '../../../edge/errors/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import {
  CheckpointView,
  encodeCheckpointFile,
  LayeredTrust,
  type LayeredTrustOptions,
  type TrustEvent,
  TrustMemory,
} from '../../../edge/trust/index.ts';
import {
  alice,
  bob,
  carol,
  day,
  decoderHash,
  type FileWishes,
  fileOf,
  issued,
  mallory,
  place,
  treeOf,
  twoOfThree,
} from './checkpoint-world.ts';
import { FakeChain, fakeModel, fakeRegistries } from './fake-chain.ts';

const hour = 3_600_000;
const powertrain = decoderHash('powertrain');
const body = decoderHash('body');
const device = new Uint8Array(20).fill(7);
const file = (wishes: FileWishes = {}) => encodeCheckpointFile(fileOf(wishes));
const hexRoot = (names: string[]): Hex => toHex(treeOf(names).root);

let chain: FakeChain;
let clock: VirtualClock;
let storage: MemoryStorage;
let events: TrustEvent[];
const started: FakeChain[] = [];

beforeEach(async () => {
  chain = await FakeChain.start(issued);
  started.push(chain);
  chain.mine({ signers: [alice, bob, carol].map(({ address }) => toHex(address)).sort(), threshold: 2 });
  clock = new VirtualClock(issued * 1000);
  storage = new MemoryStorage();
  events = [];
});
after(async () => {
  for (const each of started) await each.stop();
});

const open = (changes: Partial<LayeredTrustOptions> = {}) =>
  new LayeredTrust({
    chainId: place.chainId,
    registries: fakeRegistries,
    clock,
    storage,
    signerSet: twoOfThree,
    blockAgeMsMax: 0,
    onEvent: (event) => events.push(event),
    ...changes,
  });
const online = (changes: Partial<LayeredTrustOptions> = {}) => open({ rpcUrl: chain.url, ...changes });
/** The events so far, sources and errors by name. */
const told = () =>
  events.splice(0).map((event) => {
    if (event.kind === 'trust-source') return event.reason ? `${event.source}: ${event.reason.code}` : event.source;
    return 'error' in event ? `${event.kind}: ${event.error.code}` : event.kind;
  });
const rejectsExpired = (promise: Promise<unknown>, reason: RegExp) =>
  assert.rejects(promise, { code: 'TRUST_EXPIRED', message: reason });

/** Powertrain and body listed: epoch 3 with the root of the checkpoints here, as listing leaves a gap of one change. */
function listBoth(): void {
  chain.set(powertrain, 'listed');
  chain.mine({ epoch: 2 });
  chain.set(body, 'listed', { root: hexRoot(['powertrain', 'body']) });
}

test('with no network, no checkpoint and no memory: TRUST_EXPIRED', async () => {
  await rejectsExpired(open().decoder(powertrain), /no checkpoint is at hand; .*no node is given/);
  assert.deepEqual(told(), ['none: TRUST_EXPIRED']);
});

test('with a checkpoint alone: its decoders, and nobody else', async () => {
  const trust = open({ checkpoint: file() });
  assert.deepEqual(await trust.decoder(powertrain), { state: 'listed', index: 1, active: true });
  assert.deepEqual(await trust.decoder(body), { state: 'listed', index: 2, active: true });
  assert.deepEqual(await trust.decoder(decoderHash('evil')), { state: 'none', index: 0, active: false });
  await assert.rejects(trust.device(device), { code: 'CHAIN_UNREACHABLE' });
  assert.deepEqual(told(), ['checkpoint-accepted', 'checkpoint: CHAIN_UNREACHABLE']);
  assert.equal(trust.source, 'checkpoint');
});

test('a checkpoint is kept: the next start needs no file', async () => {
  open({ checkpoint: file() });
  const trust = open();
  assert.equal((await trust.decoder(powertrain)).active, true);
  assert.equal(trust.checkpoint?.checkpoint.epoch, 3);
});

test('a checkpoint that expires while driving: TRUST_EXPIRED from that moment on', async () => {
  const trust = open({ checkpoint: file({ expires: issued + 60 }) });
  clock.advance(59_999);
  assert.equal((await trust.decoder(powertrain)).active, true);
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /expired at 2026-01-01T00:01:00Z/);
  assert.deepEqual(told(), ['checkpoint-accepted', 'checkpoint: CHAIN_UNREACHABLE', 'none: TRUST_EXPIRED']);
});

const refusals: [string, Uint8Array, string][] = [
  ['that is none', new Uint8Array(9), 'CHECKPOINT_INVALID'],
  ['of one signer', file({ by: [alice] }), 'CHECKPOINT_INVALID'],
  ['that has expired', file({ issued: issued - 100, expires: issued }), 'TRUST_EXPIRED'],
  ['of an earlier epoch', file({ epoch: 2 }), 'CHECKPOINT_ROLLBACK'],
  ['of the same epoch with another root', file({ decoders: ['evil'] }), 'CHECKPOINT_EQUIVOCATION'],
];
for (const [name, bytes, code] of refusals) {
  test(`a checkpoint ${name} is told and changes nothing`, async () => {
    const trust = open({ checkpoint: file() });
    told();
    assert.equal(trust.offer(bytes), false);
    assert.deepEqual(told(), [`checkpoint-refused: ${code}`]);
    assert.equal((await trust.decoder(powertrain)).active, true);
    assert.equal((await trust.decoder(decoderHash('evil'))).active, false);
    const again = open({ checkpoint: bytes });
    assert.equal((await again.decoder(powertrain)).active, true, 'also after a restart');
  });
}

test('a newer checkpoint takes the place of the old one; the old one is then a rollback', async () => {
  const trust = open({ checkpoint: file() });
  assert.equal(trust.offer(file({ epoch: 4, decoders: ['body'] })), true);
  assert.equal((await trust.decoder(powertrain)).active, false);
  assert.equal(trust.offer(file()), false);
  assert.equal((await open({ checkpoint: file() }).decoder(powertrain)).active, false);
});

test('of two for one epoch the one that lasts longer stays', () => {
  const trust = open({ checkpoint: file({ expires: issued + 2 * day }) });
  trust.offer(file({ expires: issued + 3 * day }));
  trust.offer(file({ expires: issued + day }));
  assert.equal(trust.checkpoint?.checkpoint.expires, issued + 3 * day);
});

test('of two that last as long, the one that holds more decoders stays', async () => {
  const some = { ...fileOf(), entries: fileOf().entries.slice(0, 1) };
  const trust = open({ checkpoint: encodeCheckpointFile(some) });
  assert.equal(trust.checkpoint?.decoders.size, 1);
  trust.offer(file());
  trust.offer(encodeCheckpointFile(some));
  assert.equal(trust.checkpoint?.decoders.size, 2);
});

test('online: the chain answers, and its signers and epoch are remembered', async () => {
  listBoth();
  const trust = online({ signerSet: undefined });
  assert.equal((await trust.decoder(powertrain)).active, true);
  assert.equal((await trust.device(device)).effective, true);
  assert.deepEqual(told(), ['registry-changed', 'signers-changed', 'chain']);
  chain.fault = 'down';
  const later = open({ signerSet: undefined });
  assert.equal(later.offer(file({ epoch: 2 })), false, 'epoch 3 was seen on the chain');
  assert.equal(later.offer(file()), true, 'the signers were read from the chain');
});

test('a revocation on the chain counts at the next question, and the checkpoint does not undo it', async () => {
  listBoth();
  const trust = online({ checkpoint: file(), freezeMsMax: hour });
  assert.equal((await trust.decoder(powertrain)).active, true);
  chain.set(powertrain, 'revoked');
  assert.deepEqual(await trust.decoder(powertrain), { state: 'revoked', index: 1, active: false });
  chain.fault = 'down';
  clock.advance(hour);
  assert.equal((await trust.decoder(powertrain)).active, false, 'from memory');
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /the checkpoint is of epoch 3, and 4 was seen since/);
});

test('the chain goes: its last answer for a while, then the checkpoint, then nothing', async () => {
  listBoth();
  const trust = online({ checkpoint: file({ expires: issued + 2 * 3_600 }), freezeMsMax: hour });
  await trust.decoder(powertrain);
  chain.fault = 'down';
  clock.advance(hour);
  assert.equal((await trust.decoder(powertrain)).active, true);
  clock.advance(1);
  assert.equal((await trust.decoder(powertrain)).active, true);
  clock.advance(hour);
  await rejectsExpired(trust.decoder(powertrain), /the checkpoint expired/);
  chain.fault = 'none';
  chain.mine({ timestamp: issued + 2 * 3_600 });
  assert.equal((await trust.decoder(powertrain)).active, true);
  assert.deepEqual(told(), [
    'checkpoint-accepted',
    'chain',
    'cache: CHAIN_UNREACHABLE',
    'checkpoint: CHAIN_UNREACHABLE',
    'none: TRUST_EXPIRED',
    'chain',
  ]);
});

test('a node that withholds blocks: its answers end with the freeze, though it goes on answering', async () => {
  listBoth();
  const trust = online({ freezeMsMax: hour, headAgeMsMax: 10 * 60_000 });
  await trust.decoder(powertrain);
  told();
  clock.advance(hour - 1);
  assert.equal((await trust.decoder(powertrain)).active, true);
  clock.advance(2);
  await rejectsExpired(trust.decoder(powertrain), /answers with what is past/);
  assert.deepEqual(told(), ['cache: CHAIN_STALE', 'none: TRUST_EXPIRED']);
});

test('a node that goes back behind a revocation is stale, also after a restart', async () => {
  listBoth();
  chain.set(powertrain, 'revoked');
  const trust = online();
  assert.equal((await trust.decoder(powertrain)).active, false);
  chain.reorganise(1);
  chain.mine();
  assert.equal((await trust.decoder(powertrain)).active, false);
  const restarted = online();
  await rejectsExpired(restarted.decoder(powertrain), /stands at epoch 3, and 4 was seen already/);
  assert.ok(told().includes('chain-reorganised'));
});

test('a reorganisation within one epoch: the chain is believed, a checkpoint of the other root no longer', async () => {
  listBoth();
  const trust = online({ checkpoint: file(), freezeMsMax: 0 });
  await trust.decoder(powertrain);
  chain.reorganise(1);
  chain.set(body, 'listed');
  assert.equal((await trust.decoder(body)).active, true);
  chain.fault = 'down';
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /epoch 3 has another root on the chain/);
});

test('a deprecated decoder does not outlive its grace in the cache', async () => {
  chain.set(powertrain, 'deprecated', { graceEnds: issued + 600 });
  const trust = online();
  assert.equal((await trust.decoder(powertrain)).active, true);
  chain.fault = 'down';
  clock.advance(599_999);
  assert.equal((await trust.decoder(powertrain)).active, true);
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /no checkpoint is at hand/);
});

test('signers that a DIP replaces take their checkpoint with them', async () => {
  listBoth();
  const trust = online({ checkpoint: file(), freezeMsMax: 0 });
  await trust.decoder(powertrain);
  chain.mine({ signers: [toHex(mallory.address), toHex(carol.address)].sort() as Hex[], threshold: 2 });
  await trust.decoder(powertrain);
  chain.fault = 'down';
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /no checkpoint is at hand/);
  assert.equal(trust.offer(file({ by: [carol, mallory] })), true);
  assert.equal((await trust.decoder(powertrain)).active, true);
  assert.deepEqual(told().slice(2, 4), ['signers-changed', 'checkpoint-refused: CHECKPOINT_INVALID']);
});

test('the wrong chain behind the URL: the checkpoint answers, and the reason is told', async () => {
  chain.chainId = 1;
  const trust = online({ checkpoint: file() });
  assert.equal((await trust.decoder(powertrain)).active, true);
  assert.deepEqual(told(), ['checkpoint-accepted', 'checkpoint: CHAIN_ID_MISMATCH']);
});

test('a device is known for as long as the freeze allows, then the reason is given', async () => {
  const trust = online({ freezeMsMax: hour });
  await trust.device(device);
  chain.fault = 'down';
  clock.advance(hour);
  assert.equal((await trust.device(device)).effective, true);
  clock.advance(1);
  await assert.rejects(trust.device(device), { code: 'CHAIN_UNREACHABLE', message: /127\.0\.0\.1/ });
});

test('so is what is known of its firmware image; a checkpoint says nothing about that', async () => {
  const image = new Uint8Array(32).fill(9);
  const model = hexToBytes(fakeModel);
  listBoth();
  const trust = online({ freezeMsMax: hour, checkpoint: file() });
  assert.deepEqual(await trust.image(device, image), { model, certified: false });
  chain.certifiedImages.add(toHex(image));
  chain.mine();
  assert.deepEqual(await trust.image(device, image), { model, certified: true });
  chain.fault = 'down';
  clock.advance(hour);
  assert.equal((await trust.image(device, image)).certified, true);
  clock.advance(1);
  await assert.rejects(trust.image(device, image), { code: 'CHAIN_UNREACHABLE', message: /127\.0\.0\.1/ });
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 2) {
    assert.ok(waitedMs < 10_000, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('the watch calls back once for each change of the active set, and no more after its end', async () => {
  listBoth();
  const trust = online();
  await trust.decoder(powertrain);
  let changes = 0;
  const end = trust.watch(5_000, () => changes++);
  const tick = async () => {
    clock.advance(5_000);
    await until('the look at the chain', () => clock.pending === 1);
  };
  await tick();
  assert.equal(changes, 0);
  chain.set(powertrain, 'revoked');
  await tick();
  assert.equal(changes, 1);
  await tick();
  chain.fault = 'down';
  await tick();
  assert.equal(changes, 1);
  chain.fault = 'none';
  chain.set(body, 'suspended');
  await tick();
  assert.equal(changes, 2);
  end();
  assert.equal(clock.pending, 0);
});

test('a watch without a node asks nothing', () => {
  const end = open({ checkpoint: file() }).watch(5_000, () => assert.fail());
  assert.equal(clock.pending, 0);
  end();
});

// Time, for devices whose clock is absent or moved.
const restartAt = (unixMs: number | undefined) => {
  clock = new VirtualClock(unixMs);
};

test('a clock set back does not make an expired checkpoint young', async () => {
  const trust = open({ checkpoint: file({ expires: issued + 3_600 }) });
  clock.advance(2 * hour);
  await rejectsExpired(trust.decoder(powertrain), /expired/);
  clock.unixAtBootMs = (issued - 100 * day) * 1000;
  await rejectsExpired(trust.decoder(powertrain), /expired/);
  trust.close();
  restartAt((issued - 100 * day) * 1000);
  await rejectsExpired(open().decoder(powertrain), /expired/);
});

test('without a clock, a checkpoint ages with the time that the device runs, over restarts', async () => {
  restartAt(undefined);
  const trust = open({ checkpoint: file({ expires: issued + 3_600 }) });
  clock.advance(hour / 2);
  assert.equal((await trust.decoder(powertrain)).active, true);
  trust.close();
  restartAt(undefined);
  const later = open();
  clock.advance(hour / 2 - 1);
  assert.equal((await later.decoder(powertrain)).active, true);
  clock.advance(1);
  await rejectsExpired(later.decoder(powertrain), /expired/);
});

test('without a clock, the time is learnt from the chain', async () => {
  restartAt(undefined);
  listBoth();
  chain.mine({ timestamp: issued + 3 * day });
  const trust = online({ checkpoint: file({ expires: issued + 2 * day }), freezeMsMax: 0 });
  await trust.decoder(powertrain);
  chain.fault = 'down';
  clock.advance(1);
  await rejectsExpired(trust.decoder(powertrain), /expired/);
});

test('a clock that once ran ahead is corrected when clock and chain agree again', async () => {
  restartAt((issued + 3_650 * day) * 1000);
  open().close();
  restartAt(issued * 1000);
  assert.equal(open().offer(file()), false, 'the year 2036 was known');
  listBoth();
  const trust = online();
  await trust.decoder(powertrain);
  assert.equal(trust.offer(file()), true);
  chain.fault = 'down';
  assert.equal(open().offer(file()), true, 'also after a restart');
});

test('a view of a checkpoint alone says nothing about devices', async () => {
  const memory = new TrustMemory({ place, clock, signerSet: twoOfThree });
  const view = new CheckpointView({ chainId: place.chainId, minerRegistry: device, memory });
  await rejectsExpired(view.decoder(powertrain), /no checkpoint is at hand/);
  view.offer(file());
  assert.equal((await view.decoder(powertrain)).active, true);
  await assert.rejects(
    view.device(device),
    (error) => error instanceof MinerError && error.code === 'CHAIN_UNREACHABLE',
  );
  assert.throws(() => view.offer(file({ by: [mallory] })), { code: 'CHECKPOINT_INVALID' });
});
