/** `miner flash` and a device in two processes, over a pty, UDP and TCP: what is asked for happens, or says why not. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
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
} from './world.ts';

const skip = skipWithoutPty;
const first = makeImage('1.0.0');
const second = makeImage('1.1.0');
const names = (events: { event: string }[]) => events.map(({ event }) => event);

describe('an image over the console', { skip }, () => {
  test('is uploaded, runs on trial, passes its self-test, and is there when asked again', async () => {
    const device = await startDevice({ first });
    const ran = await flash(second.path, '--port', device.port, '--key', publicKeyFile, '--test', '--reset', '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const events = eventsOf(ran);
    const [image, found, uploaded] = events;
    assert.deepEqual([image.event, image.version, image.isSignatureChecked], ['image', '1.1.0', true]);
    assert.deepEqual([found.event, found.slots.length, found.messageBytesMax, found.window], ['device', 1, 4092, 3]);
    assert.deepEqual([uploaded.bytes, uploaded.resumedAtBytes, uploaded.connections], [second.bytes.length, 0, 1]);
    assert.deepEqual(names(events.slice(3, 5)), ['marked', 'reset']);
    const booted = events.find(({ event }) => event === 'booted');
    assert.equal(booted.version, '1.1.0');
    assert.equal(events.at(-1).after, '1.1.0');
    assert.match(ran.stderr, /^upload: +\d+ %, \d+ of \d+ bytes/m);

    const list = await flash('--list', '--slot-info', '--port', device.port);
    assert.match(list.stdout, /^slot 0: 1\.1\.0 \(active, confirmed\) [0-9a-f]{12}\nslot 1: 1\.0\.0 [0-9a-f]{12}\n/);
    assert.match(list.stdout, /^slot 1: \d+ bytes, images of \d+ at most$/m);

    const again = await flash(second.path, '--port', device.port, '--test', '--reset');
    assert.match(again.stdout, /^upload: nothing to do, 1\.1\.0 runs already$/m);
    assert.doesNotMatch(again.stdout, /reset/);
    await device.kill();
  });

  test('whose self-test fails is reverted, and that is the answer', async () => {
    const device = await startDevice({ first });
    const bad = makeImage('1.2.0', { fault: 'self-test' });
    const ran = await flash(bad.path, '--port', device.port, '--test', '--reset', '--console');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /it runs 1\.0\.0, expected 1\.2\.0: /);
    assert.match(ran.stderr, /booted 1\.2\.0 on trial \(test\)\r\nself-test failed: no CAN controller answers/);
    assert.match((await flash('--list', '--port', device.port)).stdout, /^slot 0: 1\.0\.0 \(active, confirmed\)/);
    await device.kill();
  });

  test('that hangs is reverted by the watchdog, unless it is confirmed from here', async () => {
    const device = await startDevice({ first, watchdogMs: 700 });
    const hanging = makeImage('1.3.0', { fault: 'hang' });
    const ran = await flash(hanging.path, '--port', device.port, '--test', '--reset', '--json');
    assert.equal(ran.code, 1);
    assert.deepEqual(names(eventsOf(ran)).slice(-2), ['booted', undefined as never]);
    assert.match(ran.stderr, /expected 1\.3\.0: it ran on trial, was not confirmed, and was reverted/);
    await device.kill();
  });

  test('is confirmed from here with --test --confirm, which resets by itself', async () => {
    const device = await startDevice({ first, watchdogMs: 60_000 });
    const hanging = makeImage('1.3.0', { fault: 'hang' });
    const ran = await flash(hanging.path, '--port', device.port, '--test', '--confirm');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^booted: 1\.3\.0 on trial, .*\nconfirmed: 1\.3\.0 stays$/m);
    await device.kill();
  });

  test('goes on where a power cut left it, in a second run and in a new process of the device', async () => {
    const flashFile = inFolder('cut.flash');
    const device = await startDevice({ first, flash: flashFile, dieAtBytes: 30_000 });
    const cut = flash(second.path, '--port', device.port, '--timeout', '0.2');
    await device.ended;
    assert.equal((await cut).code, 3);
    const revived = await startDevice({ flash: flashFile });
    const ran = await flash(second.path, '--port', revived.port, '--json');
    assert.equal(ran.code, 0, ran.stderr);
    const uploaded = eventsOf(ran).find(({ event }) => event === 'uploaded');
    assert.ok(uploaded.resumedAtBytes >= 20_000, JSON.stringify(uploaded));
    assert.ok(uploaded.sentBytes < second.bytes.length - 10_000);
    await revived.kill();
  });

  const refused: [string, () => ReturnType<typeof makeImage>, RegExp][] = [
    ['signed by a stranger', () => makeImage('1.1.0', { signer: stranger }), /IMG_MGMT_ERR_INVALID_HASH \(rc 24\)/],
    [
      'with a lower security counter',
      () => makeImage('0.9.0', { securityCounter: 0 }),
      /IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER \(rc 27\)/,
    ],
    ['too large', () => makeImage('1.1.0', { size: 500_000 }), /the image has 500\d{3} bytes, its slot takes \d+/],
  ];
  test('is refused with the reason by name, and the old image runs on', async () => {
    const device = await startDevice({ first });
    for (const [what, make, message] of refused) {
      const ran = await flash(make().path, '--port', device.port, '--test', '--reset');
      assert.equal(ran.code, 1, what);
      assert.match(ran.stderr, message);
    }
    await flash(second.path, '--port', device.port, '--test');
    const busy = await flash(makeImage('1.4.0').path, '--port', device.port);
    assert.match(busy.stderr, /IMG_MGMT_ERR_NO_FREE_SLOT \(rc 9\)\n {2}to do: the slot is busy/);
    await flash('--list', '--port', device.port).then(({ stdout }) => assert.match(stdout, /^slot 0: 1\.0\.0 /));
    await device.kill();
  });
});

describe('other ways and other questions', { skip }, () => {
  test('UDP and TCP take the same image', async () => {
    const device = await startDevice({ first, udp: true, tcp: true });
    const overUdp = await flash(second.path, '--udp', device.udp!, '--confirm', '--reset', '--json');
    assert.equal(overUdp.code, 0, overUdp.stderr);
    assert.equal(eventsOf(overUdp)[1].messageBytesMax, 1472);
    const overTcp = await flash(makeImage('1.2.0').path, '--tcp', device.tcp!, '--confirm', '--reset');
    assert.equal(overTcp.code, 0, overTcp.stderr);
    assert.match(overTcp.stdout, /^next: 1\.2\.0 runs from the next reset on\nreset: asked for\nbooted: 1\.2\.0, /m);
    await device.kill();
  });

  test('echo, info, counters, clock, settings and the log', async () => {
    const log = inFolder('device-log');
    mkdirSync(log);
    writeFileSync(path.join(log, '00000001.log'), Buffer.alloc(9000, 'packs'));
    writeFileSync(path.join(log, '00000002.log'), '');
    const device = await startDevice({ first, log });
    const target = ['--port', device.port];
    const asked = await flash(...target, '--echo', 'hello', '--info', '--stats', '--datetime', '2026-11-30T12:00:00Z');
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(
      asked.stdout,
      /^echo: hello \(\d+\.\d ms\)\nMiner .*\n2026-11-30T12:00:0\d[^\n]*\ncan {2}frames {2}12\n$/,
    );
    const name = 'miner/pack_interval_ms';
    const changed = await flash(...target, '--set', `${name}=5000`, '--get', name);
    assert.equal(changed.stdout, `${name}: changed and saved\n${name}=5000\n`);
    assert.match((await flash(...target, '--set', `${name}=1`)).stderr, /MGMT_ERR_EINVAL/);
    assert.match((await flash(...target, '--get', 'none')).stderr, /SETTINGS_MGMT_ERR_KEY_NOT_FOUND/);
    const into = inFolder('downloaded');
    const downloaded = await flash(...target, '--download-log', into);
    assert.match(downloaded.stdout, /2 files, 9000 bytes; the device's SHA-256 agrees with 1$/m);
    assert.deepEqual(readFileSync(path.join(into, '00000001.log')), readFileSync(path.join(log, '00000001.log')));
    await device.kill();
  });

  test('erase, confirm and reset work without an image', async () => {
    const device = await startDevice({ first });
    await flash(second.path, '--port', device.port);
    const erased = await flash('--erase', '--list', '--port', device.port);
    assert.equal(erased.stdout.split('\n').length, 3, erased.stdout);
    const confirmed = await flash('--confirm', '--reset', '--port', device.port);
    assert.match(confirmed.stdout, /^confirmed: 1\.0\.0 stays\nreset: asked for\nbooted: 1\.0\.0, /);
    await device.kill();
  });
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
    flipped[40_000] ^= 1;
    const file = path.join(folder, 'flipped.bin');
    writeFileSync(file, flipped);
    assert.match((await flash(file, '--port', '/dev/null')).stderr, /the image does not verify: its SHA-256 is/);
    const foreign = makeImage('1.1.0', { signer: stranger });
    const ran = await flash(foreign.path, '--port', '/dev/null', '--key', publicKeyFile);
    assert.match(ran.stderr, /the image does not verify: it names key/);
    assert.equal(ran.code, 1);
  });
});
