/** A real serial device, a pty held by another process, opened through `serialport`. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { liveClock } from '../../../edge/sim/index.ts';
import { reconnecting, type Transport } from '../../../edge/transport/index.ts';
import { openPty, openSerial, openTransport } from '../../../edge/transport/node.ts';

const skip = await openPty().then(
  async ({ transport }) => {
    await transport.close();
    return false as const;
  },
  (problem: Error) => problem.message,
);

const holders: ChildProcess[] = [];
// A failed test must not leave its device behind, nor this process waiting for it.
after(() => {
  for (const holder of holders) holder.kill('SIGKILL');
});

/** A device in a process of its own that sends back each byte plus one. */
async function plugIn(): Promise<{ path: string; process: ChildProcess }> {
  const holder = fork(fileURLToPath(new URL('./pty-holder.ts', import.meta.url)));
  holders.push(holder);
  const path = await new Promise<string>((resolve, reject) => {
    holder.once('message', (message: { path: string }) => resolve(message.path));
    holder.once('exit', (code) => reject(new Error(`the device exited with ${code}`)));
  });
  return { path, process: holder };
}

function answer(transport: Transport, size: number): Promise<Buffer> {
  const got: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    transport.onData((bytes) => {
      got.push(Buffer.from(bytes));
      length += bytes.length;
      if (length >= size) resolve(Buffer.concat(got));
    });
  });
}

describe('a serial device', { skip }, () => {
  test('passes every byte value, both ways', async () => {
    const device = await plugIn();
    const port = await openSerial(device.path);
    const sent = Uint8Array.from({ length: 256 }, (_, i) => i);
    const got = answer(port, 256);
    await port.write(sent);
    assert.ok((await got).equals(Buffer.from(sent.map((byte) => byte + 1))));
    await port.close();
  });

  test('is raw before anyone sets it up: a program that does not is not echoed', async () => {
    const { path, transport } = await openPty();
    const got = answer(transport, 4);
    await writeFile(path, 'a\r\n\x03');
    assert.equal((await got).toString('latin1'), 'a\r\n\x03');
    await transport.close();
  });

  test('can be closed and opened again', async () => {
    const device = await plugIn();
    for (let round = 0; round < 3; round++) {
      const port = await openTransport(device.path);
      const got = answer(port, 1);
      await port.write(Uint8Array.of(round));
      assert.equal((await got)[0], round + 1);
      await port.close();
    }
  });

  test('opened, read and closed again and again leaves no descriptor behind', {
    skip: process.platform !== 'linux' && 'counts descriptors in /proc',
  }, async () => {
    const device = await plugIn();
    const descriptorsOfDevice = () =>
      readdirSync('/proc/self/fd').filter((name) => {
        try {
          return readlinkSync(`/proc/self/fd/${name}`) === device.path;
        } catch {
          return false;
        }
      }).length;
    for (let round = 0; round < 5; round++) {
      const port = await openSerial(device.path);
      const got = answer(port, 1);
      await port.write(Uint8Array.of(round));
      await got;
      await port.close();
    }
    assert.equal(descriptorsOfDevice(), 0);
  });

  test('opened twice is busy, within this program too', async () => {
    const device = await plugIn();
    const port = await openSerial(device.path);
    await assert.rejects(openSerial(device.path), {
      code: 'PORT_BUSY',
      message: `${device.path}: another program has this port open`,
    });
    await port.close();
  });

  test('unplugged: lost within 2 s, told once, and writes fail with the cause', async () => {
    const device = await plugIn();
    const port = await openSerial(device.path);
    port.onData(() => {});
    const faults: (string | undefined)[] = [];
    const lost = new Promise<void>((resolve) =>
      port.onClose((fault) => {
        faults.push(fault?.message);
        resolve();
      }),
    );
    const startMs = performance.now();
    device.process.kill('SIGKILL');
    await lost;
    assert.ok(performance.now() - startMs < 2000);
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'PORT_LOST' });
    await port.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(faults, [`${device.path}: the connection ended: the device went away`]);
  });

  test('that nobody reads holds the writer back without stopping its process', async () => {
    const { path, transport } = await openPty();
    const reader = await openSerial(path);
    let isWritten = false;
    const written = transport.write(new Uint8Array(1 << 20)).then(() => {
      isWritten = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(isWritten, false);
    const got = answer(reader, 1 << 20);
    await written;
    assert.equal((await got).length, 1 << 20);
    await reader.close();
    await transport.close();
  });

  test('closed while a write waits for a reader: the write fails', async () => {
    const { transport } = await openPty();
    const written = transport.write(new Uint8Array(1 << 20));
    setTimeout(() => transport.close(), 20);
    await assert.rejects(written, { code: 'PORT_LOST' });
  });

  test('re-plugged under another path is read again, with the outage counted', async (t) => {
    let device = await plugIn();
    const got: number[] = [];
    const clock = liveClock();
    const link = await reconnecting(() => openTransport(device.path), {
      clock,
      onUp: async (transport) => {
        transport.onData((bytes) => got.push(...bytes));
        await transport.write(Uint8Array.of(10));
      },
    });
    const heard = async (count: number) => {
      const startMs = clock.nowMs();
      while (got.length < count && clock.nowMs() - startMs < 30_000)
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    try {
      await heard(1);
      device.process.kill('SIGKILL');
      device = await plugIn();
      const pluggedMs = clock.nowMs();
      await heard(2);
      t.diagnostic(`read again ${Math.round(clock.nowMs() - pluggedMs)} ms after it was plugged in`);
      assert.deepEqual(got, [11, 11]);
      assert.equal(link.stats.outages, 1);
      assert.ok(link.stats.downMs > 0);
    } finally {
      await link.close();
    }
  });
});

describe('what cannot be opened', () => {
  const rows: [what: string, path: string, code: string][] = [
    ['a path that is not there', '/dev/no-such-port', 'PORT_MISSING'],
    ['a file', fileURLToPath(import.meta.url), 'PORT_UNUSABLE'],
    ['a folder', '/dev', 'PORT_UNUSABLE'],
  ];
  for (const [what, path, code] of rows) {
    test(what, async () => {
      await assert.rejects(openSerial(path), (fault: Error & { code: string; hint: string }) => {
        assert.equal(fault.code, code);
        assert.ok(fault.message.startsWith(`${path}: `), fault.message);
        assert.ok(!fault.message.includes('\n') && fault.hint.length > 0);
        return true;
      });
    });
  }
});
