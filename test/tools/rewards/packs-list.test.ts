// The published list of packs: read as its ledger counts, refused by line; and the clock that dates packs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { chainClock, formatListedPack, type ListedPack, readPacksList, weekMs } from '../../../tools/rewards/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-packs-list-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const device = (digit: string) => `0x${digit.repeat(40)}` as const;
const pack = (seq: number, more: Partial<ListedPack> = {}): ListedPack => ({
  device: device('a'),
  seq,
  hash: '0'.repeat(64),
  receivedMs: 5_000,
  samples: 2,
  signals: `${'d'.repeat(64)}:0,3`,
  ...more,
});
const weeks = { startMs: 1_000, firstEpoch: 4, endMs: 1_000 + 2 * weekMs };
const file = path.join(folder, 'packs.jsonl');
const read = (text: string) => {
  writeFileSync(file, text);
  return readPacksList(file, weeks);
};

test('packs are summed up by device, epoch and signals; those of other times are left out', async () => {
  const silent = { samples: 0, signals: null };
  const packs = [
    pack(1, { receivedMs: 999 }),
    pack(2, { receivedMs: 1_000 }),
    pack(4),
    pack(5, { receivedMs: 1_000 + weekMs }),
    pack(6, { receivedMs: weeks.endMs }),
    pack(1, { device: device('b'), ...silent }),
  ];
  const signals = `${'d'.repeat(64)}:0,3`;
  assert.deepEqual(await read(packs.map(formatListedPack).join('')), [
    { device: device('a'), epoch: 4, packs: 2, samples: 4, signals },
    { device: device('a'), epoch: 5, packs: 1, samples: 2, signals },
    { device: device('b'), epoch: 4, packs: 1, samples: 0 },
  ]);
});

const line = formatListedPack(pack(2));
const refused: [string, string, RegExp][] = [
  ['what is no JSON', `${line}{`, /jsonl:2: not JSON: "\{"/],
  ['null', 'null\n', /jsonl:1: device/],
  ['a device in upper case', line.replace(/a{40}/, 'A'.repeat(40)), /jsonl:1: device/],
  ['a pack twice', line + line, /jsonl:2: pack 2 of 0xa+ does not follow pack 2/],
  ['packs out of order', line + formatListedPack(pack(1)), /jsonl:2: pack 1 of/],
  ['devices out of order', formatListedPack(pack(1, { device: device('b') })) + line, /jsonl:2: pack 2 of 0xa+/],
  ['half a sample', line.replace('"samples":2', '"samples":0.5'), /jsonl:1: seq, receivedMs and samples/],
  ['a time before time', line.replace('5000', '-1'), /jsonl:1: seq, receivedMs and samples/],
  [
    'samples without signals',
    formatListedPack(pack(1, { signals: null })),
    /jsonl:1: samples and signals do not agree/,
  ],
  ['signals that are none', formatListedPack(pack(1, { signals: 'x:1' })), /jsonl:1: signals/],
  ['a short hash', formatListedPack(pack(1, { hash: '00' })), /jsonl:1: hash/],
  ['a line without end', `{"device":"${'x'.repeat(1 << 20)}"}`, /jsonl:1: longer than/],
];
for (const [name, text, message] of refused) {
  test(`refused: ${name}`, () => assert.rejects(read(text), { code: 'REWARD_FILE', message }));
}

test('a list that is not there is named', () =>
  assert.rejects(readPacksList(path.join(folder, 'none'), weeks), { code: 'REWARD_FILE', message: /none: ENOENT/ }));

for (const [name, chainSeconds, aheadMs] of [
  ['as far ahead as a local chain', 1_000_000n, 999_000_000],
  ["the wall's, where the chain is behind", 900n, 0],
  ["the wall's, where the chain is ahead by a block", 1_012n, 0],
] as const) {
  test(`the clock is ${name}`, async () => {
    const client = { getBlock: async () => ({ timestamp: chainSeconds }) } as unknown as Parameters<
      typeof chainClock
    >[0];
    let wallMs = 1_000_000;
    const clock = await chainClock(client, () => wallMs);
    wallMs += 500;
    assert.equal(clock(), wallMs + aheadMs);
  });
}
