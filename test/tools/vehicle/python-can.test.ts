/** Somebody else's host: python-can's slcan interface against our adapter on a pty. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { skipWithoutPty, startVehicle } from './process.ts';

const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import can, serial']).status === 0,
);

/** Reads `count` frames, sends two, and prints what it read, one a line. */
const script = `
import can, sys
bus = can.Bus(interface='slcan', channel=sys.argv[1], bitrate=500000, sleep_after_open=0.05)
for _ in range(int(sys.argv[2])):
    frame = bus.recv(timeout=5)
    if frame is None: break
    print('%x %d %s' % (frame.arbitration_id, frame.is_extended_id, frame.data.hex()))
bus.send(can.Message(arbitration_id=0x123, is_extended_id=False, data=[1, 2, 3]))
bus.send(can.Message(arbitration_id=0x1ABCDEF0, is_extended_id=True, is_remote_frame=True, dlc=4))
version = bus.get_version(2)
print('version', version[0], version[1])
bus.shutdown()
`;

test('python-can opens the channel, reads the drive, sends frames, and asks for the version', {
  skip: skipWithoutPty || (python === undefined && 'needs python-can (Debian package python3-can)'),
}, async () => {
  const vehicle = await startVehicle('--duration-ms', '60000');
  const { stdout } = await promisify(execFile)(python ?? '', ['-c', script, vehicle.port, '400'], { timeout: 20_000 });
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 401);
  assert.match(lines[0], /^[\da-f]+ [01] ([\da-f]{2})*$/);
  assert.match(lines[400], /^version 10 13$/);
  assert.ok(lines.some((line) => line.startsWith('b4 0 ')));
  vehicle.process.send('close');
  const { received, overrun } = await vehicle.told('closed');
  assert.deepEqual({ received, overrun }, { received: 2, overrun: 0 });
});
