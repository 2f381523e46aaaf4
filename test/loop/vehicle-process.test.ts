// A vehicle in a process of its own, seen from its parent: how it ends, and that every fault is heard.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openCanLink } from '../../edge/can-link.ts';
import { liveClock } from '../../edge/sim/index.ts';
import { transportOpener } from '../../edge/transport/node.ts';
import { startVehicleProcess } from '../../tools/vehicle/child.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'vehicle-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const listen = 'tcp://127.0.0.1:0';

test('a fault before it listens is thrown as it was in the process', async () => {
  const dbc = path.join(folder, 'missing.dbc');
  await assert.rejects(startVehicleProcess({ listen, dbc }), (error: Error & { code: string }) => {
    assert.ok(error.message.includes(dbc));
    return error.code === 'VEHICLE_DBC';
  });
});

test('a fault while it plays rejects finished', async (t) => {
  const log = path.join(folder, 'drive.log');
  writeFileSync(log, '(1.000000) can0 123#00\n');
  const vehicle = await startVehicleProcess({ listen, log, speed: 0 });
  t.after(() => vehicle.close());
  rmSync(log);
  const link = await openCanLink({ open: transportOpener(vehicle.port), clock: liveClock(), onFrames: () => {} });
  await assert.rejects(vehicle.finished, /drive\.log/);
  await link.close();
});

test('closing it before its end rejects finished, and can be done twice', async () => {
  const vehicle = await startVehicleProcess({ listen });
  await vehicle.close();
  await vehicle.close();
  await assert.rejects(vehicle.finished, { code: 'VEHICLE_DIED' });
});
