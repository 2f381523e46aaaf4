/** libsecp256k1 signs what JavaScript signs, byte for byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { softwareSigner } from '../../../edge/pack/index.ts';
import { nativeSigner } from '../../../edge/pack/node-signer.ts';

test('any key and any message: the same key, address, signature and recovery bit', () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const key = fc
    .bigInt({ min: 1n, max: order - 1n })
    .map((value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
  const property = fc.property(key, fc.uint8Array({ maxLength: 300 }), (secret, message) => {
    const [native, software] = [nativeSigner(secret), softwareSigner(secret)];
    assert.deepEqual(native.kid, software.kid);
    assert.deepEqual(native.publicKey, software.publicKey);
    const [a, b] = [native.sign(message), software.sign(message)];
    assert.deepEqual(
      [Buffer.from(a.signature).toString('hex'), a.recovery],
      [Buffer.from(b.signature).toString('hex'), b.recovery],
    );
  });
  fc.assert(property, { numRuns: 100 });
});

test('a key that is none is refused before anything is signed', () => {
  for (const key of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)]) {
    assert.throws(() => nativeSigner(key));
  }
});
