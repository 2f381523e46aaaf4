/** OpenSSL with remembered keys against recovery in JavaScript: one verdict from both, on vectors and at random. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressOf,
  CborTag,
  type CoseAlgorithmName,
  cborMap,
  encodeCbor,
  fromHex,
  hasHighS,
  openPack,
  packAad,
  parseCose,
  recoverSigner,
  type SignatureClaim,
  type Signer,
  signCose,
  signPack,
  softwareSigner,
  toHex,
  verifyCoseByAddress,
} from '../../../edge/pack/index.ts';
import { OpensslVerifier } from '../../../edge/pack/node-verifier.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const algorithms: CoseAlgorithmName[] = ['ES256K', 'ES256'];
const secret = (fill: number) => new Uint8Array(32).fill(fill);
const orders = {
  ES256K: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};

/** A verifier that has met the signer before. */
function acquainted(signer: Signer): OpensslVerifier {
  const verifier = new OpensslVerifier();
  verifyCoseByAddress(parseCose(signCose(signer, Uint8Array.of(1))), verifier);
  assert.equal(verifier.keyCount, 1);
  return verifier;
}

const bigBytes = (value: bigint) => fromHex(value.toString(16).padStart(64, '0'));

for (const algorithm of algorithms) {
  const signer = softwareSigner(secret(7), algorithm);

  test(`${algorithm}: whatever happens to a signature, both verdicts are the same`, () => {
    const verifier = acquainted(signer);
    const order = orders[algorithm];
    const damage = fc.oneof(
      fc.constant(() => {}),
      fc.nat(511).map((bit) => (signature: Uint8Array) => {
        signature[bit >> 3] ^= 1 << (bit & 7);
      }),
      fc.tuple(fc.constantFrom(0, 32), fc.constantFrom(0n, 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n)).map(
        ([at, value]) =>
          (signature: Uint8Array) =>
            signature.set(bigBytes(value), at),
      ),
      fc.uint8Array({ minLength: 64, maxLength: 64 }).map((noise) => (signature: Uint8Array) => signature.set(noise)),
    );
    const verdictOf = (claim: SignatureClaim, find: (claim: SignatureClaim) => Uint8Array | undefined) => {
      const found = find(claim);
      return found && toHex(found);
    };
    const seen = { held: 0, refused: 0 };
    const property = fc.property(fc.uint8Array({ maxLength: 60 }), damage, (message, harm) => {
      const { signature } = signer.sign(message);
      harm(signature);
      const claim = { algorithm, kid: signer.kid, message, signature };
      const expected = verdictOf(claim, recoverSigner);
      assert.equal(verdictOf(claim, verifier.verify), expected);
      seen[expected ? 'held' : 'refused']++;
    });
    fc.assert(property, { numRuns: 60 });
    assert.ok(seen.held > 3 && seen.refused > 3, JSON.stringify(seen));
  });

  test(`${algorithm}: a high s and a signature of another length are refused with a known key too`, () => {
    const verifier = acquainted(signer);
    const { protectedBytes, payload, signature } = parseCose(signCose(signer, Uint8Array.of(2)));
    const mirrored = bigBytes(orders[algorithm] - BigInt(`0x${toHex(signature.subarray(32))}`));
    const bad: [Uint8Array, RegExp][] = [
      [Uint8Array.from([...signature.subarray(0, 32), ...mirrored]), /upper half/],
      [signature.subarray(1), /63 bytes/],
      [Uint8Array.from([...signature, 0]), /65 bytes/],
    ];
    for (const [bytes, problem] of bad) {
      const message = parseCose(encodeCbor(new CborTag(18, [protectedBytes, new Map(), payload, bytes])));
      assert.throws(() => verifyCoseByAddress(message, verifier), { code: 'COSE_SIGNATURE', message: problem });
    }
  });
}

// The signer of a case is known beforehand here, so each case reaches OpenSSL. With a hint left out, recovery may be
// of either candidate, which is what ECDSA allows.
test('Wycheproof ES256K: OpenSSL says of each case what recovery says', { skip: skipWithout('vectors/cose') }, () => {
  const file = sharedPath('vectors/cose/ecdsa_secp256k1_sha256_p1363_test.json') as string;
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8'));
  const seen = { held: 0, refused: 0 };
  for (const group of testGroups) {
    const publicKey = fromHex(group.publicKey.uncompressed);
    const kid = addressOf(publicKey);
    const verifier = new OpensslVerifier();
    const valid = group.tests.find(({ result }: { result: string }) => result === 'valid');
    if (valid) {
      const claim = { algorithm: 'ES256K' as const, kid, message: fromHex(valid.msg), signature: fromHex(valid.sig) };
      verifier.verify(claim);
    }
    for (const { tcId, comment, msg, sig, result } of group.tests) {
      const claim = { algorithm: 'ES256K' as const, kid, message: fromHex(msg), signature: fromHex(sig) };
      // What comes before a verifier is asked, whichever it is.
      if (claim.signature.length !== 64 || hasHighS('ES256K', claim.signature)) continue;
      const expected = recoverSigner(claim);
      const found = verifier.verify(claim);
      assert.equal(found && toHex(found), expected && toHex(expected), `case ${tcId}: ${comment}`);
      if (expected) assert.equal(result, 'valid', `case ${tcId}`);
      seen[expected ? 'held' : 'refused']++;
    }
  }
  assert.ok(seen.held > 40 && seen.refused > 40, JSON.stringify(seen));
});

test('the memory of keys is bounded, and the least lately used leaves first', () => {
  const verifier = new OpensslVerifier({ keysMax: 2 });
  const [a, b, c] = [11, 12, 13].map((fill) => softwareSigner(secret(fill)));
  const check = (signer: Signer) => verifyCoseByAddress(parseCose(signCose(signer, Uint8Array.of(3))), verifier);
  for (const signer of [a, b, a, c]) assert.equal(toHex(check(signer).kid), toHex(signer.kid));
  assert.equal(verifier.keyCount, 2);
  // With a wrong hint recovery finds nothing, and a known key needs no hint: so this tells which are known.
  const isKnown = (signer: Signer) => {
    const message = Uint8Array.of(4);
    const { signature, recovery } = signer.sign(message);
    const recoveryHint = (1 - recovery) as 0 | 1;
    const claim = { algorithm: 'ES256K' as const, kid: signer.kid, message, signature, recoveryHint };
    return verifier.verify(claim) !== undefined;
  };
  assert.deepEqual([a, b, c].map(isKnown), [true, false, true]);
});

test('an address that lies is never remembered', () => {
  const verifier = new OpensslVerifier();
  const [honest, liar] = [softwareSigner(secret(21)), softwareSigner(secret(22))];
  const forged = parseCose(signCose({ ...liar, kid: honest.kid }, Uint8Array.of(5)));
  for (let i = 0; i < 2; i++) assert.throws(() => verifyCoseByAddress(forged, verifier), { code: 'COSE_SIGNATURE' });
  assert.equal(verifier.keyCount, 0);
  verifyCoseByAddress(parseCose(signCose(honest, Uint8Array.of(5))), verifier);
  assert.throws(() => verifyCoseByAddress(forged, verifier), { code: 'COSE_SIGNATURE' });
});

test('one secret on two curves is two devices', () => {
  const verifier = new OpensslVerifier();
  for (const algorithm of [...algorithms, ...algorithms]) {
    const signer = softwareSigner(secret(31), algorithm);
    const { publicKey } = verifyCoseByAddress(parseCose(signCose(signer, Uint8Array.of(6))), verifier);
    assert.deepEqual(publicKey, signer.publicKey);
  }
  assert.equal(verifier.keyCount, 2);
});

test('openPack asks the verifier that it is given, and takes its no', () => {
  const signer = softwareSigner(secret(41));
  const externalAad = packAad(1, new Uint8Array(20));
  const bytes = signPack(signer, { seq: 1, bootCount: 1, decoders: [], startMs: 0, columns: [] }, { externalAad });
  const { verify } = new OpensslVerifier();
  for (let i = 0; i < 2; i++)
    assert.deepEqual(openPack(bytes, { externalAad, verify }), openPack(bytes, { externalAad }));
  const claims: SignatureClaim[] = [];
  const refuse = (claim: SignatureClaim) => void claims.push(claim);
  assert.throws(() => openPack(bytes, { externalAad, verify: refuse }), { code: 'COSE_SIGNATURE' });
  assert.deepEqual([claims.length, claims[0].signature.length, claims[0].recoveryHint !== undefined], [1, 64, true]);
  const hint = new CborTag(18, [new Uint8Array(), cborMap([[-65537, 2]]), new Uint8Array(), new Uint8Array(64)]);
  assert.throws(() => openPack(encodeCbor(hint), { externalAad, verify }), { name: 'MinerError' });
});
