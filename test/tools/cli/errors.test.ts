// What people see when they are wrong: one line of cause, one of remedy, the right exit code, no stack trace.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { electricCar, runMiner } from './miner-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const broken = file('broken.dbc', 'BO_ 1 M: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n SG_ Bad : nonsense\n');
const notes = file('notes.txt', 'hello\nworld\n');
const nowhere = path.join(folder, 'nowhere');
const look = ['--dbc', electricCar, '--look'];

const rows: [string, string[], number, RegExp][] = [
  ['an unknown command', ['dmeo'], 2, /unknown command 'dmeo'\n\(Did you mean demo\?\)/],
  ['an unknown option', ['demo', '--fast'], 2, /unknown option '--fast'/],
  ['an option out of range', ['demo', '--duration', '0'], 2, /from 1 to 86400/],
  ['an option that is no number', ['vehicle', '--speed', 'fast'], 2, /'fast' is invalid/],
  ['a missing option', ['run', '--look'], 2, /required option '--port <port>'/],
  ['a log without a DBC', ['demo', '--log', notes], 2, /--dbc is missing/],
  ['a missing port', ['run', '--port', '/dev/no-such-port', ...look], 3, /\/dev\/no-such-port: there is no such port/],
  ['a port that is no port', ['run', '--port', 'nonsense', ...look], 2, /"nonsense" names no port/],
  ['a TCP port where nobody listens', ['run', '--port', 'tcp://127.0.0.1:1', ...look], 3, /nobody listens there/],
  ['a missing DBC', ['dbc', 'check', `${folder}/none.dbc`], 3, /none\.dbc: cannot be read \(no such file\)/],
  ['a DBC that is none', ['demo', '--dbc', notes], 1, /notes\.txt: no message could be read/],
  ['a missing log', ['vehicle', '--log', `${folder}/none.log`], 1, /none\.log: no such log file/],
  ['a log in an unknown format', ['vehicle', '--log', notes], 1, /not a known log format; it begins with "hello"/],
  [
    'the same in the demo, before anything starts',
    ['demo', '--log', notes, '--dbc', electricCar],
    1,
    /not a known log/,
  ],
  ['no chain started', ['gateway', '--data', nowhere], 3, /chain\.json: not there/],
  ['no chain for a DIP', ['dip', 'list', '--data', nowhere], 3, /chain\.json: not there/],
  ['a pack that is none', ['pack', 'show', notes], 1, /not deterministic CBOR/],
  ['a wrong address', ['pack', 'verify', notes, '--chain-id', '1', '--registry', '0x0'], 2, /[Ee]xpected an address/],
];

for (const [name, args, code, message] of rows) {
  test(`${name}: exit ${code}`, async () => {
    const ended = await runMiner(args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.match(ended.stderr, /to do: |add --help/);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'a stack trace');
    assert.equal(ended.stdout, '');
  });
}

test('a port that another program listens on: exit 3', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  for (const args of [
    ['vehicle', '--listen', `tcp://127.0.0.1:${port}`],
    ['chain', '--port', String(port), '--data', nowhere],
  ]) {
    const ended = await runMiner(args);
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(ended.stderr, /cannot listen there/);
  }
});

test('--json gives the error as an object on stdout too', async () => {
  const { code, stdout } = await runMiner(['dbc', 'hash', `${folder}/none.dbc`, '--json']);
  assert.equal(code, 3);
  const { error } = JSON.parse(stdout);
  assert.deepEqual([error.code, error.facts.reason], ['FILE_UNREADABLE', 'no such file']);
});

test('a DBC with an error: the place, what was kept, exit 1', async () => {
  const text = await runMiner(['dbc', 'check', broken]);
  assert.equal(text.code, 1);
  assert.match(text.stdout, /broken\.dbc:3:\d+: error [A-Z_]+: /);
  assert.match(text.stdout, /1 messages, 1 signals; 1 errors/);
  const { messages, signals, diagnostics } = JSON.parse((await runMiner(['dbc', 'check', broken, '--json'])).stdout);
  assert.deepEqual([messages, signals], [1, 1]);
  const errors = diagnostics.filter((diagnostic: { severity: string }) => diagnostic.severity === 'error');
  assert.deepEqual(
    errors.map(({ line }: { line: number }) => line),
    [3],
  );
});

test('a DBC without an error: exit 0', async () => {
  assert.equal((await runMiner(['dbc', 'check', electricCar])).code, 0);
});

test('help names every command, and an example for each', async () => {
  const { code, stdout } = await runMiner(['--help']);
  assert.equal(code, 0);
  for (const command of ['demo', 'run', 'vehicle', 'chain', 'enrol', 'gateway', 'dip', 'dbc', 'pack', 'bench']) {
    assert.match(stdout, new RegExp(`\\n  ${command} `));
  }
  for (const args of [
    ['demo'],
    ['run'],
    ['vehicle'],
    ['dbc', 'check'],
    ['pack', 'verify'],
    ['dip', 'show'],
    ['bench', 'decode'],
  ]) {
    assert.match((await runMiner([...args, '--help'])).stdout, /Examples?\n {2}\$ miner /);
  }
});
