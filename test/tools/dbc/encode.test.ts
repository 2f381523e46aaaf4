// From NAME=VALUE words to a payload: what is filled in, what is rounded, and what each mistake is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compilePlan, createInterpreter, decodeToObject } from '../../../edge/decode/index.ts';
import { encodeMessage, frameOf, hex, viewMessages } from '../../../tools/dbc/index.ts';
import { signalBits } from '../../../tools/dbc/layout.ts';
import { anyMessage, anyPayload } from '../../edge/decode/support/arbitraries.ts';
import { database } from '../../edge/decode/support/build.ts';
import { gearbox, layouts, read } from './fixtures.ts';

const wide = `BO_ 1 Wide: 8 ECU
 SG_ Exact : 0|64@1+ (3,1) [0|0] "" X
BO_ 2 Float: 8 ECU
 SG_ F : 0|32@1- (1,0) [0|0] "" X
 SG_ D : 32|32@1- (0.5,0) [0|0] "" X
BO_ 3 Starts: 8 ECU
 SG_ Mode M : 0|4@1+ (1,0) [0|0] "" X
 SG_ One m1 : 8|8@1+ (1,0) [0|0] "" X
 SG_ Two m2 : 8|8@1+ (1,0) [0|0] "" X
 SG_ Many m3 : 16|8@1+ (1,0) [0|0] "" X
 SG_ Never m99 : 24|8@1+ (1,0) [0|0] "" X
 SG_ Shadow : 40|8@1+ (1,0) [0|0] "" X
 SG_ Light : 44|8@1+ (1,0) [0|0] "" X
BO_ 4 Clash: 8 ECU
 SG_ Mode M : 0|4@1+ (1,0) [0|0] "" X
 SG_ OnMode m1 : 0|8@1+ (1,0) [0|0] "" X
BA_DEF_ SG_ "GenSigStartValue" FLOAT 0 100000;
BA_ "GenSigStartValue" SG_ 2 F 1.5;
BA_ "GenSigStartValue" SG_ 3 Mode 2;
BA_ "GenSigStartValue" SG_ 3 Two 9;
BA_ "GenSigStartValue" SG_ 3 One 300;
BA_ "GenSigStartValue" SG_ 3 Shadow 255;
SIG_VALTYPE_ 2 F : 1;
SG_MUL_VAL_ 3 One Mode 1-1;
SG_MUL_VAL_ 3 Two Mode 2-2;
SG_MUL_VAL_ 3 Many Mode 2-5;
SG_MUL_VAL_ 3 Never Mode 99-99;
VAL_ 1 Exact 0 "raw:5" 1 "12" 2 "0xFF" ;
`;

const sources = [gearbox, layouts, wide].map((source) => {
  const model = read(source);
  const plan = compilePlan(model);
  return { plan, views: viewMessages(model, plan) };
});

function encode(name: string, ...words: string[]) {
  const { plan, views } = sources.find((source) => source.views.some(({ message }) => message.name === name))!;
  return encodeMessage(plan, views.find(({ message }) => message.name === name)!, words);
}

const good: [string, string, string[], string][] = [
  ['nothing given: start value and zeros', 'Gearbox', [], '0000000700000000'],
  ['a label', 'Gearbox', ['Gear=Drive'], '0300000700000000'],
  ['a physical value', 'Gearbox', ['Speed=87.5'], '002E220700000000'],
  ['rounded down', 'Gearbox', ['Speed=87.504'], '002E220700000000'],
  ['half to even', 'Gearbox', ['Gear=2.5'], '0200000700000000'],
  ['half to even, upwards', 'Gearbox', ['Gear=3.5'], '0400000700000000'],
  ['a raw integer', 'Gearbox', ['Counter=raw:255'], '000000FF00000000'],
  ['a raw integer in hex', 'Gearbox', ['Counter=raw:0x1F'], '0000001F00000000'],
  ['a raw integer in binary', 'Gearbox', ['Counter=raw:0b101'], '0000000500000000'],
  ['a negative raw integer', 'Gearbox', ['Big=raw:-1'], '00000007FFFFFFFF'],
  ['a negative number', 'Gearbox', ['Big=-2e0'], '00000007FEFFFFFF'],
  ['the start value overruled by 0', 'Gearbox', ['Counter=0'], '0000000000000000'],
  ['out of range but raw', 'Gearbox', ['Speed=raw:65535'], '00FFFF0700000000'],
  ['past 2^53, exact', 'Wide', ['Exact=27670116110564327422'], 'FFFFFFFFFFFFFF7F'],
  ['a label that looks like a raw value', 'Wide', ['Exact=raw:5'], '0000000000000000'],
  ['a label that looks like a number', 'Wide', ['Exact=label:12'], '0100000000000000'],
  ['a label that looks like hex', 'Wide', ['Exact=0xFF'], '0200000000000000'],
  ['a float, and the start value of another', 'Float', ['D=2'], '0000C03F04000000'],
  ['a float that is not a number', 'Float', ['F=NaN'], '0000C07F00000000'],
  ['a float without end', 'Float', ['F=-Infinity'], '000080FF00000000'],
  ['a signal on its own selector, when they agree', 'Clash', ['OnMode=33'], '2100000000000000'],
  ['the only value that selects', 'Mux', ['Temperature=20'], '0002580000000000'],
  ['a selector given', 'Mux', ['Mode=raw:4', 'Page=2', 'Sub=3'], '0402030000000000'],
  ['the selectors of a selector', 'Mux', ['Sub=3', 'Page=1', 'Mode=1'], '0101030000000000'],
  ['start values of a selector and of what it selects', 'Starts', [], '02090000 00FF0000'],
  ['the start value of a selector, among several', 'Starts', ['Many=1'], '0209010000FF0000'],
  ['a start value that the bits cannot hold is left out', 'Starts', ['One=1'], '0101000000FF0000'],
  ['a start value gives way to a given signal', 'Starts', ['Light=1', 'Mode=0'], '0000000000100000'],
];

for (const [name, message, words, expected] of good) {
  test(`${name}: ${message} ${words.join(' ')}`, () => {
    assert.equal(hex(encode(message, ...words).payload), expected.replaceAll(' ', ''));
  });
}

const bad: [string, string, string[], RegExp][] = [
  ['no value', 'Gearbox', ['Gear'], /"Gear": expected NAME=VALUE/],
  ['an empty value', 'Gearbox', ['Gear='], /"Gear=": expected NAME=VALUE/],
  ['no name', 'Gearbox', ['=1'], /"=1": expected NAME=VALUE/],
  ['raw that is no integer', 'Gearbox', ['Gear=raw:1.5'], /"Gear=raw:1.5": expected NAME=VALUE/],
  ['an unknown signal', 'Gearbox', ['Sped=1'], /Gearbox has no signal "Sped"/],
  ['a signal twice', 'Gearbox', ['Gear=1', 'Gear=2'], /Gearbox\.Gear is given twice/],
  ['hex that may be either', 'Gearbox', ['Gear=0x3'], /Gear: 0x3 may be a physical value or a raw one/],
  ['an unknown label', 'Gearbox', ['Gear=Dive'], /Gearbox\.Gear has no label "Dive"/],
  ['a text for a signal without labels', 'Gearbox', ['Speed=fast'], /Gearbox\.Speed has no label "fast"/],
  ['above the range', 'Gearbox', ['Speed=401'], /Gearbox\.Speed: 401 is out of range, expected 0 to 400 km\/h/],
  ['more than the bits hold', 'Gearbox', ['Gear=16'], /Gearbox\.Gear: 16 is out of range, expected 0 to 15/],
  ['raw beyond the bits', 'Gearbox', ['Gear=raw:16'], /Gearbox\.Gear: raw 16 is out of range/],
  ['NaN for an integer', 'Gearbox', ['Gear=NaN'], /Gearbox\.Gear: NaN is out of range/],
  ['several values select', 'Mux', ['Sub=1'], /several values of Page select Sub: 1-2/],
  [
    'no value selects both',
    'Mux',
    ['Wide=1', 'Temperature=20'],
    /no value of Mode selects all signals given: .*Wide needs 2/,
  ],
  ['the selector selects others', 'Mux', ['Wide=1', 'Mode=0'], /Mux\.Wide is not in this frame: Mode is 0, expected 2/],
  ['a value that its selector cannot have', 'Starts', ['Never=1'], /Never needs a value it cannot have/],
  [
    'bits shared by two that disagree',
    'Overlap',
    ['Speed=400', 'Gear=7'],
    /Overlap: (Gear|Speed) and (Gear|Speed) share bits/,
  ],
  [
    'a signal on its own selector',
    'Clash',
    ['OnMode=2'],
    /Clash: (Mode|OnMode) and (its selector|OnMode|Mode) share bits/,
  ],
  ['a signal past the end', 'Overlap', ['Beyond=1'], /Overlap\.Beyond needs 6 bytes, got 4/],
];

for (const [name, message, words, expected] of bad) {
  test(`${name} is an error: ${message} ${words.join(' ')}`, () => {
    assert.throws(() => encode(message, ...words), expected);
  });
}

test('where each value came from', () => {
  const sourceOf = (name: string, ...words: string[]) =>
    Object.fromEntries(encode(name, ...words).signals.map((signal) => [signal.name, signal.source]));
  assert.deepEqual(sourceOf('Gearbox', 'Gear=1'), {
    Big: 'zero',
    Counter: 'start-value',
    Gear: 'given',
    Speed: 'zero',
  });
  assert.deepEqual(sourceOf('Mux', 'Temperature=20'), { Always: 'zero', Mode: 'selector', Temperature: 'given' });
  const [speed] = encode('Gearbox', 'Speed=87.504').signals.filter(({ name }) => name === 'Speed');
  assert.deepEqual([speed.value, speed.raw, speed.rounded], [87.5, 8750, true]);
  assert.ok(encode('Gearbox', 'Speed=87.5').signals.every(({ rounded }) => !rounded));
});

test('two signals on the same bits that agree are both given', () => {
  assert.equal(hex(encode('Overlap', 'Speed=raw:0xF00', 'Gear=15').payload), '000F0000');
});

test('a frame of CAN FD is padded to a length there is; one too long is none', () => {
  const { message } = sources[1].views.find((view) => view.message.name === 'Fd')!;
  assert.equal(frameOf({ ...message, length: 10 }, new Uint8Array(10)).data.length, 12);
  assert.throws(() => frameOf({ ...message, length: 65 }, new Uint8Array(65)), /65 bytes do not fit into one frame/);
  const j1939 = { ...message, j1939: true, extended: true };
  assert.throws(() => frameOf(j1939, new Uint8Array(9)), /transport protocol/);
});

test('what a frame decodes to encodes to the same bits', () => {
  fc.assert(
    fc.property(anyMessage(0x100), anyPayload, (message, payload) => {
      const model = database(message);
      const plan = compilePlan(model);
      const [view] = viewMessages(model, plan);
      const padded = new Uint8Array(message.length);
      padded.set(payload.subarray(0, message.length));
      const decoder = createInterpreter(plan);
      const flags = message.extended ? 1 : 0;
      const decoded = decodeToObject(decoder, message.id, flags, padded)!;
      const words = view.planned.signals
        .filter(({ name }) => Object.hasOwn(decoded.signals, name))
        .map((signal) => ({ signal, word: `${signal.name}=raw:${decoder.rawAt(signal.slot)}` }));
      const encoded = encodeMessage(
        plan,
        view,
        words.map(({ word }) => word),
      ).payload;
      for (const { signal } of words)
        for (const bit of signalBits(signal))
          assert.equal((encoded[bit >> 3] >> (bit & 7)) & 1, (padded[bit >> 3] >> (bit & 7)) & 1, signal.name);
    }),
    { numRuns: 300 },
  );
});
