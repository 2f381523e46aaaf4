/** A fleet: its list, its journal, no more devices at a time than asked for, and a run that goes on with what is left. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { MinerError } from '../../../edge/errors/index.ts';
import { type FleetEntry, FleetJournal, readFleet } from '../../../tools/flash/index.ts';
import { type MemoryDevice, memoryDevice } from './memory-device.ts';
import { eventsOf, flash, inFolder, makeImage } from './world.ts';

const write = (name: string, text: string): string => {
  const file = inFolder(name);
  writeFileSync(file, text);
  return file;
};

const problemOf = (action: () => unknown): MinerError => {
  try {
    action();
  } catch (problem) {
    if (problem instanceof MinerError) return problem;
  }
  throw new Error('it was accepted');
};

describe('the list of devices', () => {
  const good: [string, string, object[]][] = [
    [
      'names and ports',
      'name,port\na,/dev/ttyACM0\nb,/dev/ttyACM1\n',
      [
        { name: 'a', port: '/dev/ttyACM0' },
        { name: 'b', port: '/dev/ttyACM1' },
      ],
    ],
    [
      'columns in any order, more of them, and spaces',
      'udp, name ,tcp,baud\n10.0.0.1, a,,\n,b,10.0.0.2:1337,9600',
      [
        { name: 'a', udp: '10.0.0.1' },
        { name: 'b', tcp: '10.0.0.2:1337', baud: 9600 },
      ],
    ],
    ['comments and empty lines', '# bench 3\n\nname,port\r\n# b\na,COM3\r\n\n', [{ name: 'a', port: 'COM3' }]],
    [
      'values in quotes',
      'name,port,image\na,"/dev/a,b","say ""hi"".bin"',
      [{ name: 'a', port: '/dev/a,b', image: 'say "hi".bin' }],
    ],
    ['rows that end early', 'name,port,image\na,/dev/a', [{ name: 'a', port: '/dev/a' }]],
  ];
  for (const [what, text, expected] of good) {
    test(`takes ${what}`, () => {
      const devices = readFleet(write('good.csv', text)).map(({ name, target, image }) => ({ name, ...target, image }));
      const defined = devices.map((device) => Object.fromEntries(Object.entries(device).filter(([, value]) => value)));
      assert.deepEqual(defined, expected);
    });
  }

  const bad: [string, string, number, RegExp][] = [
    ['nothing', '', 1, /no device/],
    ['only columns', 'name,port\n', 2, /no device/],
    ['no columns', 'a,/dev/ttyACM0', 1, /column "a", expected some of name, port/],
    ['an unknown column', 'name,port,colour\na,b,red', 1, /column "colour"/],
    ['a column twice', 'name,port,port\na,b,c', 1, /a column twice/],
    ['no names', 'port\n/dev/a', 1, /expected columns name and port/],
    ['no place', 'name\na', 1, /expected columns name and port/],
    ['a row without a name', 'name,port\n,/dev/a', 2, /no name/],
    ['a row without a port', 'name,port\na,', 2, /a: expected one of port, udp, tcp/],
    ['a row with two', 'name,port,udp\na,b,c', 2, /a: expected one of port, udp, tcp/],
    ['a name twice', 'name,port\na,/dev/a\na,/dev/b', 3, /name a is on line 2 already/],
    ['a port twice', 'name,port\na,/dev/a\nb,/dev/a', 3, /\/dev\/a is on line 2 already/],
    ['a name with a space', 'name,port\na b,/dev/a', 2, /name "a b", expected 1 to 64 printable/],
    ['a name with an escape', 'name,port\n\x1b[2J,/dev/a', 2, /printable/],
    ['too many values', 'name,port\na,b,c', 2, /3 values, expected 2/],
    ['an open quote', 'name,port\na,"b', 2, /a quote that does not end/],
    ['a baud rate of words', 'name,port,baud\na,b,fast', 2, /baud "fast", expected 300 to 10000000/],
  ];
  for (const [what, text, line, message] of bad) {
    test(`refuses ${what}, with the line`, () => {
      const problem = problemOf(() => readFleet(write('bad.csv', text)));
      assert.deepEqual([problem.code, problem.facts.line], ['DEVICE_LIST', line]);
      assert.match(problem.message, message);
    });
  }
});

describe('the journal', () => {
  const entry: FleetEntry = {
    name: 'a',
    device: '/dev/a',
    hash: '00ff',
    version: '1.0.0',
    wish: 'upload test',
    outcome: 'done',
    sentBytes: 5,
    seconds: 0.5,
    time: '2026-11-30T00:00:00.000Z',
  };

  test('knows what was done to the same device with the same image and wish, and nothing else', () => {
    const file = inFolder('known.journal');
    const journal = new FleetJournal(file);
    journal.add(entry);
    journal.add({ ...entry, name: 'b', outcome: 'failed' });
    journal.close();
    const again = new FleetJournal(file);
    assert.deepEqual(again.find(entry), entry);
    for (const change of [{ name: 'b' }, { device: '/dev/b' }, { hash: '00fe' }, { wish: 'upload' }]) {
      assert.equal(again.find({ ...entry, ...change }), undefined, JSON.stringify(change));
    }
    again.add({ ...entry, outcome: 'failed' });
    again.close();
    assert.equal(new FleetJournal(file).find(entry), undefined);
  });

  test('is read up to any byte at which a kill cut it, and goes on whole', () => {
    const text = `${JSON.stringify(entry)}\n${JSON.stringify({ ...entry, name: 'b' })}\n`;
    const end = text.indexOf('\n') + 1;
    for (let cut = end; cut < text.length; cut += 7) {
      const file = write('cut.journal', text.slice(0, cut));
      const journal = new FleetJournal(file);
      assert.ok(journal.find(entry));
      journal.add({ ...entry, name: 'c' });
      journal.close();
      const again = new FleetJournal(file);
      assert.ok(again.find({ ...entry, name: 'c' }), String(cut));
      again.close();
    }
  });

  const foreign: [string, string][] = [
    ['text', 'hello\nworld\n'],
    ['other JSON', '{"a":1}\n{"b":2}\n'],
    ['a list of devices', 'name,port\na,/dev/a\n'],
    ['a word', 'hello'],
  ];
  for (const [what, text] of foreign) {
    test(`refuses ${what}`, () => {
      assert.equal(problemOf(() => new FleetJournal(write('foreign.journal', text))).code, 'DEVICE_JOURNAL');
    });
  }
});

describe('a fleet', () => {
  const first = makeImage('1.0.0', { size: 9000 });
  const second = makeImage('2.0.0', { size: 9000 });
  const third = makeImage('2.1.0', { size: 9000 });
  let devices: MemoryDevice[];
  let list: string;
  before(async () => {
    devices = await Promise.all(Array.from({ length: 5 }, () => memoryDevice(first)));
    list = write('fleet.csv', `name,tcp\n${devices.map(({ tcp }, i) => `d${i},${tcp}\n`).join('')}gone,127.0.0.1:1\n`);
  });
  after(() => Promise.all(devices.map((device) => device.close())));

  test('is flashed to the end, the one that fails as well; run again it goes on with that one alone', async () => {
    const report = inFolder('report.json');
    const args = ['--many', list, '--test', '--confirm', '--jobs', '2', '--report', report];
    const ran = await flash(second.path, ...args);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^name +device +outcome +before +after +bytes +seconds +error$/m);
    assert.match(ran.stdout, /^d3 +tcp:\/\/127\.0\.0\.1:\d+ +done +1\.0\.0 +2\.0\.0 +9\d{3} +[\d.]+$/m);
    assert.match(ran.stdout, /^gone .* failed .* TCP_REFUSED$/m);
    assert.match(ran.stdout, /^6 devices: 5 done, 1 failed$/m);
    assert.deepEqual(
      devices.map(({ version }) => version),
      Array(5).fill('2.0.0'),
    );
    const written = JSON.parse(readFileSync(report, 'utf8'));
    assert.deepEqual([written.done, written.failed, written.entries.length], [5, 1, 6]);

    const asked = devices.map(({ requests }) => requests);
    const again = await flash(second.path, ...args);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^d0: done on 20/m);
    assert.deepEqual(
      devices.map(({ requests }) => requests),
      asked,
    );
  });

  test('is worked on by no more devices at a time than asked for, and is told as JSON lines', async () => {
    const some = write('some.csv', readFileSync(list, 'utf8').replace(/^gone.*\n/m, ''));
    const ran = await flash(third.path, '--many', some, '--jobs', '2', '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const events = eventsOf(ran);
    let under = 0;
    let most = 0;
    for (const { event } of events) {
      if (event === 'begun') most = Math.max(most, ++under);
      if (event === 'ended') under--;
    }
    assert.deepEqual([most, under], [2, 0]);
    assert.deepEqual([events.at(-1).event, events.at(-1).done], ['report', 5]);
  });

  test('stopped by Ctrl-C it finishes nothing half, and the next run goes on', async () => {
    const fourth = makeImage('2.2.0', { size: 9000 });
    const some = inFolder('some.csv');
    let requests = 0;
    for (const device of devices) {
      device.onRequest = () => {
        if (++requests === 12) process.emit('SIGINT', 'SIGINT');
      };
    }
    const stopped = await flash(fourth.path, '--many', some, '--jobs', '1', '--confirm', '--reset');
    assert.match(stopped.stderr, /Ctrl-C: stopping/);
    assert.match(stopped.stdout, /^5 devices: \d done, 0 failed, \d left: run it again to go on$/m);
    const goingOn = await flash(fourth.path, '--many', some, '--jobs', '1', '--confirm', '--reset');
    assert.equal(goingOn.code, 0, goingOn.stderr);
    assert.deepEqual(
      devices.map(({ version }) => version),
      Array(5).fill('2.2.0'),
    );
  });
});
