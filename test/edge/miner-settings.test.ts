// Settings changed while a Miner runs: reporting intervals take effect at once, and nothing that was sampled is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, minerWorld, powertrain, valuesOf } from './miner-world.ts';
import { advance } from './slcan/clock.ts';

/** Speed as a raw number, at a time. */
const speed = (raw: number, timeMs: number) => batchOf([0x100, `${raw.toString(16).padStart(2, '0')}0000`, 0, timeMs]);
const speeds = (packs: Parameters<typeof valuesOf>[0]) =>
  valuesOf(packs)
    .filter(([, signalIndex]) => signalIndex === 0)
    .map(([, , raw]) => raw);

test('a longer interval leaves values out from now on, and keeps those that were sampled', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain], settings: { packIntervalMs: 1e6 } });
  await miner.start([powertrain]);
  for (let i = 1; i <= 3; i++) miner.receive(speed(i, 10 * i));
  miner.changeSettings({ sampling: { intervalMsMin: 100, intervalMsMax: 1000 } });
  for (let i = 4; i <= 20; i++) miner.receive(speed(i, 10 * i));
  miner.flush();
  assert.deepEqual(speeds(packs()), [1, 2, 3, 13]);
});

test('recorded frames follow the interval too', async () => {
  const { miner } = minerWorld({ settings: { recordFrames: 'undecoded', packIntervalMs: 1e6 } });
  await miner.start([]);
  miner.receive(batchOf([0x7ff, '01', 0, 0], [0x7ff, '02', 0, 1]));
  miner.changeSettings({ sampling: { intervalMsMin: 100, intervalMsMax: 1000 } });
  miner.receive(batchOf([0x7ff, '03', 0, 2], [0x7ff, '04', 0, 3]));
  assert.equal(miner.counters.framesRecorded, 2);
});

test('a new pack interval counts from the change', async () => {
  const { miner, clock, packs } = minerWorld({ listed: [powertrain], settings: { packIntervalMs: 1e6 } });
  await miner.start([powertrain]);
  miner.receive(speed(1, 0));
  miner.changeSettings({ packIntervalMs: 500 });
  await advance(clock, 499);
  assert.equal(packs().length, 0);
  await advance(clock, 1);
  assert.equal(packs().length, 1);
  miner.receive(speed(2, 600));
  await advance(clock, 500);
  assert.equal(packs().length, 2);
});

test('fewer samples to a pack close the one under way', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain], settings: { packIntervalMs: 1e6 } });
  await miner.start([powertrain]);
  for (let i = 1; i <= 5; i++) miner.receive(speed(i, i));
  miner.changeSettings({ packSamplesMax: 4 });
  miner.receive(speed(6, 6));
  assert.equal(packs().length, 1);
  assert.deepEqual(speeds(packs()), [1, 2, 3, 4, 5, 6]);
});

test('changes during a check of trust leave one check an interval', async () => {
  const { miner, trust, clock } = minerWorld({ listed: [powertrain], settings: { trustIntervalMs: 1000 } });
  let asked = 0;
  const decoder = trust.decoder.bind(trust);
  trust.decoder = (hash) => {
    asked += 1;
    return decoder(hash);
  };
  await miner.start([powertrain]);
  let answer = () => {};
  trust.gate = new Promise<void>((resolve) => (answer = resolve));
  await advance(clock, 1000);
  miner.changeSettings({ trustIntervalMs: 2000 });
  answer();
  await advance(clock, 0);
  asked = 0;
  await advance(clock, 8001);
  assert.equal(asked, 4);
});

test('before the start and after the stop, no timer runs', async () => {
  const { miner, clock, packs } = minerWorld({ listed: [powertrain] });
  miner.changeSettings({ packIntervalMs: 100 });
  miner.signStatus();
  await advance(clock, 1000);
  assert.equal(packs().length, 1);
  await miner.start([powertrain]);
  miner.stop();
  miner.changeSettings({ packIntervalMs: 50 });
  assert.equal(miner.settings.packIntervalMs, 50);
  miner.receive(speed(1, 2000));
  await advance(clock, 1000);
  assert.equal(packs().length, 1);
});
