// The picture of a message: what stands in it, what it makes visible, and that nothing steers the terminal.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { compilePlan } from '../../../edge/decode/index.ts';
import { drawGrid, showMessage, viewMessages } from '../../../tools/dbc/index.ts';
import { picturesOf, signalBits, signalLetter } from '../../../tools/dbc/layout.ts';
import { anyMessage } from '../../edge/decode/support/arbitraries.ts';
import { database } from '../../edge/decode/support/build.ts';
import { layouts, viewOf } from './fixtures.ts';

const show = (name: string, options = {}) => showMessage(viewOf(layouts, name), options).join('\n');
const text = (lines: TemplateStringsArray) => lines.raw[0].slice(1, -1);

test('overlap, gap and what lies past the end, in 60 columns', () => {
  assert.equal(
    show('Overlap', { width: 60 }),
    text`
0x064 Overlap, id 100, 4 bytes, from ECU
"A \x1b[2J text that clears nothing,
and its second line"

byte    7     6     5     4     3     2     1     0
     ┌───────────────────────────────────────────────┐
   0 │ A Speed [7:0]                                <│
     ├───────────────────────┬───────────────────────┤
   1 │ B [7:4]               │          A+B          │
     ├───────────────────────┴───────────────────────┤
   2 │  ·     ·     ·     ·     ·     ·     ·     ·  │
   3 │  ·     ·     ·     ·     ·     ·     ·     ·  │
     ├───────────────────────────────────────────────┤
  4! │  ·     ·     ·     ·     ·     ·     ·     ·  │
     │                       ┌───────────────────────┤
  5! │  ·     ·     ·     ·  │ C Beyond             <│
     └───────────────────────┴───────────────────────┘
     A Speed and B Gear share bits
     ! past the end: the message has 4 bytes

> start bit, Motorola (highest)
< start bit, Intel (lowest)
· unused

  signal
    start|bits  order  type  (factor,offset)  [min|max] unit
A Speed
    0|12  intel  unsigned  (0.1,0)  [0|400] km/h
B Gear
    8|8  intel  unsigned  (1,0)  []
C Beyond
    40|4  intel  signed  (1,0)  []
`,
  );
});

test('one picture for each choice of the multiplexers, in 80 columns', () => {
  assert.equal(
    show('Mux'),
    text`
0x065 Mux, id 101, 8 bytes, from ECU

Mode = 0
byte     7        6        5        4        3        2        1        0
     ┌───────────────────────────────────┬───────────────────────────────────┐
   0 │ A Always                         <│ B Mode                           <│
     ├───────────────────────────────────┴───────────────────────────────────┤
   1 │>C Temperature [15:8]                                                  │
   2 │ C [7:0]                                                               │
     ├───────────────────────────────────────────────────────────────────────┤
 3-7 │   ·        ·        ·        ·        ·        ·        ·        ·    │
     └───────────────────────────────────────────────────────────────────────┘

Mode = 1, 3-5
byte     7        6        5        4        3        2        1        0
     ┌───────────────────────────────────┬───────────────────────────────────┐
   0 │ A Always                         <│ B Mode                           <│
     ├───────────────────────────────────┴───────────────────────────────────┤
   1 │ D Page                                                               <│
     ├───────────────────────────────────────────────────────────────────────┤
 2-7 │   ·        ·        ·        ·        ·        ·        ·        ·    │
     └───────────────────────────────────────────────────────────────────────┘

Mode = 2
byte     7        6        5        4        3        2        1        0
     ┌───────────────────────────────────┬───────────────────────────────────┐
   0 │ A Always                         <│ B Mode                           <│
     ├───────────────────────────────────┴───────────────────────────────────┤
   1 │   ·        ·        ·        ·        ·        ·        ·        ·    │
     ├───────────────────────────────────────────────────────────────────────┤
   2 │ F Wide [7:0]                                                         <│
   3 │ F [15:8]                                                              │
   4 │ F [23:16]                                                             │
   5 │ F [31:24]                                                             │
   6 │ F [39:32]                                                             │
   7 │ F [47:40]                                                             │
     └───────────────────────────────────────────────────────────────────────┘

Mode = 1, 3-5, Page = 1-2
byte     7        6        5        4        3        2        1        0
     ┌───────────────────────────────────┬───────────────────────────────────┐
   0 │ A Always                         <│ B Mode                           <│
     ├───────────────────────────────────┴───────────────────────────────────┤
   1 │ D Page                                                               <│
     ├───────────────────────────────────────────────────────────────────────┤
   2 │ E Sub                                                                <│
     ├───────────────────────────────────────────────────────────────────────┤
 3-7 │   ·        ·        ·        ·        ·        ·        ·        ·    │
     └───────────────────────────────────────────────────────────────────────┘

> start bit, Motorola (highest)   < start bit, Intel (lowest)   · unused

  signal       start|bits  order     type      (factor,offset)  [min|max] unit
A Always       4|4         intel     unsigned  (1,0)            []
B Mode         0|4         intel     unsigned  (1,0)            []
      selects other signals
      labels: 0 Off, 1 On
C Temperature  15|16       motorola  signed    (0.1,-40)        [-40|200] °C
      only when Mode = 0
D Page         8|8         intel     unsigned  (1,0)            []
      selects other signals
      only when Mode = 1, 3-5
E Sub          16|8        intel     unsigned  (1,0)            []
      only when Mode = 1, 3-5, Page = 1-2
F Wide         16|48       intel     signed    (1,0)            []
      only when Mode = 2
`,
  );
});

test('CAN FD: long runs of unused bytes take one row', () => {
  const lines = show('Fd').split('\n');
  assert.equal(lines[0], '0x066 Fd, id 102, 64 bytes, CAN FD, from ECU');
  assert.equal(lines.filter((line) => line.includes('2-62 │')).length, 1);
  assert.ok(lines.length < 25, `${lines.length} lines`);
  assert.ok(lines.some((line) => /^ *63 │ B Last<│/.test(line)));
});

test('no payload, no signals', () => {
  assert.match(show('Empty'), /0x067 Empty, id 103, 0 bytes[\s\S]*no payload/);
});

test('one signal alone: only its pictures, only its name', () => {
  const shown = show('Mux', {
    only: [viewOf(layouts, 'Mux').signals.find(({ signal }) => signal.name === 'Wide')!.planned.slot],
  });
  assert.match(shown, /Mode = 2\n/);
  assert.doesNotMatch(shown, /Mode = 0|Temperature|Always/);
});

test('a multi-byte Motorola signal begins at the left, an Intel one at the right', () => {
  assert.deepEqual(signalBits({ startBit: 3, length: 6, byteOrder: 'motorola' }), [3, 2, 1, 0, 15, 14]);
  assert.deepEqual(signalBits({ startBit: 6, length: 4, byteOrder: 'intel' }), [9, 8, 7, 6]);
});

test('letters go on after Z', () => {
  assert.deepEqual([0, 25, 26, 51, 52, 701, 702].map(signalLetter), ['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
});

test('any message: every line within the width, every box closed, every signal drawn where it lies', () => {
  const shapes = fc.tuple(anyMessage(0x100), fc.integer({ min: 40, max: 120 }));
  fc.assert(
    fc.property(shapes, ([message, width]) => {
      const plan = compilePlan(database(message));
      const [view] = viewMessages(database(message), plan);
      for (const { signals } of picturesOf(view.planned)) {
        const drawn = signals.map((signal, i) => ({ signal, letter: signalLetter(i), name: signal.name }));
        const lines = drawGrid(drawn, { lengthBytes: message.length, width });
        const boxes = lines.slice(1).map((line) => line.trimEnd());
        assert.equal(new Set(boxes.map((line) => line.length)).size, 1, lines.join('\n'));
        assert.ok(
          boxes.every((line) => line.length <= width),
          lines.join('\n'),
        );
        assert.ok(
          boxes.every((line) => /[│┐┘┤]$/.test(line)),
          lines.join('\n'),
        );
        for (const { signal, letter } of drawn) {
          const bytes = new Set(signalBits(signal).map((bit) => Math.floor(bit / 8)));
          for (const byte of bytes) {
            const row = lines.find((line) => Number.parseInt(line, 10) === byte && line.includes('│'));
            // Where signals share bits and there is no room for their letters, an exclamation mark stands.
            assert.match(row ?? '', new RegExp(`[^A-Z]${letter}[^A-Z]|!`), lines.join('\n'));
          }
        }
      }
      for (const line of showMessage(view, { width })) assert.ok(line.length <= Math.max(width, 70), line);
    }),
    { numRuns: 150 },
  );
});

test('every signal that can occur is in one of the pictures', () => {
  fc.assert(
    fc.property(anyMessage(0x100), (message) => {
      const planned = compilePlan(database(message)).messages[0];
      const drawn = new Set(picturesOf(planned).flatMap(({ signals }) => signals.map(({ slot }) => slot)));
      const canOccur = planned.signals.filter((signal) => {
        for (let at = signal; at.selectorSlot >= 0; at = planned.signals[at.selectorSlot])
          if (at.selectorRanges.length === 0) return false;
        return true;
      });
      assert.deepEqual(
        canOccur.filter(({ slot }) => !drawn.has(slot)).map(({ name }) => name),
        [],
      );
    }),
    { numRuns: 300 },
  );
});

test('hostile files are drawn too, in bounds: selectors nested thousands deep, thousands of signals on one bit, far bits', () => {
  const lines = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const plain = '@1+ (1,0) [0|0] "" X';
  const deep = `BO_ 1 Deep: 8 E\n${lines(3000, (i) => ` SG_ S${i} m1M : ${i % 56}|8${plain}`)}\n${lines(2999, (i) => `SG_MUL_VAL_ 1 S${i + 1} S${i} 1-1;`)}\n`;
  const over = `BO_ 1 Over: 8 E\n${lines(5000, (i) => ` SG_ S${i} : 0|64${plain}`)}\n`;
  const far = `BO_ 1 Far: 4294967295 E\n SG_ A : 4294967290|64${plain}\n`;
  for (const [source, name, most] of [
    [deep, 'Deep', 60_000],
    [over, 'Over', 20_100],
    [far, 'Far', 40],
  ] as const) {
    const shown = showMessage(viewOf(source, name));
    assert.ok(shown.length < most, `${name}: ${shown.length} lines`);
    assert.ok(
      shown.every((line) => line.length < 2000),
      name,
    );
  }
});
