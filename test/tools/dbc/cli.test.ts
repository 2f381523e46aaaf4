// `miner dbc` as a user runs it: exit codes, what goes to stdout and what to stderr, and every way to be wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { registerDbc } from '../../../tools/cli/commands/dbc.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { runMiner } from '../cli/miner-process.ts';
import { gearbox, layouts, scratch } from './fixtures.ts';

const { folder, file } = scratch();
const good = file('good.dbc', gearbox);
const mux = file('mux.dbc', layouts);
const lossy = file('lossy.dbc', gearbox.replace('0|4@1+', '0|0@1+'));
const notes = file('notes.txt', 'hello\nworld\n');
const twice = file('twice.dbc', `${gearbox}BO_ 300 Gearbox: 1 ECU\nBO_ 2147484000 Far: 1 ECU\nBO_ 352 Near: 1 ECU\n`);
const frames = file('golden.jsonl', '{"id":257,"ext":false,"data":"0G","name":"Gearbox","signals":{}}\n');
const huge = file(
  'huge.dbc',
  `BO_ 1 Huge: 64 ECU\n${Array.from({ length: 8300 }, (_, i) => ` SG_ S${i} : 0|8@1+ (1,0) [0|0] "" X\n`).join('')}`,
);
const at = (name: string) => path.join(folder, name);
const dbc = (...args: string[]) => runMiner(['dbc', ...args]);

const wrong: [string, string[], number, RegExp][] = [
  ['no file', ['list', at('none.dbc')], 3, /none\.dbc: cannot be read \(no such file\)/],
  ['no DBC', ['list', notes], 1, /notes\.txt: no message could be read from it/],
  ['an unknown message', ['show', good, 'Gearbocks'], 2, /no message "Gearbocks"[\s\S]*did you mean Gearbox\?/],
  [
    'an ambiguous name',
    ['show', twice, 'Gearbox'],
    2,
    /may be any of Gearbox \(0x101\), Gearbox \(0x12C\)[\s\S]*give the id/,
  ],
  ['a signal without its message', ['show', good, '--signal', 'Gear'], 2, /--signal Gear: expected the message/],
  [
    'a golden file that is none',
    ['diff', good, good, '--golden', frames],
    1,
    /golden\.jsonl:1: not a golden frame: data is/,
  ],
  ['an unknown target', ['compile', good, '--target', 'wasm,java'], 2, /"java" is none; expected wasm or/],
  ['a message too large to compile', ['compile', huge, '-o', folder], 1, /Huge is too large to compile/],
  ['an unknown form', ['convert', good, at('good.xyz')], 2, /expected a name that ends in \.dbc, \.json, \.csv, \.md/],
  ['a file that is there', ['convert', good, notes, '--to', 'csv'], 2, /notes\.txt: there is a file already/],
  [
    'a value out of range',
    ['encode', good, 'Gearbox', 'Speed=500'],
    1,
    /Gearbox\.Speed: 500 is out of range, expected 0 to 400 km\/h/,
  ],
];

for (const [name, args, code, message] of wrong) {
  test(`${name}: exit ${code}`, async () => {
    const ended = await dbc(...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.match(ended.stderr, /to do: |add --help/);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'a stack trace');
    assert.equal(ended.stdout, '');
  });
}

test('check takes several files: one object each, the worst outcome as exit code, one that is missing stops none', async () => {
  const ended = await dbc('check', '--json', good, at('none.dbc'), lossy);
  const lines = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ messages, error }) => error?.code ?? messages),
    [1, 'FILE_UNREADABLE', 1],
  );
  assert.equal(ended.code, 3);
});

test('check of what is no DBC: nothing was dropped, but it says so', async () => {
  const { code, stdout } = await dbc('check', notes);
  assert.equal(code, 0);
  assert.match(stdout, /0 messages, 0 signals[\s\S]*is it a DBC at all\?/);
});

test('check prints no control character of the file', async () => {
  const { stdout } = await dbc('check', file('hostile.dbc', 'BO_ 1 M: 8 X\n SG_ \u001b[31mS : nonsense\n'));
  assert.ok(!stdout.includes('\u001b'), JSON.stringify(stdout));
  assert.match(stdout, /\\x1b\[31m/);
});

test('list --json: one object with a line of facts a message', async () => {
  const { stdout, code } = await dbc('list', mux, '--json');
  assert.equal(code, 0);
  const { messages } = JSON.parse(stdout);
  assert.equal(messages.length, 5);
  assert.deepEqual(messages[1], {
    id: 101,
    extended: false,
    name: 'Mux',
    length: 8,
    signals: 6,
    multiplexers: 2,
    cycleTimeMs: null,
    fd: false,
    pgn: null,
    sender: 'ECU',
  });
});

test('show without a message draws them all, and explains the marks once', async () => {
  const { stdout, code } = await dbc('show', mux);
  assert.equal(code, 0);
  for (const heading of ['0x064 Overlap', '0x065 Mux', '0x066 Fd', '0x067 Empty', '0x00000064 Twin'])
    assert.ok(stdout.includes(heading), heading);
  assert.equal(stdout.match(/> start bit/g)?.length, 1);
});

test('what could not be read is said on stderr, whatever is asked', async () => {
  for (const args of [
    ['list', lossy],
    ['convert', lossy, '-', '--to', 'dbc'],
  ]) {
    const { stderr } = await dbc(...args);
    assert.match(stderr, /lossy\.dbc: 1 construct that could not be read was left out/);
  }
});

test('diff: exit 1 for another meaning, 0 for comments alone; --json has it all', async () => {
  const scaled = file('scaled.dbc', gearbox.replace('(0.01,0)', '(0.02,0)'));
  const said = file('said.dbc', gearbox.replace('Over ground.', 'Over water.'));
  const log = file('drive.log', '(0.000000) can0 101#03A4010001000000\nnonsense\n');
  const ended = await dbc('diff', good, scaled, '--log', log, '--json');
  assert.equal(ended.code, 1);
  const { meaningDiffers, changes, values } = JSON.parse(ended.stdout);
  assert.deepEqual([meaningDiffers, changes.length, changes[0].kind], [true, 1, 'signal-rescaled']);
  assert.deepEqual([values.frames, values.compared, values.changed], [1, 4, 1]);
  assert.match(ended.stderr, /1 of 2 lines could not be read/);
  const same = await dbc('diff', good, said);
  assert.deepEqual(
    [same.code, same.stdout.split('\n').at(-2)],
    [0, 'the same meaning; 1 of comments, attributes and the like differ'],
  );
});

test('hash: three hashes; of a decoder without a module two, the reason, and exit 1', async () => {
  const whole = await dbc('hash', good, '--json');
  assert.equal(whole.code, 0);
  for (const hash of Object.values(JSON.parse(whole.stdout))) assert.match(String(hash), /^[0-9a-f]{64}$/);
  const partial = await dbc('hash', huge, '--json');
  assert.equal(partial.code, 1);
  const { contentHash, semanticHash, moduleHash, reason } = JSON.parse(partial.stdout);
  assert.deepEqual([contentHash.length, semanticHash.length, moduleHash], [64, 64, null]);
  assert.match(reason, /Huge is too large to compile/);
});

test('compile: the module is the one that hash names, and it loads', async () => {
  const { code, stdout } = await dbc('compile', good, '-o', at('build/deep'), '--json');
  assert.equal(code, 0);
  const [{ path: written, bytes, sha256 }] = JSON.parse(stdout).files;
  const { moduleHash } = JSON.parse((await dbc('hash', good, '--json')).stdout);
  assert.equal(sha256, moduleHash);
  const module = readFileSync(written);
  assert.equal(module.length, bytes);
  const { instance } = await WebAssembly.instantiate(module);
  assert.equal((instance.exports.find as (key: number) => number)(0x101), 0);
});

test('compile: C that a C compiler takes', { skip: skipWithoutProgram('gcc') }, async () => {
  assert.equal((await dbc('compile', mux, '-o', at('c'), '--target', 'c')).code, 0);
  const args = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-c', 'mux.c', '-o', 'mux.o'];
  const { status, stderr } = spawnSync('gcc', args, { cwd: at('c'), encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('convert: DBC to JSON to DBC; --force replaces; exit 1 when the source lost something', async () => {
  assert.equal((await dbc('convert', mux, at('mux.json'))).code, 0);
  assert.equal((await dbc('convert', at('mux.json'), at('again.dbc'))).code, 0);
  const { stdout } = await dbc('convert', mux, '-', '--to', 'dbc');
  assert.equal(readFileSync(at('again.dbc'), 'utf8'), stdout);
  assert.equal((await dbc('convert', mux, at('again.dbc'))).code, 2);
  assert.equal((await dbc('convert', good, at('again.dbc'), '--force')).code, 0);
  assert.equal((await dbc('convert', lossy, at('lossy.json'))).code, 1);
  assert.ok(existsSync(at('lossy.json')));
});

test('convert: windows-1252 on request', async () => {
  assert.equal((await dbc('convert', mux, at('old.dbc'), '--encoding', 'windows-1252')).code, 0);
  const bytes = readFileSync(at('old.dbc'));
  assert.ok(bytes.includes(0xb0) && !bytes.includes(0xc2));
  assert.equal(parseDbc(bytes).database.messages[1].signals[2].unit, '°C');
});

test('convert to a list says what it leaves out', async () => {
  const { stderr, stdout } = await dbc('convert', good, '-', '--to', 'csv');
  assert.match(
    stderr,
    /\.csv has no place for 1 nodes, 1 attribute definitions, 1 attributes; \.json holds everything/,
  );
  assert.equal(stdout.split('\r\n').length, 6);
});

test('encode: three forms of one frame, what was filled in on stderr; decode reads it back', async () => {
  const words = ['Gearbox', 'Gear=Drive', 'Speed=87.504'];
  const candump = await dbc('encode', good, ...words);
  assert.equal(candump.stdout, '(0.000000) can0 101#032E220700000000\n');
  assert.equal(
    candump.stderr,
    'Counter = 7, raw 7: its start value\nSpeed = 87.5 km/h, raw 8750: rounded\nraw 0: Big\n',
  );
  assert.equal((await dbc('encode', good, ...words, '--format', 'cansend')).stdout, '101#032E220700000000\n');
  writeFileSync(at('one.log'), candump.stdout);
  const decoded = JSON.parse((await dbc('decode', good, at('one.log'))).stdout);
  assert.deepEqual(decoded.signals, { Big: 0, Counter: 7, Gear: 3, Speed: 87.5 });
});

test('encode --json, CAN FD and 29-bit ids', async () => {
  const fd = JSON.parse((await dbc('encode', mux, 'Fd', 'Last=1', '--json')).stdout);
  assert.deepEqual([fd.id, fd.ext, fd.fd, fd.data.length, fd.data.slice(-2)], [102, false, true, 128, '80']);
  assert.deepEqual(
    fd.signals.map(({ name, source }: { name: string; source: string }) => [name, source]),
    [
      ['First', 'zero'],
      ['Last', 'given'],
    ],
  );
  const far = await dbc('encode', mux, '0x80000064', 'A=-1', '--format', 'cansend');
  assert.equal(far.stdout, '00000064#FFFFFFFFFFFFFFFF\n');
  const big = JSON.parse((await dbc('encode', mux, 'Twin', 'A=raw:9007199254740993', '--json')).stdout);
  assert.equal(big.signals[0].value, '9007199254740993');
});

test('a reader that goes away ends it quietly', { skip: skipWithoutProgram('bash') }, () => {
  const bin = new URL('../../../tools/cli/bin.mjs', import.meta.url).pathname;
  const many = file(
    'many.dbc',
    Array.from({ length: 1000 }, (_, i) => `BO_ ${i} M${i}: 8 E\n SG_ S : 0|8@1+ (1,0) [0|0] "" X\n`).join(''),
  );
  const script = `"${process.execPath}" "${bin}" dbc show "${many}" | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /^0x000 M0, .*\n0\n$/);
});

test('help: every command has an example', async () => {
  for (const command of ['check', 'list', 'show', 'diff', 'hash', 'compile', 'convert', 'encode']) {
    const program = new Command().exitOverride();
    registerDbc(program);
    let help = '';
    for (const each of [program, ...program.commands, ...program.commands[0].commands])
      each.exitOverride().configureOutput({ writeOut: (text) => (help += text) });
    assert.throws(() => program.parse(['dbc', command, '--help'], { from: 'user' }), {
      code: 'commander.helpDisplayed',
    });
    assert.match(help, /Examples?\n {2}\$ miner dbc /, command);
  }
});
