/** Ports by pattern: which paths match, which one is opened, and a device that comes back under another path. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { liveClock } from '../../../edge/sim/index.ts';
import { reconnecting } from '../../../edge/transport/index.ts';
import { openPty, transportOpener } from '../../../edge/transport/node.ts';

const skip = await openPty().then(
  async ({ transport }) => {
    await transport.close();
    return false as const;
  },
  (problem: Error) => problem.message,
);

const folder = await mkdtemp(path.join(os.tmpdir(), 'ports-'));
const holders: ChildProcess[] = [];
after(async () => {
  for (const holder of holders) holder.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A device in a process of its own, under a path of our choice, that sends back each byte plus one. */
async function plugIn(name: string) {
  const holder = fork(fileURLToPath(new URL('./pty-holder.ts', import.meta.url)));
  holders.push(holder);
  const device = await new Promise<string>((resolve, reject) => {
    holder.once('message', (message: { path: string }) => resolve(message.path));
    holder.once('exit', (code) => reject(new Error(`the device exited with ${code}`)));
  });
  await symlink(device, path.join(folder, name));
  return {
    unplug: async () => {
      holder.kill('SIGKILL');
      await unlink(path.join(folder, name));
    },
  };
}

describe('what names several ports', () => {
  const bad = ['ttyACM*', './tty*', 'COM*'];
  for (const spec of bad) {
    test(`${spec} names none`, () => assert.throws(() => transportOpener(spec), { code: 'TRANSPORT_SPEC' }));
  }

  test('a pattern that nothing matches is a missing port', async () => {
    const port = `${folder}/none*`;
    await assert.rejects(transportOpener(port)(), { code: 'PORT_MISSING', message: `${port}: there is no such port` });
  });

  test('a folder that is not there is one, too', async () => {
    await assert.rejects(transportOpener('/no-such-folder/tty*')(), { code: 'PORT_MISSING' });
  });

  test('where none that match can be opened, the first says why', async () => {
    await writeFile(path.join(folder, 'file1'), '');
    await assert.rejects(transportOpener(`${folder}/file?`)(), {
      code: 'PORT_UNUSABLE',
      message: /file1: cannot be used/,
    });
  });
});

describe('devices by pattern', { skip }, () => {
  test('the first that opens, in the order of their numbers, and those that match as candidates', async () => {
    const devices = [await plugIn('ttyA10'), await plugIn('ttyA2')];
    await writeFile(path.join(folder, 'ttyA1'), 'no device');
    const opener = transportOpener(`${folder}/ttyA*`);
    const transport = await opener();
    assert.equal(transport.name, `${folder}/ttyA2`);
    assert.equal((await opener.candidates?.())?.length, 3);
    // The first is ours alone now, so the next attempt gets the other.
    const second = await opener();
    assert.equal(second.name, `${folder}/ttyA10`);
    await Promise.all([transport.close(), second.close()]);
    await Promise.all(devices.map((device) => device.unplug()));
  });

  test('a device that comes back under another path is read again', async () => {
    const clock = liveClock();
    const got: number[] = [];
    const names: string[] = [];
    const first = await plugIn('ttyB0');
    const link = await reconnecting(transportOpener(`${folder}/ttyB*`), {
      clock,
      onUp: async (transport) => {
        names.push(path.basename(transport.name));
        transport.onData((bytes) => got.push(...bytes));
        await transport.write(Uint8Array.of(10));
      },
    });
    const heard = async (count: number) => {
      const startMs = clock.nowMs();
      while (got.length < count && clock.nowMs() - startMs < 20_000) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await heard(1);
    await first.unplug();
    const second = await plugIn('ttyB1');
    await heard(2);
    assert.deepEqual([got, names, link.stats.outages], [[11, 11], ['ttyB0', 'ttyB1'], 1]);
    await link.close();
    await second.unplug();
  });
});
