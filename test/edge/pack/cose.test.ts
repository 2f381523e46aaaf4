/** COSE_Sign1: vectors from elsewhere, OpenSSL as an outside judge, and messages that must not verify. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign as opensslSign, verify as opensslVerify } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  addressOf,
  CborTag,
  type CoseAlgorithmName,
  type CoseSign1,
  encodeCbor,
  fromHex,
  hasHighS,
  openPack,
  packAad,
  parseCose,
  signCose,
  sigStructure,
  softwareSigner,
  toHex,
  verifyCoseByAddress,
  verifyCoseByKey,
  verifySignature,
} from '../../../edge/pack/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const readJson = (relative: string) => JSON.parse(readFileSync(sharedPath(relative) as string, 'utf8'));
const utf8 = new TextEncoder();
const empty = new Uint8Array();

/** RFC 6979 A.2.5's scalar: a key for tests on either curve. */
const privateKey = fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721');
const signers = { ES256K: softwareSigner(privateKey), ES256: softwareSigner(privateKey, 'ES256') };
const algorithms: CoseAlgorithmName[] = ['ES256K', 'ES256'];
const opensslCurve = { ES256K: 'secp256k1', ES256: 'P-256' } as const;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** A SEC1 key as OpenSSL takes it. */
function jwk(algorithm: CoseAlgorithmName, publicKey: Uint8Array, d?: Uint8Array) {
  const point = { x: base64url(publicKey.subarray(1, 33)), y: base64url(publicKey.subarray(33)) };
  return { kty: 'EC', crv: opensslCurve[algorithm], ...point, ...(d ? { d: base64url(d) } : {}) };
}

function opensslAccepts(
  algorithm: CoseAlgorithmName,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) {
  const key = createPublicKey({ key: jwk(algorithm, publicKey), format: 'jwk' });
  return opensslVerify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function signedBytes(message: CoseSign1, externalAad: Uint8Array = empty): Uint8Array {
  return sigStructure(message.protectedBytes, externalAad, message.payload);
}

test('golden ES256K vector, byte for byte', { skip: skipWithout('vectors/cose') }, () => {
  const golden = readJson('vectors/cose/es256k-golden.json');
  const signer = softwareSigner(fromHex(golden.private_key));
  const payload = utf8.encode(golden.payload_utf8);
  assert.equal(toHex(signer.kid), golden.kid_address);
  assert.equal(toHex(signCose(signer, payload, { recoveryHint: false })), golden.cose_sign1);
  const message = parseCose(fromHex(golden.cose_sign1));
  assert.equal(toHex(signedBytes(message)), golden.sig_structure);
  assert.equal(toHex(verifyCoseByAddress(message).kid), golden.kid_address);
  assert.equal(signer.sign(fromHex(golden.sig_structure)).recovery, golden.recovery_id);
});

const examples = sharedPath('vectors/cose') ? globSync(`${sharedPath('vectors/cose')}/cose-wg-sign-*.json`).sort() : [];
test('the nine COSE WG examples are there', { skip: skipWithout('vectors/cose') }, () => {
  assert.equal(examples.length, 9);
});
for (const file of examples) {
  const example = JSON.parse(readFileSync(file, 'utf8'));
  test(`COSE WG ${example.title}: ${example.fail ? 'refused' : 'verifies'}`, () => {
    const { key, external } = example.input.sign0;
    const point = [key.x, key.y].map((part: string) => Buffer.from(part, 'base64url'));
    const publicKey = Uint8Array.from([4, ...point[0], ...point[1]]);
    const externalAad = external ? fromHex(external) : empty;
    const verify = () => {
      const untagged = /Remove CBOR Tag/.test(example.title);
      const message = parseCose(fromHex(example.output.cbor), { untagged });
      verifyCoseByKey(message, { algorithm: 'ES256', publicKey }, { externalAad });
      assert.equal(toHex(signedBytes(message, externalAad)).toUpperCase(), example.intermediates.ToBeSign_hex);
    };
    if (example.fail) assert.throws(verify, { name: 'MinerError', code: /^COSE_/ });
    else verify();
  });
}

test('an untagged message is refused unless asked for', () => {
  const tagged = signCose(signers.ES256K, empty);
  assert.throws(() => parseCose(tagged.subarray(1)), /no tag, expected 18/);
  assert.deepEqual(parseCose(tagged.subarray(1), { untagged: true }), parseCose(tagged));
});

// Of two valid signatures (r, s) and (r, n - s), ES256K takes the one with the lower s: a valid case with a high s
// is therefore refused, and its mirror image accepted.
test('Wycheproof ES256K, 252 cases, with the low-S rule', { skip: skipWithout('vectors/cose') }, () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const { testGroups } = readJson('vectors/cose/ecdsa_secp256k1_sha256_p1363_test.json');
  const seen = { valid: 0, highS: 0, invalid: 0 };
  for (const group of testGroups) {
    const publicKey = fromHex(group.publicKey.uncompressed);
    for (const { tcId, comment, msg, sig, result } of group.tests) {
      const [message, signature] = [fromHex(msg), fromHex(sig)];
      const where = `case ${tcId}: ${comment}`;
      const high = result === 'valid' && hasHighS('ES256K', signature);
      seen[high ? 'highS' : (result as 'valid' | 'invalid')]++;
      assert.equal(verifySignature('ES256K', publicKey, message, signature), result === 'valid' && !high, where);
      if (!high) continue;
      const mirrored = (order - BigInt(`0x${toHex(signature.subarray(32))}`)).toString(16).padStart(64, '0');
      const lower = fromHex(toHex(signature.subarray(0, 32)) + mirrored);
      assert.ok(verifySignature('ES256K', publicKey, message, lower), `${where}, mirrored`);
    }
  }
  assert.equal(seen.valid + seen.highS + seen.invalid, 252);
  assert.ok(seen.valid > 50 && seen.highS > 10 && seen.invalid > 50, JSON.stringify(seen));
});

for (const algorithm of algorithms) {
  const signer = signers[algorithm];
  test(`${algorithm}: what we sign, OpenSSL verifies, and the reverse once s is low`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (payload, recoveryHint) => {
        const message = parseCose(signCose(signer, payload, { recoveryHint }));
        assert.ok(opensslAccepts(algorithm, signer.publicKey, signedBytes(message), message.signature));
        assert.deepEqual(verifyCoseByAddress(message).publicKey, signer.publicKey);
        verifyCoseByKey(message, signer);

        const key = createPrivateKey({ key: jwk(algorithm, signer.publicKey, privateKey), format: 'jwk' });
        const theirs = new Uint8Array(opensslSign('sha256', payload, { key, dsaEncoding: 'ieee-p1363' }));
        const expected = algorithm === 'ES256' || !hasHighS(algorithm, theirs);
        assert.equal(verifySignature(algorithm, signer.publicKey, payload, theirs), expected);
      }),
      { numRuns: 15 },
    );
  });

  test(`${algorithm}: one flipped bit anywhere is never accepted as another's or changed content`, () => {
    const bytes = signCose(signer, utf8.encode('speed'), { externalAad: packAad(1, new Uint8Array(20)) });
    const context = { externalAad: packAad(1, new Uint8Array(20)) };
    assert.equal(toHex(verifyCoseByAddress(parseCose(bytes), context).kid), toHex(signer.kid));
    let refusedCount = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      try {
        // Only the unsigned recovery hint can be another and leave the rest standing.
        const message = parseCose(flipped);
        assert.equal(toHex(verifyCoseByAddress(message, context).kid), toHex(signer.kid));
        assert.deepEqual(message.payload, utf8.encode('speed'));
      } catch (error) {
        assert.ok(error instanceof MinerError, `bit ${bit}: ${error}`);
        refusedCount++;
      }
    }
    assert.ok(refusedCount > (bytes.length - 8) * 2, `${refusedCount} refused`);
  });
}

test('kid is an Ethereum address: key 1 has the well-known one', () => {
  const one = new Uint8Array(32);
  one[31] = 1;
  assert.equal(toHex(softwareSigner(one).kid), '7e5f4552091a69125d5dfcb7b8c2659029395bdf');
  const compressed = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
  assert.equal(toHex(addressOf(compressed)), '7e5f4552091a69125d5dfcb7b8c2659029395bdf');
});

test('external_aad is the deterministic array [1, chain id, registry]', () => {
  assert.equal(toHex(packAad(137, fromHex('11'.repeat(20)))), `83011889${'54'}${'11'.repeat(20)}`);
  assert.equal(toHex(packAad(2n ** 63n, fromHex('11'.repeat(20)))).slice(0, 22), '83011b8000000000000000');
});

const golden = signCose(signers.ES256K, utf8.encode('x'));
const { protectedBytes, payload, signature } = parseCose(golden);
const protectedOf = (...entries: [number, number | string | Uint8Array][]) => encodeCbor(new Map(entries));
const message = (parts: Parameters<typeof encodeCbor>[0][], tag = 18) => encodeCbor(new CborTag(tag, parts));

const invalid: [string, Uint8Array, string, RegExp][] = [
  ['not CBOR', fromHex('ff'), 'CBOR_INVALID', /break/],
  [
    'another tag',
    message([protectedBytes, new Map(), payload, signature], 98),
    'COSE_MALFORMED',
    /tag 98, expected 18/,
  ],
  ['three elements', message([protectedBytes, new Map(), payload]), 'COSE_MALFORMED', /array of 4/],
  ['a map as protected header', message([new Map(), new Map(), payload, signature]), 'COSE_MALFORMED', /protected/],
  [
    'a protected header that is an array',
    message([fromHex('80'), new Map(), payload, signature]),
    'COSE_MALFORMED',
    /map/,
  ],
  ['an unprotected array', message([protectedBytes, [], payload, signature]), 'COSE_MALFORMED', /unprotected/],
  ['a detached payload', message([protectedBytes, new Map(), null, signature]), 'COSE_MALFORMED', /detached/],
  ['a text as signature', message([protectedBytes, new Map(), payload, 'x']), 'COSE_MALFORMED', /signature/],
  ['no algorithm', message([empty, new Map(), payload, signature]), 'COSE_ALGORITHM', /missing, expected -47/],
  ['ES384', message([protectedOf([1, -35]), new Map(), payload, signature]), 'COSE_ALGORITHM', /-35/],
  ['no kid', message([protectedOf([1, -47]), new Map(), payload, signature]), 'COSE_KID', /kid is missing/],
  [
    'a short kid',
    message([protectedOf([1, -47], [4, fromHex('31')]), new Map(), payload, signature]),
    'COSE_KID',
    /1 bytes/,
  ],
  [
    'a short signature',
    message([protectedBytes, new Map(), payload, signature.subarray(1)]),
    'COSE_SIGNATURE',
    /63 bytes/,
  ],
  ['a zero signature', message([protectedBytes, new Map(), payload, new Uint8Array(64)]), 'COSE_SIGNATURE', /not that/],
  [
    'a recovery hint of 2',
    message([protectedBytes, new Map([[-65537, 2]]), payload, signature]),
    'COSE_MALFORMED',
    /hint 2/,
  ],
  [
    'a hint that a terminal would obey',
    message([protectedBytes, new Map([[-65537, '\u001b[2J']]), payload, signature]),
    'COSE_MALFORMED',
    /hint "\\u001b\[2J"/,
  ],
];
for (const [what, bytes, code, problem] of invalid) {
  test(`refused: ${what}`, () => {
    assert.throws(() => verifyCoseByAddress(parseCose(bytes)), { name: 'MinerError', code, message: problem });
  });
}

test('a pack whose typ is no text is refused, as its grammar says', () => {
  const protectedHeader = protectedOf([1, -47], [4, signers.ES256K.kid], [16, 7]);
  const bytes = message([protectedHeader, new Map(), payload, signature]);
  assert.throws(() => openPack(bytes, {}), { code: 'COSE_MALFORMED', message: /typ is 7, expected a text/ });
});

const orders = {
  ES256K: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};
for (const algorithm of algorithms) {
  test(`${algorithm}: a high s is refused by name, where the signer is known by address alone`, () => {
    const parts = parseCose(signCose(signers[algorithm], payload, { recoveryHint: false }));
    const s = orders[algorithm] - BigInt(`0x${toHex(parts.signature.subarray(32))}`);
    const mirrored = fromHex(toHex(parts.signature.subarray(0, 32)) + s.toString(16).padStart(64, '0'));
    const high = parseCose(message([parts.protectedBytes, new Map(), payload, mirrored]));
    assert.throws(() => verifyCoseByAddress(high), { code: 'COSE_SIGNATURE', message: /upper half/ });
    const byKey = () => verifyCoseByKey(high, signers[algorithm]);
    // Signers of plain COSE leave ES256's s to chance.
    if (algorithm === 'ES256') byKey();
    else assert.throws(byKey, { code: 'COSE_SIGNATURE', message: /upper half/ });
  });
}

test('another key, another context, another algorithm: refused', () => {
  const bytes = signCose(signers.ES256K, payload, { externalAad: packAad(1, new Uint8Array(20)) });
  const other = { externalAad: packAad(2, new Uint8Array(20)) };
  assert.throws(() => verifyCoseByAddress(parseCose(bytes), other), { code: 'COSE_SIGNATURE' });
  assert.throws(() => verifyCoseByKey(parseCose(bytes), signers.ES256), { code: 'COSE_ALGORITHM' });
  const stranger = softwareSigner(new Uint8Array(32).fill(7));
  assert.throws(() => verifyCoseByKey(parseCose(golden), stranger), { code: 'COSE_SIGNATURE' });
});
