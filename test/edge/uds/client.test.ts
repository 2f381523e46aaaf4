/** How a request ends: answered, refused, pending for long, too busy, broken, late, or never. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MinerError } from '../../../edge/errors/index.ts';
import { responseCodeName, UdsClient, type UdsTiming } from '../../../edge/uds/index.ts';
import { advance } from '../slcan/clock.ts';
import { outcome, type Script, scripted } from './bench.ts';

const vinRequest = [0x22, 0xf1, 0x90];
const answered = [0x62, 0xf1, 0x90, 0x41];
const pending = [0x7f, 0x22, 0x78];
const busy = [0x7f, 0x22, 0x21];

interface Case {
  name: string;
  script: Script;
  timing?: UdsTiming;
  /** The answer, or the message of the fault. */
  ends: number[] | string;
  /** Milliseconds until then. */
  atMs?: number;
  requests?: number;
}

const cases: Case[] = [
  { name: 'an answer', script: () => [{ afterMs: 10, bytes: answered }], ends: answered, atMs: 10 },
  {
    name: 'an answer of many frames',
    script: () => [{ afterMs: 10, bytes: [0x62, 0xf1, 0x90, ...Array<number>(200).fill(7)] }],
    ends: [0x62, 0xf1, 0x90, ...Array<number>(200).fill(7)],
  },
  {
    name: 'a refusal',
    script: () => [{ afterMs: 10, bytes: [0x7f, 0x22, 0x31] }],
    ends: '0x7e8: ReadDataByIdentifier (22 F1 90) was refused: requestOutOfRange (0x31)',
  },
  {
    name: 'silence',
    script: () => [],
    ends: '0x7e8: no answer to ReadDataByIdentifier (22 F1 90) within 150 ms',
    atMs: 150,
  },
  {
    name: 'silence, with another P2',
    script: () => [],
    timing: { p2Ms: 60 },
    ends: '0x7e8: no answer to ReadDataByIdentifier (22 F1 90) within 60 ms',
    atMs: 60,
  },
  {
    name: 'pending, then an answer within P2*',
    script: () => [
      { afterMs: 10, bytes: pending },
      { afterMs: 4900, bytes: answered },
    ],
    ends: answered,
    atMs: 4900,
  },
  {
    name: 'pending three times',
    script: () => [
      { afterMs: 10, bytes: pending },
      { afterMs: 4000, bytes: pending },
      { afterMs: 8000, bytes: pending },
      { afterMs: 12_000, bytes: answered },
    ],
    ends: answered,
    atMs: 12_000,
  },
  {
    name: 'pending, then nothing',
    script: () => [{ afterMs: 10, bytes: pending }],
    ends: '0x7e8: ReadDataByIdentifier (22 F1 90) is still pending after 5000 ms',
    atMs: 5010,
  },
  {
    name: 'pending without end: bounded',
    script: () => Array.from({ length: 20 }, (_, i) => ({ afterMs: 10 + 2000 * i, bytes: pending })),
    timing: { totalMsMax: 15_000 },
    ends: '0x7e8: ReadDataByIdentifier (22 F1 90) is still pending after 15000 ms',
    atMs: 15_000,
  },
  {
    name: 'too busy twice, then an answer: asked again after a while',
    script: (_request, round) => [{ afterMs: 10, bytes: round < 2 ? busy : answered }],
    ends: answered,
    atMs: 530,
    requests: 3,
  },
  {
    name: 'too busy for good',
    script: () => [{ afterMs: 10, bytes: busy }],
    timing: { busyRepeatsMax: 2 },
    ends: '0x7e8: ReadDataByIdentifier (22 F1 90) was refused: busyRepeatRequest (0x21)',
    requests: 3,
  },
  {
    name: 'a late answer to another identifier is not taken for this one',
    script: () => [
      { afterMs: 10, bytes: [0x62, 0xf1, 0x8c, 0x41] },
      { afterMs: 20, bytes: answered },
    ],
    ends: answered,
  },
  {
    name: 'a refusal of another service is not taken for this one',
    script: () => [
      { afterMs: 10, bytes: [0x7f, 0x19, 0x31] },
      { afterMs: 20, bytes: answered },
    ],
    ends: answered,
  },
  {
    name: 'a refusal without a code is none',
    script: () => [{ afterMs: 10, bytes: [0x7f, 0x22] }],
    ends: '0x7e8: no answer to ReadDataByIdentifier (22 F1 90) within 150 ms',
  },
];

for (const { name, script, timing, ends, atMs, requests = 1 } of cases) {
  test(`a request ends with ${name}`, async () => {
    const bench = scripted(script, timing);
    const result = await outcome(bench.clock, bench.client.request(Uint8Array.from(vinRequest)));
    assert.deepEqual(result instanceof MinerError ? result.message : [...result], ends);
    if (atMs !== undefined) assert.equal(bench.clock.nowMs(), atMs);
    assert.equal(bench.requests.length, requests);
    assert.ok(bench.requests.every(({ bytes }) => `${bytes}` === `${vinRequest}`));
  });
}

test('P2 asks for the beginning of an answer: a slow one of many frames comes whole', async () => {
  // 29 frames after the first, 20 ms apart, need four times P2.
  const bench = scripted(() => [{ afterMs: 140, bytes: [0x62, 0xf1, 0x90, ...Array<number>(200).fill(1)] }], {
    separationMs: 20,
  });
  const result = await outcome(bench.clock, bench.client.request(Uint8Array.from(vinRequest)));
  assert.ok(result instanceof Uint8Array && result.length === 203);
  assert.equal(bench.clock.nowMs(), 140 + 28 * 20);
});

test('questions wait for their turn, and a failed one holds up nobody', async () => {
  const bench = scripted(([, , low]) => (low === 0x8c ? [] : [{ afterMs: 10, bytes: [0x62, 0xf1, low, 1] }]));
  const first = bench.client.request(Uint8Array.of(0x22, 0xf1, 0x8c));
  const second = bench.client.request(Uint8Array.of(0x22, 0xf1, 0x90));
  assert.equal((await outcome(bench.clock, first)) instanceof MinerError, true);
  assert.deepEqual(await outcome(bench.clock, second), Uint8Array.of(0x62, 0xf1, 0x90, 1));
  assert.deepEqual(
    bench.requests.map(({ atMs }) => atMs),
    [0, 150],
  );
  const { requests, positive, unanswered } = bench.client.counters;
  assert.deepEqual({ requests, positive, unanswered }, { requests: 2, positive: 1, unanswered: 1 });
});

test('an answer broken on its way is told as what broke it', async () => {
  const bench = scripted(() => []);
  const asked = bench.client.request(Uint8Array.from(vinRequest));
  await advance(bench.clock, 1);
  for (const data of [
    [0x10, 0x14, 0x62, 0xf1, 0x90, 1, 2, 3],
    [0x22, 1, 2, 3, 4, 5, 6, 7],
  ]) {
    bench.client.receive(0x7e8, 0, Uint8Array.from(data), 0, 8);
  }
  const fault = await outcome(bench.clock, asked);
  assert.equal((fault as MinerError).code, 'ISOTP_SEQUENCE');
});

test('what nobody asked for is handed on', async () => {
  const bench = scripted(() => []);
  bench.client.receive(0x7e8, 0, Uint8Array.of(2, 0x41, 0), 0, 3);
  assert.deepEqual(bench.unasked, [Uint8Array.of(0x41, 0)]);
  assert.equal(bench.client.counters.unasked, 1);
});

test('a closed client fails what is under way, and every further question', async () => {
  const bench = scripted(() => []);
  const asked = bench.client.request(Uint8Array.from(vinRequest));
  await advance(bench.clock, 1);
  bench.client.close();
  for (const promise of [asked, bench.client.request(Uint8Array.of(0x3e, 0))]) {
    assert.equal(((await outcome(bench.clock, promise)) as MinerError).code, 'ISOTP_CLOSED');
  }
});

test('an answer that overtakes the confirmation of its own request counts, a refusal for being busy too', async () => {
  const bench = scripted(() => []);
  const answers = [busy, answered];
  const sent: number[] = [];
  const client: UdsClient = new UdsClient({
    clock: bench.clock,
    txId: 0x7e0,
    rxId: 0x7e8,
    // The answer comes first, the promise resolves after it.
    send: async () => {
      sent.push(bench.clock.nowMs());
      const bytes = answers[sent.length - 1];
      client.receive(0x7e8, 0, Uint8Array.of(bytes.length, ...bytes), 0, bytes.length + 1);
    },
  });
  assert.deepEqual(await outcome(bench.clock, client.request(Uint8Array.from(vinRequest))), Uint8Array.from(answered));
  assert.deepEqual(sent, [0, 250]);
});

test('codes have the names of the standard, others say so', () => {
  assert.deepEqual([0x11, 0x22, 0x33, 0x78, 0x92, 0xf5, 0x01].map(responseCodeName), [
    'serviceNotSupported',
    'conditionsNotCorrect',
    'securityAccessDenied',
    'requestCorrectlyReceivedResponsePending',
    'voltageTooHigh',
    'vehicleManufacturerSpecific',
    'reserved',
  ]);
});
