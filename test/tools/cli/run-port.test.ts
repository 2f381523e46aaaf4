// Ports that are not there yet, readers that are gone, options that contradict each other: each ends as it should.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { skipWithoutProgram } from '../../programs.ts';
import { electricCar, runMiner, startMiner } from './miner-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-port-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const link = path.join(folder, 'car');
const look = ['run', '--look', '--dbc', electricCar, '--port', link];

test('a port that comes later is waited for; a reader that goes away stops the look in order', async () => {
  const looking = startMiner([...look, '--wait', '--json']);
  await looking.seen(/car: there is no such port; waiting for it/);
  const vehicle = startMiner(['vehicle', '--link', link]);
  await looking.seen(/reading \S+car \(adapter 1013, profile lawicel\)/);
  await looking.seen(/"name":"WheelSpeeds"/);
  assert.equal(looking.output.stderr.match(/there is no such port/g)?.length, 1, 'said once, not at every attempt');
  looking.child.stdout?.destroy();
  const { code, stderr } = await looking.ended;
  assert.equal(code, 0);
  assert.match(stderr, /nobody reads the output any more: stopping\n\d+ frames, \d+ decoded; nothing was signed\n$/);
  vehicle.child.kill('SIGINT');
  assert.equal((await vehicle.ended).code, 0);
});

test('a serial port handed out over TCP with socat is read from there', {
  skip: skipWithoutProgram('socat'),
}, async () => {
  const vehicle = startMiner(['vehicle']);
  const [, pty] = await vehicle.seen(/listening: open (\S+) in/);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  // Started after the Miner: --wait is for that.
  const looking = startMiner([...look.slice(0, -1), `tcp://127.0.0.1:${port}`, '--wait']);
  await looking.seen(/nobody listens there; waiting for it/);
  const socat = spawn('socat', [`TCP-LISTEN:${port},reuseaddr`, `FILE:${pty},raw,echo=0`], { stdio: 'ignore' });
  await looking.seen(/WheelSpeeds: /);
  looking.child.kill('SIGINT');
  assert.equal((await looking.ended).code, 0);
  socat.kill();
  vehicle.child.kill('SIGINT');
  await vehicle.ended;
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} while a port is waited for: ends clean`, async () => {
    const looking = startMiner([...look, '--wait']);
    await looking.seen(/waiting for it/);
    looking.child.kill(signal);
    assert.equal((await looking.ended).code, 0);
  });
}

const wrong: [string, string[], RegExp][] = [
  ['OBD without leave to send', ['--look', '--obd'], /--active is missing: --obd sends on the bus/],
  ['OBD without an interval', ['--active', '--obd', '0c'], /such as 0c=1,2f=30; got 0c/],
  ['an adapter that nobody knows', ['--look', '--profile', 'elm327'], /Allowed choices are auto, lawicel, can232/],
  ['no port to serve health on', ['--http', 'localhost'], /Expected port or host:port/],
  ['a gateway that is no address', ['--gateway', '0x12'], /Expected an address/],
];
for (const [name, options, message] of wrong) {
  test(`${name}: exit 2`, async () => {
    const { code, stderr } = await runMiner(['run', '--dbc', electricCar, '--port', link, ...options]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  });
}
