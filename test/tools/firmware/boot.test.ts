/** An emulated Miner over its resets: what an image says is what runs; a bad one is taken back. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { imageVerifier, type SelfTestResult } from '../../../edge/boot/index.ts';
import { imageSigner, parseImageVersion, signImage } from '../../../edge/firmware/index.ts';
import { packHash } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import {
  type BootedMiner,
  bootMiner,
  type FirmwareEvent,
  isBlank,
  openMinerFlash,
  programFactoryImage,
  runFirmware,
} from '../../../tools/firmware/index.ts';
import { firmware, verify } from './boot-images.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'boot-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function factoryMiner(image = firmware('1.0.0')) {
  const flash = openMinerFlash(path.join(folder, `flash-${files++}.bin`));
  programFactoryImage(flash, image, verify);
  return flash;
}

function upload({ images }: BootedMiner, bytes: Uint8Array, permanent = false): void {
  images.uploadBegin({ lengthBytes: bytes.length, sha256: packHash(bytes) });
  images.writeChunk(0, bytes);
  images.setPending(images.finishUpload().hash, permanent);
}

test('blank flash takes a factory image, and boots what it says', () => {
  const file = path.join(folder, 'blank.bin');
  const blank = openMinerFlash(file);
  assert.ok(isBlank(blank));
  assert.throws(() => bootMiner(blank, verify), { code: 'BOOT_NO_IMAGE' });
  const settings = { packIntervalMs: 5000 };
  const decoders = [new Uint8Array(32).fill(9)];
  programFactoryImage(blank, firmware('1.0.0', { settings, decoders }), verify);
  blank.close();
  const flash = openMinerFlash(file);
  assert.ok(!isBlank(flash));
  const { version, manifest, isTrial, imageHash, outcome, images } = bootMiner(flash, verify);
  assert.deepEqual([version, isTrial, outcome.swap, imageHash.length], ['1.0.0', false, 'none', 32]);
  assert.deepEqual([manifest.settings, manifest.decoders], [settings, decoders]);
  assert.deepEqual(
    images.state().map(({ confirmed, active }) => [confirmed, active]),
    [[true, true]],
  );
  flash.close();
});

test('a factory image must verify and fit', () => {
  const flash = openMinerFlash(path.join(folder, 'factory.bin'));
  const strange = imageVerifier(imageSigner('ed25519', new Uint8Array(32).fill(4)).publicKey);
  assert.throws(() => programFactoryImage(flash, firmware('1.0.0'), strange), { code: 'IMAGE_UNVERIFIED' });
  assert.throws(() => programFactoryImage(flash, firmware('1.0.0', {}, 600_000), verify), {
    code: 'FIRMWARE_TOO_LARGE',
  });
  assert.ok(isBlank(flash));
  flash.close();
});

/** Runs a Miner that is told what to do at each boot, until it is out of plans; the events in short. */
async function life(
  flash: ReturnType<typeof openMinerFlash>,
  plans: ((booted: BootedMiner, reset: () => void) => void)[],
  selfTest: (booted: BootedMiner) => Promise<SelfTestResult> | SelfTestResult = () => ({ passed: true }),
): Promise<string[]> {
  const told: string[] = [];
  const tell = (event: FirmwareEvent) => {
    if (event.event === 'boot') told.push(`boot ${event.version}${event.isTrial ? ' on trial' : ''}`);
    else if (event.event === 'confirmed') told.push(`confirmed ${event.version}`);
    else if (event.event === 'self-test') told.push(`self-test: ${event.reason}`);
    else if (event.event === 'reset') told.push(`reset: ${event.cause}`);
    else if (event.event === 'done') told.push(event.request);
    // What follows is up to the next plan.
    if (event.event === 'confirmed') end?.();
  };
  let end: (() => void) | undefined;
  await runFirmware({
    flash,
    verify,
    clock: liveClock(),
    watchdogMs: 60,
    tell,
    start(booted, reset) {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const plan = plans.shift();
      if (plan) plan(booted, reset);
      else if (booted.isTrial) end = resolve;
      else resolve();
      return { selfTest: () => selfTest(booted), ended, stop: () => {} };
    },
  });
  return told;
}

const install = (image: Uint8Array) => (booted: BootedMiner, reset: () => void) => {
  upload(booted, image);
  reset();
};

test('an update that passes its self-test is confirmed, and there after the next start', async () => {
  const flash = factoryMiner();
  assert.deepEqual(await life(flash, [install(firmware('1.1.0'))]), [
    'boot 1.0.0',
    'reset: request',
    'test',
    'boot 1.1.0 on trial',
    'confirmed 1.1.0',
  ]);
  assert.deepEqual(await life(flash, []), ['boot 1.1.0']);
  flash.close();
});

const body = new Uint8Array(100).fill(1);
const foreign = signImage(
  { body, version: parseImageVersion('1.1.0') },
  imageSigner('ed25519', new Uint8Array(32).fill(3)),
);
const unfit: [string, Uint8Array, string[], (() => SelfTestResult)?][] = [
  [
    'fails its self-test',
    firmware('1.1.0'),
    ['self-test: no frames', 'reset: self-test'],
    () => ({ passed: false, reason: 'no frames' }),
  ],
  [
    'was built to fail it',
    firmware('1.1.0', { fault: 'self-test' }),
    ['self-test: this image was built to fail its self-test', 'reset: self-test'],
  ],
  ['hangs', firmware('1.1.0', { fault: 'hang' }), ['reset: watchdog']],
];
for (const [what, image, expected, selfTest] of unfit) {
  test(`an update that ${what} is taken back`, async () => {
    const flash = factoryMiner();
    assert.deepEqual(await life(flash, [install(image)], selfTest), [
      'boot 1.0.0',
      'reset: request',
      'test',
      'boot 1.1.0 on trial',
      ...expected,
      'revert',
      'boot 1.0.0',
    ]);
    flash.close();
  });
}

test('an update that is no firmware of a Miner is taken back; one that is there for good is refused', async () => {
  const flash = factoryMiner();
  const told = await life(flash, [install(foreign)]);
  assert.match(told[2], /^self-test: the image 1\.1\.0 .* holds no manifest$/);
  assert.deepEqual(told.slice(3), ['reset: crash', 'revert', 'boot 1.0.0']);
  upload(bootMiner(flash, verify), foreign, true);
  await assert.rejects(life(flash, []), { code: 'FIRMWARE_FOREIGN' });
  flash.close();
});

test('an update that cannot start is taken back; what is there for good passes its failure on', async () => {
  const flash = factoryMiner();
  upload(bootMiner(flash, verify), firmware('1.1.0'));
  const starts: string[] = [];
  const start = ({ version }: BootedMiner) => {
    starts.push(version);
    throw new Error(`no port for ${version}`);
  };
  const running = runFirmware({ flash, verify, clock: liveClock(), start, tell: () => {} });
  await assert.rejects(running, /no port for 1\.0\.0/);
  assert.deepEqual(starts, ['1.1.0', '1.0.0']);
  flash.close();
});

test('an update that crashes on trial is taken back; what is there for good passes its crash on', async () => {
  const flash = factoryMiner();
  upload(bootMiner(flash, verify), firmware('1.1.0'));
  const told: string[] = [];
  const start = ({ version }: BootedMiner) => ({
    selfTest: () => new Promise<SelfTestResult>(() => {}),
    ended: Promise.reject(new Error(`crash of ${version}`)),
    stop: () => {
      told.push('stopped');
    },
  });
  const tell = (event: FirmwareEvent) => {
    if (event.event === 'reset' || event.event === 'self-test') told.push(JSON.stringify(event));
  };
  await assert.rejects(runFirmware({ flash, verify, clock: liveClock(), start, tell }), /crash of 1\.0\.0/);
  assert.deepEqual(told, [
    '{"event":"self-test","version":"1.1.0","reason":"crash of 1.1.0"}',
    '{"event":"reset","cause":"crash"}',
  ]);
  flash.close();
});

test('an update that hangs in its start is taken back', async () => {
  const flash = factoryMiner();
  upload(bootMiner(flash, verify), firmware('1.1.0'));
  const told: string[] = [];
  await runFirmware({
    flash,
    verify,
    clock: liveClock(),
    watchdogMs: 20,
    start: ({ isTrial }) =>
      isTrial
        ? new Promise(() => {})
        : { selfTest: () => ({ passed: true }), ended: Promise.resolve(), stop: () => {} },
    tell: (event) => told.push(event.event === 'reset' ? event.cause : event.event),
  });
  assert.deepEqual(told, ['begin', 'done', 'boot', 'watchdog', 'begin', 'done', 'boot']);
  flash.close();
});
