// `miner run --flash`: the Miner is what its image says, can be flashed, put back and killed, and stays itself.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { parseImage, verifyHash } from '../../../edge/firmware/index.ts';
import { openPack, packAad, toHex } from '../../../edge/pack/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { eventsOf, flash, inFolder, makeImage, publicKeyFile, skipWithoutPty, stranger } from '../flash/world.ts';
import { registryWorld } from '../registry/registry-world.ts';
import { electricCar, type Running, runMiner, startMiner } from './miner-process.ts';

const data = inFolder('data');
const flashFile = inFolder('board.flash');
const blankFile = inFolder('blank.flash');
const consolePath = inFolder('console');
const car = inFolder('car');
const first = makeImage('1.0.0', { size: 12_000 });
const better = makeImage('1.1.0', { size: 12_000 });
const worse = makeImage('1.2.0', { size: 12_000, fault: 'self-test' });
const foreign = makeImage('2.0.0', { size: 12_000, signer: stranger });

const board = ['--flash', flashFile, '--boot-key', publicKeyFile];
const onBlank = ['--flash', blankFile, '--boot-key', publicKeyFile];
const bare = ['run', '--port', car, '--data', data];

describe('what is missing is told', () => {
  const rows: [string, string[], RegExp][] = [
    ['a console without flash', ['--console', 'pty:'], /--flash is missing: --console is of a device/],
    ['SMP without flash', ['--smp-udp', '1337'], /--flash is missing: --smp-udp is of a device/],
    ['a flash without a key', ['--flash', blankFile], /--boot-key is missing/],
    ['blank flash without an image', onBlank, /--image is missing: .*blank\.flash is blank flash/],
  ];
  for (const [name, args, message] of rows) {
    test(name, async () => {
      const ended = await runMiner([...bare, ...args]);
      assert.match(ended.stderr, message);
      assert.equal(ended.code, 2);
    });
  }

  test('a first image by another key is not written', async () => {
    const ended = await runMiner([...bare, ...onBlank, '--image', foreign.path]);
    assert.match(ended.stderr, /does not verify/);
    assert.equal(ended.code, 1);
  });
});

describe('a board on a bench', { skip: skipWithoutPty }, async () => {
  const world = await registryWorld();
  const vehicle = startMiner(['vehicle', '--link', car]);
  after(async () => {
    vehicle.child.kill('SIGKILL');
    await world[Symbol.asyncDispose]();
  });
  writeRecord(data, 'chain', { rpcUrl: world.url, deployment: world.deployment });
  writeFileSync(`${data}/device.key`, `${toHex(world.device.key)}\n`, { mode: 0o600 });
  await world.enrol(await world.license());
  await vehicle.seen(/open/);

  const start = async (): Promise<Running> => {
    const args = [...bare, ...board, '--image', first.path, '--dbc', electricCar, '--console', `pty:${consolePath}`];
    const running = startMiner([...args, '--json']);
    await running.seen(/"event":"port-up"/);
    await running.seen(/"event":"console"/);
    return running;
  };
  /** Over the console, which is another pty for each program that comes. */
  const overConsole = async (...args: string[]) => {
    while (!existsSync(consolePath)) await new Promise((resolve) => setTimeout(resolve, 10));
    return flash(...args, '--port', consolePath);
  };
  let miner = await start();
  after(() => miner.child.kill('SIGKILL'));

  test('blank flash got its first image, which runs', async () => {
    await miner.seen(/"event":"boot","version":"1\.0\.0","hash":"[0-9a-f]{64}","trial":false/);
    await miner.seen(/"event":"image-uncertified"/);
  });

  test('a better image is uploaded, tried, and stays', async () => {
    const ran = await overConsole(better.path, '--test', '--confirm', '--wait-boot', '30');
    assert.equal(ran.code, 0, ran.stderr);
    await miner.seen(/"event":"image-confirmed","version":"1\.1\.0"/);
  });

  test('an image that fails its self-test is put back, and the one before runs on', async () => {
    const ran = await overConsole(worse.path, '--test', '--reset', '--wait-boot', '30');
    assert.equal(ran.code, 1, ran.stdout);
    await miner.seen(/"event":"self-test-failed","version":"1\.2\.0"/);
    await miner.seen(/"event":"boot-swapped","request":"revert"/);
  });

  test('an image by another key is refused, and nothing changes', async () => {
    const ran = await overConsole(foreign.path, '--test', '--reset', '--wait-boot', '30');
    assert.notEqual(ran.code, 0);
    const [{ slots }] = eventsOf(await overConsole('--list', '--json'));
    assert.deepEqual(
      slots.map(({ version }: { version: string }) => version),
      ['1.1.0'],
    );
  });

  test('an interval that is set takes effect, and outlasts a kill', async () => {
    const set = await overConsole('--set', 'pack/interval_ms=250');
    assert.equal(set.code, 0, set.stderr);
    miner.child.kill('SIGKILL');
    await miner.ended;
    miner = await start();
    await miner.seen(/"event":"boot","version":"1\.1\.0"/);
    const got = await overConsole('--get', 'pack/interval_ms', '--json');
    assert.match(got.stdout, /250|fa000000/);
  });

  test('stopped by Ctrl-C, it ends with 0; the pack of the trial carries the hash of the image on trial', async () => {
    miner.child.kill('SIGINT');
    const ended = await miner.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const storage = new DirectoryStorage(`${data}/packs`);
    const { log } = PackLog.open(storage);
    const externalAad = packAad(world.deployment.chainId, parseHex(world.deployment.addresses.MinerRegistry));
    const hashes = new Set<string>();
    const end = log.nextSeq() ?? 0;
    for (let seq = 1; seq < end; seq++) {
      const bytes = log.read(seq);
      if (bytes) hashes.add(toHex(openPack(bytes, { externalAad }).body.imageHash ?? new Uint8Array()));
    }
    log.close();
    storage.close();
    assert.deepEqual([...hashes], [toHex(verifyHash(parseImage(better.bytes)))]);
  });
});

const parseHex = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
