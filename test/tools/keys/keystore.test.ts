// Key files: the vectors of the standard open, ours open again, and a hostile one costs nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesToHex } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { MinerError } from '../../../edge/errors/index.ts';
import { decryptKeystore, encryptKeystore, parseKeystore } from '../../../tools/keys/index.ts';

// The two test vectors of the Web3 Secret Storage definition.
const secret = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const pbkdf2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const scrypt = {
  ...pbkdf2,
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      r: 1,
      p: 8,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
};

for (const file of [pbkdf2, scrypt]) {
  test(`the standard's vector with ${file.crypto.kdf} opens`, async () => {
    const keystore = parseKeystore(JSON.stringify(file), 'vector.json');
    assert.equal(await decryptKeystore(keystore, 'testpassword'), secret);
  });
}

test('what is encrypted opens with its password, and with no other', async () => {
  const cheap = 4;
  const keys = fc.noShrink(fc.constant(null).map(generatePrivateKey));
  await fc.assert(
    fc.asyncProperty(keys, fc.string(), fc.string(), async (key, password, other) => {
      const keystore = parseKeystore(await encryptKeystore(key, password, cheap), 'ours.json');
      assert.equal(await decryptKeystore(keystore, password), key);
      if (other === password) return;
      await assert.rejects(decryptKeystore(keystore, other), { code: 'KEYSTORE_PASSWORD', exitCode: 1 });
    }),
    { numRuns: 30 },
  );
});

const withCrypto = (change: object) => ({ ...scrypt, crypto: { ...scrypt.crypto, ...change } });
const withParams = (change: object) => withCrypto({ kdfparams: { ...scrypt.crypto.kdfparams, ...change } });
const refused: [string, unknown, RegExp][] = [
  ['an array', [], /the object is missing/],
  ['another version', { ...scrypt, version: 1 }, /version is not 3/],
  ['no crypto', { version: 3 }, /"crypto" is missing/],
  ['another cipher', withCrypto({ cipher: 'aes-128-cbc' }), /cipher is not aes-128-ctr/],
  ['another kdf', withCrypto({ kdf: 'argon2' }), /neither scrypt nor pbkdf2/],
  ['a huge N', withParams({ n: 2 ** 40, r: 8, p: 1 }), /would take more than 512 MiB or minutes/],
  ['a huge r', withParams({ n: 2, r: 2 ** 30, p: 1 }), /would take more than 512 MiB or minutes/],
  ['a huge p', withParams({ n: 2 ** 18, r: 8, p: 2 ** 30 }), /would take more than 512 MiB or minutes/],
  ['an N that is no power of two', withParams({ n: 262145 }), /no power of two/],
  ['an N of 1', withParams({ n: 1 }), /no power of two/],
  ['a negative N', withParams({ n: -2 }), /"n" is no whole number/],
  ['an N as text', withParams({ n: '262144' }), /"n" is no whole number/],
  ['another key length', withParams({ dklen: 64 }), /"dklen" is not 32/],
  ['a salt that is no hex', withParams({ salt: 'salt' }), /"salt" is not hex/],
  [
    'too many rounds of PBKDF2',
    { ...pbkdf2, crypto: { ...pbkdf2.crypto, kdfparams: { ...pbkdf2.crypto.kdfparams, c: 1e12 } } },
    /would take minutes/,
  ],
  [
    'another hash of PBKDF2',
    { ...pbkdf2, crypto: { ...pbkdf2.crypto, kdfparams: { ...pbkdf2.crypto.kdfparams, prf: 'hmac-md5' } } },
    /"prf" is not hmac-sha256/,
  ],
  ['a short iv', withCrypto({ cipherparams: { iv: '00' } }), /"iv" is not 16 bytes/],
  ['a short key', withCrypto({ ciphertext: '00' }), /"ciphertext" is not 32 bytes/],
  ['a short mac', withCrypto({ mac: '00' }), /"mac" is not 32 bytes/],
  ['an address that is none', { ...scrypt, address: '0x12' }, /"address" is not 20 bytes/],
];

for (const [name, file, problem] of refused) {
  test(`a key file with ${name} is refused before anything is derived`, () => {
    assert.throws(() => parseKeystore(JSON.stringify(file), 'hostile.json'), {
      code: 'KEYSTORE_FORMAT',
      message: problem,
    });
  });
}

test('a file that is a bare key, or endless, is refused without a word of it', () => {
  for (const text of [secret, `{"key": ${secret}`, 'a'.repeat(70_000)]) {
    assert.throws(
      () => parseKeystore(text, 'bare.txt'),
      (error: MinerError) => error.code === 'KEYSTORE_FORMAT' && !JSON.stringify(error).includes(secret.slice(2)),
    );
  }
});

test('a file that says another address than its key has is refused', async () => {
  const file = JSON.parse(await encryptKeystore(secret, '', 2));
  const lying = parseKeystore(JSON.stringify({ ...file, address: '11'.repeat(20) }), 'lying.json');
  await assert.rejects(decryptKeystore(lying, ''), { code: 'KEYSTORE_FORMAT', message: /holds the key of/ });
});

test('any JSON is a key file or our error', () => {
  const mangled = fc.anything().map((value) => JSON.stringify({ ...scrypt, ...(value as object) }) ?? 'undefined');
  const text = fc.oneof(fc.json(), mangled.filter(Boolean), fc.uint8Array().map(bytesToHex));
  fc.assert(
    fc.property(text, (one) => {
      try {
        parseKeystore(one, 'any.json');
      } catch (error) {
        assert.ok(error instanceof MinerError, String(error));
      }
    }),
  );
});
