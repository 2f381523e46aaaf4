/** `miner flash` and devices that are not ours: older, poorer, forgetful, gone, or back with something else. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { CborMap, CborValue } from '../../../edge/pack/index.ts';
import { streamLink } from '../../../edge/smp/index.ts';
import { listenTcp } from '../../../edge/transport/node.ts';
import { readCheckedImage, uploadDisplay } from '../../../tools/flash/index.ts';
import { answerOf, UploadingDevice } from '../../edge/smp/client-device.ts';
import { flash, makeImage } from './world.ts';

const image = makeImage('1.1.0', { size: 3000 });
const { hash } = readCheckedImage(image.path);
const otherHash = new Uint8Array(32).fill(5);

/** What a device makes of each command, by `group/command/op`; what it lacks is not supported. */
type Commands = Record<string, (body: Map<string, CborValue>) => CborMap | undefined>;

interface Device {
  tcp: string;
  requests: { version: number; bytes: number }[];
}

/** Of the test that runs. */
const listeners: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(listeners.splice(0).map((listener) => listener.close())));

async function deviceOf(commands: Commands, options: { versionMax?: number } = {}): Promise<Device> {
  const requests: Device['requests'] = [];
  const listener = await listenTcp('tcp://127.0.0.1:0', (client) => {
    const link = streamLink(client);
    link.onMessage((message) => {
      const answer = answerOf(({ version, group, command, op }, body) => {
        requests.push({ version, bytes: message.length });
        if (version > (options.versionMax ?? 2)) return new Map([['rc', 13]]);
        return commands[`${group}/${command}/${op}`] === undefined
          ? new Map([['rc', 8]])
          : commands[`${group}/${command}/${op}`](body);
      }, message.slice());
      if (answer !== undefined) void link.send(answer);
    });
  });
  listeners.push(listener);
  return { tcp: listener.address.slice('tcp://'.length), requests };
}

const stateOf = (...slots: object[]): CborMap =>
  new Map([['images', slots.map((slot) => new Map(Object.entries(slot)))]]) as CborMap;
const running = { slot: 0, version: '1.0.0', hash: otherHash, active: true, confirmed: true, bootable: true };

describe('devices that know less', () => {
  test('one without parameters, slot sizes and flags that are false gets messages of 256 bytes, one at a time', async () => {
    const uploading = new UploadingDevice();
    const device = await deviceOf({
      '1/0/0': () => stateOf({ slot: 0, version: '1.0.0', active: true }),
      '1/1/2': (body) => uploading.take(body),
    });
    const ran = await flash(image.path, '--tcp', device.tcp);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(uploading.flash, image.bytes);
    assert.ok(Math.max(...device.requests.map(({ bytes }) => bytes)) <= 256);
  });

  test('one of version 1 is asked in version 1, and its errors are understood', async () => {
    const device = await deviceOf(
      { '1/0/0': () => stateOf(running), '1/1/2': () => new Map([['rc', 6]]) },
      { versionMax: 1 },
    );
    const ran = await flash(image.path, '--tcp', device.tcp);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /image upload was refused: MGMT_ERR_EBADSTATE \(rc 6\)/);
    assert.deepEqual(new Set(device.requests.slice(1).map(({ version }) => version)), new Set([1]));
  });

  test('messages are no longer than --chunk, whatever the device says', async () => {
    const uploading = new UploadingDevice();
    const device = await deviceOf({
      '0/6/0': () =>
        new Map([
          ['buf_size', 4096],
          ['buf_count', 4],
        ]),
      '1/0/0': () => stateOf(running),
      '1/1/2': (body) => uploading.take(body),
    });
    await flash(image.path, '--tcp', device.tcp, '--chunk', '300', '--window', '2');
    assert.deepEqual(uploading.flash, image.bytes);
    assert.ok(Math.max(...device.requests.map(({ bytes }) => bytes)) <= 300);
  });
});

describe('devices after a reset', () => {
  /** It has the image, marked for a trial, and does `afterReset` from then on. */
  async function resetting(afterReset: () => CborMap | undefined): Promise<Device> {
    let isReset = false;
    let isMarked = false;
    const slots = () => stateOf(running, { slot: 1, version: '1.1.0', hash, bootable: true, pending: isMarked });
    return deviceOf({
      '1/0/0': () => (isReset ? afterReset() : slots()),
      '1/0/2': () => {
        isMarked = true;
        return slots();
      },
      '0/5/2': () => {
        isReset = true;
        return new Map();
      },
    });
  }
  const args = ['--test', '--reset', '--wait-boot', '0.3', '--timeout', '0.1'];

  test('that stay silent: told, with how long was waited', async () => {
    const device = await resetting(() => undefined);
    const ran = await flash(image.path, '--tcp', device.tcp, ...args);
    assert.equal(ran.code, 3);
    assert.match(ran.stderr, /no answer within 0\.3 s of the reset/);
  });

  test('that come back with the image before: the answer is no', async () => {
    const device = await resetting(() => stateOf(running, { slot: 1, version: '1.1.0', hash }));
    const ran = await flash(image.path, '--tcp', device.tcp, ...args);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /it runs 1\.0\.0, expected 1\.1\.0: its trial failed, or the boot loader refused it/);
  });

  test('that run the image on trial for a while, and then the one before: reverted', async () => {
    let looks = 0;
    const trial = { slot: 0, version: '1.1.0', hash, active: true };
    const device = await resetting(() => (++looks < 3 ? stateOf(trial) : stateOf(running)));
    const ran = await flash(image.path, '--tcp', device.tcp, ...args);
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /^booted: 1\.1\.0 on trial/m);
    assert.match(ran.stderr, /it ran on trial, was not confirmed, and was reverted/);
  });

  test('that confirm the image themselves: done', async () => {
    let looks = 0;
    const device = await resetting(() =>
      stateOf({ slot: 0, version: '1.1.0', hash, active: true, confirmed: ++looks > 2 }),
    );
    const ran = await flash(image.path, '--tcp', device.tcp, ...args);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^confirmed: 1\.1\.0 stays, its self-test passed$/m);
  });

  test('whose reset is not waited for with --wait-boot 0', async () => {
    const device = await resetting(() => undefined);
    const ran = await flash(image.path, '--tcp', device.tcp, '--test', '--reset', '--wait-boot', '0');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^reset: asked for\n$/m);
  });
});

test('what a device says of itself moves no cursor', async () => {
  const text = '\u001b[2J\u009bHok\n';
  const device = await deviceOf({
    '0/7/0': () => new Map([['output', text]]),
    '0/4/0': () => new Map([['datetime', text]]),
    '1/0/0': () => stateOf({ ...running, version: text }),
    '2/1/0': () => new Map([['stat_list', [text]]]),
    '2/0/0': () => new Map([['fields', new Map([[text, 1]])]]),
  } as unknown as Commands);
  const ran = await flash('--info', '--datetime', '--list', '--stats', '--tcp', device.tcp);
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(!/[^\x20-\x7e\n]/.test(ran.stdout), JSON.stringify(ran.stdout));
  assert.equal(ran.stdout.split('\n').length, 5, ran.stdout);
});

describe('a log whose index leads elsewhere', () => {
  for (const index of [
    '5 ../../etc/passwd\n',
    '5 /etc/passwd\n',
    'x a.log\n',
    '5 .hidden\n',
    '5 a b\n',
    '\u001b[2J\n',
  ]) {
    test(`${JSON.stringify(index)} is refused`, async () => {
      const bytes = Buffer.from(index);
      const device = await deviceOf({
        '8/0/0': () =>
          new Map<string, CborValue>([
            ['off', 0],
            ['len', bytes.length],
            ['data', bytes],
          ]),
      });
      const ran = await flash('--download-log', 'nowhere', '--tcp', device.tcp);
      assert.equal(ran.code, 3);
      assert.match(ran.stderr, /the index of its log is none/);
      assert.ok(!ran.stderr.includes('\u001b[2J'));
    });
  }
});

describe('progress', () => {
  test('is a plain line each tenth where there is no terminal, from where it was resumed', () => {
    const written: string[] = [];
    let nowMs = 0;
    const display = uploadDisplay({
      label: 'upload',
      stream: { write: (text) => written.push(text) },
      now: () => nowMs,
    });
    for (let offsetBytes = 300; offsetBytes <= 1000; offsetBytes += 10) {
      display.update({ offsetBytes, lengthBytes: 1000 });
      nowMs += 100;
    }
    display.end();
    assert.deepEqual(written.slice(0, 2), [
      'upload:  30 %, 300 of 1000 bytes\n',
      'upload:  40 %, 400 of 1000 bytes, 100 B/s, 6 s left\n',
    ]);
    assert.equal(written.length, 8);
    assert.equal(written.at(-1), 'upload: 100 %, 1000 of 1000 bytes, 100 B/s, 0 s left\n');
  });

  test('is one line that is drawn over on a terminal, and cleared in the end', () => {
    const written: string[] = [];
    let nowMs = 0;
    const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
    const display = uploadDisplay({ label: 'upload', stream, now: () => nowMs });
    for (let offsetBytes = 0; offsetBytes <= 1000; offsetBytes += 100) {
      display.update({ offsetBytes, lengthBytes: 1000 });
      nowMs += 300;
    }
    display.end();
    assert.ok(written.every((text) => text.startsWith('\r\u001b[K') && !text.includes('\n')));
    assert.match(written.at(-2)!, /upload {2}1 kB {2}100 % {2}\d+ B\/s/);
  });
});
