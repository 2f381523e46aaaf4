// Ports that are not there yet, readers that are gone, options that contradict each other: each ends as it should.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { registerRun } from '../../../tools/cli/commands/run.ts';
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

test('Ctrl-C, SIGTERM or SIGHUP while a port is waited for: ends clean', async () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const codes = signals.map(async (signal) => {
    const looking = startMiner([...look, '--wait']);
    await looking.seen(/waiting for it/);
    looking.child.kill(signal);
    return (await looking.ended).code;
  });
  assert.deepEqual(await Promise.all(codes), [0, 0, 0]);
});

test('OBD without leave to send: exit 2', async () => {
  const { code, stderr } = await runMiner([...look, '--obd']);
  assert.equal(code, 2);
  assert.match(stderr, /--active is missing: --obd sends on the bus/);
});

const wrong: [string, string[], RegExp][] = [
  ['OBD without an interval', ['--obd', '0c'], /such as 0c=1,2f=30; got 0c/],
  ['OBD more often than ten times a second', ['--obd', '0c=0.05'], /got 0c=0\.05/],
  ['an adapter that nobody knows', ['--profile', 'elm327'], /Allowed choices are auto, lawicel, can232/],
  ['no port to serve health on', ['--http', 'localhost'], /Expected port or host:port/],
  ['a gateway that is no address', ['--gateway', '0x12'], /Expected an address/],
  ['a bit rate that no CAN has', ['--bit-rate', '2000000'], /from 10000 to 1000000/],
  ['frames to record by another word', ['--record', 'all'], /Allowed choices are never, untrusted, undecoded/],
  ['no decoder', ['--look'], /required option '--dbc <file...>' not specified/],
];
for (const [name, options, message] of wrong) {
  test(`refused as wrong usage: ${name}`, async () => {
    const program = new Command('miner').exitOverride().configureOutput({ writeErr: () => {} });
    registerRun(program);
    program.commands[0].exitOverride().configureOutput({ writeErr: () => {} });
    const dbc = name === 'no decoder' ? [] : ['--dbc', electricCar];
    const parsing = program.parseAsync(['node', 'miner', 'run', '--port', link, ...dbc, ...options]);
    await assert.rejects(parsing, { name: 'CommanderError', message });
  });
}
