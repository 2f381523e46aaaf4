// A decoder file is judged by its bytes before it is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approveDecoder, type DecoderFile } from '../../edge/approved-decoder.ts';
import type { DecoderState } from '../../edge/trust/index.ts';
import { dbcFile, hashOf, powertrain } from './miner-world.ts';
import { SettableTrust } from './trust/settable-trust.ts';

const standings: [DecoderState, 'approved' | 'refused'][] = [
  ['none', 'refused'],
  ['listed', 'approved'],
  ['deprecated', 'approved'],
  ['retired', 'refused'],
  ['suspended', 'refused'],
  ['revoked', 'refused'],
];

for (const [state, expected] of standings) {
  test(`a decoder that is ${state} is ${expected}`, async () => {
    const trust = new SettableTrust();
    if (state !== 'none') trust.setDecoder(hashOf(powertrain), state);
    const answer = await approveDecoder(powertrain, trust);
    assert.deepEqual(Object.keys(answer), [expected]);
    const known = 'approved' in answer ? answer.approved : answer.refused;
    assert.equal(known.file, powertrain);
    assert.deepEqual(known.contentHash, hashOf(powertrain));
    if ('refused' in answer) assert.equal(answer.refused.standing.state, state);
    else assert.equal(answer.approved.registryIndex, 1);
  });
}

test('without an answer there is no verdict', async () => {
  const trust = new SettableTrust();
  trust.reachable = false;
  await assert.rejects(approveDecoder(powertrain, trust), { code: 'CHAIN_UNREACHABLE' });
});

test('signals past 53 bits are marked as wide, and no others', async () => {
  const text = [53, 54, 64].map((length) => ` SG_ Bits${length} : 0|${length}@1+ (1,0) [0|0] "" ECU\n`).join('');
  const file = dbcFile('wide', `BO_ 1 Wide: 8 ECU\n${text}`);
  const trust = new SettableTrust();
  trust.setDecoder(hashOf(file), 'listed');
  const answer = await approveDecoder(file, trust);
  assert.ok('approved' in answer);
  const { plan, wide } = answer.approved;
  assert.deepEqual(
    plan.signals.filter(({ signalIndex }) => wide[signalIndex] === 1).map(({ name }) => name),
    ['Bits54', 'Bits64'],
  );
});

const unreadable: [string, DecoderFile][] = [
  ['empty', { name: 'empty', bytes: new Uint8Array() }],
  ['no DBC', { name: 'image', bytes: Uint8Array.from({ length: 5_000 }, (_, i) => (i * 197) & 0xff) }],
];

for (const [name, file] of unreadable) {
  test(`a listed file that is ${name} decodes nothing, and harms nothing`, async () => {
    const trust = new SettableTrust();
    trust.setDecoder(hashOf(file), 'listed');
    const answer = await approveDecoder(file, trust);
    assert.ok('approved' in answer);
    assert.deepEqual(answer.approved.plan.messages, []);
  });
}
