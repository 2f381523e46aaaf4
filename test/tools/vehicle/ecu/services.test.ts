/** Request by request: what the emulated control units answer, and when they say nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../../edge/errors/index.ts';
import { parameterValues, splitAnswer } from '../../../../edge/obd/index.ts';
import {
  DataIdentifier,
  DtcStatusBit,
  keepSession,
  readDtcs,
  readIdentifier,
  startSession,
} from '../../../../edge/uds/index.ts';
import { EcuNetwork, electricCarEcus, exampleVin } from '../../../../tools/vehicle/ecu/index.ts';
import { advance } from '../../../edge/slcan/clock.ts';
import { outcome } from '../../../edge/uds/bench.ts';
import { ecuBench } from './bench.ts';

interface Case {
  name: string;
  say: string[];
  answers: string[];
  driving?: boolean;
}

const cases: Case[] = [
  {
    name: 'all are asked which parameters they have: those with OBD answer',
    say: ['7DF  02 01 00'],
    answers: ['7E8  06 41 00 98 18 80 13 AA', '7EC  06 41 00 80 00 00 11 AA'],
  },
  { name: 'the next mask', say: ['7E0  02 01 20'], answers: ['7E8  06 41 20 80 01 A0 01 AA'] },
  { name: 'the last mask', say: ['7E0  02 01 A0'], answers: ['7E8  06 41 A0 04 00 00 00 AA'] },
  { name: 'a mask past the last one', say: ['7E0  02 01 C0'], answers: ['7E8  03 7F 01 12 AA AA AA AA'] },
  { name: 'a parameter that one of them has', say: ['7DF  02 01 0D'], answers: ['7E8  03 41 0D 00 AA AA AA AA'] },
  { name: 'a parameter that none has, asked of all: silence', say: ['7DF  02 01 2F'], answers: [] },
  { name: 'the same, asked of one', say: ['7E0  02 01 2F'], answers: ['7E8  03 7F 01 12 AA AA AA AA'] },
  { name: 'no parameter', say: ['7E0  01 01'], answers: ['7E8  03 7F 01 13 AA AA AA AA'] },
  {
    name: 'three at once, one of which it lacks',
    say: ['7E0  04 01 0D 2F 1C'],
    answers: ['7E8  05 41 0D 00 1C 06 AA AA'],
  },
  {
    name: 'two at once of one that knows one at a time',
    say: ['7E4  03 01 1C 51'],
    answers: ['7EC  03 41 1C 06 AA AA AA AA'],
  },
  {
    name: 'stored trouble codes',
    say: ['7DF  01 03'],
    answers: ['7E8  02 43 00 AA AA AA AA AA', '7EC  04 43 01 0A 80 AA AA AA'],
  },
  {
    name: 'pending trouble codes',
    say: ['7DF  01 07'],
    answers: ['7E8  04 47 01 0C 73 AA AA AA', '7EC  02 47 00 AA AA AA AA AA'],
  },
  { name: 'the lamp of one with a stored code', say: ['7E4  02 01 01'], answers: ['7EC  06 41 01 81 00 00 00 AA'] },
  {
    name: 'trouble codes cleared, while driving: refused, to all as well',
    say: ['7DF  01 04'],
    answers: ['7E8  03 7F 04 22 AA AA AA AA', '7EC  03 7F 04 22 AA AA AA AA'],
    driving: true,
  },
  { name: 'a service of OBD that none has, asked of all', say: ['7DF  01 0A'], answers: [] },
  { name: 'the same, asked of one', say: ['7E0  01 0A'], answers: ['7E8  03 7F 0A 11 AA AA AA AA'] },
  { name: 'OBD of a control unit without it', say: ['7E6  02 01 00'], answers: ['7EE  03 7F 01 11 AA AA AA AA'] },
  { name: 'which information there is', say: ['7E0  02 09 00'], answers: ['7E8  06 49 00 50 40 00 00 AA'] },
  {
    name: 'the VIN, by flow control',
    say: ['7E0  02 09 02', '7E0  30 00 00'],
    answers: ['7E8  10 14 49 02 01 31 4D 38'],
  },
  { name: 'the VIN of one that has none', say: ['7E4  02 09 02'], answers: ['7EC  03 7F 09 12 AA AA AA AA'] },
  { name: 'a session', say: ['7E0  02 10 03'], answers: ['7E8  06 50 03 00 32 01 F4 AA'] },
  { name: 'a session, no answer wanted', say: ['7E0  02 10 83'], answers: [] },
  { name: 'an unknown session', say: ['7E0  02 10 02'], answers: ['7E8  03 7F 10 12 AA AA AA AA'] },
  { name: 'an unknown session, asked of all', say: ['7DF  02 10 02'], answers: [] },
  { name: 'a session without its type', say: ['7E0  01 10'], answers: ['7E8  03 7F 10 13 AA AA AA AA'] },
  { name: 'tester present', say: ['7E0  02 3E 00'], answers: ['7E8  02 7E 00 AA AA AA AA AA'] },
  { name: 'tester present, no answer wanted', say: ['7DF  02 3E 80'], answers: [] },
  { name: 'tester present with a sub-function', say: ['7E0  02 3E 01'], answers: ['7E8  03 7F 3E 12 AA AA AA AA'] },
  { name: 'tester present too long', say: ['7E0  03 3E 00 00'], answers: ['7E8  03 7F 3E 13 AA AA AA AA'] },
  { name: 'the active session', say: ['7E0  03 22 F1 86'], answers: ['7E8  04 62 F1 86 01 AA AA AA'] },
  { name: 'an unknown identifier', say: ['7E0  03 22 FF FF'], answers: ['7E8  03 7F 22 31 AA AA AA AA'] },
  { name: 'an unknown identifier, asked of all', say: ['7DF  03 22 FF FF'], answers: [] },
  { name: 'half an identifier', say: ['7E0  02 22 F1'], answers: ['7E8  03 7F 22 13 AA AA AA AA'] },
  { name: 'one of another session', say: ['7E6  03 22 01 00'], answers: ['7EE  03 7F 22 31 AA AA AA AA'] },
  {
    name: 'trouble codes by status',
    say: ['7E4  03 19 02 08'],
    answers: ['7EC  07 59 02 8D 0A 80 00 8D'],
  },
  {
    name: 'trouble codes of a status that none has',
    say: ['7E0  03 19 02 08'],
    answers: ['7E8  03 59 02 8D AA AA AA AA'],
  },
  { name: 'how many', say: ['7E4  03 19 01 08'], answers: ['7EC  06 59 01 8D 00 00 01 AA'] },
  { name: 'an unknown report', say: ['7E4  03 19 06 08'], answers: ['7EC  03 7F 19 12 AA AA AA AA'] },
  { name: 'a report without a mask', say: ['7E4  02 19 02'], answers: ['7EC  03 7F 19 13 AA AA AA AA'] },
  { name: 'security access, which none has', say: ['7E0  02 27 01'], answers: ['7E8  03 7F 27 11 AA AA AA AA'] },
  { name: 'an address where nobody is', say: ['7E1  02 01 00'], answers: [] },
  { name: '29-bit ids, which they do not listen to', say: ['18DB33F1  02 01 00'], answers: [] },
  { name: 'an answer of another vehicle', say: ['7E8  02 01 00'], answers: [] },
];

for (const { name, say, answers, driving } of cases) {
  test(`asked: ${name}`, () => {
    const bench = ecuBench({ driving });
    // Flow control goes out once the first frame is there.
    const heard = say.length === 1 ? bench.say(...say) : bench.say(say[0]);
    assert.deepEqual(heard, answers);
  });
}

test('the VIN comes whole by 29-bit ids too', async () => {
  const bench = ecuBench({ addressing: '29-bit' });
  const client = bench.client({ txId: 0x18da10f1, rxId: 0x18daf110, extended: true });
  const answer = await outcome(bench.clock, client.request(Uint8Array.of(0x09, 0x02)));
  assert.ok(answer instanceof Uint8Array);
  assert.equal(new TextDecoder().decode(answer.subarray(3)), exampleVin);
  assert.deepEqual(bench.say('7DF  02 01 00'), []);
  assert.equal(bench.say('18DB33F1  02 01 00').length, 2);
});

test('with both kinds of ids each question is answered by the kind that it came with', () => {
  const bench = ecuBench({ addressing: 'both' });
  assert.match(bench.say('7E0  02 3E 00').join(), /^7E8 /);
  assert.match(bench.say('18DA10F1  02 3E 00').join(), /^18DAF110 /);
});

test('cleared trouble codes are gone, with the lamp, in all that were asked', () => {
  const bench = ecuBench();
  assert.deepEqual(bench.say('7DF  01 04'), ['7E8  01 44 AA AA AA AA AA AA', '7EC  01 44 AA AA AA AA AA AA']);
  assert.deepEqual(bench.say('7E4  01 03'), ['7EC  02 43 00 AA AA AA AA AA']);
  assert.deepEqual(bench.say('7E4  02 01 01'), ['7EC  06 41 01 00 00 00 00 AA']);
});

test('every parameter says what the drive is, within its own resolution', async () => {
  const bench = ecuBench({ driving: true });
  const client = bench.client({ txId: 0x7e0, rxId: 0x7e8 });
  const { state } = bench;
  const expected: [pid: number, value: number, resolution: number][] = [
    [0x0d, state.speedKmh, 1],
    [0x0c, state.motorRpm, 0.25],
    [0x05, state.motorCelsius, 1],
    [0x46, state.outsideCelsius, 1],
    [0x42, state.lowVolts, 0.001],
    [0x49, state.acceleratorPercent, 0.4],
    [0x1f, state.timeMs / 1000, 1],
    [0xa6, state.odometerKm, 0.1],
    [0x51, 8, 0],
  ];
  assert.ok(state.speedKmh > 30);
  for (const [pid, value, resolution] of expected) {
    const answer = await outcome(bench.clock, client.request(Uint8Array.of(0x01, pid)));
    const [{ data }] = splitAnswer(answer as Uint8Array, [pid]);
    const [read] = parameterValues(pid, data);
    assert.ok(Math.abs(read.value - value) <= resolution / 2 + 1e-9, `${read.name} ${read.value}, is ${value}`);
  }
});

test('whatever a control unit says it has, it answers', async () => {
  for (const { pids, index } of electricCarEcus.filter((ecu) => ecu.pids.length > 0)) {
    const bench = ecuBench();
    const client = bench.client({ txId: 0x7e0 + index, rxId: 0x7e8 + index });
    for (const pid of pids) {
      const answer = await outcome(bench.clock, client.request(Uint8Array.of(0x01, pid)));
      assert.equal(splitAnswer(answer as Uint8Array, [pid]).length, 1, `parameter ${pid}`);
    }
  }
});

test('a session ends 5 s after the last request, unless it is kept', async () => {
  const bench = ecuBench();
  const client = bench.client({ txId: 0x7e6, rxId: 0x7ee });
  const learned = () => outcome(bench.clock, readIdentifier(client, 0x0100));
  await outcome(bench.clock, startSession(client, 3));
  assert.deepEqual(await learned(), Uint8Array.of(0x12, 0x34));
  await advance(bench.clock, 4900);
  assert.ok((await learned()) instanceof Uint8Array);
  await advance(bench.clock, 5100);
  assert.equal(((await learned()) as MinerError).code, 'UDS_NEGATIVE');

  await outcome(bench.clock, startSession(client, 3));
  const end = keepSession(client, bench.clock);
  await advance(bench.clock, 60_000);
  assert.ok((await learned()) instanceof Uint8Array);
  end();
  await advance(bench.clock, 5100);
  assert.ok((await learned()) instanceof MinerError);
});

test('a slow identifier is said to be pending; another question meanwhile finds it busy, and is repeated', async () => {
  const bench = ecuBench();
  const client = bench.client({ txId: 0x7e6, rxId: 0x7ee });
  const asked = readIdentifier(client, 0x0200);
  await advance(bench.clock, 20);
  const busy = bench.say('7E6  03 22 F1 86');
  assert.match(busy[0], /7F 22 21/);
  const contents = await outcome(bench.clock, asked);
  assert.deepEqual(
    contents,
    Uint8Array.from({ length: 40 }, (_, i) => i),
  );
  assert.deepEqual([client.counters.pending, client.counters.busy], [1, 1]);
});

test('an identifier that takes longer than P2* is said to be pending again and again', async () => {
  const slow = { id: 1, bytes: Uint8Array.of(7), delayMs: 12_000 };
  const ecus = [{ name: 'SLOW', index: 0, address: 0x10, pids: [], identifiers: [slow] }];
  const bench = ecuBench({ ecus });
  const client = bench.client({ txId: 0x7e0, rxId: 0x7e8 });
  assert.deepEqual(await outcome(bench.clock, readIdentifier(client, 1)), Uint8Array.of(7));
  assert.equal(client.counters.pending, 5);
});

test('trouble codes and identifiers as UDS gives them', async () => {
  const bench = ecuBench();
  const battery = bench.client({ txId: 0x7e4, rxId: 0x7ec });
  assert.deepEqual(await outcome(bench.clock, readDtcs(battery)), [{ code: 0x0a80, failureType: 0, status: 0x8d }]);
  assert.deepEqual(await outcome(bench.clock, readDtcs(battery, DtcStatusBit.testFailedThisCycle)), []);
  const vin = await outcome(bench.clock, readIdentifier(battery, DataIdentifier.vin));
  assert.equal(new TextDecoder().decode(vin as Uint8Array), exampleVin);
  const body = bench.client({ txId: 0x7e6, rxId: 0x7ee });
  assert.deepEqual(await outcome(bench.clock, readDtcs(body)), [{ code: 0x9342, failureType: 0, status: 0x8d }]);
});

test('after power off nothing is said any more', async () => {
  const bench = ecuBench();
  bench.say('7E0  02 10 03');
  assert.equal(bench.network.ecus[0].session, 3);
  const late = bench.client({ txId: 0x7e6, rxId: 0x7ee });
  late.request(Uint8Array.of(0x22, 0x02, 0x00)).catch(() => {});
  await advance(bench.clock, 20);
  bench.network.stop();
  const { answers } = bench.network.counters;
  assert.equal(bench.network.counters.requests, 2);
  await advance(bench.clock, 10_000);
  assert.equal(bench.network.counters.answers, answers);
  assert.equal(bench.network.ecus[0].session, 1);
});

test('control units that cannot be are refused', () => {
  const base = { name: 'X', address: 0x10, pids: [] };
  const options = { clock: ecuBench().clock, state: () => ecuBench().state, send: () => {} };
  const wrong = [
    { ...base, index: 8 },
    { ...base, index: 0, address: 0x1ff },
    { ...base, index: 0, pids: [0x02] },
    { ...base, index: 0, dtcs: [{ code: 'X0000', state: 'confirmed' as const }] },
  ];
  for (const ecu of wrong) assert.throws(() => new EcuNetwork({ ...options, ecus: [ecu] }), RangeError);
  assert.throws(() => new EcuNetwork({ ...options, vin: 'short' }), RangeError);
});

test('property: no request makes a control unit throw, fall silent for good, or answer more than it may', () => {
  const data = fc.uint8Array({ minLength: 0, maxLength: 8 });
  const id = fc.constantFrom('7DF', '7E0', '7E4', '7E6', '18DB33F1', '18DA10F1');
  fc.assert(
    fc.property(fc.array(fc.tuple(id, data), { maxLength: 20 }), (frames) => {
      const bench = ecuBench({ addressing: 'both' });
      const texts = frames.map(
        ([to, bytes]) => `${to}  ${Buffer.from(bytes).toString('hex').match(/../g)?.join(' ') ?? ''}`,
      );
      for (const text of texts) bench.say(text);
      bench.clock.advance(20_000);
      const answered = bench.say('7E0  02 3E 00');
      assert.deepEqual(answered, ['7E8  02 7E 00 AA AA AA AA AA']);
    }),
    { numRuns: 60 },
  );
});
