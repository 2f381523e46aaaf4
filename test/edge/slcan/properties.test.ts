/** What holds for every frame and every stream: round trip, any cutting into chunks, and no frame out of noise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dlcToLength, FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { canable2, encodeSlcanFrame, lawicel, slcanFrameBytesMax, slcanfd } from '../../../edge/slcan/index.ts';
import { fdProfile, hear, show } from './codec.ts';

const classicFrame = fc
  .record({
    extended: fc.boolean(),
    remote: fc.boolean(),
    id: fc.nat(0x1fff_ffff),
    data: fc.uint8Array({ maxLength: 8 }),
    stampMs: fc.option(fc.nat(59_999), { nil: -1 }),
  })
  .map(({ extended, remote, id, data, stampMs }) => ({
    id: extended ? id : id & 0x7ff,
    flags: (extended ? FrameFlag.extended : 0) | (remote ? FrameFlag.remote : 0),
    data,
    stampMs,
  }));

const fdFrame = fc
  .record({
    extended: fc.boolean(),
    switches: fc.boolean(),
    id: fc.nat(0x1fff_ffff),
    data: fc.constantFrom(...dlcToLength).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  })
  .map(({ extended, switches, id, data }) => ({
    id: extended ? id : id & 0x7ff,
    flags: FrameFlag.fd | (extended ? FrameFlag.extended : 0) | (switches ? FrameFlag.bitRateSwitch : 0),
    data,
    stampMs: -1,
  }));

interface Sent {
  id: number;
  flags: number;
  data: Uint8Array;
  stampMs: number;
}

function encodeAll(frames: Sent[]): Uint8Array {
  const out = new Uint8Array(frames.length * slcanFrameBytesMax);
  let at = 0;
  for (const { id, flags, data, stampMs } of frames) {
    at += encodeSlcanFrame(out, at, id, flags, data, 0, data.length, stampMs);
  }
  return out.subarray(0, at);
}

function shown({ id, flags, data }: Sent): string {
  const batch = new FrameBatch(1, 64);
  batch.push(0, id, flags, data);
  return show(batch, 0);
}

test('what is encoded is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(classicFrame, fdFrame), { maxLength: 20 }), (frames) => {
      assert.deepEqual(hear(encodeAll(frames), { profile: fdProfile }).frames, frames.map(shown));
    }),
    { numRuns: 300 },
  );
});

test('what is encoded with microseconds and error state is read back', () => {
  const frame = fc.oneof(classicFrame, fdFrame).chain((sent) =>
    fc.record({
      sent: fc.constant(sent),
      stamp: fc.option(fc.integer({ min: 0, max: 3_599_999_999 }), { nil: -1 }),
      isPassive: fc.option(fc.boolean(), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(frame, ({ sent, stamp, isPassive }) => {
      const out = new Uint8Array(slcanFrameBytesMax);
      const flags = sent.flags | (isPassive ? FrameFlag.errorState : 0);
      const suffix = 1 | (isPassive === undefined ? 0 : 2);
      const size = encodeSlcanFrame(out, 0, sent.id, flags, sent.data, 0, sent.data.length, stamp, suffix);
      const heard = hear(out.subarray(0, size), { profile: slcanfd });
      assert.deepEqual(heard.flags, [flags]);
      assert.equal(heard.frames[0].split('#')[0], shown(sent).split('#')[0]);
      assert.equal(heard.frames[0].split('#').at(-1), shown(sent).split('#').at(-1));
    }),
    { numRuns: 300 },
  );
});

test('an FD length between the steps is padded to the next', () => {
  const out = new Uint8Array(slcanFrameBytesMax);
  const size = encodeSlcanFrame(out, 0, 1, FrameFlag.fd, new Uint8Array(9).fill(0xee), 0, 9);
  assert.equal(Buffer.from(out.subarray(0, size)).toString('latin1'), `d0019${'EE'.repeat(9)}000000\r`);
});

/** Streams close enough to SLCAN to reach every branch: whole lines, pieces of lines, and noise. */
const stream = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: classicFrame.map((frame) => Buffer.from(encodeAll([frame])).toString('latin1')) },
      fc.constantFrom(
        '\r',
        '\n',
        '\x07',
        '\r\n',
        'V1013\r',
        'z\r',
        'F08\r',
        't',
        'T0000',
        'r123',
        '8',
        'xyz',
        '\x00\xff',
        'CANable Error Register: ',
        'CANable Error Register: 1D000001230\r',
        'd10001\r',
        't1000000A0\r',
        't100000000001\r',
      ),
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'tTrRzZVNF0189aAfFg\r\n\x07'), maxLength: 12 }) },
      { weight: 1, arbitrary: fc.constant('7'.repeat(200)) },
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

test('however the stream is cut into chunks, frames and events are the same', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (text, cuts) => {
      for (const profile of [lawicel, canable2, slcanfd]) {
        const whole = hear(text, { profile });
        const cut = hear(text, { profile, cuts });
        assert.deepEqual(cut.events, whole.events);
        assert.deepEqual(cut.parser.counters, whole.parser.counters);
      }
    }),
    { numRuns: 500 },
  );
});

/** A reading of the protocol as obvious as can be: lines by split, frames by one expression. */
function slowFrames(text: string): string[] {
  const frames: string[] = [];
  const lines = text
    .replaceAll('\x07', '<cut>\r')
    .split(/[\r\n]/)
    .slice(0, -1);
  for (const line of lines) {
    const parts = /^([tr][0-7][\da-fA-F]{2}|[TR][01][\da-fA-F]{7})([\da-fA-F]*)$/.exec(line);
    if (parts === null) continue;
    const isRemote = line[0].toLowerCase() === 'r';
    const id = parts[1].slice(1).toUpperCase();
    let rest = parts[2];
    let length = 0;
    // A remote frame without its length leaves nothing or a time stamp of four digits.
    if (!(isRemote && (rest.length === 0 || rest.length === 4))) {
      if (!/^[0-8]/.test(rest)) continue;
      length = Number(rest[0]);
      rest = rest.slice(1);
    }
    const digits = isRemote ? 0 : 2 * length;
    if (rest.length !== digits && rest.length !== digits + 4) continue;
    frames.push(`${id}#${isRemote ? `R${length}` : rest.slice(0, digits).toUpperCase()}`);
  }
  return frames;
}

test('the frames are those that a slow, obvious reading finds', () => {
  fc.assert(
    fc.property(stream, (text) => assert.deepEqual(hear(text).frames, slowFrames(text))),
    { numRuns: 1000 },
  );
});

test('noise never throws and never makes an impossible frame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.integer({ min: 1, max: 50 })), (bytes, cuts) => {
      for (const profile of [fdProfile, canable2, slcanfd]) {
        const { parser } = hear(bytes, { cuts, profile });
        assert.equal(parser.counters.bytes, bytes.length);
      }
    }),
    { numRuns: 500 },
  );
});
