/** `pty:` as a port: made by us, waited at, found again by its link, and socat as the other program. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { FrameBatch } from '../../../edge/can/index.ts';
import { openCanLink } from '../../../edge/can-link.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SlcanAdapter } from '../../../edge/slcan/index.ts';
import type { Transport } from '../../../edge/transport/index.ts';
import { openPty, openSerial, transportOpener } from '../../../edge/transport/node.ts';
import { skipWithoutProgram } from '../../programs.ts';

const skip = await openPty().then(
  async ({ transport }) => {
    await transport.close();
    return false as const;
  },
  (problem: Error) => problem.message,
);

const folder = await mkdtemp(path.join(os.tmpdir(), 'pty-port-'));
const running: ChildProcess[] = [];
after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function received(transport: Transport, size: number): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    transport.onData((bytes) => {
      text += Buffer.from(bytes).toString('latin1');
      if (text.length >= size) resolve(text);
    });
  });
}

describe('a pty that waits', { skip }, () => {
  test('opens when another program opens it, passes bytes raw, and is lost when that one closes', async () => {
    let waitingAt = '';
    const opener = transportOpener('pty:', { onWaiting: (where) => (waitingAt = where) });
    const opening = opener();
    let isOpened = false;
    opening.then(() => (isOpened = true));
    while (waitingAt === '') await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(isOpened, false);
    const other = await openSerial(waitingAt);
    // Written at once: what comes before we have noticed is not lost.
    await other.write(Buffer.from('V\r\n\x03\x11\x13\xff', 'latin1'));
    const transport = await opening;
    assert.equal(transport.name, `pty:${waitingAt}`);
    assert.equal(await received(transport, 7), 'V\r\n\x03\x11\x13\xff');
    const heard = received(other, 2);
    await transport.write(Buffer.from('z\r'));
    assert.equal(await heard, 'z\r');
    const lost = new Promise<string | undefined>((resolve) => transport.onClose((fault) => resolve(fault?.message)));
    await other.close();
    assert.match((await lost) ?? '', /the other program closed it$/);
    await opener.close?.();
  });

  test('stands behind a link of our choice, each time anew, and takes it away in the end', async () => {
    const link = path.join(folder, 'can0');
    const waits: string[] = [];
    const opener = transportOpener(`pty:${link}`, { onWaiting: (where) => waits.push(where) });
    for (let round = 0; round < 2; round++) {
      const opening = opener();
      while (waits.length <= round) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.match(readlinkSync(link), /^\/dev\/pts\/\d+$/);
      const other = await openSerial(link);
      const transport = await opening;
      await transport.close();
      await other.close();
    }
    await opener.close?.();
    assert.deepEqual(waits, [link, link]);
    assert.equal(lstatSync(link, { throwIfNoEntry: false }), undefined);
  });

  test('stops waiting when it is closed', async () => {
    const opener = transportOpener('pty:');
    const opening = opener();
    opening.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    await opener.close?.();
    await assert.rejects(opening, { code: 'PORT_LOST' });
    await assert.rejects(opener(), { code: 'PORT_LOST' });
  });

  test('leaves alone what is no link', async () => {
    const file = path.join(folder, 'precious');
    await writeFile(file, 'kept');
    const opener = transportOpener(`pty:${file}`);
    await assert.rejects(opener(), { code: 'PTY_UNAVAILABLE', message: /is there already and is no link/ });
    await opener.close?.();
    assert.equal(lstatSync(file).isFile(), true);
  });

  test('is named by an absolute path or none', () => {
    for (const spec of ['pty', 'pty:can0', 'pty:./can0']) {
      assert.throws(() => transportOpener(spec), { code: 'TRANSPORT_SPEC' }, spec);
    }
  });
});

test('socat joins our host at a pty of its own to our adapter at another', {
  skip: skip || skipWithoutProgram('socat'),
}, async () => {
  const [hostEnd, adapterEnd] = ['host', 'adapter'].map((name) => path.join(folder, name));
  const socat = spawn('socat', [`pty,raw,echo=0,link=${hostEnd}`, `pty,raw,echo=0,link=${adapterEnd}`]);
  running.push(socat);
  const isThere = (link: string) => lstatSync(link, { throwIfNoEntry: false }) !== undefined;
  while (!isThere(hostEnd) || !isThere(adapterEnd)) await new Promise((resolve) => setTimeout(resolve, 10));
  const clock = liveClock();
  const adapter = new SlcanAdapter(await openSerial(adapterEnd), { clock, paceToBitRate: false });
  let frames = 0;
  const link = await openCanLink({
    open: transportOpener(hostEnd),
    clock,
    onFrames: ({ count }) => {
      frames += count;
    },
  });
  const batch = new FrameBatch(500);
  for (let i = 0; i < 500; i++) batch.push(0, i, 0, new Uint8Array(8).fill(i));
  adapter.offer(batch);
  await adapter.whenDrained();
  while (frames < 500) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([frames, link.counters().malformed, adapter.channel.state], [500, 0, 'listening']);
  const lost = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (link.counters().outages === 0) return;
      clearInterval(look);
      resolve();
    }, 10);
  });
  socat.kill();
  await lost;
  await link.close();
});
