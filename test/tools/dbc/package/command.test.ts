/** `miner dbc golden` and `miner dbc package` as a user runs them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { runMiner } from '../../cli/miner-process.ts';
import { dbcText, goldenText, manifest, writeFolder } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(at(name), content);
  return at(name);
};
const dbc = file('car.dbc', dbcText);
const notes = file('notes.txt', 'hello\n');

test('golden --generate prints the same lines for the same seed, and they check', async () => {
  const [first, second] = await Promise.all([
    runMiner(['dbc', 'golden', dbc, '--generate', '300', '--seed', '9']),
    runMiner(['dbc', 'golden', dbc, '--generate', '300', '--seed', '9', '-o', at('golden.jsonl')]),
  ]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stderr, '300 golden frames of 4 messages\n');
  assert.equal(second.stdout, '');
  assert.equal(readFileSync(at('golden.jsonl'), 'utf8'), first.stdout);
  assert.deepEqual(Object.keys(JSON.parse(first.stdout.split('\n')[0])), [
    'id',
    'ext',
    'data',
    'name',
    'signals',
    'status',
  ]);

  const checked = await runMiner(['dbc', 'golden', dbc, '--check', at('golden.jsonl')]);
  assert.equal(checked.code, 0);
  assert.equal(checked.stdout, '300 frames, back ends interpreter, per-frame, wasm, batch: no difference\n');
});

test('golden from a log: J1939 messages of several frames too, and what was not seen is named', async () => {
  const log = file(
    'drive.log',
    [
      '(1.000000) can0 100#0004000000000000',
      '(1.010000) can0 100#0008000000000000',
      '(1.020000) can0 100#0006000000000000',
      '(1.030000) can0 1CECFF17#20160004FFCAFE00',
      ...[1, 2, 3, 4].map((n) => `(1.0${n + 3}0000) can0 1CEBFF17#0${n}0B0B0B0B0B0B0B`),
    ].join('\n'),
  );
  const { code, stdout, stderr } = await runMiner(['dbc', 'golden', dbc, log]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '3 golden frames of 2 messages; not seen: Muxed, Big\n');
  const [slow, fast, dm1] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([slow.signals.Speed, fast.signals.Speed], [256, 512]);
  assert.deepEqual([dm1.name, dm1.id, dm1.signals], ['DM1', 0x1cfeca17, { Lamp: 0, Last: 11 }]);
});

test('golden --check: the first difference of each signal, exit 1', async () => {
  const lines = goldenText.trim().split('\n');
  lines[0] = lines[0].replace('"Speed":0', '"Speed":1');
  lines[1] = '{"id":1}';
  const altered = file('altered.jsonl', lines.join('\n'));
  const { code, stdout } = await runMiner(['dbc', 'golden', dbc, '--check', altered]);
  assert.equal(code, 1);
  assert.match(stdout, /altered\.jsonl:2: ext is missing, expected true or false/);
  assert.match(stdout, /altered\.jsonl:1: Motor\.Speed: expected 1, interpreter gives 0\n/);
  assert.match(stdout, /Motor\.Speed: expected 1, batch gives 0\n/);
  assert.match(stdout, /1 frames differ in 4 values/);
  const json = JSON.parse((await runMiner(['dbc', 'golden', dbc, '--check', altered, '--json'])).stdout);
  assert.deepEqual([json.ok, json.differingFrames, json.malformed.length], [false, 1, 1]);
});

test('package: init, fill in, check, build, check the file', async () => {
  const made = at('made');
  const init = await runMiner(['dbc', 'package', 'init', made, '--dbc', dbc]);
  assert.equal(init.code, 0, init.stderr);
  assert.match(
    init.stdout,
    /^wrote .*manifest\.json\nwrote .*vss\.json\nwrote .*decoder\.dbc\nwrote .*golden\.jsonl\n$/,
  );

  const blank = await runMiner(['dbc', 'package', 'check', made]);
  assert.equal(blank.code, 1);
  assert.match(blank.stdout, /manifest\.json \/platform\/make: error: "": expected a text that is not empty/);
  assert.match(blank.stdout, /bad: 6 errors\n$/);
  const refused = await runMiner(['dbc', 'package', 'build', made, '-o', at('made.dimopkg')]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /not built: 6 errors, listed above\n {2}to do: /);

  writeFileSync(path.join(made, 'manifest.json'), JSON.stringify(manifest));
  const builds = await Promise.all(
    ['one.dimopkg', 'two.dimopkg'].map((name) => runMiner(['dbc', 'package', 'build', made, '-o', at(name), '--json'])),
  );
  assert.equal(builds[0].code, 0);
  assert.match(builds[0].stderr, /^decoder\.dbc: note: 1 warning: decoder\.dbc:6:6: SIGNAL_BEYOND_MESSAGE: .*\n$/);
  assert.equal(builds[0].stdout, builds[1].stdout);
  assert.deepEqual(readFileSync(at('one.dimopkg')), readFileSync(at('two.dimopkg')));
  const { sha256, ...hashes } = JSON.parse(builds[0].stdout);
  assert.deepEqual(Object.keys(hashes), ['contentHash', 'semanticHash', 'moduleHash']);
  const hash = JSON.parse((await runMiner(['dbc', 'hash', dbc, '--json'])).stdout);
  for (const [name, value] of Object.entries(hashes)) assert.equal(value, hash[name]);

  const good = await runMiner(['dbc', 'package', 'check', at('one.dimopkg'), '--sha256', sha256]);
  assert.equal(good.code, 0, good.stdout);
  assert.match(good.stdout, /good: \d+ golden frames agree with interpreter, per-frame, wasm, batch\n$/);
  const other = await runMiner(['dbc', 'package', 'check', at('one.dimopkg'), '--sha256', '0'.repeat(64), '--json']);
  assert.equal(other.code, 1);
  assert.match(JSON.parse(other.stdout).problems[0].message, /^its SHA-256 is [0-9a-f]{64}, expected 0{64}$/);
});

test('package check of a bad folder: each problem with its place, exit 1, all on stdout', async () => {
  const made = writeFolder(at('bad'), { manifest: '{,}', golden: goldenText.replace('"Speed":0', '"Speed":7') });
  const { code, stdout, stderr } = await runMiner(['dbc', 'package', 'check', made]);
  assert.equal(code, 1);
  assert.match(stdout, /^manifest\.json: error: not JSON: /);
  assert.match(stdout, /\ngolden\.jsonl:1: error: Motor\.Speed: expected 7, interpreter gives 0\n/);
  assert.match(stdout, /: bad: 6 errors\n$/);
  assert.equal(stderr, '');
});

const wrong: [string, string[], number, RegExp][] = [
  ['golden with two', ['golden', dbc, notes, '--generate', '5'], 2, /got LOG and --generate/],
  ['golden of no DBC', ['golden', notes, '--generate', '5'], 1, /notes\.txt: no message could be read/],
  ['golden with half a frame', ['golden', dbc, '--generate', '1.5'], 2, /whole number from 1/],
  ['golden into nowhere', ['golden', dbc, '--generate', '5', '-o', `${folder}/no/where`], 3, /cannot be written/],
  ['check of nothing', ['package', 'check', `${folder}/none`], 3, /none: cannot be read \(no such file\)/],
  ['check against half a hash', ['package', 'check', notes, '--sha256', 'abc'], 2, /expected 64 hex digits/],
  ['build of nothing', ['package', 'build', `${folder}/none`, '-o', 'x'], 3, /none: cannot be read \(no such folder\)/],
  ['init over a package', ['package', 'init', writeFolder(at('there'))], 1, /manifest\.json is there already/],
];

for (const [name, args, code, message] of wrong) {
  test(`${name}: exit ${code}`, async () => {
    const ended = await runMiner(['dbc', ...args]);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.equal(ended.stdout, '');
  });
}
