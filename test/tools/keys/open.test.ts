// Where a key may come from, what is said when it can't be used, and that no message ever holds it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recoverTransactionAddress, recoverTypedDataAddress, type TransactionSerialized } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { MinerError } from '../../../edge/errors/index.ts';
import { encryptKeystore, openSigner } from '../../../tools/keys/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { type Fields, signer, signFields } from '../support/signer.ts';

const key = '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';
const { address } = privateKeyToAccount(key);
const folder = mkdtempSync(path.join(tmpdir(), 'miner-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const keystore = file('alice.json', await encryptKeystore(key, 'correct horse', 2));
const password = file('password.txt', 'correct horse\n');
const local = { chainId: 31337 };
const mainnet = { chainId: 1 };

test('a key file with its password file', async () => {
  assert.equal((await openSigner({ keystore, passwordFile: password }, mainnet)).address, address);
});

test('a variable, with and without 0x', async () => {
  for (const text of [key, key.slice(2), ` ${key}\n`]) {
    const environment = { HOLDER_KEY: text };
    assert.equal((await openSigner({ envName: 'HOLDER_KEY' }, { ...mainnet, environment })).address, address);
  }
});

test("a local chain's account, of that chain only", async () => {
  // The first address of the phrase that every development chain uses.
  const first = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
  assert.equal((await openSigner({ localIndex: 0 }, local)).address, first);
  await assert.rejects(openSigner({ localIndex: 0 }, mainnet), { code: 'KEY_LOCAL' });
});

const wrong: [string, Parameters<typeof openSigner>[0], Record<string, string>, string, RegExp][] = [
  ['no key', {}, {}, 'KEY_SOURCE', /no key is named/],
  ['two keys', { envName: 'A', localIndex: 1 }, {}, 'KEY_SOURCE', /several keys/],
  ['a missing file', { keystore: 'none.json' }, {}, 'FILE_UNREADABLE', /none\.json: cannot be read/],
  [
    'the wrong password',
    { keystore, passwordFile: file('other.txt', 'horse') },
    {},
    'KEYSTORE_PASSWORD',
    /alice\.json/,
  ],
  ['nobody to ask', { keystore }, {}, 'KEY_PASSWORD_NONE', /there is no terminal/],
  ['an unset variable', { envName: 'NONE' }, {}, 'KEY_VARIABLE', /NONE is not set/],
  ['a short key', { envName: 'A' }, { A: key.slice(0, -1) }, 'KEY_VARIABLE', /A is not 64 hex digits/],
  ['the key zero', { envName: 'A' }, { A: '0'.repeat(64) }, 'KEY_VARIABLE', /no key of secp256k1/],
  ['a key as the name', { envName: key }, {}, 'KEY_BARE', /--key-env was given what looks like a key/],
  ['a key as the path', { keystore: key }, {}, 'KEY_BARE', /--keystore was given what looks like a key/],
  ['a key file that is a key', { keystore: file('bare', key) }, {}, 'KEYSTORE_FORMAT', /it is no JSON|version/],
  ['another address', { envName: 'A', from: `0x${'11'.repeat(20)}` }, { A: key }, 'KEY_ADDRESS', /--from says 0x1111/],
];

for (const [name, source, environment, code, message] of wrong) {
  test(`${name} is told, and no key with it`, async () => {
    await assert.rejects(openSigner(source, { ...local, environment }), (error: MinerError) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.doesNotMatch(JSON.stringify(error) + error.stack + error.cause, new RegExp(key.slice(2, -1)));
      return true;
    });
  });
}

const holder = privateKeyToAccount(key);
const transaction = {
  type: 'eip1559',
  chainId: 1,
  to: `0x${'22'.repeat(20)}`,
  data: '0x1234',
  value: 5n,
  gas: 100_000n,
  nonce: 7,
  maxFeePerGas: 10n,
  maxPriorityFeePerGas: 1n,
} as const;
const typed = {
  domain: { name: 'Test', version: '1', chainId: 1 },
  types: { Ballot: [{ name: 'proposalId', type: 'uint256' }] },
  primaryType: 'Ballot',
  message: { proposalId: 12345678901234567890n },
} as const;

const dialects = {
  node: ['eth_accounts', 'eth_signTransaction', 'eth_signTypedData_v4'],
  clef: ['account_list', 'account_signTransaction', 'account_signTypedData'],
};
for (const [dialect, [list, signs, signsTyped]] of Object.entries(dialects)) {
  test(`an external signer that speaks as a ${dialect} signs`, async (t) => {
    const { url, close } = await signer(async ({ method, params }) => {
      if (method === list) return { result: [address] };
      if (method === signs) {
        const raw = await signFields(holder, params[0] as Fields);
        return { result: dialect === 'clef' ? { raw, tx: {} } : raw };
      }
      if (method !== signsTyped) return undefined;
      const asked = typeof params[1] === 'string' ? JSON.parse(params[1]) : params[1];
      return { result: await holder.signTypedData(asked) };
    });
    t.after(close);
    const account = await openSigner({ external: url }, mainnet);
    assert.equal(account.address, address);
    const raw = await account.signTransaction(transaction);
    assert.equal(await recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized }), address);
    const signature = await account.signTypedData(typed);
    assert.equal(await recoverTypedDataAddress({ ...typed, signature }), address);
  });
}

const dishonest: [string, (fields: Fields) => unknown][] = [
  ['another receiver', async (fields) => signFields(holder, { ...fields, to: `0x${'33'.repeat(20)}` })],
  ['other data', async (fields) => signFields(holder, { ...fields, data: '0x' })],
  ['more value', async (fields) => signFields(holder, { ...fields, value: '0xffff' })],
  ['another key', async () => privateKeyToAccount(`0x${'01'.repeat(32)}`).signTransaction(transaction)],
  ['nothing', () => null],
  ['a number', () => 5],
  ['half of it', async (fields) => (await signFields(holder, fields)).slice(0, 60)],
];
for (const [name, result] of dishonest) {
  test(`an external signer that signs ${name} is found out`, async (t) => {
    const { url, close } = await signer(async ({ method, params }) => {
      if (method === 'eth_accounts') return { result: [address] };
      if (method === 'eth_signTransaction') return { result: await result(params[0] as Fields) };
      return { result: await holder.signTypedData({ ...typed, message: { proposalId: 1n } }) };
    });
    t.after(close);
    const account = await openSigner({ external: url }, mainnet);
    const failed = { code: 'SIGNER_FAILED', message: /what it signed is not the transaction/ };
    await assert.rejects(account.signTransaction(transaction), failed);
    await assert.rejects(account.signTypedData(typed), { code: 'SIGNER_FAILED', message: /of something else/ });
  });
}

test('an external signer that refuses, has other accounts, or is gone is told', async (t) => {
  const { url, close } = await signer(({ method }) =>
    method === 'eth_accounts'
      ? { result: [address, `0x${'44'.repeat(20)}`] }
      : { error: { code: -32000, message: 'denied\u001b[2J' } },
  );
  t.after(close);
  await assert.rejects(openSigner({ external: url }, mainnet), { code: 'SIGNER_ACCOUNT', message: /--from/ });
  const account = await openSigner({ external: url, from: address }, mainnet);
  const refused = { code: 'SIGNER_FAILED', message: /refused eth_signTransaction: denied\\x1b/ };
  await assert.rejects(account.signTransaction(transaction), refused);
  const gone = { code: 'SIGNER_FAILED', message: /no answer/ };
  await assert.rejects(openSigner({ external: 'http://127.0.0.1:1' }, mainnet), gone);
  await assert.rejects(openSigner({ external: 'not a url' }, mainnet), gone);
});

test('a password is asked on the terminal, and not shown', { skip: skipWithoutProgram('python3') }, () => {
  const open = fileURLToPath(new URL('../../../tools/keys/index.ts', import.meta.url));
  const script = `import { openSigner } from ${JSON.stringify(open)};
    console.log('opened', (await openSigner({ keystore: ${JSON.stringify(keystore)} }, { chainId: 1 })).address);`;
  const typist = `
import pty, os, sys
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b''
typed = False
while True:
    try: chunk = os.read(fd, 1024)
    except OSError: break
    if not chunk: break
    seen += chunk
    if not typed and b'password of' in seen:
        os.write(fd, b'correct horsez\\x7f\\r'); typed = True
print(seen.decode())`;
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const screen = execFileSync('python3', ['-c', typist, ...program], { encoding: 'utf8' });
  assert.match(screen, new RegExp(`password of .*alice.json: \\s+opened ${address}`));
  assert.doesNotMatch(screen, /horse/);
});
