// The life of a Miner at a bench, each command in its own process, as the README tells a hardware engineer.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fromHex } from '../../../edge/pack/index.ts';
import { encodeCheckpointFile } from '../../../edge/trust/index.ts';
import { makeCheckpoint, signCheckpoint, signersText } from '../../../tools/checkpoint/index.ts';
import { readChain } from '../../../tools/cli/data-folder.ts';
import { seededIdentity } from '../../../tools/cli/identity.ts';
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

  await t.test('without a chain: refused; with --wait raw frames; by a checkpoint as if it were there', async () => {
    const offline = await provisioned(data);
    const next = start(['vehicle']);
    const nextPort = await portOf(next);
    chain.child.kill('SIGKILL');
    await chain.ended;
    const refused = await runMiner(minerArgs(nextPort));
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /no answer from the chain at [^\n]*\n {2}to do: /);

    const waiting = start([...minerArgs(nextPort), '--wait', '--pack-s', '0.5']);
    for (const event of ['device-unknown', 'trust-expired', 'pack-signed']) {
      await waiting.seen(new RegExp(`"event":"${event}"`));
    }
    waiting.child.kill('SIGTERM');
    const { code, stdout } = await waiting.ended;
    assert.equal(code, 0);
    assert.ok(stoppedOf(stdout).framesRecorded > 0 && stoppedOf(stdout).framesDecoded === 0);

    // A device that never saw the chain, with nothing but a checkpoint and the signers it was given.
    const away = start([...minerArgs(nextPort), '--data', offline, '--checkpoint', path.join(offline, 'checkpoint')]);
    for (const event of ['checkpoint-accepted', 'trust-source","source":"checkpoint', 'decoder-approved', 'port-up']) {
      await away.seen(new RegExp(`"event":"${event}"`));
    }
    // The channel is open, and frames come at once; what is sampled until the signal is signed after it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    away.child.kill('SIGTERM');
    const stopped = stoppedOf((await away.ended).stdout);
    assert.ok(stopped.framesDecoded > 0 && stopped.packsSigned > 0);
  });
});

/** A data folder as a maker would hand it out: key, chain, signers, and a checkpoint that one of them signed. */
async function provisioned(from: string): Promise<string> {
  const folder = path.join(from, 'offline');
  mkdirSync(folder);
  for (const name of ['chain.json', 'gateway.json', 'device.key']) {
    copyFileSync(path.join(from, name), path.join(folder, name));
  }
  const { rpcUrl, deployment } = readChain(from);
  const issued = Math.floor(Date.now() / 1000);
  const { file } = await makeCheckpoint({ rpcUrl, deployment, issued, validSeconds: 3600 });
  const { account } = seededIdentity('checkpoint signer', 1);
  const signerSet = { signers: [fromHex(account.address.slice(2).toLowerCase())], threshold: 1, blockNumber: 0 };
  const signature = await signCheckpoint({ ...file, signerSet }, account);
  const { chainId, registry } = file.checkpoint;
  writeFileSync(path.join(folder, 'checkpoint-signers.json'), signersText({ chainId, registry, signerSet }));
  writeFileSync(path.join(folder, 'checkpoint'), encodeCheckpointFile({ ...file, signatures: [signature] }));
  return folder;
}
