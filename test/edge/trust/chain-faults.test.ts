// A node that is down, slow, behind, wrong or lying: each has one answer, and the next good one counts again.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Hex, toHex } from 'viem';
import { fromHex } from '../../../edge/pack/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { ChainView, type ChainViewOptions } from '../../../edge/trust/index.ts';
import { decoderHash, issued } from './checkpoint-world.ts';
import { FakeChain, type Fault, fakeRegistries } from './fake-chain.ts';

const powertrain = decoderHash('powertrain');
const device = new Uint8Array(20).fill(7);
const root: Hex = `0x${'ab'.repeat(32)}`;

let chain: FakeChain;
let clock: VirtualClock;
const started: FakeChain[] = [];

beforeEach(async () => {
  chain = await FakeChain.start(issued);
  started.push(chain);
  chain.set(powertrain, 'listed', { root });
  clock = new VirtualClock(issued * 1000);
});
after(async () => {
  for (const each of started) await each.stop();
});

const view = (changes: Partial<ChainViewOptions> = {}) =>
  ChainView.later({
    rpcUrl: chain.url,
    chainId: 31337,
    registries: fakeRegistries,
    blockAgeMsMax: 0,
    clock,
    ...changes,
  });

const listed = { state: 'listed', index: 1, active: true };

const faults: [Fault, RegExp][] = [
  ['down', /no answer from the chain/],
  ['html', /no answer from the chain/],
  ['broken-json', /no answer from the chain/],
  ['error-object', /header not found/],
  ['flood', /no answer from the chain/],
  ['nulls', /no answer from the chain/],
  ['short-data', /no answer from the chain/],
];
for (const [fault, reason] of faults) {
  test(`${fault}: CHAIN_UNREACHABLE, at first contact and later, and it comes back`, async () => {
    const trust = view();
    chain.fault = fault;
    await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_UNREACHABLE', message: reason });
    chain.fault = 'none';
    assert.deepEqual(await trust.decoder(powertrain), listed);
    chain.mine();
    chain.fault = fault;
    await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_UNREACHABLE', message: reason });
    chain.fault = 'none';
    assert.deepEqual(await trust.decoder(powertrain), listed);
  });
}

for (const fault of ['silent', 'slow-body'] satisfies Fault[]) {
  test(`${fault}: CHAIN_UNREACHABLE once the time is up`, async () => {
    chain.fault = fault;
    await assert.rejects(view({ timeoutMs: 20 }).decoder(powertrain), {
      code: 'CHAIN_UNREACHABLE',
      message: /timed out/,
    });
  });
}

const lies: [string, string, unknown][] = [
  ['a chain id that is no number', 'eth_chainId', 'mainnet'],
  ['a block without a number', 'eth_getBlockByNumber', { hash: root, parentHash: root, timestamp: '0x1' }],
  ['a block without a hash', 'eth_getBlockByNumber', { number: '0x1', parentHash: root, timestamp: '0x1' }],
  ['a block without a time', 'eth_getBlockByNumber', { number: '0x1', hash: root, parentHash: root }],
  ['a block that is a text', 'eth_getBlockByNumber', 'block'],
  ['a call that gives an object', 'eth_call', {}],
  ['a call that gives one word', 'eth_call', root],
];
for (const [name, method, answer] of lies) {
  test(`${name}: CHAIN_UNREACHABLE`, async () => {
    chain.lies.set(method, answer);
    await assert.rejects(view().decoder(powertrain), { code: 'CHAIN_UNREACHABLE' });
  });
}

const contradictions: [string, Parameters<FakeChain['set']>[2], RegExp][] = [
  ['a state that no registry has', { status: 9 }, /answers with the decoder state 9/],
  ['revoked and active at once', { status: 5 }, /a decoder that is revoked and active/],
  ['listed and not active', { active: false }, /a decoder that is listed and not active/],
  ['active without a number', { index: 0 }, /a decoder that is listed and active/],
];
for (const [name, facts, reason] of contradictions) {
  test(`${name}: CHAIN_UNREACHABLE`, async () => {
    chain.set(powertrain, 'listed', facts);
    await assert.rejects(view().decoder(powertrain), { code: 'CHAIN_UNREACHABLE', message: reason });
  });
}

const a: Hex = `0x${'0a'.repeat(20)}`;
const b: Hex = `0x${'0b'.repeat(20)}`;
const signerLies: [string, Hex[], number][] = [
  ['one signer twice', [a, a], 1],
  ['signers in descending order', [b, a], 1],
  ['a threshold past the signers', [a, b], 3],
  ['a threshold of 0', [a, b], 0],
  ['a threshold without signers', [], 1],
  ['257 signers', Array.from({ length: 257 }, (_, i) => toHex(i + 1, { size: 20 })), 1],
];
for (const [name, signers, threshold] of signerLies) {
  test(`${name}: CHAIN_UNREACHABLE, so that no device pins it`, async () => {
    chain.mine({ signers, threshold });
    await assert.rejects(view().registry(), { code: 'CHAIN_UNREACHABLE' });
  });
}

test('the registry is read whole, at one block', async () => {
  chain.mine({ signers: [a, b], threshold: 2 });
  const { root: got, epoch, signerSet, block } = await view().registry();
  assert.deepEqual([toHex(got), epoch], [root, 1]);
  assert.deepEqual(signerSet, { signers: [fromHex(a), fromHex(b)], threshold: 2, blockNumber: 2 });
  assert.deepEqual([block.number, block.hash], [2n, chain.head.hash]);
});

test('another chain behind the same URL after an outage: CHAIN_ID_MISMATCH, and nothing of it counts', async () => {
  const trust = view();
  await trust.decoder(powertrain);
  chain.fault = 'down';
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_UNREACHABLE' });
  chain.fault = 'none';
  chain.chainId = 5;
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_ID_MISMATCH' });
  await assert.rejects(trust.device(device), { code: 'CHAIN_ID_MISMATCH' });
  chain.chainId = 31337;
  assert.deepEqual(await trust.decoder(powertrain), listed);
});

test('a contract that is gone: no answer, then CHAIN_NO_CONTRACT', async () => {
  const trust = view();
  await trust.decoder(powertrain);
  chain.removeContract(fakeRegistries.decoderRegistry);
  chain.mine();
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_UNREACHABLE' });
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_NO_CONTRACT', message: /decoderRegistry/ });
});

test('a last block that is too old by the wall clock: CHAIN_STALE, until a new one comes', async () => {
  const trust = view({ headAgeMsMax: 60_000 });
  await trust.decoder(powertrain);
  clock.advance(12_000 + 60_000);
  assert.deepEqual(await trust.decoder(powertrain), listed, 'exactly as old as allowed');
  clock.advance(1);
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_STALE', message: /60 s old, expected at most 60/ });
  chain.mine({ timestamp: issued + 72 });
  assert.deepEqual(await trust.decoder(powertrain), listed);
});

test('without a wall clock: a last block that stays the last for too long is CHAIN_STALE', async () => {
  clock.unixAtBootMs = undefined;
  const trust = view({ headAgeMsMax: 60_000 });
  await trust.decoder(powertrain);
  clock.advance(60_000);
  assert.deepEqual(await trust.decoder(powertrain), listed);
  clock.advance(1);
  await assert.rejects(trust.decoder(powertrain), { code: 'CHAIN_STALE' });
  chain.mine();
  assert.deepEqual(await trust.decoder(powertrain), listed);
});

test('a chain whose time runs ahead is not stale', async () => {
  chain.mine({ timestamp: issued + 40 * 86_400 });
  assert.deepEqual(await view({ headAgeMsMax: 60_000 }).decoder(powertrain), listed);
});

test('any age is good unless told otherwise', async () => {
  clock.advance(10 * 86_400_000);
  assert.deepEqual(await view().decoder(powertrain), listed);
});

test('a reorganisation to another block of the same height: told, and read anew', async () => {
  const told: [bigint, bigint][] = [];
  const trust = view({ onReorganisation: (from, to) => told.push([from.number, to.number]) });
  chain.set(powertrain, 'revoked');
  assert.equal((await trust.decoder(powertrain)).state, 'revoked');
  chain.reorganise(1);
  chain.mine();
  assert.deepEqual(await trust.decoder(powertrain), listed);
  assert.deepEqual(told, [[2n, 2n]]);
});

test('a reorganisation to a lower or a higher block: told, and read anew', async () => {
  const told: [bigint, bigint][] = [];
  const trust = view({ onReorganisation: (from, to) => told.push([from.number, to.number]) });
  chain.set(powertrain, 'revoked');
  await trust.decoder(powertrain);
  chain.reorganise(1);
  assert.deepEqual(await trust.decoder(powertrain), listed);
  chain.mine();
  await trust.decoder(powertrain);
  chain.reorganise(1);
  chain.mine();
  chain.mine();
  await trust.decoder(powertrain);
  assert.deepEqual(told, [
    [2n, 1n],
    [2n, 3n],
  ]);
});

test('a chain that only grows is no reorganisation', async () => {
  const trust = view({ onReorganisation: () => assert.fail() });
  for (let i = 0; i < 3; i++) {
    chain.mine();
    await trust.decoder(powertrain);
  }
});

test('with confirmations, what the last blocks did is not seen yet', async () => {
  const trust = view({ confirmations: 2 });
  assert.equal((await trust.decoder(powertrain)).state, 'none', 'block 0 is read while there are not enough');
  chain.mine();
  chain.mine();
  assert.deepEqual(await trust.decoder(powertrain), listed);
  chain.set(powertrain, 'revoked');
  chain.mine();
  assert.deepEqual(await trust.decoder(powertrain), listed);
  chain.mine();
  assert.equal((await trust.decoder(powertrain)).state, 'revoked');
});

test('many questions at once ask for the block once', async () => {
  const trust = view();
  await trust.decoder(powertrain);
  chain.take();
  await Promise.all([trust.decoder(powertrain), trust.device(device), trust.registry()]);
  assert.equal(chain.take().filter((method) => method === 'eth_getBlockByNumber').length, 1);
});
