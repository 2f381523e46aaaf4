/** Somebody else's host: python-can's slcan interface against our adapter on a pty, as every firmware that it can drive. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { FrameBatch } from '../../../edge/can/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SlcanAdapter, slcanProfiles } from '../../../edge/slcan/index.ts';
import { openPty } from '../../../edge/transport/node.ts';
import { skipWithoutPty, startVehicle } from './process.ts';

const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import can, serial']).status === 0,
);
const skip = skipWithoutPty || (python === undefined && 'needs python-can (Debian package python3-can)');

/**
 * For each port: reads frames, sends two, and prints what it read, one a line. A port is `path,bit rate,frames` and,
 * where the adapter has a version and a serial number of Lawicel's form, `,V`.
 */
const script = `
import can, sys
for port in sys.argv[1:]:
    path, bitrate, frames, *asks = port.split(',')
    bus = can.Bus(interface='slcan', channel=path, bitrate=int(bitrate), sleep_after_open=0.05)
    for _ in range(int(frames)):
        frame = bus.recv(timeout=5)
        if frame is None: break
        print('%x %d %s' % (frame.arbitration_id, frame.is_extended_id, frame.data.hex()))
    bus.send(can.Message(arbitration_id=0x123, is_extended_id=False, data=[1, 2, 3]))
    bus.send(can.Message(arbitration_id=0x1ABCDEF0, is_extended_id=True, is_remote_frame=True, dlc=4))
    if asks:
        version = bus.get_version(2)
        print('version', version[0], version[1], bus.get_serial_number(2))
    bus.shutdown()
    print('end')
`;

async function runPython(ports: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', script, ...ports], { timeout: 60_000 });
  return stdout.trim().split('\n');
}

test('python-can opens the channel, reads the drive, sends frames, and asks for the version', { skip }, async () => {
  const vehicle = await startVehicle('--duration-ms', '60000');
  const lines = await runPython([`${vehicle.port},500000,400,V`]);
  assert.equal(lines.length, 402);
  assert.match(lines[0], /^[\da-f]+ [01] ([\da-f]{2})*$/);
  assert.match(lines[400], /^version 10 13 A123$/);
  assert.ok(lines.some((line) => line.startsWith('b4 0 ')));
  vehicle.process.send('close');
  const { received, overrun } = await vehicle.told('closed');
  assert.deepEqual({ received, overrun }, { received: 2, overrun: 0 });
});

test('python-can drives our adapter as each firmware', { skip }, async () => {
  const batch = new FrameBatch(20);
  for (let i = 0; i < 20; i++)
    batch.push(0, i % 2 ? 0x100 + i : 0x18ff_0000 + i, i % 2 ? 0 : 1, new Uint8Array(i % 9).fill(i));
  const expected = Array.from({ length: 20 }, (_, i) => {
    const { id, flags, data } = batch.frame(i);
    return `${id.toString(16)} ${flags} ${Buffer.from(data).toString('hex')}`;
  });
  const ptys = await Promise.all(Object.values(slcanProfiles).map(() => openPty()));
  const received: Record<string, string[]> = {};
  const answersVersion = (name: string) => ['lawicel', 'can232', 'kernel'].includes(name);
  const ports = Object.values(slcanProfiles).map((profile, index) => {
    // 750 kbit/s where python-can's S7 means that; a CAN232 was told once to send unasked.
    const busBitRate = profile.bitRates[7] === 750_000 ? 750_000 : 500_000;
    received[profile.name] = [];
    const adapter = new SlcanAdapter(ptys[index].transport, {
      clock: liveClock(),
      profile,
      busBitRate,
      autoSend: true,
      paceToBitRate: false,
      onChannel: ({ state }) => {
        if (state === 'open') adapter.offer(batch);
      },
      onTransmit: (frames) => {
        for (let i = 0; i < frames.count; i++)
          received[profile.name].push(`${frames.id[i].toString(16)} ${frames.length[i]}`);
      },
    });
    const version = answersVersion(profile.name) ? ',V' : '';
    return `${ptys[index].path},${busBitRate},20${version}`;
  });
  const lines = await runPython(ports);
  for (const { transport } of ptys) await transport.close();
  const versions: Record<string, string> = {
    lawicel: 'version 10 13 A123',
    kernel: 'version 10 13 A123',
    can232: 'version 13 35 B456',
  };
  const all = Object.keys(slcanProfiles).flatMap((name) => [
    ...expected,
    ...(answersVersion(name) ? [versions[name]] : []),
    'end',
  ]);
  assert.deepEqual(lines, all);
  for (const [name, sent] of Object.entries(received)) assert.deepEqual(sent, ['123 3', '1abcdef0 4'], name);
});
