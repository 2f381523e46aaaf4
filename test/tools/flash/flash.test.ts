/** `miner flash` and a device in two processes, over a pty, UDP and TCP: what is asked for happens, or says why not. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  eventsOf,
  flash,
  folder,
  inFolder,
  makeImage,
  publicKeyFile,
  skipWithoutPty,
  startDevice,
  stranger,
  type TestDevice,
} from './world.ts';

const skip = skipWithoutPty;
const first = makeImage('1.0.0');
const second = makeImage('1.1.0');
const names = (events: { event: string }[]) => events.map(({ event }) => event);

const log = inFolder('device-log');
mkdirSync(log);
writeFileSync(path.join(log, '00000001.log'), Buffer.alloc(9000, 'packs'));
writeFileSync(path.join(log, '00000002.log'), '');

describe('a session at the bench', { skip }, () => {
  let device: TestDevice;
  const overConsole = (...args: string[]) => flash(...args, '--port', device.port);
  before(async () => {
    device = await startDevice({ first, log });
  });
  after(() => device.kill());

  test('an image is uploaded, runs on trial, passes its self-test, and is there when asked again', async () => {
    const ran = await overConsole(second.path, '--key', publicKeyFile, '--test', '--reset', '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const events = eventsOf(ran);
    const [image, found, uploaded] = events;
    assert.deepEqual([image.event, image.version, image.isSignatureChecked], ['image', '1.1.0', true]);
    assert.deepEqual([found.event, found.slots.length, found.messageBytesMax, found.window], ['device', 1, 4092, 3]);
    assert.deepEqual([uploaded.bytes, uploaded.resumedAtBytes, uploaded.connections], [second.bytes.length, 0, 1]);
    assert.deepEqual(names(events.slice(3, 6)), ['marked', 'reset', 'booted']);
    assert.equal(events[5].version, '1.1.0');
    assert.equal(events.at(-1).after, '1.1.0');
    assert.match(ran.stderr, /^upload: +\d+ %, \d+ of \d+ bytes/m);

    const list = await overConsole('--list', '--slot-info');
    assert.match(list.stdout, /^slot 0: 1\.1\.0 \(active, confirmed\) [0-9a-f]{12}\nslot 1: 1\.0\.0 [0-9a-f]{12}\n/);
    assert.match(list.stdout, /^slot 1: \d+ bytes, images of \d+ at most$/m);

    const again = await overConsole(second.path, '--test', '--reset');
    assert.match(again.stdout, /^upload: nothing to do, 1\.1\.0 runs already$/m);
    assert.doesNotMatch(again.stdout, /reset/);
  });

  test('one whose self-test fails is reverted, and that is the answer', async () => {
    const ran = await overConsole(makeImage('1.2.0', { fault: 'self-test' }).path, '--test', '--reset', '--console');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /it runs 1\.1\.0, expected 1\.2\.0: /);
    assert.match(
      ran.stderr,
      /boot: 1\.2\.0 on trial\r\nself-test: this image was built to fail its self-test\r\nreset: self-test\r\nboot: 1\.1\.0/,
    );
    assert.match((await overConsole('--list')).stdout, /^slot 0: 1\.1\.0 \(active, confirmed\)/);
  });

  test('one that hangs is reverted by the watchdog, unless it is confirmed from here', async () => {
    const { path: hanging } = makeImage('1.3.0', { fault: 'hang' });
    device.child.send({ watchdogMs: 500 });
    const ran = await overConsole(hanging, '--test', '--reset');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /it runs 1\.1\.0, expected 1\.3\.0: /);

    device.child.send({ watchdogMs: 600_000 });
    const confirmed = await overConsole(hanging, '--test', '--confirm');
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.match(confirmed.stdout, /^booted: 1\.3\.0 on trial, .*\nconfirmed: 1\.3\.0 stays$/m);
  });

  const refused: [string, () => ReturnType<typeof makeImage>, RegExp][] = [
    ['signed by a stranger', () => makeImage('1.9.0', { signer: stranger }), /IMG_MGMT_ERR_INVALID_HASH \(rc 24\)/],
    [
      'with a lower security counter',
      () => makeImage('0.9.0', { securityCounter: 0 }),
      /IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER \(rc 27\)/,
    ],
    ['too large', () => makeImage('1.1.0', { size: 600_000 }), /the image has 600\d{3} bytes, its slot takes \d+/],
  ];
  for (const [what, make, message] of refused) {
    test(`one ${what} is refused with the reason by name, and the old image runs on`, async () => {
      const ran = await overConsole(make().path, '--test', '--reset');
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, message);
      assert.match((await overConsole('--list')).stdout, /^slot 0: 1\.3\.0 \(active, confirmed\)/);
    });
  }

  test('none is taken while another waits for the reset', async () => {
    await overConsole(second.path, '--test');
    const busy = await overConsole(makeImage('1.4.0').path);
    assert.match(busy.stderr, /IMG_MGMT_ERR_NO_FREE_SLOT \(rc 9\)\n {2}to do: the slot is busy/);
    assert.match((await overConsole('--erase')).stderr, /erasing the slot was refused: IMG_MGMT_ERR_NO_FREE_SLOT/);
    await overConsole('--reset');
  });

  test('UDP and TCP take images too', async () => {
    const overUdp = await flash(makeImage('1.5.0').path, '--udp', device.udp, '--confirm', '--reset', '--json');
    assert.equal(overUdp.code, 0, overUdp.stderr);
    assert.equal(eventsOf(overUdp)[1].messageBytesMax, 1472);
    const overTcp = await flash(makeImage('1.6.0').path, '--tcp', device.tcp, '--confirm', '--reset');
    assert.equal(overTcp.code, 0, overTcp.stderr);
    assert.match(overTcp.stdout, /^next: 1\.6\.0 runs from the next reset on\nreset: asked for\nbooted: 1\.6\.0, /m);
  });

  test('erase, confirm and reset go without an image', async () => {
    const erased = await overConsole('--erase', '--list');
    assert.match(erased.stdout, /^erase: the slot is empty\nslot 0: 1\.6\.0 .*\n$/);
    const confirmed = await overConsole('--confirm', '--reset');
    assert.match(confirmed.stdout, /^confirmed: 1\.6\.0 stays\nreset: asked for\nbooted: 1\.6\.0, /);
  });

  test('echo, info, counters, clock, settings and the log are told', async () => {
    const asked = await overConsole('--echo', 'hello', '--info', '--stats', '--datetime', '2026-11-30T12:00:00Z');
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(asked.stdout, /^echo: hello \(\d+\.\d ms\)\n.+\n2026-11-30T12:0.*\ncan {2}frames {2}12\n$/);
    const name = 'miner/pack_interval_ms';
    const changed = await overConsole('--set', `${name}=5000`, '--get', name);
    assert.equal(changed.stdout, `${name}: changed and saved\n${name}=5000\n`);
    assert.match((await overConsole('--set', `${name}=1`)).stderr, /MGMT_ERR_EINVAL/);
    assert.match((await overConsole('--get', 'none')).stderr, /SETTINGS_MGMT_ERR_KEY_NOT_FOUND/);
    const into = inFolder('downloaded');
    const downloaded = await overConsole('--download-log', into);
    assert.match(downloaded.stdout, /2 files, 9000 bytes; the device's SHA-256 agrees with 1$/m);
    assert.deepEqual(readFileSync(path.join(into, '00000001.log')), readFileSync(path.join(log, '00000001.log')));
  });
});

test('an upload goes on where a power cut left it', { skip }, async () => {
  const flashFile = inFolder('cut.flash');
  const device = await startDevice({ first, flash: flashFile, dieAtBytes: 15_000 });
  const cut = flash(second.path, '--port', device.port, '--wait-boot', '0');
  await device.ended;
  assert.equal((await cut).code, 3);
  const revived = await startDevice({ flash: flashFile });
  const ran = await flash(second.path, '--port', revived.port, '--json');
  assert.equal(ran.code, 0, ran.stderr);
  const uploaded = eventsOf(ran).find(({ event }) => event === 'uploaded');
  assert.ok(uploaded.resumedAtBytes >= 8000, JSON.stringify(uploaded));
  assert.ok(uploaded.sentBytes < second.bytes.length - 4000);
  await revived.kill();
});

describe('what makes no sense is refused before a port is opened', () => {
  const none = inFolder('none');
  writeFileSync(none, 'not an image at all, but longer than its header would be');
  const wrong: [string, string[], number, RegExp][] = [
    ['nothing to do', ['--port', '/dev/null'], 2, /nothing to do/],
    ['no device', [first.path], 2, /no device is named/],
    ['two devices', [first.path, '--port', 'a', '--udp', 'b'], 2, /expected one device: a and udp:\/\/b/],
    ['a trial of nothing', ['--test', '--port', 'a'], 2, /--test needs an image/],
    ['no image', [none, '--port', '/dev/null'], 1, /not an MCUboot image/],
    ['a missing file', [`${none}.bin`, '--port', '/dev/null'], 3, /cannot be read/],
    ['a fleet without an image', ['--many', none], 2, /--many needs an image/],
    ['a question to a fleet', [first.path, '--many', none, '--list'], 2, /questions go to one/],
    ['a TCP address without port', ['--list', '--tcp', 'localhost'], 2, /"localhost" is not host:port/],
    ['a UDP port that is none', ['--list', '--udp', 'localhost:70000'], 2, /is not host or host:port/],
    ['a time without a zone', ['--port', 'a', '--datetime', '2026-11-30T12:00:00'], 2, /^$/],
    ['half a byte', ['--port', 'a', '--set', 'x=0x123'], 2, /^$/],
  ];
  for (const [what, args, code, message] of wrong) {
    test(what, async () => {
      const ran = await flash(...args);
      assert.equal(ran.code, code, ran.stderr);
      if (message.source !== '^$') assert.match(ran.stderr, message);
    });
  }

  test('an image with a flipped bit, and one that another key signed', async () => {
    const flipped = first.bytes.slice();
    flipped[20_000] ^= 1;
    const file = path.join(folder, 'flipped.bin');
    writeFileSync(file, flipped);
    assert.match((await flash(file, '--port', '/dev/null')).stderr, /the image does not verify: its SHA-256 is/);
    const foreign = makeImage('1.1.0', { signer: stranger });
    const ran = await flash(foreign.path, '--port', '/dev/null', '--key', publicKeyFile);
    assert.match(ran.stderr, /the image does not verify: it names key/);
    assert.equal(ran.code, 1);
  });
});
