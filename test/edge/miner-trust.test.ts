// What the holders decide while a Miner drives: decoders withdrawn, listed, and a chain that does not answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../edge/errors/index.ts';
import { GapReason, sampleCount, toHex } from '../../edge/pack/index.ts';
import type { DecoderState } from '../../edge/trust/index.ts';
import { MemoryUplink } from '../../edge/uplink/index.ts';
import { batchOf, body, dbcFile, hashOf, minerWorld, powertrain, valuesOf } from './miner-world.ts';
import { advance, settled } from './slcan/clock.ts';
import { SettableTrust } from './trust/settable-trust.ts';

const both = batchOf([0x101, '0700000000000000'], [0x200, '01']);
const bodyHash = toHex(hashOf(body));
/** Longer than any pack interval, so that only withdrawal and the test itself close packs. */
const settings = { packIntervalMs: 1_000_000 };

const withdrawals: [DecoderState, boolean][] = [
  ['suspended', false],
  ['revoked', false],
  ['retired', false],
  ['none', false],
  ['deprecated', true],
  ['listed', true],
];

for (const [state, stays] of withdrawals) {
  test(`a decoder that becomes ${state} while driving ${stays ? 'stays' : 'is dropped, and only its values are'}`, async () => {
    const { miner, trust, clock, packs, told, events } = minerWorld({ listed: [powertrain, body], settings });
    await miner.start([powertrain, body]);
    miner.receive(both);
    trust.setDecoder(hashOf(powertrain), state);
    await advance(clock, 5_000);
    miner.receive(both);
    miner.flush();
    const signed = valuesOf(packs()).map(([decoder]) => decoder);
    assert.equal(signed.filter((decoder) => decoder === bodyHash).length, 2);
    assert.equal(signed.length - 2, stays ? 2 : 0);
    assert.equal(miner.counters.samplesDropped, stays ? 0 : 1);
    assert.equal(miner.counters.samples, signed.length + miner.counters.samplesDropped);
    assert.deepEqual(told().slice(2), stays ? [] : ['decoder-withdrawn']);
    assert.deepEqual(
      events.flatMap((event) => (event.kind === 'decoder-withdrawn' ? [event.decoder.standing.state] : [])),
      stays ? [] : [state],
    );
  });
}

test('a withdrawn decoder that is listed again is loaded again', async () => {
  const { miner, trust, packs, told } = minerWorld({ listed: [powertrain, body], settings });
  await miner.start([powertrain, body]);
  trust.setDecoder(hashOf(powertrain), 'suspended');
  await miner.checkTrust();
  trust.setDecoder(hashOf(powertrain), 'listed');
  await miner.checkTrust();
  miner.receive(both);
  miner.flush();
  assert.deepEqual(told().slice(2), ['decoder-withdrawn', 'decoder-approved']);
  assert.equal(sampleCount(packs().at(-1)!.body), 2);
});

test('a decoder listed while driving is loaded by the next check, and loses nothing of the others', async () => {
  const { miner, trust, clock, packs, told } = minerWorld({ listed: [body], settings });
  await miner.start([powertrain, body]);
  miner.receive(both);
  trust.setDecoder(hashOf(powertrain), 'listed');
  await advance(clock, 5_000);
  miner.receive(both);
  miner.flush();
  assert.deepEqual(told(), ['decoder-refused', 'decoder-approved', 'decoder-approved']);
  assert.equal(valuesOf(packs()).length, 3);
  assert.equal(miner.counters.samplesDropped, 0);
  assert.equal(miner.counters.framesUndecoded, 1);
});

test('while the chain does not answer, what was known goes on; then it is asked again', async () => {
  const { miner, trust, clock, packs, told } = minerWorld({ listed: [powertrain], settings });
  await miner.start([powertrain]);
  trust.reachable = false;
  trust.setDecoder(hashOf(powertrain), 'suspended');
  await advance(clock, 10_001);
  miner.receive(both);
  miner.flush();
  assert.equal(valuesOf(packs()).length, 1);
  trust.reachable = true;
  await advance(clock, 5_000);
  assert.deepEqual(told(), ['decoder-approved', 'trust-unavailable', 'trust-unavailable', 'decoder-withdrawn']);
  assert.deepEqual(miner.decoders, []);
});

test('two files of one name are two decoders', async () => {
  const namesake = dbcFile('powertrain', 'BO_ 768 Extra: 1 ECU\n SG_ Level : 0|8@1+ (1,0) [0|0] "" ECU\n');
  const { miner, told } = minerWorld({ listed: [powertrain, namesake], settings });
  await miner.start([powertrain, namesake]);
  await miner.checkTrust();
  assert.equal(miner.decoders.length, 2);
  assert.deepEqual(told(), ['decoder-approved', 'decoder-approved']);
});

test('two checks at one time load a newly listed decoder once', async () => {
  const { miner, trust, told } = minerWorld({ listed: [body], settings });
  await miner.start([powertrain, body]);
  trust.setDecoder(hashOf(powertrain), 'listed');
  await Promise.all([miner.checkTrust(), miner.checkTrust()]);
  assert.deepEqual(told().slice(2), ['decoder-approved']);
  assert.equal(miner.decoders.length, 2);
});

test('an answer that comes after stop changes nothing', async () => {
  const { miner, trust, clock, told } = minerWorld({ listed: [powertrain], settings });
  await miner.start([powertrain]);
  const { promise, resolve } = Promise.withResolvers<void>();
  trust.gate = promise;
  trust.setDecoder(hashOf(powertrain), 'revoked');
  clock.advance(5_000);
  miner.stop();
  resolve();
  await settled();
  assert.deepEqual(told(), ['decoder-approved']);
  assert.equal(clock.pending, 0);
});

test('withdrawing every decoder signs no empty pack', async () => {
  const { miner, trust, packs } = minerWorld({ listed: [powertrain], settings });
  await miner.start([powertrain]);
  miner.receive(both);
  trust.setDecoder(hashOf(powertrain), 'revoked');
  await miner.checkTrust();
  assert.deepEqual(packs(), []);
  assert.equal(miner.counters.samplesDropped, 1);
});

const refusals: [string, DecoderState, boolean][] = [
  ['DECODER_NOT_LISTED', 'revoked', true],
  ['DECODER_NOT_LISTED', 'retired', true],
  ['DECODER_NOT_LISTED', 'suspended', false],
  ['DECODER_NOT_LISTED', 'listed', false],
  ['LICENCE_NOT_ACTIVE', 'revoked', false],
];
for (const [code, state, isGivenUp] of refusals) {
  test(`a pack refused with ${code} while its decoder is ${state} is ${isGivenUp ? 'given up, by a signed gap' : 'kept'}`, async () => {
    const uplink = new MemoryUplink(() => {});
    const { miner, trust, log, packs, told } = minerWorld({ listed: [powertrain], settings, uplink });
    await miner.start([powertrain]);
    miner.receive(both);
    miner.flush();
    trust.setDecoder(hashOf(powertrain), state);
    uplink.deliver({ kind: 'refusal', seq: 1, code, reason: 'as the gateway says' });
    await settled();
    assert.equal(log.packAfter(0), isGivenUp ? undefined : 1);
    assert.equal(miner.counters.packsGivenUp, isGivenUp ? 1 : 0);
    assert.deepEqual(told().slice(1), isGivenUp ? ['refused', 'pack-given-up'] : ['refused']);
    miner.signStatus();
    const gap = { from: 1, to: 1, reason: GapReason.refused };
    assert.deepEqual(packs().at(-1)!.body.gaps ?? [], isGivenUp ? [gap] : []);
  });
}

test('a refusal by itself lets the Miner forget nothing: its own trust decides', async () => {
  const uplink = new MemoryUplink(() => {});
  const { miner, trust, log } = minerWorld({ listed: [powertrain], settings, uplink });
  await miner.start([powertrain]);
  miner.receive(both);
  miner.flush();
  trust.setDecoder(hashOf(powertrain), 'revoked');
  trust.reachable = false;
  uplink.deliver({ kind: 'refusal', seq: 1, code: 'DECODER_NOT_LISTED', reason: '' });
  await settled();
  assert.equal(log.packAfter(0), 1);
});

test('a node that answers for one decoder only is obeyed for that one', async () => {
  class HalfDeaf extends SettableTrust {
    deafFor: Uint8Array | undefined;

    override async decoder(contentHash: Uint8Array) {
      const isDeaf = this.deafFor && toHex(this.deafFor) === toHex(contentHash);
      if (isDeaf) throw edgeError('CHAIN_UNREACHABLE', { url: 'http://nowhere', reason: 'it flaps' });
      return super.decoder(contentHash);
    }
  }
  const trust = new HalfDeaf();
  const other = dbcFile('other', 'BO_ 512 Battery: 8 ECU\n SG_ Charge : 0|16@1+ (1,0) [0|0] "" ECU\n');
  const { miner, told } = minerWorld({ trust, listed: [powertrain, other] });
  await miner.start([powertrain, other]);
  trust.setDecoder(hashOf(powertrain), 'revoked');
  trust.deafFor = hashOf(other);
  await miner.checkTrust();
  assert.deepEqual(
    miner.decoders.map(({ name }) => name),
    ['other'],
  );
  assert.deepEqual(told().slice(2), ['trust-unavailable', 'decoder-withdrawn']);
});
