/** Other people's programs as judges: python-can writes and reads logs, can-utils turns them from one into another. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { deflateSync } from 'node:zlib';
import { FrameFlag, type LogFormat } from '../../../edge/can/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { batchOf, type DrawnFrame, read, write } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;
const python = '/usr/bin/python3';
const hasPythonCan = spawnSync(python, ['-c', 'import can']).status === 0;
const skip = !hasPythonCan && 'needs python-can (Debian package python3-can)';

const folder = mkdtempSync(join(tmpdir(), 'oracles-'));
after(() => rmSync(folder, { recursive: true }));

const startUs = 1436509052250000;
const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 255);
const frames: DrawnFrame[] = [
  { timeUs: startUs, id: 0x123, flags: 0, bus: 0, length: 4, bytes },
  { timeUs: startUs + 100_288, id: 0x18fef100, flags: extended, bus: 1, length: 8, bytes },
  { timeUs: startUs + 200_000, id: 0x100, flags: extended, bus: 0, length: 0, bytes },
  { timeUs: startUs + 250_287, id: 0x7ff, flags: remote, bus: 0, length: 4, bytes },
  { timeUs: startUs + 350_287, id: 0x100, flags: fd | bitRateSwitch, bus: 0, length: 64, bytes },
  {
    timeUs: startUs + 450_287,
    id: 0x1fffffff,
    flags: extended | fd | errorState | transmitted,
    bus: 2,
    length: 12,
    bytes,
  },
  { timeUs: startUs + 550_287, id: 0x80, flags: error, bus: 0, length: 8, bytes: new Uint8Array(8) },
  { timeUs: startUs + 750_287, id: 1, flags: transmitted, bus: 0, length: 8, bytes },
];

/** A frame as both sides can tell it, times in whole units of 10 us from the first. */
interface Told {
  time: number;
  bus: number;
  id: number;
  kind: string;
  data: string;
}

function told({ timeUs, id, flags, bus, length, bytes: data }: DrawnFrame): Told {
  const is = (flag: number) => (flags & flag) !== 0;
  const kind = [
    is(extended) && 'extended',
    is(remote) && `remote ${length}`,
    is(error) && 'error',
    is(fd) && 'fd',
    is(bitRateSwitch) && 'brs',
    is(errorState) && 'esi',
    is(transmitted) && 'tx',
  ].filter(Boolean);
  const payload = is(remote) || is(error) ? '' : Buffer.from(data.subarray(0, length)).toString('hex');
  return {
    time: Math.round((timeUs - startUs) / 10),
    bus,
    id: is(error) ? 0 : id,
    kind: kind.join(' '),
    data: payload,
  };
}

const common = `
import can, json, sys
def kind(m):
    k = []
    if m.is_extended_id and not m.is_error_frame: k.append('extended')
    if m.is_remote_frame: k.append('remote %d' % m.dlc)
    if m.is_error_frame: k.append('error')
    if m.is_fd: k.append('fd')
    if m.bitrate_switch: k.append('brs')
    if m.error_state_indicator: k.append('esi')
    if not m.is_rx: k.append('tx')
    return ' '.join(k)
`;
const reading = `${common}
path = sys.argv[1]
log = can.ASCReader(path, relative_timestamp=False) if path.endswith('.asc') else can.LogReader(path)
rows = list(log)
for m in rows:
    bus = int(str(m.channel or 0).replace('can', ''))
    data = '' if m.is_error_frame else bytes(m.data).hex()
    print(json.dumps(dict(t=m.timestamp, bus=bus, id=0 if m.is_error_frame else m.arbitration_id, kind=kind(m), data=data)))
`;
const writing = `${common}
rows = json.load(sys.stdin)
with can.Logger(sys.argv[1]) as log:
    for r in rows:
        k = r['kind'].split(' ')
        remote = 'remote' in k
        log.on_message_received(can.Message(timestamp=r['t'], arbitration_id=r['id'], is_extended_id='extended' in k,
            is_remote_frame=remote, is_error_frame='error' in k, is_fd='fd' in k, bitrate_switch='brs' in k,
            error_state_indicator='esi' in k, is_rx='tx' not in k, channel=r['bus'],
            data=None if remote else bytes.fromhex(r['data']), dlc=int(k[k.index('remote') + 1]) if remote else None))
`;

function runPython(script: string, path: string, input = ''): string {
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, path], {
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** What each of python-can's parts cannot do, by its own word or by what it returns. */
const cases: {
  format: LogFormat;
  ending: string;
  readable: (told: Told) => boolean;
  writable: (told: Told) => boolean;
  firstBus: number;
}[] = [
  {
    format: 'candump',
    ending: 'log',
    readable: ({ kind }) => !/remote/.test(kind),
    writable: ({ kind }) => !/remote/.test(kind),
    firstBus: 0,
  },
  { format: 'asc', ending: 'asc', readable: () => true, writable: () => true, firstBus: 0 },
  { format: 'blf', ending: 'blf', readable: () => true, writable: () => true, firstBus: 0 },
  {
    format: 'trc',
    ending: 'trc',
    readable: ({ kind }) => !/fd|remote|error/.test(kind),
    writable: ({ kind }) => !/fd|remote|error/.test(kind),
    firstBus: 1,
  },
];

for (const { format, ending, readable, writable, firstBus } of cases) {
  test(`python-can reads our ${format}`, { skip }, () => {
    const path = join(folder, `ours.${ending}`);
    const chosen = frames.filter((frame) => readable(told(frame)));
    writeFileSync(path, write(format, [batchOf(chosen)], { deflate: deflateSync }).bytes);
    const rows = runPython(reading, path)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const zero = rows[0].t;
    const found: Told[] = rows.map(({ t, bus, id, kind, data }) => ({
      time: Math.round((t - zero) * 1e5),
      bus: bus - firstBus,
      id,
      kind,
      data,
    }));
    // candump has no channel for what python-can takes for an error of the adapter.
    assert.deepEqual(found, chosen.map(told));
    if (firstBus === 0) assert.ok(Math.abs(zero * 1e6 - startUs) < 2);
  });

  test(`we read python-can's ${format}`, { skip }, () => {
    const path = join(folder, `theirs.${ending}`);
    const chosen = frames.map(told).filter(writable);
    const rows = chosen.map((each) => ({ ...each, t: (startUs + each.time * 10) / 1e6 }));
    runPython(writing, path, JSON.stringify(rows));
    const { batches, stats } = read(format, readFileSync(path));
    assert.deepEqual(stats.firstMalformed, []);
    const found = batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, i) => {
        const { timeUs, id, flags, length, bus } = batch;
        const at = i * batch.stride;
        const data = batch.data.subarray(at, at + batch.stride);
        return told({ timeUs: timeUs[i], id: id[i], flags: flags[i], length: length[i], bus: bus[i], bytes: data });
      }),
    );
    const zero = found[0].time;
    assert.deepEqual(
      found.map((each) => ({ ...each, time: each.time - zero })),
      chosen,
    );
    // python-can's TRC tells its start by days since another year.
    if (format !== 'trc') assert.ok(Math.abs(zero) <= 100);
  });
}

function runFilter(program: string, args: string[], input: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, stderr);
  return stdout;
}

const noAsc2log = skipWithoutProgram('asc2log', 'can-utils');

test('asc2log reads our ASC', { skip: noAsc2log }, () => {
  const asc = write('asc', [batchOf(frames)]).bytes.toString();
  const found = read('candump', runFilter('asc2log', [], asc));
  assert.deepEqual(found.stats.firstMalformed, []);
  const zero = found.frames[0].timeUs;
  assert.deepEqual(
    found.frames.map(({ timeUs, id, flags, data }) => ({ timeUs: timeUs - zero, id, flags, data })),
    frames.map(({ timeUs, id, flags, bytes: payload, length }) => ({
      timeUs: timeUs - startUs,
      id,
      flags,
      data: (flags & remote) !== 0 ? '' : Buffer.from(payload.subarray(0, length)).toString('hex'),
    })),
  );
});

for (const options of [[], ['-4'], ['-n'], ['-f'], ['-r']]) {
  test(`we read what log2asc ${options.join()} makes of our candump log`, { skip: noAsc2log }, () => {
    const chosen = frames.filter(({ flags }) => (flags & error) === 0);
    const log = write('candump', [batchOf(chosen)]).bytes.toString();
    const asc = runFilter('log2asc', [...options, 'can0', 'can1', 'can2'], log);
    const { frames: found, stats, batches } = read('asc', asc);
    assert.deepEqual(stats.firstMalformed, []);
    assert.deepEqual(
      found.map(({ id, flags, data }) => ({ id, flags, data })),
      chosen.map(({ id, flags, bytes: payload, length }) => ({
        id,
        flags,
        data: (flags & remote) !== 0 ? '' : Buffer.from(payload.subarray(0, length)).toString('hex'),
      })),
    );
    assert.deepEqual(
      [...batches[0].bus.subarray(0, batches[0].count)],
      batches.length === 1 ? chosen.map(({ bus }) => bus) : [0, 1, 0, 0],
    );
  });
}
