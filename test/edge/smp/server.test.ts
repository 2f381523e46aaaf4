/** Every command of every group, in both versions of the protocol, and what clients in the field trip over. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { Encoder } from 'cbor-x';
import fc from 'fast-check';
import { edgeError } from '../../../edge/errors/index.ts';
import { concatBytes } from '../../../edge/pack/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import {
  decodeSmp,
  EnumerationError,
  FileError,
  ImageError,
  OsError,
  SettableClock,
  SettingsError,
  SmpError,
  SmpServer,
  StatisticsError,
  smpErrorName,
  ZephyrBasicError,
} from '../../../edge/smp/index.ts';
import { answerFields, ask, group, makeImage, type Request, requestBytes, TestDevice } from './device.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const u32 = (value: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};
const plain = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}` : item)));

/** A request, and the whole of its answer. */
type Row = [name: string, request: Request, fields: object];

function table(rows: readonly Row[], device = new TestDevice()): void {
  for (const [name, request, fields] of rows) {
    it(name, () => assert.deepEqual(plain(device.ask(request)), plain(fields)));
  }
}

describe('the header of an answer', () => {
  it('repeats version, group, command and sequence, and tells read from write', () => {
    const { server } = new TestDevice();
    for (const [version, write, sequence] of [
      [1, false, 0],
      [1, true, 255],
      [2, false, 66],
      [2, true, 1],
    ] as const) {
      const [answer] = server.receive(
        requestBytes({ group: 0, command: 0, version, write, sequence, body: { d: 'x' } }),
        'a',
      );
      const { body, ...header } = decodeSmp(answer)!;
      assert.deepEqual(header, { op: write ? 3 : 1, version, group: 0, command: 0, sequence });
      assert.equal(answer.length, 8 + body.length);
      assert.equal(answer[1], 0);
    }
  });
  it('has our newest version where the client speaks a newer one, and says that it is too new', () => {
    const { server } = new TestDevice();
    const [answer] = server.receive(requestBytes({ group: 0, command: 0, version: 3 }), 'a');
    assert.equal(decodeSmp(answer)?.version, 2);
    assert.deepEqual(answerFields(answer), { rc: 13 });
  });
});

describe('packets', () => {
  const request = (sequence: number, extra: Partial<Request> = {}) =>
    requestBytes({ group: 0, command: 0, sequence, body: { d: 'x' }, ...extra });
  const rows: [string, Uint8Array, (number | object)[]][] = [
    ['with two requests get two answers', concatBytes(request(1), request(2)), [1, 2]],
    ['end at a request that is refused', concatBytes(request(1), request(2, { command: 99 }), request(3)), [1, 2]],
    [
      'go on behind an error of a group',
      concatBytes(request(1, { group: 8, command: 1, body: { name: '/log/none' } }), request(2)),
      [1, 2],
    ],
    [
      'with an answer in them get none, so that two servers stay calm',
      new Uint8Array([0x0b, 0, 0, 1, 0, 0, 1, 0, 0xa0]),
      [],
    ],
    ['with an operation that there is not get none', new Uint8Array([0x0c, 0, 0, 1, 0, 0, 1, 0, 0xa0]), []],
    ['with no whole header get none', new Uint8Array(7), []],
    ['that are empty get none', new Uint8Array(), []],
  ];
  for (const [name, packet, sequences] of rows) {
    it(name, () => {
      const answers = new TestDevice().server.receive(packet, 'a');
      assert.deepEqual(
        answers.map((answer) => decodeSmp(answer)?.sequence),
        sequences,
      );
    });
  }
  it('with a body cut short are corrupt', () => {
    const [answer] = new TestDevice().server.receive(request(1).subarray(0, -1), 'a');
    assert.deepEqual(answerFields(answer), { rc: 9 });
  });
  it('longer than the buffer are dropped', () => {
    const { server } = new TestDevice({ bufferBytes: 64 });
    assert.equal(server.receive(request(1, { body: { d: 'x'.repeat(60) } }), 'a').length, 0);
    assert.equal(server.counters.dropped, 1);
  });
  it('whose answer would not fit the buffer are told so', () => {
    const device = new TestDevice({ bufferBytes: 64 });
    assert.deepEqual(device.ask({ group: group.image, command: 0 }), { rc: 7 });
  });
});

describe('what is not there', () => {
  table([
    ['a group: not supported', { group: 77, command: 0 }, { rc: 8 }],
    ['a group, version 1: the same', { group: 77, command: 0, version: 1 }, { rc: 8 }],
    ['a command: not supported', { group: 0, command: 99 }, { rc: 8 }],
    ['writing where only reading is: not supported', { group: 0, command: 6, write: true }, { rc: 8 }],
    ['reading where only writing is: not supported', { group: 0, command: 5 }, { rc: 8 }],
    ['a body that is no CBOR: invalid', { group: 0, command: 0, body: Uint8Array.of(0xff) }, { rc: 3 }],
    ['a field of another type: invalid', { group: 0, command: 0, body: { d: 5 } }, { rc: 3 }],
    [
      'names as JavaScript objects have them: not found',
      { group: 3, command: 0, body: { name: 'constructor' } },
      { err: { group: 3, rc: 3 } },
    ],
  ]);
  const world = new TestDevice().world;
  const bare = new SmpServer({ device: {}, clock: world });
  for (const [of, command] of [
    [0, 2],
    [0, 3],
    [0, 4],
    [0, 7],
    [0, 8],
    [1, 0],
    [2, 1],
    [3, 0],
    [8, 1],
  ]) {
    it(`group ${of}, command ${command} of a device without that part: not supported`, () => {
      assert.deepEqual(ask(bare, { group: of, command }), { rc: 8 });
    });
  }
  it('a reset of a device without that part: not supported', () => {
    assert.deepEqual(ask(bare, { group: 0, command: 5, write: true }), { rc: 8 });
  });
});

describe('OS group', () => {
  table([
    ['echo', { group: 0, command: 0, write: true, body: { d: 'häß' } }, { r: 'häß' }],
    ['echo of nothing', { group: 0, command: 0, write: true, body: new Uint8Array() }, { r: '' }],
    [
      'tasks',
      { group: 0, command: 2 },
      {
        tasks: {
          main: {
            prio: 0,
            tid: 1,
            state: 2,
            stksiz: 0,
            stkuse: 0,
            runtime: 13,
            cswcnt: 9,
            last_checkin: 0,
            next_checkin: 0,
          },
          7: {
            prio: 15,
            tid: 2,
            state: 1,
            stksiz: 512,
            stkuse: 100,
            runtime: 0,
            cswcnt: 0,
            last_checkin: 0,
            next_checkin: 0,
          },
        },
      },
    ],
    ['memory pools', { group: 0, command: 3 }, { heap: { blksiz: 1024, nblks: 64, nfree: 32, min: 30 } }],
    ['the time, while nobody knows it', { group: 0, command: 4 }, { err: { group: 0, rc: 4 } }],
    ['the same in version 1', { group: 0, command: 4, version: 1 }, { rc: 5 }],
    ['setting the time', { group: 0, command: 4, write: true, body: { datetime: '2026-11-30T02:56:17.25' } }, {}],
    ['the time', { group: 0, command: 4 }, { datetime: '2026-11-30T02:56:17.250' }],
    [
      'setting the time, with a zone',
      { group: 0, command: 4, write: true, body: { datetime: '2026-11-30T02:56:17+01:00' } },
      {},
    ],
    ['the time, in UTC', { group: 0, command: 4 }, { datetime: '2026-11-30T01:56:17.000' }],
    ...[
      '',
      '2026-11-30',
      '2026-02-30T00:00:00',
      '2026-13-01T00:00:00',
      '2026-11-30T24:00:00',
      '2026-11-30T00:60:00',
      '1969-12-31T23:59:59',
      '2026-11-30T00:00:00+24:00',
      '2026-11-30T00:00:00.1234567',
    ].map(
      (datetime): Row => [
        `no time: ${JSON.stringify(datetime)}`,
        { group: 0, command: 4, write: true, body: { datetime } },
        { rc: 3 },
      ],
    ),
    ['parameters', { group: 0, command: 6 }, { buf_size: 4096, buf_count: 4 }],
    ['boot loader', { group: 0, command: 8 }, { bootloader: 'MCUboot' }],
    ['its mode', { group: 0, command: 8, body: { query: 'mode' } }, { mode: 9, 'no-downgrade': true }],
    ['another question to it', { group: 0, command: 8, body: { query: 'x' } }, { err: { group: 0, rc: 3 } }],
    ['the same in version 1', { group: 0, command: 8, version: 1, body: { query: 'x' } }, { rc: 5 }],
  ]);

  it('sets the clock of the device: it goes on from there', () => {
    const device = new TestDevice();
    device.ask({ group: 0, command: 4, write: true, body: { datetime: '2026-11-30 00:00:00' } });
    device.world.advance(90_000);
    assert.equal(device.clock.unixMs(), Date.UTC(2026, 10, 30, 0, 1, 30));
  });
  it('sets a clock that runs on its own as well, and leaves the time since boot alone', () => {
    const inner = new VirtualClock(1000);
    const clock = new SettableClock(inner);
    const server = new SmpServer({ device: { clock }, clock });
    inner.advance(500);
    assert.deepEqual(ask(server, { group: 0, command: 4 }), { datetime: '1970-01-01T00:00:01.500' });
    ask(server, { group: 0, command: 4, write: true, body: { datetime: '2026-11-30T00:00:00Z' } });
    inner.advance(500);
    assert.equal(clock.unixMs(), Date.UTC(2026, 10, 30) + 500);
    assert.equal(clock.nowMs(), 1000);
  });
  it('tells parts in one order, whatever the order they are asked in; an unknown letter is refused', () => {
    const info = {
      kernelName: 'k',
      nodeName: 'n',
      kernelRelease: 'r',
      kernelVersion: 'v',
      machine: 'm',
      processor: 'p',
      hardwarePlatform: 'i',
      operatingSystem: 'o',
    };
    const server = new SmpServer({ device: { info }, clock: new TestDevice().world });
    const told = (format: string) => ask(server, { group: 0, command: 7, body: { format } });
    assert.deepEqual(['', 's', 'os', 'vrn', 'a', 'ax'].map(told), [
      { output: 'k' },
      { output: 'k' },
      { output: 'k o' },
      { output: 'n r v' },
      { output: 'k n r v m p i o' },
      { err: { group: 0, rc: 2 } },
    ]);
    assert.deepEqual(told('b'), { err: { group: 0, rc: 2 } }, 'a build that does not know its date');
  });

  it('answers a reset first, and resets once, however often it is asked', () => {
    const device = new TestDevice();
    assert.deepEqual(device.ask({ group: 0, command: 5, write: true, body: new Uint8Array() }), {});
    assert.deepEqual(device.ask({ group: 0, command: 5, write: true }), {});
    device.world.advance(249);
    assert.deepEqual(device.resets, []);
    device.world.advance(1);
    assert.deepEqual(device.resets, ['application']);
    device.world.advance(10_000);
    assert.deepEqual(device.resets, ['application']);
  });
  it('refuses a reset while the device is busy, unless it is forced', () => {
    const device = new TestDevice();
    device.isBusy = true;
    assert.deepEqual(device.ask({ group: 0, command: 5, write: true }), { rc: 10 });
    for (const force of [true, 1]) {
      assert.deepEqual(device.ask({ group: 0, command: 5, write: true, body: { force } }), {});
      device.world.advance(250);
    }
    assert.deepEqual(device.resets, ['application', 'application']);
    for (const force of [false, 0, 'yes']) {
      assert.deepEqual(device.ask({ group: 0, command: 5, write: true, body: { force } }), { rc: 10 });
    }
  });
  it('resets into serial recovery where the client asks for that boot mode', () => {
    const device = new TestDevice();
    for (const mode of [1, 0, 7, 'x']) {
      assert.deepEqual(device.ask({ group: 0, command: 5, write: true, body: { boot_mode: mode } }), {});
      device.world.advance(250);
    }
    assert.deepEqual(device.resets, ['serial-recovery', 'application', 'application', 'application']);
  });
});

describe('statistics group', () => {
  const device = new TestDevice();
  table(
    [
      ['list', { group: 2, command: 1 }, { stat_list: ['can', 'uplink'] }],
      [
        'show: whole numbers',
        { group: 2, command: 0, body: { name: 'can' } },
        { name: 'can', fields: { framesReceived: 3, busyMs: 1 } },
      ],
      [
        'show: numbers of 64 bits, and nothing but numbers',
        { group: 2, command: 0, body: { name: 'uplink' } },
        { name: 'uplink', fields: { sent: '1099511627776' } },
      ],
      ['show of no such group', { group: 2, command: 0, body: { name: 'none' } }, { err: { group: 2, rc: 2 } }],
      ['the same in version 1', { group: 2, command: 0, version: 1, body: { name: 'none' } }, { rc: 5 }],
      ['show without a name', { group: 2, command: 0 }, { rc: 3 }],
    ],
    device,
  );
  it('shows the counters as they are now', () => {
    device.counters.can.framesReceived++;
    assert.deepEqual(device.ask({ group: 2, command: 0, body: { name: 'can' } }).fields, {
      framesReceived: 4,
      busyMs: 1,
    });
  });
});

describe('settings group', () => {
  const name = 'sampling/interval_ms_min';
  const read = { group: 3, command: 0, body: { name } };
  const write = (value: Uint8Array): Request => ({ group: 3, command: 0, write: true, body: { name, val: value } });
  const device = new TestDevice({ settingValueBytesMax: 16 });
  table(
    [
      ['read: what it is initially', read, { val: u32(1000) }],
      ['read at most so many bytes', { ...read, body: { name, max_size: 2 } }, { val: u32(1000).subarray(0, 2) }],
      [
        'read more than there can be: the most that can',
        { ...read, body: { name, max_size: 999 } },
        { val: u32(1000), max_size: 16 },
      ],
      ['read of no such name', { ...read, body: { name: 'none' } }, { err: { group: 3, rc: 3 } }],
      ['the same in version 1', { ...read, version: 1, body: { name: 'none' } }, { rc: 5 }],
      ['a name too long', { ...read, body: { name: 'x'.repeat(65) } }, { err: { group: 3, rc: 2 } }],
      ['the same in version 1', { ...read, version: 1, body: { name: 'x'.repeat(65) } }, { rc: 3 }],
      ['no name', { ...read, body: {} }, { rc: 3 }],
      [
        'write of no such name',
        { group: 3, command: 0, write: true, body: { name: 'none', val: u32(1) } },
        { err: { group: 3, rc: 3 } },
      ],
      ['write of another size', write(new Uint8Array(3)), { rc: 3 }],
      ['write beyond what it may be', write(u32(60_001)), { rc: 3 }],
      ['write of more bytes than a setting has', write(new Uint8Array(17)), { rc: 3 }],
      ['write', write(u32(250)), {}],
      ['read: what was written', read, { val: u32(250) }],
      [
        'save of no such subtree',
        { group: 3, command: 3, write: true, body: { name: 'none' } },
        { err: { group: 3, rc: 3 } },
      ],
      [
        'delete of no such name',
        { group: 3, command: 1, write: true, body: { name: 'none' } },
        { err: { group: 3, rc: 3 } },
      ],
    ],
    device,
  );
  it('takes effect at a commit', () => {
    assert.deepEqual(device.committed, []);
    assert.deepEqual(device.ask({ group: 3, command: 2, write: true }), {});
    assert.deepEqual(device.committed, [{ [name]: 250, 'pack/interval_ms': 10_000 }]);
  });
  it('is forgotten by a reset, unless it was saved', () => {
    assert.deepEqual(ask(device.boot(), read), { val: u32(1000) });
    device.ask(write(u32(300)));
    device.ask({ group: 3, command: 0, write: true, body: { name: 'pack/interval_ms', val: u32(5000) } });
    device.ask({ group: 3, command: 3, write: true, body: { name: 'sampling' } });
    device.boot();
    assert.deepEqual(device.ask(read), { val: u32(300) });
    assert.deepEqual(device.ask({ ...read, body: { name: 'pack/interval_ms' } }), { val: u32(10_000) });
  });
  it('is as it was stored after a load, and in effect', () => {
    device.ask(write(u32(400)));
    assert.deepEqual(device.ask({ group: 3, command: 3 }), {});
    assert.deepEqual(device.ask(read), { val: u32(300) });
    assert.deepEqual(device.committed.at(-1), { [name]: 300, 'pack/interval_ms': 10_000 });
  });
  it('is as initially after a delete, also after the next reset', () => {
    device.ask({ group: 3, command: 1, write: true, body: { name } });
    assert.deepEqual(device.ask(read), { val: u32(1000) });
    assert.deepEqual(ask(device.boot(), read), { val: u32(1000) });
  });
  it('is forgotten for good when the storage is erased', () => {
    device.ask(write(u32(500)));
    device.ask({ group: 3, command: 3, write: true });
    assert.deepEqual(device.ask({ group: group.basic, command: 0, write: true }), {});
    assert.deepEqual(ask(device.boot(), read), { val: u32(1000) });
  });
});

describe('file group', () => {
  const log = 'a log of the device, twice as long as this text';
  const device = new TestDevice({ bufferBytes: 96 });
  const upload = (name: string, body: object): Request => ({
    group: 8,
    command: 0,
    write: true,
    body: { name, ...body },
  });
  table(
    [
      ['status', { group: 8, command: 1, body: { name: '/log/00000000.log' } }, { len: log.length }],
      [
        'the index of a folder',
        { group: 8, command: 0, body: { name: '/log/index.txt', off: 0 } },
        { off: 0, data: ascii(`${log.length} 00000000.log\n`), len: 16 },
      ],
      [
        'download, the last part',
        { group: 8, command: 0, body: { name: '/log/00000000.log', off: 40 } },
        { off: 40, data: ascii(log.slice(40)) },
      ],
      [
        'download from the end: nothing more',
        { group: 8, command: 0, body: { name: '/log/00000000.log', off: log.length } },
        { off: log.length, data: ascii('') },
      ],
      [
        'download from behind the end',
        { group: 8, command: 0, body: { name: '/log/00000000.log', off: 999 } },
        { err: { group: 8, rc: 12 } },
      ],
      ['download without an offset', { group: 8, command: 0, body: { name: '/log/00000000.log' } }, { rc: 3 }],
      ['no such file', { group: 8, command: 1, body: { name: '/log/none' } }, { err: { group: 8, rc: 3 } }],
      ['the same in version 1', { group: 8, command: 1, version: 1, body: { name: '/log/none' } }, { rc: 5 }],
      ['a folder', { group: 8, command: 1, body: { name: '/log' } }, { err: { group: 8, rc: 4 } }],
      ['no such folder', { group: 8, command: 1, body: { name: '/etc/passwd' } }, { err: { group: 8, rc: 14 } }],
      ...[
        '/log/../etc/passwd',
        '/log/../log/00000000.log',
        '../log/00000000.log',
        '/log//00000000.log',
        '//log/00000000.log',
        'log/00000000.log',
        '/log/./00000000.log',
      ].map(
        (name): Row => [
          `a way around: ${name}`,
          { group: 8, command: 1, body: { name } },
          { err: { group: 8, rc: 14 } },
        ],
      ),
      ...['/log/..', '/log/.hidden', '/log/a\\b', '/log/a\u0000b', '/log/ä', '/'].map(
        (name): Row => [
          `a bad name: ${JSON.stringify(name)}`,
          { group: 8, command: 1, body: { name } },
          { err: { group: 8, rc: 2 } },
        ],
      ),
      ['a path too long', { group: 8, command: 1, body: { name: `/log/${'a'.repeat(60)}` } }, { rc: 3 }],
      [
        'checksum, unless told otherwise',
        { group: 8, command: 2, body: { name: '/log/00000000.log' } },
        { type: 'crc32', len: log.length, output: crc32(log) },
      ],
      [
        'hash of a part',
        { group: 8, command: 2, body: { name: '/log/00000000.log', type: 'sha256', off: 2, len: 3 } },
        { type: 'sha256', off: 2, len: 3, output: Uint8Array.from(createHash('sha256').update('log').digest()) },
      ],
      [
        'checksum to beyond the end',
        { group: 8, command: 2, body: { name: '/log/00000000.log', off: 44, len: 99 } },
        { type: 'crc32', off: 44, len: 3, output: crc32('ext') },
      ],
      [
        'no such checksum',
        { group: 8, command: 2, body: { name: '/log/00000000.log', type: 'md5' } },
        { err: { group: 8, rc: 13 } },
      ],
      [
        'the same in version 1',
        { group: 8, command: 2, version: 1, body: { name: '/log/00000000.log', type: 'md5' } },
        { rc: 3 },
      ],
      [
        'checksum from the end on',
        { group: 8, command: 2, body: { name: '/log/00000000.log', off: log.length } },
        { err: { group: 8, rc: 12 } },
      ],
      ['checksum of no bytes', { group: 8, command: 2, body: { name: '/log/00000000.log', len: 0 } }, { rc: 3 }],
      [
        'checksums there are',
        { group: 8, command: 3 },
        { types: { crc32: { format: 0, size: 4 }, sha256: { format: 1, size: 32 } } },
      ],
      [
        'upload where nothing may be written',
        upload('/log/x', { off: 0, len: 1, data: ascii('x') }),
        { err: { group: 8, rc: 15 } },
      ],
      [
        'upload of an index',
        upload('/upload/index.txt', { off: 0, len: 1, data: ascii('x') }),
        { err: { group: 8, rc: 15 } },
      ],
      [
        'upload by a way around',
        upload('/upload/../log/x', { off: 0, len: 1, data: ascii('x') }),
        { err: { group: 8, rc: 14 } },
      ],
      [
        'upload of more than there is room for',
        upload('/upload/x', { off: 0, len: 1001, data: ascii('x') }),
        { err: { group: 8, rc: 10 } },
      ],
      ['upload without a length', upload('/upload/x', { off: 0, data: ascii('x') }), { rc: 3 }],
      ['upload without an offset', upload('/upload/x', { len: 1, data: ascii('x') }), { rc: 3 }],
      ['upload that nobody began', upload('/upload/x', { off: 3, data: ascii('x') }), { err: { group: 8, rc: 11 } }],
      ['upload, first part', upload('/upload/x', { off: 0, len: 6, data: ascii('abc') }), { off: 3 }],
      [
        'checksum of an empty file',
        { group: 8, command: 2, body: { name: '/upload/index.txt', off: 99 } },
        { err: { group: 8, rc: 12 } },
      ],
      ['upload, at a wrong offset', upload('/upload/x', { off: 4, data: ascii('x') }), { err: { group: 8, rc: 11 } }],
      [
        'upload, more than was announced',
        upload('/upload/x', { off: 3, data: ascii('defg') }),
        { err: { group: 8, rc: 11 } },
      ],
      ['upload, last part', upload('/upload/x', { off: 3, data: ascii('def') }), { off: 6 }],
      [
        'upload, last part again, its answer being lost',
        upload('/upload/x', { off: 3, data: ascii('def') }),
        { off: 6 },
      ],
      [
        'download of what was uploaded',
        { group: 8, command: 0, body: { name: '/upload/x', off: 0 } },
        { off: 0, data: ascii('abcdef'), len: 6 },
      ],
      ['upload of another in its place', upload('/upload/x', { off: 0, len: 2, data: ascii('zz') }), { off: 2 }],
      [
        'download of the other',
        { group: 8, command: 0, body: { name: '/upload/x', off: 0 } },
        { off: 0, data: ascii('zz'), len: 2 },
      ],
      ['close', { group: 8, command: 4, write: true }, {}],
    ],
    device,
  );
  it('leaves an upload to the client that began it', () => {
    device.ask(upload('/upload/y', { off: 0, len: 6, data: ascii('abc') }));
    assert.deepEqual(device.ask({ ...upload('/upload/y', { off: 3, data: ascii('def') }), peer: 'another' }), {
      err: { group: 8, rc: 11 },
    });
    assert.deepEqual(device.ask(upload('/upload/y', { off: 3, data: ascii('def') })), { off: 6 });
  });
  it('sends a file in parts that fit the buffer', () => {
    device.log.append(
      'long.log',
      new Uint8Array(1000).map((_, i) => i),
    );
    const parts: Uint8Array[] = [];
    for (let off = 0; off < 1000; off += parts.at(-1)!.length) {
      const { data } = device.ask({ group: 8, command: 0, body: { name: '/log/long.log', off } }) as {
        data: Uint8Array;
      };
      parts.push(data);
    }
    assert.deepEqual(
      concatBytes(...parts),
      new Uint8Array(1000).map((_, i) => i),
    );
    assert.ok(parts.length > 10);
  });
  it('answers an error where the storage fails, and tells the device why', () => {
    device.log.failingReads = 1;
    assert.deepEqual(device.ask({ group: 8, command: 0, body: { name: '/log/long.log', off: 0 } }), {
      err: { group: 8, rc: 1 },
    });
    const event = device.events.find(({ event }) => event === 'failed');
    assert.equal(event?.event === 'failed' && event.problem.code, 'STORAGE_IO');
  });
});

describe('a storage that cannot be erased', () => {
  it('is told as a failed erase, and the device is told why', () => {
    const device = new TestDevice();
    device.settingsFlash.write = () => {
      throw edgeError('FLASH_IO', { path: 'flash', operation: 'write', reason: 'EIO' });
    };
    assert.deepEqual(device.ask({ group: 63, command: 0, write: true }), { err: { group: 63, rc: 4 } });
    assert.ok(device.events.some((event) => event.event === 'failed' && event.problem.code === 'FLASH_IO'));
  });
});

describe('requests that mean no good', () => {
  const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
  const names = ['d', 'datetime', 'force', 'format', 'query', 'hash', 'confirm', 'off', 'len', 'sha', 'data', 'image'];
  names.push('slot', 'name', 'val', 'max_size', 'type', 'index', 'groups', 'upgrade');
  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom('/log/00000000.log', '/upload/x', 'can', 'sampling/interval_ms_min'),
  );
  const numbers = fc.oneof(fc.nat(2000), fc.constantFrom(-1, 2 ** 31, 2 ** 53 - 1), fc.double());
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.constant(makeImage('1.1.0', { bytes: 50 })));
  const values = fc.oneof(texts, numbers, bytes, fc.boolean(), fc.constant(null), fc.array(fc.nat(70)));
  const fields = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 6 });
  const body = fc.oneof(
    fields.map((value) => new Uint8Array(encoder.encode(value))),
    fc.uint8Array({ maxLength: 40 }),
  );
  const request = fc.record({
    group: fc.constantFrom(0, 1, 2, 3, 8, 10, 63, 77),
    command: fc.nat(9),
    write: fc.boolean(),
    version: fc.constantFrom(1, 2, 3, 4),
    sequence: fc.nat(255),
    body,
  });

  for (const personality of ['application', 'serial-recovery'] as const) {
    it(`get one answer each, a map, and leave the ${personality} able to boot`, () => {
      fc.assert(
        fc.property(fc.array(request, { minLength: 1, maxLength: 12 }), (requests) => {
          const device = new TestDevice();
          const server = device.makeServer({ personality });
          for (const request of requests) {
            const [answer, ...more] = server.receive(requestBytes(request), 'a');
            assert.equal(more.length, 0);
            const { op, sequence } = decodeSmp(answer)!;
            assert.deepEqual({ op, sequence }, { op: request.write ? 3 : 1, sequence: request.sequence });
            assert.equal(typeof answerFields(answer), 'object');
          }
          device.boot();
          assert.match(device.images()[0], /confirmed active|1\.1\.0 active/);
        }),
        { numRuns: 60 },
      );
    });
  }
  it('as packets of any bytes never do more than get no answer', () => {
    const { server } = new TestDevice();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (packet) => {
        for (const answer of server.receive(packet, 'a')) assert.equal(typeof answerFields(answer), 'object');
      }),
      { numRuns: 300 },
    );
  });
});

describe('names of errors', () => {
  const tables: [number | undefined, Readonly<Record<string, number>>, string][] = [
    [undefined, SmpError, 'MGMT_ERR_UNSUPPORTED_TOO_NEW'],
    [0, OsError, 'OS_MGMT_ERR_QUERY_RESPONSE_VALUE_NOT_VALID'],
    [1, ImageError, 'IMG_MGMT_ERR_ACTIVE_SLOT_NOT_KNOWN'],
    [2, StatisticsError, 'STAT_MGMT_ERR_WALK_ABORTED'],
    [3, SettingsError, 'SETTINGS_MGMT_ERR_SAVE_NOT_SUPPORTED'],
    [8, FileError, 'FS_MGMT_ERR_FILE_EMPTY'],
    [10, EnumerationError, 'ENUM_MGMT_ERR_INDEX_TOO_LARGE'],
    [63, ZephyrBasicError, 'ZEPHYRBASIC_MGMT_ERR_FLASH_ERASE_FAILED'],
  ];
  for (const [of, errors, last] of tables) {
    it(`cover every number up to ${last}`, () => {
      const numbers = Object.values(errors);
      for (const rc of numbers) assert.match(smpErrorName(rc, of), /^[A-Z_]+_ERR_[A-Z_]+$/);
      assert.equal(smpErrorName(Math.max(...numbers), of), last);
      assert.match(smpErrorName(Math.max(...numbers) + 1, of), /^error \d+/);
    });
  }
});

describe('enumeration group', () => {
  table([
    ['count', { group: 10, command: 0 }, { count: 7 }],
    ['list', { group: 10, command: 1 }, { groups: [0, 1, 2, 3, 8, 10, 63] }],
    ['single: the first', { group: 10, command: 2 }, { group: 0 }],
    ['single: the last', { group: 10, command: 2, body: { index: 6 } }, { group: 63, end: true }],
    ['single: behind the last', { group: 10, command: 2, body: { index: 7 } }, { err: { group: 10, rc: 4 } }],
    ['the same in version 1', { group: 10, command: 2, version: 1, body: { index: 7 } }, { rc: 1 }],
    [
      'details of some',
      { group: 10, command: 3, body: { groups: [63, 2, 99] } },
      {
        groups: [
          { group: 2, name: 'stat mgmt', handlers: 2 },
          { group: 63, name: 'zephyr basic mgmt', handlers: 1 },
        ],
      },
    ],
    ['details of no numbers', { group: 10, command: 3, body: { groups: ['a'] } }, { rc: 3 }],
  ]);
  it('gives details of all unless told', () => {
    const { groups } = new TestDevice().ask({ group: 10, command: 3 }) as { groups: unknown[] };
    assert.equal(groups.length, 7);
    assert.deepEqual(groups[0], { group: 0, name: 'os mgmt', handlers: 9 });
  });
});
