/** How many bytes a pack takes, signature and all. The bounds are promises; the figures are printed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  exampleAad as externalAad,
  legacyStatus,
  exampleSigner as signer,
  twelveSignals,
} from '../../../bench/edge/example-packs.ts';
import { openPack, sampleCount, signPack } from '../../../edge/pack/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

for (const perMessage of [1, 3]) {
  test(`twelve signals at 1 Hz for a minute, ${perMessage} to a message: at most 2.4 bytes a sample`, (t) => {
    const sizes: number[] = [];
    for (let seed = 1; seed <= 9; seed++) {
      const body = twelveSignals({ seed, seconds: 60, perMessage });
      assert.equal(sampleCount(body), 720);
      const bytes = signPack(signer, body, { externalAad });
      assert.equal(sampleCount(openPack(bytes, { externalAad }).body), 720);
      sizes.push(bytes.length / 720);
    }
    sizes.sort((a, b) => a - b);
    t.diagnostic(
      `bytes a sample: median ${sizes[4].toFixed(2)}, from ${sizes[0].toFixed(2)} to ${sizes[8].toFixed(2)}`,
    );
    assert.ok(sizes[8] <= 2.4);
  });
}

test('a status of 21 signals: at most 330 bytes', { skip: skipWithout('vectors/pack') }, (t) => {
  const legacy = readFileSync(sharedPath('vectors/pack/dimo-status-v2.json') as string, 'utf8');
  const body = legacyStatus(legacy);
  const bytes = signPack(signer, body, { externalAad });
  const opened = openPack(bytes, { externalAad });
  assert.equal(sampleCount(opened.body), 21);
  assert.deepEqual(opened.body, body);
  const bare = signPack(
    signer,
    { ...body, previousHash: undefined, anchor: undefined },
    { externalAad, recoveryHint: false },
  );
  const minified = JSON.stringify(JSON.parse(legacy)).length;
  t.diagnostic(`${bytes.length} bytes; ${bare.length} without optional fields; the same as JSON ${minified}`);
  assert.ok(bytes.length <= 330, `${bytes.length}`);
});
