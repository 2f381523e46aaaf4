/** Byte transcripts in, frames and events out: what every line means, and that nothing else is ever taken for a frame. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameBatch } from '../../../edge/can/index.ts';
import { lawicel, SlcanParser } from '../../../edge/slcan/index.ts';
import { fdProfile, hear } from './codec.ts';

const transcripts: [what: string, text: string, events: string[]][] = [
  // frames
  ['standard frame', 't1234AABBCCDD\r', ['123#AABBCCDD']],
  ['no payload', 't7FF0\r', ['7FF#']],
  ['eight bytes', 't00080011223344556677\r', ['000#0011223344556677']],
  ['extended frame', 'T1FFFFFFF2ABCD\r', ['1FFFFFFF#ABCD']],
  ['remote frame', 'r1238\r', ['123#R8']],
  ['extended remote frame', 'R000001230\r', ['00000123#R0']],
  ['remote frame without its length', 'r123\r', ['123#R0']],
  ['extended remote frame without its length', 'R00000123\r', ['00000123#R0']],
  ['remote frames one after another', 'r1238\rr1231\rr123\r', ['123#R8', '123#R1', '123#R0']],
  ['remote frame before acknowledgements', 'r1238\r\r\r\r', ['123#R8', 'ok', 'ok', 'ok']],
  ['lower-case hex', 't0bc2deff\r', ['0BC#DEFF']],
  ['line ended by LF', 't1231AA\nt1231BB\n', ['123#AA', '123#BB']],
  ['line ended by CR LF', 't1231AA\r\nt1231BB\r\n', ['123#AA', '123#BB']],
  // time stamps
  ['time stamp', 't1231AA0000\r', ['123#AA']],
  ['time stamp on a remote frame', 'r12380000\r', ['123#R8']],
  ['time stamp on a remote frame without length', 'r1230000\r', ['123#R0']],
  ['time stamp past the wrap: the frame counts all the same', 't1231AAEA60\r', ['123#AA']],
  // between frames
  ['acknowledgement and refusal', '\r\x07\r', ['ok', 'bell', 'ok']],
  ['transmit acknowledgements', 'z\rZ\r', ['line z', 'line Z']],
  ['version, serial number, status', 'V1013\rNA123\rF08\r', ['line V1013', 'line NA123', 'line F08']],
  ['refusal between frames', 't1230\r\x07t1231AA\r', ['123#', 'bell', '123#AA']],
  ['nothing but LF', '\n\n', []],
  // garbage, and what follows it
  ['id past 7FF', 't8000\rt1230\r', ['bad', '123#']],
  ['extended id past 29 bits', 'T200000000\rT800000000\rT0000000F0\r', ['bad', 'bad', '0000000F#']],
  ['length past 8', 't1239001122334455667788\r', ['bad']],
  ['length not hex', 't123G00\r', ['bad']],
  ['payload too short', 't1232AA\rt1230\r', ['bad', '123#']],
  ['payload too long by a digit', 't1231AAB\r', ['bad']],
  ['payload too long by a byte', 't1231AABB\r', ['bad']],
  ['payload not hex', 't1232AAxx\r', ['bad']],
  ['id not hex', 't12x0\r', ['bad']],
  ['negative-looking digits', 't-120\r', ['bad']],
  ['id cut off', 't12\rT1234567\r', ['bad', 'bad']],
  ['letter alone', 't\rT\rr\rR\r', ['bad', 'bad', 'bad', 'bad']],
  ['remote frame with a payload', 'r1231AA\r', ['bad']],
  ['time stamp cut off', 't1230123\r', ['bad']],
  ['time stamp not hex', 't12301g34\r', ['bad']],
  ['FD letter of a classic adapter', 'd1230\r', ['bad']],
  ['unknown letter', 'hello\rt1230\r', ['bad', '123#']],
  ['a host command from an adapter', 'S6\r', ['bad']],
  ['high bytes', '\xff\x80t1230\rt1230\r', ['bad', '123#']],
  ['frame interrupted by BEL', 't1230\x07t1230\r', ['bad', 'bell', '123#']],
  ['reply interrupted by BEL', 'V10\x07V1013\r', ['bad', 'bell', 'line V1013']],
  ['two frames run together', 't1230t1230\rt1230\r', ['bad', '123#']],
  ['blank before', ' t1230\r', ['bad']],
];

describe('a transcript from an adapter', () => {
  for (const [what, text, events] of transcripts) test(what, () => assert.deepEqual(hear(text).events, events));
});

describe('a transcript from a host', () => {
  const rows: [what: string, text: string, events: string[]][] = [
    ['commands', 'S6\rZ1\rO\r', ['line S6', 'line Z1', 'line O']],
    ['frames among commands keep their place', 'O\rt1230\rC\r', ['line O', '123#', 'line C']],
    ['empty lines', '\r\r', ['ok', 'ok']],
    ['a reply letter only adapters send', 'z\r', ['bad']],
  ];
  for (const [what, text, events] of rows) {
    test(what, () => assert.deepEqual(hear(text, { from: 'host' }).events, events));
  }
});

describe('FD letters, where the profile has them', () => {
  const rows: [what: string, text: string, events: string[]][] = [
    ['8 bytes', 'd12380011223344556677\r', ['123#0#0011223344556677']],
    ['12 bytes with bit rate switch', `b1239${'AB'.repeat(12)}\r`, [`123#1#${'AB'.repeat(12)}`]],
    ['64 bytes, extended', `D00000123F${'CD'.repeat(64)}\r`, [`00000123#0#${'CD'.repeat(64)}`]],
    [
      '64 bytes with bit rate switch and time stamp',
      `B00000123F${'CD'.repeat(64)}0001\r`,
      [`00000123#1#${'CD'.repeat(64)}`],
    ],
    ['8 bytes under DLC 9', 'd12390011223344556677\r', ['bad']],
    ['63 bytes under DLC 15', `d123F${'00'.repeat(63)}\r`, ['bad']],
    ['classic length past 8', 't123900112233445566778899AABB\r', ['bad']],
  ];
  for (const [what, text, events] of rows) {
    test(what, () => assert.deepEqual(hear(text, { profile: fdProfile }).events, events));
  }
  test('need a batch that holds 64 bytes', () => {
    const parser = new SlcanParser(fdProfile);
    assert.throws(() => parser.push(new Uint8Array(1), new FrameBatch(1, 8), 0, () => {}), TypeError);
  });
});

describe('counters', () => {
  test('count bytes, frames, garbage, refusals and acknowledgements apart', () => {
    const text = `t1230\r\rjunk\r\x07${'A'.repeat(300)}\rt1231AAFFFF\r`;
    const { parser } = hear(text);
    assert.deepEqual(parser.counters, {
      bytes: text.length,
      frames: 2,
      malformed: 1,
      overlong: 1,
      bells: 1,
      acks: 1,
      badTimestamps: 1,
    });
  });
  test('an endless line takes no memory and counts once', () => {
    const parser = new SlcanParser(lawicel);
    const batch = new FrameBatch(1);
    for (let i = 0; i < 1000; i++) parser.push(new Uint8Array(1000).fill(0x74), batch, 0, () => {});
    parser.push(Buffer.from('\rt1230\r'), batch, 0, () => {});
    assert.equal(parser.counters.overlong, 1);
    assert.equal(parser.counters.malformed, 0);
    assert.equal(batch.count, 1);
  });
});

test('a payload byte of an earlier frame never shows through', () => {
  const batch = new FrameBatch(1);
  const parser = new SlcanParser(lawicel);
  parser.push(Buffer.from('t1238FFFFFFFFFFFFFFFF\r'), batch, 0, () => {});
  batch.clear();
  parser.push(Buffer.from('t1238FFFFFFFFFFFFFFxx\rt1231AA\r'), batch, 0, () => {});
  assert.deepEqual([...batch.data], [0xaa, 0, 0, 0, 0, 0, 0, 0]);
});

test('a full batch is handed over at once, and one that comes full before anything else', () => {
  const batch = new FrameBatch(2);
  const handed: number[] = [];
  const take = () => {
    handed.push(batch.count);
    batch.clear();
  };
  const parser = new SlcanParser(lawicel);
  parser.push(Buffer.from('t1230\rt1230\rt1230\rt1230\r'), batch, 0, take);
  assert.deepEqual(handed, [2, 2]);
  batch.push(0, 1, 0, new Uint8Array(0));
  batch.push(0, 2, 0, new Uint8Array(0));
  parser.push(Buffer.from('t1230\r'), batch, 0, take);
  assert.deepEqual(handed, [2, 2, 2]);
  assert.equal(batch.count, 1);
});
