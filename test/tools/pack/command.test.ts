/** `miner pack` as a user runs it: exit codes, what goes to stdout and what to stderr, and every way to be wrong. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { packHash } from '../../../edge/pack/index.ts';
import { registerPack } from '../../../tools/cli/commands/pack.ts';
import { explainPack, openUnverified } from '../../../tools/pack/index.ts';
import { runMiner } from '../cli/miner-process.ts';
import { device, driveBody, newer, older, rawFrames, registry, scratch, signed } from './fixtures.ts';

const { folder, file } = scratch();
const first = signed(driveBody({ frames: rawFrames }));
const one = file('one.pack', first);
const dbc = file('older.dbc', older);
const next = file('newer.dbc', newer);
const broken = file('broken.pack', first.subarray(0, 300));
const series = path.join(folder, 'series');
mkdirSync(series);
writeFileSync(path.join(series, '1.pack'), first);
const second = signed(driveBody({ seq: 43, previousHash: packHash(first).slice(0, 16) }));
writeFileSync(path.join(series, '2.pack'), second);
writeFileSync(path.join(series, '3.pack'), signed(driveBody({ seq: 46, bootCount: 4 })));
const data = path.join(folder, 'data');
mkdirSync(data);
const addresses = { MinerRegistry: registry };
writeFileSync(
  path.join(data, 'chain.json'),
  JSON.stringify({ rpcUrl: 'http://127.0.0.1:1', deployment: { chainId: 31337, addresses } }),
);

const pack = (...args: string[]) => runMiner(['pack', ...args]);

/** Runs in this process what ends before it prints. */
function refused(args: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  registerPack(program);
  return program.parseAsync(['pack', ...args], { from: 'user' });
}

const refusals: [string, string[], string, number, RegExp][] = [
  [
    'another chain than it was signed for',
    ['verify', one, '--data', data, '--chain-id', '1'],
    'COSE_SIGNATURE',
    1,
    /^the signature of e471[0-9a-f]+ does not hold/,
  ],
  [
    'no chain at all',
    ['verify', one, '--data', folder],
    'OPTION_MISSING',
    2,
    /--chain-id is missing: it is part of what is signed/,
  ],
  [
    'another device than the one wanted',
    ['verify', one, '--data', data, '--kid', registry],
    'PACK_DEVICE',
    1,
    /signed by device 0xe471[0-9a-f]+, expected 0x5fbd/,
  ],
  ['a pack cut short', ['verify', broken, '--data', data], 'CBOR_INVALID', 1, /not deterministic CBOR at byte \d+/],
  ['a folder without packs', ['show', data], 'PACK_SOURCE_EMPTY', 2, /neither a \.pack file nor a segment/],
  [
    'another decoder than the pack names',
    ['decode', one, '--dbc', next],
    'PACK_DECODER_MISSING',
    2,
    /its values are those of decoder [0-9a-f]{64}; given: newer\.dbc \([0-9a-f]{64}\)/,
  ],
  [
    'a newer decoder that is none',
    ['decode', one, '--dbc', dbc, '--with', broken],
    'DECODER_EMPTY',
    1,
    /broken\.pack: no message could be read/,
  ],
  ['a report of nothing newer', ['decode', one, '--dbc', dbc, '--report'], 'OPTION_MISSING', 2, /--with is missing/],
];
for (const [what, args, code, exitCode, message] of refusals) {
  test(`${what}: exit ${exitCode}`, () => assert.rejects(refused(args), { code, exitCode, message }));
}

const misused: [string, string[], RegExp][] = [
  ['a kid that is no address', ['verify', one, '--kid', '0x12'], /Expected an address: 0x and 40 hex digits/],
  ['no decoder', ['decode', one], /required option '--dbc <file>'/],
  ['a time without its zone', ['decode', one, '--dbc', dbc, '--booted', '2026-01-01T00:00:00'], /with its zone/],
  ['an unknown format', ['decode', one, '--dbc', dbc, '--format', 'xml'], /jsonl, csv, senml, cloudevent/],
];
for (const [what, args, message] of misused) {
  test(`${what} is wrong usage`, () => assert.rejects(refused(args), { name: 'CommanderError', message }));
}

test('verify of several: what holds, what does not, what is missing, by the chain of the data folder', async () => {
  const ended = await pack('verify', one, broken, series, '--data', data);
  assert.equal(ended.code, 1, ended.stderr);
  const lines = ended.stdout.trim().split('\n');
  assert.match(lines[0], /^good: .*one\.pack: pack 42 of device 0xe471[0-9a-f]+, ES256K, SHA-256 [0-9a-f]{64}$/);
  assert.match(lines[1], /^bad: .*broken\.pack: not deterministic CBOR/);
  assert.match(lines[5], /^missing: seq 44 to 45 of device 0xe471[0-9a-f]+, declared by no pack$/);
  assert.match(lines[6], /^3 packs of 1 device, 1 follow the one before by its hash, .* 2 missing, 1 copies$/);
});

test('verify --json --complete: an object per pack, one about the whole, and exit 1 when numbers are missing', async () => {
  const { code, stdout } = await pack('verify', series, '--data', data, '--json', '--complete');
  assert.equal(code, 1, 'numbers are missing');
  const [a, , , { summary }] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([a.valid, a.device, a.seq, a.boot, a.samples], [true, device, 42, 3, 14]);
  const { good, bad, linked, missing } = summary;
  assert.deepEqual(
    { good, bad, linked, missing },
    { good: 3, bad: 0, linked: 1, missing: [{ device, from: 44, to: 45 }] },
  );
});

test('show names signals, counters and gaps, and its JSON has stable keys', async () => {
  const full = file(
    'full.pack',
    signed(
      driveBody({
        frames: rawFrames,
        counters: new Map([
          [1, 9],
          [99, 2],
        ]),
        gaps: [{ from: 40, to: 41, reason: 2 }],
        previousHash: new Uint8Array(16).fill(7),
        imageHash: new Uint8Array(32).fill(8),
      }),
    ),
  );
  const text = await pack('show', full, '--dbc', dbc);
  for (const line of [
    /^clock +2024-04-18T17:20:46\.500Z at t0, from network, give or take 40 ms$/m,
    /^framesReceived +9$/m,
    /^counter 99 +2$/m,
    /^gap +seq 40 to 41, evicted$/m,
    /^firmware +(08){32}$/m,
    /^follows +the pack whose SHA-256 begins with (07){16}$/m,
    /Drive\.Speed +2 +600000 to 601000 +5012 +50\.12\d* km\/h$/m,
    /^0x1A0 +11-bit +Drive +2 +600000 to 600900/m,
    /^0x18FEDCBA +29-bit/m,
  ]) {
    assert.match(text.stdout, line);
  }
  assert.deepEqual(Object.keys(explainPack(openUnverified(full, readFileSync(full)), [])), [
    ...['file', 'device', 'algorithm', 'recoveryHint', 'bytes', 'hash', 'schema', 'seq', 'boot', 'previousHash'],
    ...['startMs', 'clock', 'samples', 'decoders', 'columns', 'frames', 'counters', 'gaps', 'imageHash'],
  ]);
});

test('decode: samples on stdout, what a newer decoder changed on stderr; with --report only that', async () => {
  const [rows, report] = await Promise.all([
    pack('decode', one, '--dbc', dbc, '--with', next),
    pack('decode', one, '--dbc', dbc, '--with', next, '--report', '--json'),
  ]);
  assert.equal(rows.code, 0, rows.stderr);
  const speed = rows.stdout
    .split('\n')
    .map((line) => line && JSON.parse(line))
    .find(({ signal }) => signal === 'Speed');
  assert.deepEqual([speed.time, speed.value, speed.unit], ['2024-04-18T17:20:46.500Z', 101, 'km/h']);
  assert.match(rows.stderr, /^14 samples: 7 mean what they meant, 4 of signals that changed \(3 values differ\)/);
  const { summary, changes } = JSON.parse(report.stdout);
  assert.deepEqual([summary.moved, changes.length], [1, 11]);
});

test('of several packs, a malformed one is told and passed over', async () => {
  const ended = await pack('decode', broken, one, '--dbc', dbc, '--format', 'csv');
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^.*broken\.pack: not deterministic CBOR/);
  assert.equal(ended.stdout.split('\n')[0], 'time,ms,device,seq,message,signal,name,value,unit,label,raw,status,from');
  assert.ok(ended.stdout.split('\n').length > 15);
});

test('every subcommand explains itself with an example', () => {
  const program = new Command();
  registerPack(program);
  for (const command of program.commands[0].commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.match(help, /Examples?\n {2}\$ miner pack/);
  }
});
