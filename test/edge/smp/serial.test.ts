/** Serial framing: against lines from a real device, a slow reference, and everything a line can suffer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../../../edge/pack/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { crc16Xmodem, decodeSmp, encodeSerial, SerialDecoder, serialFrameBytes } from '../../../edge/smp/index.ts';
import { skipWithout } from '../../shared.ts';
import { capturedExchanges, vectorsPath } from './vectors.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const bytesOf = (length: number, seed = 1) => {
  const bytes = new Uint8Array(length);
  new SeededRandom(seed).fill(bytes);
  return bytes;
};

function decoder(options: { messageBytesMax?: number; lineBytesMax?: number; linesPerDeliveryMax?: number } = {}) {
  const messages: Uint8Array[] = [];
  let text = '';
  const it = new SerialDecoder({
    messageBytesMax: 4096,
    ...options,
    onMessage: (message) => messages.push(message.slice()),
    onText: (bytes) => {
      text += String.fromCharCode(...bytes);
    },
  });
  return { push: (bytes: Uint8Array) => it.push(bytes), messages, text: () => text, counters: it.counters };
}

/** The same lines by a slow way: Node's base64, cut every 124 characters. */
function slowLines(message: Uint8Array): Buffer {
  const tail = Buffer.alloc(2);
  tail.writeUInt16BE(crc16Slow(message));
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length + 2);
  const characters = Buffer.concat([head, message, tail]).toString('base64');
  const lines: Buffer[] = [];
  for (let at = 0; at < characters.length; at += 124) {
    lines.push(Buffer.from(at === 0 ? [6, 9] : [4, 20]), Buffer.from(`${characters.slice(at, at + 124)}\n`));
  }
  return Buffer.concat(lines);
}

function crc16Slow(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = (crc >> 15) & 1;
      crc = ((crc << 1) | ((byte >> bit) & 1)) & 0xffff;
      if (carry) crc ^= 0x1021;
    }
  }
  for (let bit = 0; bit < 16; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  return crc;
}

describe('the checksum', () => {
  it('is CRC-16/XMODEM', () => assert.equal(crc16Xmodem(ascii('123456789')), 0x31c3));
  it('agrees with the bit-by-bit reference', () => {
    for (let length = 0; length < 64; length++) assert.equal(crc16Xmodem(bytesOf(length)), crc16Slow(bytesOf(length)));
  });
});

describe('lines of a real device', { skip: skipWithout(vectorsPath) }, () => {
  for (const { name, responseLines } of capturedExchanges().filter(({ responseLines }) => responseLines.length > 0)) {
    it(`${name}: decode to a message, which encodes to the same lines`, () => {
      const wire = concatBytes(...responseLines.flatMap((line) => [line, ascii('\n')]));
      const { push, messages } = decoder();
      push(wire);
      assert.equal(messages.length, 1);
      assert.deepEqual(encodeSerial(messages[0]), wire);
      assert.equal(serialFrameBytes(messages[0].length), wire.length);
      assert.equal(decodeSmp(messages[0])?.body.length, messages[0].length - 8);
    });
  }
});

describe('encoding', () => {
  it('never makes a line longer than 127 bytes, and never tears the checksum from its message', () => {
    for (let length = 1; length <= 400; length++) {
      const lines = Buffer.from(encodeSerial(bytesOf(length)))
        .toString('latin1')
        .split('\n')
        .slice(0, -1);
      for (const line of lines) assert.ok(line.length + 1 <= 127 && line.length > 2, `${length}: ${line.length}`);
      assert.ok(Buffer.from(lines.at(-1)!.slice(2), 'base64').length > 2, String(length));
      assert.equal(serialFrameBytes(length), encodeSerial(bytesOf(length)).length);
    }
  });
  it('is what the slow way writes, wherever a line does not end in the checksum', () => {
    for (const length of [1, 8, 20, 50, 89, 100, 300, 1000, 4000]) {
      assert.deepEqual(Buffer.from(encodeSerial(bytesOf(length))), slowLines(bytesOf(length)));
    }
  });
});

describe('decoding', () => {
  it('gives back any message in any pieces, whichever way it was cut into lines', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 600 }),
        fc.integer({ min: 1, max: 90 }),
        (message, piece) => {
          for (const wire of [encodeSerial(message), slowLines(message)]) {
            const { push, messages } = decoder({ messageBytesMax: 600 });
            for (let at = 0; at < wire.length; at += piece) push(wire.subarray(at, at + piece));
            assert.deepEqual(messages, [message]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
  it('takes lines that end in the middle of a group of four, and lines that end with a carriage return', () => {
    const [first] = slowLines(bytesOf(60)).toString('latin1').split('\n');
    const { push, messages } = decoder();
    push(Buffer.from(`${first.slice(0, 25)}\r\n\x04\x14${first.slice(25)}\r\n`, 'latin1'));
    assert.deepEqual(messages, [bytesOf(60)]);
  });
  it('passes console text on, byte for byte, before, between and after the lines of a message', () => {
    const lines = Buffer.from(encodeSerial(bytesOf(200)))
      .toString('latin1')
      .split('\n');
    const { push, messages, text } = decoder();
    push(
      Buffer.from(
        `boot\r\nuart:~$ ${lines[0]}\n[00:01] a log line\n${lines[1]}\nprompt> ${lines[2]}\n\x04\x06x`,
        'latin1',
      ),
    );
    assert.deepEqual(messages, [bytesOf(200)]);
    assert.equal(text(), 'boot\r\nuart:~$ [00:01] a log line\nprompt> \x04\x06x');
  });
  it('gives text on at once, without waiting for its newline', () => {
    const { push, text } = decoder();
    push(ascii('h'));
    assert.equal(text(), 'h');
  });

  const wire = Buffer.from(encodeSerial(bytesOf(200)));
  const text = wire.toString('latin1');
  const lines = text.split('\n').slice(0, -1);
  const flipped = Buffer.from(wire);
  flipped[20] = flipped[20] === 0x41 ? 0x42 : 0x41;
  const rows: [string, string | Buffer, keyof ReturnType<typeof decoder>['counters']][] = [
    ['a flipped character', flipped, 'badChecksums'],
    ['a line in the middle that is lost', `${lines[0]}\n${lines[2]}\n${lines[0]}\n`, 'tornMessages'],
    ['a continuation of nothing', `${lines[1]}\n`, 'strayLines'],
    ['a line that comes twice', `${lines[0]}\n${lines[1]}\n${lines[1]}\n${lines[2]}\n`, 'badLines'],
    ['a character that is not base64', `${lines[0].slice(0, 40)}?${lines[0].slice(40)}\n`, 'badLines'],
    ['padding in the middle of a line', `\x06\x09ABQA==AAAAAA\n`, 'badLines'],
    ['padding of nothing', `\x06\x09====\n`, 'badLines'],
    ['a line too long', `\x06\x09${'A'.repeat(130)}\n`, 'overlongLines'],
    ['a line that never ends', `\x06\x09${'A'.repeat(100_000)}`, 'overlongLines'],
    [
      'a length longer than any buffer',
      `\x06\x09${Buffer.from([0xff, 0xff, 1]).toString('base64')}\n`,
      'overlongMessages',
    ],
    ['a length too short for the checksum', `\x06\x09${Buffer.from([0, 1, 1]).toString('base64')}\n`, 'badLines'],
    ['more bytes than the length says', `\x06\x09${Buffer.from([0, 3, 1, 2, 3, 4]).toString('base64')}\n`, 'badLines'],
  ];
  for (const [name, wrong, counter] of rows) {
    it(`counts ${name} as ${counter}, and finds the next message`, () => {
      const { push, messages, counters } = decoder();
      push(typeof wrong === 'string' ? Buffer.from(wrong, 'latin1') : wrong);
      assert.equal(counters[counter], 1, JSON.stringify(counters));
      assert.equal(messages.length, 0);
      push(wire);
      assert.deepEqual(messages, [bytesOf(200)]);
    });
  }
  it('survives the loss of a newline between two lines', () => {
    const { push, messages } = decoder();
    push(Buffer.from(lines.join(''), 'latin1'));
    push(ascii('\n'));
    assert.deepEqual(messages, [bytesOf(200)]);
  });
  it('survives the loss of a newline between two messages', () => {
    const { push, messages } = decoder();
    push(wire.subarray(0, -1));
    push(wire);
    assert.deepEqual(messages, [bytesOf(200), bytesOf(200)]);
  });
  it('refuses a line that is too long, whole as the message in it is, unless told that it may be', () => {
    const long = Buffer.from(`${lines[0]}${lines[1].slice(2)}${lines[2].slice(2)}\n`, 'latin1');
    const strict = decoder();
    strict.push(long);
    assert.equal(strict.messages.length, 0);
    assert.equal(strict.counters.overlongLines, 1);
    const lenient = decoder({ lineBytesMax: 512 });
    lenient.push(long);
    assert.deepEqual(lenient.messages, [bytesOf(200)]);
  });
  it('loses lines of a burst where buffers are few, and none where the sender pauses', () => {
    const burst = decoder({ linesPerDeliveryMax: 2 });
    burst.push(wire);
    assert.equal(burst.messages.length, 0);
    assert.equal(burst.counters.overrunLines, 1);
    const paced = decoder({ linesPerDeliveryMax: 2 });
    for (const line of lines) paced.push(Buffer.from(`${line}\n`, 'latin1'));
    assert.deepEqual(paced.messages, [bytesOf(200)]);
  });
  it('never throws, and always finds a whole message after noise and a newline', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc.constantFrom(...lines.map((line) => Buffer.from(line, 'latin1'))),
          ),
          { maxLength: 12 },
        ),
        (noise) => {
          const { push, messages } = decoder();
          for (const piece of noise) push(piece);
          push(ascii('\n'));
          push(wire);
          assert.deepEqual(messages.at(-1), bytesOf(200));
        },
      ),
      { numRuns: 150 },
    );
  });
});
