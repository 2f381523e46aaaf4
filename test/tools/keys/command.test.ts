// `miner key`: a key file that only its owner reads, that opens again, and that is never written over.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { privateKeyToAddress } from 'viem/accounts';
import { registerKey } from '../../../tools/cli/commands/key.ts';
import { openSigner } from '../../../tools/keys/index.ts';
import { runRegistered } from '../support/run-command.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-key-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const key = (...args: string[]) => runRegistered([registerKey], ['key', ...args]);
const secret = `0x${'5a'.repeat(32)}` as const;
writeFileSync(at('password.txt'), 'correct horse\n');

test('a new key is written for its owner alone, and opens with its password', async () => {
  const made = await key('new', at('new.json'), '--password-file', at('password.txt'), '--json');
  const { address, file } = JSON.parse(made.stdout);
  assert.equal(file, at('new.json'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const opened = await openSigner({ keystore: file, passwordFile: at('password.txt') }, { chainId: 1 });
  assert.equal(opened.address, address);
  const shown = await key('show', file);
  assert.equal(shown.stdout, `${file}: ${address}\n`);

  const text = readFileSync(file, 'utf8');
  const again = await key('new', file, '--password-file', at('password.txt'));
  assert.equal(again.code, 2);
  assert.match(again.stderr, /new\.json: something is there already/);
  assert.equal(readFileSync(file, 'utf8'), text);
});

test('a key from the environment is encrypted, and not shown', async () => {
  process.env.KEY_TEST_SECRET = secret;
  const made = await key(
    'new',
    at('old.json'),
    '--import-env',
    'KEY_TEST_SECRET',
    '--password-file',
    at('password.txt'),
  );
  delete process.env.KEY_TEST_SECRET;
  assert.equal(made.stdout, `${at('old.json')}: ${privateKeyToAddress(secret)}\n`);
  assert.doesNotMatch(made.stdout + made.stderr + readFileSync(at('old.json'), 'utf8'), /5a5a5a5a/);
});

const refused: [string, string[], number, RegExp][] = [
  [
    'a folder that is not there',
    ['new', at('none/a.json'), '--password-file', at('password.txt')],
    3,
    /its folder is not there/,
  ],
  ['an empty password', ['new', at('b.json'), '--password-file', '/dev/null'], 2, /b\.json: an empty password/],
  ['no password and no terminal', ['new', at('b.json')], 2, /there is no terminal/],
  ['an unset variable', ['new', at('b.json'), '--import-env', 'KEY_TEST_NONE'], 2, /KEY_TEST_NONE is not set/],
  ['a file that is no key file', ['show', at('password.txt')], 3, /it is no JSON/],
  ['a file that is not there', ['show', at('none.json')], 3, /cannot be read/],
];
for (const [name, args, code, message] of refused) {
  test(`refused: ${name}`, async () => {
    const ran = await key(...args);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, message);
  });
}
