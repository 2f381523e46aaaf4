// A gateway that takes packs of certified firmware images only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { modelIdOf } from '../../../edge/firmware/index.ts';
import { equalBytes } from '../../../edge/pack/index.ts';
import type { ImageTrust } from '../../../edge/trust/index.ts';
import { verifyPack } from '../../../tools/gateway/index.ts';
import { SettableTrust } from '../../edge/trust/settable-trust.ts';
import { decoder, device, packOf } from './packs.ts';

const certified = new Uint8Array(32).fill(0xce);
const images: ImageTrust = {
  image: async (address, imageHash) => ({
    model: modelIdOf('macaron-2'),
    certified: equalBytes(address, device.kid) && equalBytes(imageHash, certified),
  }),
};

function trustOf(licence: 'active' | 'suspended' = 'active'): SettableTrust {
  const trust = new SettableTrust();
  trust.setDevice(device.kid, { licence, effective: licence === 'active' });
  trust.setDecoder(decoder, 'listed');
  return trust;
}

test('a certified image: taken', async () => {
  const trust = trustOf();
  assert.ok('pack' in (await verifyPack(packOf(trust, 1, { imageHash: certified }), trust, { images })));
});

const refused: [string, Uint8Array | undefined, RegExp][] = [
  ['no image', undefined, /^the pack does not say which firmware image signed it$/],
  [
    'another image',
    new Uint8Array(32),
    /^image 0000000000000000... is not certified for model macaron-2 of manufacturer 7$/,
  ],
];
for (const [what, imageHash, reason] of refused) {
  test(`IMAGE_NOT_CERTIFIED: ${what}; taken where images are not asked for`, async () => {
    const trust = trustOf();
    const pack = packOf(trust, 1, imageHash && { imageHash });
    const verdict = await verifyPack(pack, trust, { images });
    assert.ok('refusal' in verdict);
    assert.deepEqual([verdict.refusal.code, verdict.refusal.seq], ['IMAGE_NOT_CERTIFIED', 1]);
    assert.match(verdict.refusal.reason, reason);
    assert.ok('pack' in (await verifyPack(pack, trust)));
  });
}

test('a suspended licence is told before the image', async () => {
  const trust = trustOf('suspended');
  const verdict = await verifyPack(packOf(trust, 1), trust, { images });
  assert.equal('refusal' in verdict && verdict.refusal.code, 'LICENCE_NOT_ACTIVE');
});

test('nobody to ask about images: no verdict', async () => {
  const trust = trustOf();
  const away: ImageTrust = {
    image: async () => {
      throw edgeError('CHAIN_UNREACHABLE', { url: 'http://nowhere', reason: 'it is off' });
    },
  };
  const pack = packOf(trust, 1, { imageHash: certified });
  await assert.rejects(verifyPack(pack, trust, { images: away }), { code: 'CHAIN_UNREACHABLE' });
});
