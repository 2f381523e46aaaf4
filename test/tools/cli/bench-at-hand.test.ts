// The life of a Miner at a bench, each command in its own process, as the README tells a hardware engineer.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { electricCar, type Running, runMiner, startMiner } from './miner-process.ts';

const data = mkdtempSync(path.join(tmpdir(), 'miner-bench-'));
const running: Running[] = [];
after(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGINT');
    await ended;
  }
  rmSync(data, { recursive: true, force: true });
});
const start = (args: string[]) => {
  const started = startMiner(args);
  running.push(started);
  return started;
};
const portOf = async (vehicle: Running) => (await vehicle.seen(/listening: open (\S+) in/))[1];
const minerArgs = (port: string) => ['run', '--port', port, '--dbc', electricCar, '--data', data, '--json'];
const stoppedOf = (stdout: string) => {
  const last = stdout.trim().split('\n').at(-1) ?? '{}';
  return JSON.parse(last) as {
    event: string;
    framesReceived: number;
    framesDecoded: number;
    framesRecorded: number;
    packsSigned: number;
    waiting: number;
    outages: number;
  };
};

test('chain, gateway, vehicle, run: from a licence to receipts, and a pulled plug', async (t) => {
  const chain = start(['chain', '--port', '0', '--data', data]);
  await chain.seen(/ready at/);
  let gateway = start(['gateway', '--data', data, '--port', '0']);
  await gateway.seen(/listening at/);
  const vehicle = start(['vehicle']);
  const port = await portOf(vehicle);

  await t.test('a device that is not enrolled may not sign', async () => {
    const { code, stderr } = await runMiner(minerArgs(port));
    assert.equal(code, 1);
    assert.match(stderr, /may not sign: on the chain it is none/);
  });

  await t.test('enrolled, it reads, signs and gets receipts; Ctrl-C stops it clean', async () => {
    assert.equal((await runMiner(['enrol', '--data', data])).code, 0);
    const miner = start([...minerArgs(port), '--pack-s', '0.5']);
    await miner.seen(/"event":"receipted","seq":2/);
    miner.child.kill('SIGINT');
    const { code, stdout } = await miner.ended;
    assert.equal(code, 0);
    const stopped = stoppedOf(stdout);
    assert.equal(stopped.event, 'stopped');
    assert.ok(stopped.framesReceived > 0 && stopped.framesDecoded === stopped.framesReceived);
    assert.equal(stopped.waiting, 0);
  });

  await t.test('a wrong chain id is refused', async () => {
    const { code, stderr } = await runMiner([...minerArgs(port), '--chain-id', '5']);
    assert.equal(code, 3);
    assert.match(stderr, /has id 31337, but chain 5 is meant/);
  });

  await t.test('a port in use is named as such', async () => {
    const first = start([...minerArgs(port), '--look']);
    await first.seen(/reading/);
    const { code, stderr } = await runMiner([...minerArgs(port), '--look']);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`${port}: .*another program|${port}.*in use`));
    first.child.kill('SIGINT');
    assert.equal((await first.ended).code, 0);
  });

  await t.test('without a gateway packs wait in the log, and go out in the next run', async () => {
    gateway.child.kill('SIGINT');
    await gateway.ended;
    const alone = start([...minerArgs(port), '--pack-s', '0.5']);
    await alone.seen(/"event":"pack-signed"[^\n]*\n(.|\n)*"event":"pack-signed"/);
    const second = await runMiner(minerArgs(port));
    assert.equal(second.code, 3);
    assert.match(second.stderr, /the log in \S+packs is in use by process \d+/);
    alone.child.kill('SIGINT');
    const { waiting } = stoppedOf((await alone.ended).stdout);
    assert.ok(waiting >= 2, `${waiting} packs wait`);

    gateway = start(['gateway', '--data', data, '--port', '0']);
    await gateway.seen(/listening at/);
    const next = start([...minerArgs(port), '--pack-s', '0.5']);
    await next.seen(/"event":"receipted"/);
    next.child.kill('SIGINT');
    assert.equal(stoppedOf((await next.ended).stdout).waiting, 0);
  });

  await t.test('a port that disappears: told, waited for, and nothing signed is lost', async () => {
    const miner = start([...minerArgs(port), '--pack-s', '0.5']);
    await miner.seen(/"event":"pack-signed"/);
    vehicle.child.kill('SIGKILL');
    await miner.seen(/"event":"port-down","error":\{"code":"PORT_LOST"/);
    miner.child.kill('SIGINT');
    const { code, stdout } = await miner.ended;
    assert.equal(code, 0);
    const stopped = stoppedOf(stdout);
    assert.equal(stopped.outages, 1);
    assert.equal(stopped.waiting, 0);
  });

  await t.test('holders read what was voted on', async () => {
    const { code, stdout } = await runMiner(['dip', 'show', '2', '--data', data]);
    assert.equal(code, 0);
    assert.match(stdout, /list the decoder "electric-car" version 1/);
    assert.match(stdout, /level 1/);
    const dips = (await runMiner(['dip', 'list', '--data', data, '--json'])).stdout.trim().split('\n');
    assert.deepEqual(
      dips.map((line) => JSON.parse(line).bound),
      [true, true],
    );
  });

  await t.test(
    'without a chain: refused, or with --wait frames are recorded as they come until it is there',
    async () => {
      const next = start(['vehicle']);
      const nextPort = await portOf(next);
      chain.child.kill('SIGKILL');
      await chain.ended;
      const refused = await runMiner(minerArgs(nextPort));
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /no answer from the chain at [^\n]*\n {2}to do: /);
      const miner = start([...minerArgs(nextPort), '--wait', '--pack-s', '0.5']);
      await miner.seen(/"event":"device-unknown"/);
      await miner.seen(/"event":"trust-expired"/);
      await miner.seen(/"event":"receipted"|"event":"pack-signed"/);
      miner.child.kill('SIGTERM');
      const { code, stdout } = await miner.ended;
      assert.equal(code, 0);
      const stopped = stoppedOf(stdout);
      assert.ok(stopped.framesRecorded > 0 && stopped.framesDecoded === 0);
    },
  );
});
