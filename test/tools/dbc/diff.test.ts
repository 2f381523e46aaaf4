// What makes one decoder another: each kind of change by name, and agreement with the semantic hash.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrameBatch } from '../../../edge/can/index.ts';
import { type Database, type Message, parseDbc, semanticHash, writeDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, createInterpreter, decodeToObject } from '../../../edge/decode/index.ts';
import { changeLines, createValueComparison, diffDatabases, isMetadata } from '../../../tools/dbc/index.ts';
import { corpus, corpusMissing } from '../../edge/dbc/parsing.ts';
import { anyMessage, anyPayload } from '../../edge/decode/support/arbitraries.ts';
import { database } from '../../edge/decode/support/build.ts';
import { gearbox, read } from './fixtures.ts';

const files = corpus();

/** One edit of the gearbox's text, and all that it is said to change. */
const rows: [string, [string | RegExp, string][], string[]][] = [
  ['nothing', [], []],
  ['layout of the text', [[/ : /g, ':']], []],
  ['numbers written otherwise', [['(0.01,0)', '(1E-2,0.0)']], []],
  ['a factor', [['(0.01,0)', '(0.02,0)']], ['Speed: factor and offset changed from 0.01, 0 to 0.02, 0']],
  ['an offset', [['(0.01,0)', '(0.01,-40)']], ['Speed: factor and offset changed from 0.01, 0 to 0.01, -40']],
  ['a range', [['[0|400]', '[0|300]']], ['Speed: range changed from 0 to 400 to 0 to 300']],
  ['a range taken away', [['[0|400]', '[0|0]']], ['Speed: range changed from 0 to 400 to none']],
  ['a unit', [['km/h', 'mph']], ['Speed: unit changed from "km/h" to "mph"']],
  ['a start bit', [['24|8@1+', '25|8@1+']], ['Counter: moved from bit 24 intel to bit 25 intel']],
  ['a byte order', [['24|8@1+', '31|8@0+']], ['Counter: moved from bit 24 intel to bit 31 motorola']],
  ['a length', [['24|8@1+', '24|7@1+']], ['Counter: resized from 8 bits to 7 bits']],
  ['a sign', [['32|32@1-', '32|32@1+']], ['Big: type changed from signed to unsigned']],
  ['a float', [[/$/, 'SIG_VALTYPE_ 257 Big : 1;\n']], ['Big: type changed from signed to float32']],
  ['a name', [['SG_ Big', 'SG_ Large']], ['Large: renamed from Big to Large']],
  [
    'a signal taken away',
    [[/ SG_ Big.*\n/, '']],
    ['Big: signal removed, was bit 32 intel, 32 bits signed, factor and offset 1, 0'],
  ],
  [
    'a signal added',
    [['CM_ SG_', ' SG_ New : 4|1@1+ (1,0) [0|0] "" Vector__XXX\nCM_ SG_']],
    ['New: signal added, bit 4 intel, 1 bit unsigned, factor and offset 1, 0'],
  ],
  [
    'a label renamed, one added, one removed',
    [['0 "Park" 1 "Reverse"', '0 "P" 2 "Neutral"']],
    ['Gear: labels changed: 0 "Park" is "P" now, 2 "Neutral" added, 1 "Reverse" removed'],
  ],
  [
    'multiplexing',
    [
      ['SG_ Gear :', 'SG_ Gear M :'],
      ['SG_ Big :', 'SG_ Big m3 :'],
    ],
    [
      'Gear: multiplexing changed from always there to always there, a selector',
      'Big: multiplexing changed from always there to Gear = 3',
    ],
  ],
  ["a message's name", [['257 Gearbox', '257 Transmission']], ['name changed from Gearbox to Transmission']],
  ["a message's length", [['Gearbox: 8', 'Gearbox: 7']], ['length changed from 8 bytes to 7 bytes']],
  ["a message's id", [[/257/g, '258']], ['id changed from 0x101 to 0x102']],
  ['a message added', [['CM_ SG_', 'BO_ 300 Lamp: 1 ECU\nCM_ SG_']], ['message added, 1 byte, 0 signals']],
  ['a comment', [['Over ground.', 'Over water.']], ['Speed: comment changed*']],
  ['a start value', [['Counter 7', 'Counter 8']], ['Counter: attribute GenSigStartValue changed*']],
  ['a sender', [[': 8 ECU', ': 8 TCU']], ['sender changed*']],
  ['receivers', [['"km/h" Vector__XXX', '"km/h" ECU']], ['Speed: receivers changed*']],
  ['a node', [['BU_: ECU', 'BU_: ECU TCU']], ['node TCU added*']],
  ['the version', [['VERSION "1"', 'VERSION "2"']], ['version changed*']],
];

for (const [name, edits, expected] of rows) {
  test(`${name}: ${expected.length === 0 ? 'no change' : expected.join('; ')}`, () => {
    let edited = gearbox;
    for (const [from, to] of edits) edited = edited.replace(from, to);
    assert.ok(edits.length === 0 || edited !== gearbox, 'the edit changes the text');
    const [before, after] = [read(gearbox), read(edited)];
    const { changes, meaningDiffers } = diffDatabases(before, after);
    const words = changes.map((change) => {
      const { signal, text } = change;
      return `${signal === undefined ? text : `${signal}: ${text}`}${isMetadata(change) ? '*' : ''}`;
    });
    assert.deepEqual(words, expected);
    assert.equal(meaningDiffers, semanticHash(before) !== semanticHash(after));
  });
}

test('lines for people stand under their message, and steer no terminal', () => {
  const after = read(gearbox.replace('km/h', 'k\u001b[2Jm').replace('SG_ Big', 'SG_ Large'));
  assert.deepEqual(changeLines(diffDatabases(read(gearbox), after).changes), [
    '0x101 Gearbox',
    '  Speed: unit changed from "km/h" to "k\\u001b[2Jm"',
    '  Large: renamed from Big to Large',
  ]);
});

/** One thing changed somewhere in a message, so that hash and diff have something to agree on. */
function mutate(message: Message, kind: number, which: number): Message {
  const index = which % message.signals.length;
  const edit = (facts: object) => ({
    ...message,
    signals: message.signals.map((signal, i) => (i === index ? { ...signal, ...facts } : signal)),
  });
  const signal = message.signals[index];
  const edits = [
    () => message,
    () => edit({ startBit: signal.startBit + 1 }),
    () => edit({ scale: signal.scale + 1, scaleText: `${signal.scale + 1}` }),
    () => edit({ labels: [{ raw: 1n, text: 'One' }] }),
    () => edit({ signed: !signal.signed }),
    () => edit({ comment: 'said' }),
    () => edit({ name: `${signal.name}x` }),
    () => edit({ maximum: signal.maximum + 1 }),
    () => edit({ unit: 'm' }),
    () => edit({ isSelector: !signal.isSelector }),
    () => edit({ multiplexedBy: undefined }),
    () => ({ ...message, signals: message.signals.toReversed() }),
    () => ({ ...message, id: message.id + 1 }),
    () => ({ ...message, length: message.length + 1 }),
    () => ({ ...message, j1939: !message.j1939 }),
    () => ({ ...message, fd: !message.fd, cycleTimeMs: 5 }),
    () => ({ ...message, signals: message.signals.slice(1) }),
  ];
  return edits[kind % edits.length]();
}

test('the meaning differs exactly when the semantic hash does', () => {
  fc.assert(
    fc.property(anyMessage(0x100), fc.nat(16), fc.nat(20), (message, kind, which) => {
      const [before, after] = [database(message), database(mutate(message, kind, which))];
      const { changes, meaningDiffers } = diffDatabases(before, after);
      assert.equal(meaningDiffers, semanticHash(before) !== semanticHash(after), JSON.stringify(changes));
      assert.equal(diffDatabases(after, before).meaningDiffers, meaningDiffers);
    }),
    { numRuns: 500 },
  );
});

test('real files: written and read again there is no change; against the next file, the hash agrees', {
  skip: files === undefined && corpusMissing,
}, () => {
  let last: Database | undefined;
  for (const { name, bytes } of files ?? []) {
    const { database: one } = parseDbc(bytes);
    assert.deepEqual(diffDatabases(one, parseDbc(writeDbc(one)).database).changes, [], name);
    if (last !== undefined)
      assert.equal(diffDatabases(last, one).meaningDiffers, semanticHash(last) !== semanticHash(one), name);
    last = one;
  }
});

test('values: counted as two plain decodings of each frame differ', () => {
  const frames = fc.array(anyPayload, { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(anyMessage(0x100), fc.nat(16), fc.nat(20), frames, (message, kind, which, payloads) => {
      const [before, after] = [database(message), database(mutate(message, kind, which))];
      const comparison = createValueComparison(before, after);
      const batch = new FrameBatch(payloads.length, 64);
      for (const payload of payloads) batch.push(0, message.id, message.extended ? 1 : 0, payload);
      comparison.add(batch);
      const expected = { compared: 0, changed: 0, appeared: 0, disappeared: 0 };
      const [old, now] = [before, after].map((each) => createInterpreter(compilePlan(each)));
      const renamed = kind % 17 === 6 ? message.signals[which % message.signals.length].name : '';
      for (const payload of payloads) {
        const [was, is] = [old, now].map(
          (decoder) => decodeToObject(decoder, message.id, batch.flags[0], payload)?.signals,
        );
        for (const { name } of message.signals) {
          const value = was?.[name];
          const other = is?.[name === renamed ? `${name}x` : name];
          if (value === undefined && other === undefined) continue;
          if (value === undefined) expected.appeared++;
          else if (other === undefined) expected.disappeared++;
          else {
            expected.compared++;
            if (!Object.is(value, other)) expected.changed++;
          }
        }
      }
      const { compared, changed, appeared, disappeared, frames: count } = comparison.result();
      assert.deepEqual({ compared, changed, appeared, disappeared }, expected);
      assert.equal(count, payloads.length);
    }),
    { numRuns: 200 },
  );
});

test('values: a label or a unit alone is told apart from a number', () => {
  const after = read(gearbox.replace('"Drive"', '"D"').replace('(0.01,0)', '(0.02,0)'));
  const comparison = createValueComparison(read(gearbox), after);
  const batch = new FrameBatch(3);
  batch.push(0, 0x101, 0, Uint8Array.of(3, 0xa4, 1, 0, 1, 0, 0, 0));
  batch.push(0, 0x101, 0, Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0));
  batch.push(0, 0x7ff, 0, Uint8Array.of());
  comparison.add(batch);
  assert.deepEqual(comparison.result(), {
    frames: 3,
    unknownFrames: 1,
    compared: 8,
    changed: 1,
    relabelled: 1,
    appeared: 0,
    disappeared: 0,
    signals: [
      {
        message: 'Gearbox',
        signal: 'Gear',
        compared: 2,
        changed: 0,
        relabelled: 1,
        appeared: 0,
        disappeared: 0,
        example: { before: '3 (Drive)', after: '3 (D)' },
      },
      {
        message: 'Gearbox',
        signal: 'Speed',
        compared: 2,
        changed: 1,
        relabelled: 0,
        appeared: 0,
        disappeared: 0,
        example: { before: '4.2 km/h', after: '8.4 km/h' },
      },
    ],
  });
});
