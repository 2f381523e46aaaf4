/** Transfers that others published, frame by frame. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame, listen, transcript } from './support/sender.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

test('a connection of 13 bytes, its last packet twice (rbei-etas/busmaster, issue 179)', () => {
  const frames = [
    frame(663.4, 0x18ea5100, [0xc5, 0xfd, 0x00]),
    frame(699.4, 0x18f00e51, [0xa0, 0x0f, 0x33, 0x0f, 0x01, 0x05, 0x1f, 0x1f]),
    frame(720.4, 0x18ec0051, [0x10, 0x00, 0x0d, 0x02, 0xff, 0xc5, 0xfd, 0x00]),
    frame(723.4, 0x18ec5100, [0x11, 0x02, 0x01, 0xff, 0xff, 0xc5, 0xfd, 0x00]),
    frame(732.4, 0x18eb0051, [0x01, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04]),
    frame(981.4, 0x18eb0051, [0x02, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0xff]),
    frame(981.4, 0x18eb0051, [0x02, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0xff]),
    frame(1041.4, 0x18e80051, [0x01, 0xff, 0xff, 0xff, 0xff, 0x02, 0x0d, 0x00]),
  ];
  // As published, the size stands in big-endian order (00 0D: 3328 bytes): by the standard that fits no two packets.
  const asPublished = listen(frames);
  assert.deepEqual(asPublished.messages, []);
  assert.equal(asPublished.stats.ignored.size, 1);
  assert.equal(asPublished.stats.ignored.orphan, 4);

  frames[2].data.set([0x0d, 0x00], 1);
  const { messages, stats } = listen(frames);
  assert.equal(messages.length, 1);
  const { pgn, source, destination, startUs, timeUs, data } = messages[0];
  assert.deepEqual(
    { pgn, source, destination, startUs, timeUs, data: hex(data) },
    { pgn: 0xfdc5, source: 0x51, destination: 0, startUs: 720400, timeUs: 981400, data: '04'.repeat(13) },
  );
  assert.equal(stats.ignored.repeated, 1);
});

test('a broadcast of a group on data page 1, filled up with FF', () => {
  const { messages } = listen(
    transcript(`
      1CECFF12 20 10 00 03 FF 02 FF 01
      1CEBFF12 01 8B 45 00 24 B5 9D D9
      1CEBFF12 02 68 D0 91 5F 05 B9 1D
      1CEBFF12 03 5B B3 FF FF FF FF FF`),
  );
  assert.equal(messages.length, 1);
  assert.equal(messages[0].id, 0x1dff0212);
  assert.equal(messages[0].pgn, 0x1ff02);
  assert.equal(hex(messages[0].data), '8b450024b59dd968d0915f05b91d5bb3');
});

test('a DM1 with four trouble codes', () => {
  const { messages } = listen(
    transcript(`
      18ECFF00 20 12 00 03 FF CA FE 00
      18EBFF00 01 00 FF 5B 00 03 01 5C
      18EBFF00 02 00 04 02 5D 00 05 03
      18EBFF00 03 5E 00 06 04 FF FF FF`),
  );
  assert.equal(messages[0].id, 0x18feca00);
  assert.equal(hex(messages[0].data), '00ff5b0003015c0004025d0005035e000604');
});

test('two senders of DM1 at once, one of them starting over', () => {
  const { messages, stats } = listen(
    transcript(`
      18ECFF00 20 0E 00 02 FF CA FE 00
      18EBFF00 01 01 02 03 04 05 06 07
      18ECFF17 20 0E 00 02 FF CA FE 00
      18ECFF00 20 0E 00 02 FF CA FE 00
      18EBFF17 01 AA BB CC DD EE FF 11
      18EBFF00 01 21 22 23 24 25 26 27
      18EBFF17 02 21 31 41 51 61 71 81
      18EBFF00 02 28 29 2A 2B 2C 2D 2E`),
  );
  assert.deepEqual(
    messages.map(({ source, data }) => [source, hex(data)]),
    [
      [0x17, 'aabbccddeeff1121314151617181'],
      [0x00, '2122232425262728292a2b2c2d2e'],
    ],
  );
  assert.equal(stats.lost.restarted, 1);
});
