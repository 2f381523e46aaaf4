/** What a Miner signs, from frames to rows: verified in a row, and decoded to the values that were on the bus. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packAad } from '../../../edge/pack/index.ts';
import { decodePacks, verifyPacks } from '../../../tools/pack/index.ts';
import { batchOf, minerWorld, powertrain } from '../../edge/miner-world.ts';
import { scratch } from './fixtures.ts';

const { folder, file } = scratch();

test('three packs of a Miner: each follows the one before, and their values are those of its frames', async () => {
  const { miner, trust, events } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  const speeds = [0, 12.5, 130.1, 255.5];
  const total = 2n ** 60n + 1n;
  const hex = (value: bigint, bytes: number) =>
    Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex')
      .reverse()
      .toString('hex');
  speeds.forEach((speed, i) => {
    const raw = hex(BigInt(Math.round(speed * 10)), 2);
    miner.receive(batchOf([0x100, `${raw}5a0000000000`, 0, 1000 * i], [0x101, hex(total, 8), 0, 1000 * i + 1]));
    if (i > 0) miner.flush();
  });
  const packs = path.join(folder, 'packs');
  mkdirSync(packs);
  for (const event of events) {
    if (event.kind === 'pack-signed') writeFileSync(path.join(packs, `${event.seq}.pack`), event.bytes);
  }
  const verdicts = verifyPacks([packs], { externalAad: packAad(trust.chainId, trust.minerRegistry) });
  let step = verdicts.next();
  for (; !step.done; step = verdicts.next()) assert.ok('valid' in step.value && step.value.valid);
  assert.deepEqual([step.value.packs, step.value.linked, step.value.missing, step.value.breaks], [3, 2, [], []]);

  let text = '';
  const outcome = await decodePacks(
    [packs],
    { dbc: [file('powertrain.dbc', powertrain.bytes)], format: 'jsonl', enterpriseNumber: 1 },
    { write: (piece) => (text += piece), pause: async () => {}, note: (note) => assert.fail(note) },
  );
  const rows = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  assert.equal(outcome.samples, 12);
  const valuesOf = (name: string) => rows.filter(({ signal }) => signal === name).map(({ value }) => value);
  assert.deepEqual(
    valuesOf('Speed').map((value) => Math.round(value * 10) / 10),
    speeds,
  );
  assert.deepEqual(valuesOf('Temperature'), [50, 50, 50, 50]);
  assert.deepEqual(valuesOf('Total'), Array(4).fill(String(total)));
});
