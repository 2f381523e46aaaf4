// `miner dbc decode` as a user meets it: what goes in, what comes out, what it says when something is wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { DecodeFlags } from '../../../tools/decode/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { bin, decodeHere, records, runCommand, startDecode, temporaryFolder } from './decode-process.ts';
import { readManifest, readRows } from './read-tables.ts';

const folder = temporaryFolder();
const dbc = folder.file(
  'car.dbc',
  `BO_ 257 MSG: 8 X
 SG_ A : 0|16@1+ (0.5,0) [0|100] "km/h, true" X
 SG_ B : 16|8@1- (1,0) [0|0] "" X
BO_ 258 WIDE: 8 X
 SG_ Serial : 0|64@1+ (1,0) [0|0] "" X
BO_ 259 FLOAT: 8 X
 SG_ F : 0|32@1- (1,0) [0|0] "" X
 SG_ G : 32|32@1- (-1,0) [0|0] "" X
SIG_VALTYPE_ 259 F : 1;
SIG_VALTYPE_ 259 G : 1;
`,
);
const log = `(12.340000) can0 101#0300
(12.340001) can0 101#FFFF80
nonsense
(13.000000) can0 102#FFFFFFFFFFFFFFFF
(13.500000) can0 103#0000C07F000080FF
(14.000000) can0 103#0000807F00000000
(14.000000) can0 7FF#00
(14.000000) can0 00000101#00
(14.000000) can0 101#R
`;

const drive = folder.file('drive.log', log);
const fresh = (name: string) => path.join(folder.path, name);

describe('text', () => {
  test('jsonl: the lines, in full', async () => {
    const { code, stdout, stderr } = await runCommand([dbc, '-'], log);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `{"t":12.34,"id":257,"ext":false,"name":"MSG","signals":{"A":1.5},"status":{"B":"absent"}}
{"t":12.340001,"id":257,"ext":false,"name":"MSG","signals":{"A":32767.5,"B":-128},"status":{"A":"out-of-range"}}
{"t":13,"id":258,"ext":false,"name":"WIDE","signals":{"Serial":"18446744073709551615"},"status":{}}
{"t":13.5,"id":259,"ext":false,"name":"FLOAT","signals":{"F":"NaN","G":"Infinity"},"status":{}}
{"t":14,"id":259,"ext":false,"name":"FLOAT","signals":{"F":"Infinity","G":0},"status":{}}
`,
    );
    assert.equal(
      stderr.replace(/(line 3: ).*: /, '$1...: '),
      `8 frames, 5 decoded
left out: 2 frames that the DBC does not have (0x7FF, 0x00000101)
left out: 1 remote frame
left out: 1 malformed line
  line 3: ...: "nonsense"
`,
    );
  });

  test('csv: the rows, in full', async () => {
    const output = fresh('rows.csv');
    await decodeHere(dbc, drive, { format: 'csv', output });
    assert.equal(
      readFileSync(output, 'utf8'),
      `t,id,ext,name,signal,value,unit,status
12.34,257,false,MSG,A,1.5,"km/h, true",
12.34,257,false,MSG,B,,,absent
12.340001,257,false,MSG,A,32767.5,"km/h, true",out-of-range
12.340001,257,false,MSG,B,-128,,
13,258,false,WIDE,Serial,18446744073709551615,,
13.5,259,false,FLOAT,F,NaN,,
13.5,259,false,FLOAT,G,Infinity,,
14,259,false,FLOAT,F,Infinity,,
14,259,false,FLOAT,G,0,,
`,
    );
  });

  test('a file instead of stdout: not over another, unless --force', async () => {
    const output = fresh('out.jsonl');
    const lineCount = () => readFileSync(output, 'utf8').split('\n').length - 1;
    await decodeHere(dbc, drive, { format: 'jsonl', output });
    assert.equal(lineCount(), 5);
    const { error } = await decodeHere(dbc, drive, { format: 'jsonl', output });
    assert.deepEqual([error?.code, error?.exitCode, lineCount()], ['OUTPUT_EXISTS', 2, 5]);
    assert.match(error!.message, /out\.jsonl: there is a file already/);
    const short = folder.file('short.log', '(1.0) can0 101#00\n');
    await decodeHere(dbc, short, { format: 'jsonl', output, force: true });
    assert.equal(lineCount(), 1);
  });

  test('gzip', async () => {
    const file = folder.file('drive.log.gz', gzipSync(log));
    const { report } = await decodeHere(dbc, file, { format: 'jsonl', output: fresh('gzip.jsonl') });
    assert.match(report, /8 frames, 5 decoded/);
  });

  test('a reader that goes away ends it quietly', async () => {
    const file = folder.file('long.log', '(1.0) can0 101#0102030405060708\n'.repeat(300_000));
    const child = startDecode([dbc, file]);
    child.stdin.end();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('no space is left: the reason', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, async () => {
    const { error } = await decodeHere(dbc, drive, { format: 'jsonl', output: '/dev/full' });
    assert.equal(error?.exitCode, 3);
    assert.equal(error.message, '/dev/full: cannot be written (no space is left on the device)');
  });
});

describe('a file of frame records', () => {
  test('16-byte records: no time, extended ids by bit 31', async () => {
    const frames = folder.file(
      'two.frames',
      records([
        { id: 0x101, data: Uint8Array.of(3, 0) },
        { id: 0x101, ext: true, data: Uint8Array.of(3, 0) },
      ]),
    );
    const output = fresh('two.jsonl');
    const { report } = await decodeHere(dbc, undefined, { frames, format: 'jsonl', output });
    assert.equal(
      readFileSync(output, 'utf8'),
      '{"t":null,"id":257,"ext":false,"name":"MSG","signals":{"A":1.5},"status":{"B":"absent"}}\n',
    );
    assert.match(report, /2 frames, 1 decoded\nleft out: 1 frame .*\(0x00000101\)/);
  });

  test('a record that is none is counted and located', async () => {
    const bytes = records([1, 2, 3].map(() => ({ id: 0x101, data: Uint8Array.of(3, 0) })));
    bytes[16 + 4] = 9;
    const frames = folder.file('bad.frames', bytes);
    const { report } = await decodeHere(dbc, undefined, { frames, format: 'jsonl', output: fresh('bad.jsonl') });
    assert.match(report, /2 frames, 2 decoded/);
    assert.match(report, /left out: 1 malformed record\n {2}record 2: length 9, expected at most 8/);
  });

  test('a size that is no whole number of records is refused; one that fits --fd says so', async () => {
    const bytes = records([{ id: 0x101, data: Uint8Array.of(3) }], 64);
    const wide = { frames: folder.file('wide.frames', bytes), format: 'jsonl' as const };
    const { error } = await decodeHere(dbc, undefined, wide);
    assert.match(error!.message, /72 bytes are no whole number of 16-byte records/);
    assert.match(error!.hint, /add --fd/);
    const cut = { frames: folder.file('cut.frames', bytes.subarray(0, 50)), fd: true, format: 'jsonl' as const };
    const { error: second } = await decodeHere(dbc, undefined, cut);
    assert.match(second!.message, /50 bytes are no whole number of 72-byte records; what begins at byte 0 is none/);
  });
});

describe('tables', () => {
  test('a folder that holds something is left alone; --force removes what an earlier run listed, and only that', async () => {
    const output = fresh('tables');
    const first = await decodeHere(dbc, drive, { format: 'parquet', output });
    assert.match(first.report, /8 frames, 5 decoded into 3 tables in .*tables\/\n/);
    assert.deepEqual(readdirSync(output).sort(), ['FLOAT.parquet', 'MSG.parquet', 'WIDE.parquet', 'tables.json']);
    writeFileSync(path.join(output, 'notes.txt'), 'mine');
    const { error } = await decodeHere(dbc, drive, { format: 'parquet', output });
    assert.equal(error?.exitCode, 2);
    assert.match(error.message, /a folder with something in it already/);
    const short = folder.file('one.log', log.split('\n')[0]);
    await decodeHere(dbc, short, { format: 'arrow', output, force: true });
    assert.deepEqual(readdirSync(output).sort(), ['MSG.arrow', 'notes.txt', 'tables.json']);
  });

  test('a tables.json that is not ours removes nothing', async () => {
    const output = fresh('foreign');
    mkdirSync(output);
    folder.file('precious.parquet', 'x');
    writeFileSync(path.join(output, 'tables.json'), '[{"file":"../precious.parquet"},{"file":"a.txt"},null]');
    writeFileSync(path.join(output, 'a.txt'), 'x');
    const { error } = await decodeHere(dbc, drive, { format: 'parquet', output, force: true });
    assert.equal(error, undefined);
    assert.ok(existsSync(fresh('precious.parquet')) && existsSync(path.join(output, 'a.txt')));
  });

  test('NaN and infinities are values, absent ones are null', async () => {
    const output = fresh('floats');
    await decodeHere(dbc, drive, { format: 'parquet', output });
    const floats = await readRows(path.join(output, 'FLOAT.parquet'));
    assert.deepEqual(
      floats.map(({ t, F, G }) => [t, F, G]),
      [
        [13.5, Number.NaN, Number.POSITIVE_INFINITY],
        [14, Number.POSITIVE_INFINITY, 0],
      ],
    );
    const rows = await readRows(path.join(output, 'MSG.parquet'));
    assert.deepEqual(
      rows.map(({ A, B, status }) => [A, B, status]),
      [
        [1.5, null, null],
        [32767.5, -128, '{"A":"out-of-range"}'],
      ],
    );
  });

  test('Ctrl-C while a pipe may bring more: the files are whole', async () => {
    const output = fresh('interrupted');
    const child = startDecode([dbc, '-', '--format', 'parquet', '-o', output]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.write('(1.0) can0 101#0300\n'.repeat(50_000));
    // The folder is made when reading begins.
    while (!existsSync(output)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.stdin.write('(2.0) can0 101#0400\n'.repeat(50_000));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Ctrl-C: stopping/);
    for (const { file, rows } of readManifest(output)) {
      assert.equal((await readRows(path.join(output, file))).length, rows);
    }
  });

  test('a gzip stream that was cut off: what could be read is written whole, and the fault told', async () => {
    const whole = gzipSync('(1.0) can0 101#0300\n'.repeat(200_000), { level: 0 });
    const file = folder.file('cut.log.gz', whole.subarray(0, 3_000_000));
    const output = fresh('cut');
    const { report, error } = await decodeHere(dbc, file, { format: 'parquet', output });
    assert.deepEqual([error?.code, error?.exitCode], ['LOG_UNREADABLE', 3]);
    const [{ file: name, rows }] = readManifest(output);
    assert.ok(rows > 100_000 && report.includes(`${rows.toLocaleString('en-US')} decoded`), report);
    assert.equal((await readRows(path.join(output, name))).length, rows);
  });

  test('no room for the files: the reason, and none of them stays', {
    skip: skipWithoutProgram('bash'),
  }, async () => {
    const file = folder.file('wide.log', '(1.0) can0 102#0102030405060708\n(1.0) can0 101#0100\n'.repeat(60_000));
    const output = fresh('full');
    // A limit on the size of files stands in for a disk that is full.
    const limited = `ulimit -f 200; exec "$0" "$@"`;
    const args = [
      '-c',
      limited,
      process.execPath,
      bin,
      'dbc',
      'decode',
      dbc,
      file,
      '--format',
      'parquet',
      '-o',
      output,
    ];
    const { status, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
    assert.equal(status, 3, stderr);
    assert.match(stderr, /(MSG|WIDE)\.parquet: cannot be written \(the file would become too large\)\n {2}to do: /);
    assert.deepEqual(readdirSync(output), []);
  });

  test('a path that can be no folder', async () => {
    const output = folder.file('plain.txt', 'x');
    const over = await decodeHere(dbc, drive, { format: 'parquet', output });
    assert.deepEqual([over.error?.exitCode, readFileSync(output, 'utf8')], [2, 'x']);
    const under = await decodeHere(dbc, drive, { format: 'parquet', output: path.join(output, 'sub') });
    assert.equal(under.error?.exitCode, 3);
    assert.match(under.error.message, /cannot be written \(part of the path is no folder\)/);
  });
});

describe('wrong usage', () => {
  const output = fresh('never');
  const rows: [string, string, string | undefined, DecodeFlags, number, RegExp][] = [
    ['no log', dbc, undefined, { format: 'jsonl' }, 2, /the log is missing: give a path, - for standard input, or/],
    ['a log and frames', dbc, 'x', { format: 'jsonl', frames: 'y' }, 2, /--frames y: expected either a log or/],
    ['--fd without frames', dbc, 'x', { format: 'jsonl', fd: true }, 2, /--frames is missing: --fd says/],
    ['no folder', dbc, '-', { format: 'parquet' }, 2, /-o is missing: parquet is written into a folder/],
    ['no such DBC', 'none.dbc', '-', { format: 'jsonl' }, 3, /none\.dbc: cannot be read \(no such file\)/],
    ['no such log', dbc, 'none.log', { format: 'arrow', output }, 1, /none\.log: no such log file/],
    ['no such frames', dbc, undefined, { format: 'jsonl', frames: 'no.frames' }, 1, /no\.frames: no such log file/],
    ['a DBC without a message', drive, drive, { format: 'arrow', output }, 1, /drive\.log: no message could be read/],
  ];
  for (const [name, decoder, source, flags, code, message] of rows) {
    test(`${name}: exit ${code}, and nothing is written`, async () => {
      const { error } = await decodeHere(decoder, source, flags);
      assert.equal(error?.exitCode, code);
      assert.match(error.message, message);
      assert.equal(existsSync(output), false);
    });
  }

  test('an unknown format: exit 2, on stderr, without a trace', async () => {
    const { code, stdout, stderr } = await runCommand([dbc, '-', '--format', 'xml']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /Allowed choices are jsonl, csv, parquet, arrow/);
  });

  test('--help shows every format and examples', async () => {
    const { stdout } = await runCommand(['--help']);
    assert.match(stdout, /\njsonl .*\ncsv .*\nparquet, arrow\n/);
    assert.match(stdout, /Examples\n {2}\$ miner dbc decode/);
  });
});
