/** The outbox: in order, bounded, again when unanswered, and forgetting only on a receipt that holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import {
  CborTag,
  decodeCbor,
  encodeCbor,
  fromHex,
  packHash,
  parseCose,
  signCose,
  softwareSigner,
} from '../../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import { type LogOptions, PackLog } from '../../../edge/store/index.ts';
import {
  decodeRefusal,
  encodeRefusal,
  MemoryUplink,
  Outbox,
  type OutboxEvent,
  openReceipt,
  receiptAad,
  SeqTracker,
  signReceipt,
} from '../../../edge/uplink/index.ts';

const gateway = softwareSigner(new Uint8Array(32).fill(9));
const stranger = softwareSigner(new Uint8Array(32).fill(8));
const device = fromHex('11'.repeat(20));
const registry = fromHex('22'.repeat(20));
const externalAad = receiptAad(31337, registry);

const packOf = (seq: number) => encodeCbor([seq, new Uint8Array(20).fill(seq)]);

/** A log, an outbox, and a note of all that was sent and said. */
function setUp(options: { up?: boolean; log?: LogOptions; windowCount?: number; storage?: MemoryStorage } = {}) {
  const clock = new VirtualClock();
  const { log } = PackLog.open(options.storage ?? new MemoryStorage(), options.log);
  const sent: number[] = [];
  const events: OutboxEvent[] = [];
  const port = new MemoryUplink((seq) => sent.push(seq), options.up ?? true);
  const trusted = { gateways: [gateway.kid], device, externalAad };
  const outbox = new Outbox({
    log,
    port,
    clock,
    windowCount: options.windowCount ?? 3,
    resendMs: 1000,
    refusedRetryMs: 5000,
    openReceipt: (bytes) => openReceipt(bytes, trusted),
    onEvent: (event) => events.push(event),
  });
  const add = (count: number) => {
    for (let i = 0; i < count; i++) {
      const seq = log.nextSeq() as number;
      log.append(seq, packOf(seq));
    }
    outbox.notify();
  };
  const receipt = (seq: number, hash = packHash(packOf(seq)), signer = gateway, aad = externalAad) =>
    port.deliver({ kind: 'receipt', bytes: signReceipt(signer, { device, seq, hash }, aad) });
  return { clock, log, sent, events, port, outbox, add, receipt };
}

test('sends in order, no more than the window, and on with each receipt', () => {
  const { sent, add, receipt, log, outbox } = setUp();
  add(7);
  assert.deepEqual(sent, [1, 2, 3]);
  receipt(2);
  assert.deepEqual(sent, [1, 2, 3, 4, 5]);
  assert.equal(log.receipted, 2);
  receipt(1);
  receipt(5);
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6, 7]);
  receipt(7);
  assert.equal(log.packAfter(0), undefined);
  assert.deepEqual(outbox.status, {
    up: true,
    inFlight: 0,
    sent: 7,
    resent: 0,
    receipts: 3,
    receiptsRefused: 0,
    refusals: 0,
  });
});

test('without receipt it sends again, later each time', () => {
  const { sent, add, clock } = setUp({ windowCount: 1 });
  add(1);
  const at: number[] = [];
  for (let second = 0; second < 40; second++) {
    const before = sent.length;
    clock.advance(1000);
    if (sent.length > before) at.push(second + 1);
  }
  assert.deepEqual(at, [1, 3, 7, 15, 23, 31, 39]);
});

test('nothing goes out while down; after the next up everything in flight does again', () => {
  const { sent, add, clock, port } = setUp({ up: false });
  add(2);
  clock.advance(60_000);
  assert.deepEqual(sent, []);
  port.setUp(true);
  assert.deepEqual(sent, [1, 2]);
  port.setUp(false);
  clock.advance(60_000);
  port.setUp(true);
  assert.deepEqual(sent, [1, 2, 1, 2]);
});

test('a refused pack is told of, makes room for others, and is tried again later', () => {
  const { sent, add, clock, port, events, outbox, log } = setUp({ windowCount: 1 });
  add(3);
  assert.deepEqual(sent, [1]);
  port.deliver({ kind: 'refusal', seq: 1, code: 'LICENCE_SUSPENDED', reason: 'by DIP 4' });
  assert.deepEqual(sent, [1, 2]);
  assert.deepEqual(events, [{ kind: 'refused', seq: 1, code: 'LICENCE_SUSPENDED', reason: 'by DIP 4' }]);
  assert.equal(log.packAfter(0), 1, 'a refusal is no reason to forget');
  port.deliver({ kind: 'refusal', seq: 2, code: 'LICENCE_SUSPENDED', reason: 'by DIP 4' });
  clock.advance(4999);
  assert.deepEqual(sent.slice(2, 3), [3]);
  assert.ok(!sent.slice(2).includes(1));
  clock.advance(1);
  assert.ok(sent.slice(2).includes(1));
  for (const seq of [1, 2, 3]) port.deliver({ kind: 'refusal', seq, code: 'LICENCE_SUSPENDED', reason: 'by DIP 4' });
  sent.length = 0;
  outbox.retryRefused();
  assert.deepEqual(sent, [1]);
  port.deliver({ kind: 'refusal', seq: 99, code: 'X', reason: 'never sent' });
  assert.equal(outbox.status.refusals, 5);
});

test('a discarded pack becomes a gap, and the next pack declares it', () => {
  const { add, log, port, receipt, sent } = setUp();
  add(2);
  port.deliver({ kind: 'refusal', seq: 1, code: 'PACK_FIELD', reason: 'malformed' });
  log.discard(1);
  assert.equal(log.declarationWanted, true);
  add(1);
  assert.deepEqual(log.gapsToDeclare(), [{ from: 1, to: 1, reason: 4 }]);
  assert.equal(log.declarationWanted, false);
  assert.ok(sent.includes(3));
  receipt(3);
  assert.deepEqual([log.receipted, log.gapsToDeclare()], [3, []]);
});

const badReceipts: [string, (world: ReturnType<typeof setUp>) => void, RegExp][] = [
  ['by another key', ({ receipt }) => receipt(1, undefined, stranger), /no known gateway/],
  ['over another pack', ({ receipt }) => receipt(1, packHash(packOf(2))), /its hash is not that of pack 1/],
  ['for a pack not made yet', ({ receipt }) => receipt(4), /pack 4 is not in the log, but 1 is/],
  ['for another registry', ({ receipt }) => receipt(1, undefined, gateway, receiptAad(31337, device)), /does not hold/],
  ['that is a pack', ({ port }) => port.deliver({ kind: 'receipt', bytes: packOf(1) }), /not a COSE_Sign1/],
  ['that is noise', ({ port }) => port.deliver({ kind: 'receipt', bytes: fromHex('ff') }), /deterministic CBOR/],
];
for (const [what, deliver, problem] of badReceipts) {
  test(`a receipt ${what} changes nothing, and is told of`, () => {
    const world = setUp();
    world.add(3);
    deliver(world);
    assert.equal(world.log.receipted, 0);
    assert.equal(world.outbox.status.receiptsRefused, 1);
    const [event] = world.events;
    assert.ok(event.kind === 'receipt-refused' && problem.test(event.error.message), JSON.stringify(event));
    assert.equal(event.error.code, 'RECEIPT_INVALID');
  });
}

test('a receipt for another device is refused, whoever signed it', () => {
  const { port, add, events } = setUp();
  add(1);
  const other = { device: registry, seq: 1, hash: packHash(packOf(1)) };
  port.deliver({ kind: 'receipt', bytes: signReceipt(gateway, other, externalAad) });
  assert.match(events[0].kind === 'receipt-refused' ? events[0].error.message : '', /it is for device 2222/);
});

test('a pack that declares the gap in front goes first, whatever the window', () => {
  const { log, sent, port, add, receipt } = setUp({
    up: false,
    windowCount: 2,
    log: { segmentBytes: 200, bytesMax: 700 },
  });
  add(20);
  const first = log.packAfter(0) as number;
  assert.ok(first > 1);
  assert.deepEqual(log.gapsToDeclare(), [{ from: 1, to: first - 1, reason: 2 }]);
  add(1);
  port.setUp(true);
  const declaring = sent[0];
  assert.ok(declaring > first, `${declaring} declares what ${first} cannot`);
  assert.deepEqual(sent.slice(1), [first]);
  receipt(first);
  assert.deepEqual(log.gapsToDeclare(), []);
});

test('a refused pack that declares the gap in front waits for its turn, and holds back no other', () => {
  const { log, sent, add, port, clock } = setUp();
  add(2);
  log.discard(1);
  add(1);
  assert.deepEqual(sent, [1, 2, 3]);
  const refuse = (seq: number) => port.deliver({ kind: 'refusal', seq, code: 'LICENCE_NOT_ACTIVE', reason: '' });
  // The first two come back before it does: it must not move their turn either.
  refuse(2);
  clock.advance(10);
  refuse(3);
  assert.deepEqual(sent, [1, 2, 3], 'not again at once');
  clock.advance(4_989);
  assert.deepEqual(sent.slice(3), []);
  clock.advance(11);
  assert.deepEqual(sent.slice(3), [2, 3]);
});

test('a hint that somebody changed on the way keeps no pack here: the receipt names the same signed content', () => {
  const { log, port, outbox } = setUp();
  const signer = softwareSigner(new Uint8Array(32).fill(7));
  const seq = log.nextSeq() as number;
  const bytes = signCose(signer, encodeCbor([seq]));
  log.append(seq, bytes);
  outbox.notify();
  const { protectedBytes, payload, signature } = parseCose(bytes);
  const answer = (parts: Parameters<typeof encodeCbor>[0][]) => {
    const hash = packHash(encodeCbor(new CborTag(18, parts)));
    port.deliver({ kind: 'receipt', bytes: signReceipt(gateway, { device, seq, hash }, externalAad) });
  };
  answer([protectedBytes, new Map(), payload, signature.slice().fill(1, 63)]);
  answer([protectedBytes, new Map([[-65538, 0]]), payload, signature]);
  assert.deepEqual([log.receipted, outbox.status.receiptsRefused], [0, 2]);
  answer([protectedBytes, new Map(), payload, signature]);
  assert.equal(log.receipted, seq);
});

test('a long backlog that was refused comes back a window at a time, and costs no more per pack than a short one', () => {
  const { clock, log, port, outbox, sent, receipt } = setUp({ windowCount: 4 });
  const count = 2_000;
  for (let i = 0; i < count; i++) {
    const seq = log.nextSeq() as number;
    log.append(seq, packOf(seq));
  }
  outbox.notify();
  for (let seq = 1; seq <= count; seq++) port.deliver({ kind: 'refusal', seq, code: 'LICENCE_NOT_ACTIVE', reason: '' });
  assert.deepEqual([sent.length, outbox.status.inFlight], [count, 0]);
  clock.advance(5_000);
  assert.deepEqual(sent.slice(count), [1, 2, 3, 4, 5], 'the window, and the one beyond it');
  receipt(5);
  assert.deepEqual(sent.slice(count + 5), [6, 7, 8, 9, 10]);
  receipt(count);
  assert.deepEqual([log.receipted, log.packAfter(0), outbox.status.inFlight], [count, undefined, 0]);
  sent.length = 0;
  clock.advance(60_000);
  assert.deepEqual(sent, [], 'what was receipted is not sent again');
});

test('an answer while sending does not recurse', () => {
  const clock = new VirtualClock();
  const { log } = PackLog.open(new MemoryStorage());
  for (let i = 0; i < 5000; i++) log.append(log.nextSeq() as number, packOf(i + 1));
  const port: MemoryUplink = new MemoryUplink((seq, bytes) => {
    port.deliver({ kind: 'receipt', bytes: encodeCbor([seq, packHash(bytes)]) });
  });
  const open = (bytes: Uint8Array) => {
    const [seq, hash] = decodeCbor(bytes) as [number, Uint8Array];
    return { device, seq, hash };
  };
  new Outbox({ log, port, clock, openReceipt: open });
  assert.equal(log.receipted, 5000);
});

test('a port that fails is tried again after the delay', () => {
  const clock = new VirtualClock();
  const { log } = PackLog.open(new MemoryStorage());
  log.append(log.nextSeq() as number, packOf(1));
  let tries = 0;
  const events: string[] = [];
  const port = new MemoryUplink(() => {
    tries++;
    throw edgeError('UPLINK_DOWN', { seq: 1 });
  });
  const outbox = new Outbox({
    log,
    port,
    clock,
    resendMs: 1000,
    openReceipt: () => assert.fail(),
    onEvent: ({ kind }) => events.push(kind),
  });
  clock.advance(1000);
  assert.deepEqual([tries, events], [2, ['send-failed', 'send-failed']]);
  outbox.close();
  clock.advance(60_000);
  assert.equal(tries, 2);
});

const steps: [string, [number, [number, number][]?][], number, number][] = [
  ['nothing', [], 0, 0],
  ['in order', [[1], [2], [3]], 3, 3],
  ['out of order', [[3], [1]], 1, 1],
  ['the missing one arrives', [[3], [1], [2]], 3, 3],
  ['twice', [[1], [1], [2]], 2, 2],
  ['a gap declared by a later pack', [[1], [5, [[2, 4]]]], 5, 5],
  ['a gap declared, the pack after it missing', [[9, [[1, 4]]]], 4, 0],
  [
    'and then arriving',
    [
      [
        9,
        [
          [1, 4],
          [6, 8],
        ],
      ],
      [5],
    ],
    9,
    9,
  ],
  ['a gap over packs that came', [[2], [1], [9, [[2, 8]]]], 9, 9],
  ['a gap over packs that came early', [[3], [9, [[1, 4]]]], 4, 3],
  [
    'gaps that overlap',
    [
      [4, [[1, 2]]],
      [
        9,
        [
          [2, 3],
          [5, 8],
        ],
      ],
    ],
    9,
    9,
  ],
];
for (const [what, packs, contiguous, receiptable] of steps) {
  test(`what a receipt may name: ${what}`, () => {
    const tracker = new SeqTracker();
    for (const [seq, gaps = []] of packs) {
      tracker.accept(
        seq,
        gaps.map(([from, to]) => ({ from, to, reason: 1 })),
      );
    }
    assert.deepEqual([tracker.contiguous, tracker.receiptable], [contiguous, receiptable]);
  });
}

test('a tracker says what is new, and goes on from where another one stopped', () => {
  const tracker = new SeqTracker({ floor: 10, highestAccepted: 9 });
  assert.equal(tracker.receiptable, 9);
  assert.deepEqual([tracker.accept(10), tracker.accept(11), tracker.accept(11)], [false, true, false]);
  assert.equal(tracker.receiptable, 11);
});

test('refusals survive the wire, and anything else is no refusal', () => {
  const refusal = { seq: 7, code: 'SEQ_REPLAYED', reason: 'accepted before' };
  assert.deepEqual(decodeRefusal(encodeRefusal(refusal)), refusal);
  for (const bytes of ['ff', '01', 'a0', 'a3016178026179036178'])
    assert.equal(decodeRefusal(fromHex(bytes)), undefined);
});

test('a pack that cannot be read now is tried again by itself, and no receipt is believed for it meanwhile', () => {
  const storage = new MemoryStorage();
  const { sent, add, clock, log, receipt, outbox } = setUp({ storage });
  storage.failingReads = 1;
  add(1);
  assert.equal(sent.length, 0);
  storage.failingReads = 1;
  receipt(1);
  assert.equal(outbox.status.receiptsRefused, 1);
  assert.equal(log.receipted, 0);
  clock.advance(20_000);
  assert.ok(sent.includes(1));
});
