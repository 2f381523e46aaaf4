/** SMP and text on one console, over lines that are bad and clients that are slow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sha256 } from '@noble/hashes/sha2.js';
import { FaultyLine, SeededRandom } from '../../../edge/sim/index.ts';
import {
  ConsoleSmp,
  decodeSmp,
  encodeSerial,
  SerialDecoder,
  StreamDecoder,
  serveStream,
} from '../../../edge/smp/index.ts';
import { memoryPair, type Transport } from '../../../edge/transport/index.ts';
import { answerFields, makeImage, requestBytes, TestDevice } from './device.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

/** The other end of a console: sends lines, collects answers and text. */
class Terminal {
  readonly answers: Uint8Array[] = [];
  text = '';
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    const decoder = new SerialDecoder({
      messageBytesMax: 4096,
      onMessage: (message) => this.answers.push(message.slice()),
      onText: (bytes) => {
        this.text += String.fromCharCode(...bytes);
      },
    });
    transport.onData((bytes) => decoder.push(bytes));
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#transport.write(bytes);
    for (let turns = 0; turns < 3; turns++) await nextTurn();
  }

  /** @returns fields of the answer with that sequence, or undefined when none came */
  async ask(request: Parameters<typeof requestBytes>[0]): Promise<Record<string, unknown> | undefined> {
    const from = this.answers.length;
    await this.send(encodeSerial(requestBytes(request)));
    const answer = this.answers.slice(from).find((message) => decodeSmp(message)?.sequence === request.sequence);
    return answer && answerFields(answer);
  }
}

function consoleOf(
  device = new TestDevice(),
  options: { linesPerDeliveryMax?: number; waitingBytesMax?: number } = {},
) {
  const [far, near] = memoryPair('console');
  let typed = '';
  const smp = new ConsoleSmp({
    transport: near,
    server: device.server,
    onText: (bytes) => {
      typed += String.fromCharCode(...bytes);
    },
    ...options,
  });
  return { device, smp, terminal: new Terminal(far), far, typed: () => typed };
}

describe('a console', () => {
  const echo = { group: 0, command: 0, write: true, sequence: 9, body: { d: 'x'.repeat(300) } };

  it('takes messages and text in any order, and gives each to whom it is for', async () => {
    const { smp, terminal, typed } = consoleOf();
    await terminal.send(ascii('help\r'));
    smp.writeText('miner> ');
    assert.deepEqual(await terminal.ask(echo), { r: 'x'.repeat(300) });
    smp.writeText(ascii('bye\r\n'));
    await terminal.send(ascii('quit\r'));
    assert.equal(typed(), 'help\rquit\r');
    assert.equal(terminal.text, 'miner> bye\r\n');
  });
  it('takes the lines of one message between lines that are typed', async () => {
    const { terminal, typed } = consoleOf();
    const lines = Buffer.from(encodeSerial(requestBytes(echo)))
      .toString('latin1')
      .split('\n')
      .slice(0, -1);
    for (const line of lines) await terminal.send(Buffer.from(`ls\r${line}\n`, 'latin1'));
    assert.equal(terminal.answers.length, 1);
    assert.equal(typed(), 'ls\r'.repeat(lines.length));
  });
  it('waits for a client that pauses before each line, however long', async () => {
    const { device, terminal } = consoleOf(undefined, { linesPerDeliveryMax: 1 });
    for (const line of Buffer.from(encodeSerial(requestBytes(echo)))
      .toString('latin1')
      .split('\n')
      .slice(0, -1)) {
      device.world.advance(20);
      await terminal.send(Buffer.from(line, 'latin1'));
      device.world.advance(3_600_000);
      await terminal.send(ascii('\n'));
    }
    assert.equal(terminal.answers.length, 1);
  });
  it('answers within the same turn: some clients wait only 200 ms', async () => {
    const { far, device } = consoleOf();
    let isAnswered = false;
    far.onData(() => {
      isAnswered = true;
    });
    await far.write(encodeSerial(requestBytes({ group: 0, command: 5, write: true, body: new Uint8Array() })));
    await Promise.resolve();
    assert.ok(isAnswered);
    assert.equal(device.world.pending, 1, 'the reset is yet to come');
  });
  it('gives no answer to what is damaged, and answers the next', async () => {
    const { smp, terminal } = consoleOf();
    const wire = encodeSerial(requestBytes(echo));
    wire[30] ^= 1;
    await terminal.send(wire);
    assert.equal(terminal.answers.length, 0);
    assert.equal(smp.counters.badChecksums, 1);
    assert.notEqual(await terminal.ask(echo), undefined);
  });
  it('whose lines nobody reads keeps a bounded memory', async () => {
    const { smp, device } = consoleOf(undefined, { waitingBytesMax: 1000 });
    // Nobody has come to the other end, so no write is ever done.
    const [, near] = memoryPair();
    const unread = new ConsoleSmp({ transport: near, server: device.server, waitingBytesMax: 1000 });
    for (let i = 0; i < 100; i++) unread.writeText('x'.repeat(100));
    await nextTurn();
    assert.equal(unread.droppedBytes, 9000);
    smp.writeText('x'.repeat(100));
    await nextTurn();
    for (let i = 0; i < 5; i++) {
      smp.writeText('x'.repeat(1000));
      await nextTurn();
    }
    assert.equal(smp.droppedBytes, 0);
  });
  it('that closes takes nothing with it', async () => {
    const { smp, far } = consoleOf();
    await far.close();
    smp.writeText('into the void');
    await nextTurn();
  });
});

describe('an upload over a bad line', () => {
  const image = makeImage('1.1.0', { bytes: 20_000 });

  /** Asks again until it is answered, as clients do. */
  async function upload(terminal: Terminal, onChunk: (chunks: number) => void): Promise<number> {
    let off = 0;
    let sequence = 0;
    let requests = 0;
    for (let match: unknown; match !== true; requests++) {
      assert.ok(requests < 2000, 'it comes to an end');
      onChunk(requests);
      const first = off === 0 && { len: image.length, sha: sha256(image) };
      const body = { off, data: image.subarray(off, off + 900), ...first };
      sequence = (sequence + 1) & 255;
      const answer = await terminal.ask({ group: 1, command: 1, write: true, sequence, body });
      if (answer === undefined) continue;
      match = answer.match;
      off = answer.off as number;
    }
    return requests;
  }

  for (const seed of [1, 2, 3]) {
    it(`with bytes lost, repeated and flipped, and resets on the way, ends with the very image (seed ${seed})`, async () => {
      const device = new TestDevice();
      const line = new FaultyLine(new SeededRandom(seed), { drop: 60, duplicate: 60, split: 300, flip: 60 });
      let smp = new ConsoleSmp({ transport: line.b, server: device.server });
      const terminal = new Terminal(line.a);
      const requests = await upload(terminal, (chunks) => {
        if (chunks % 11 !== 10) return;
        device.boot();
        smp = new ConsoleSmp({ transport: line.b, server: device.server });
      });
      assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0']);
      assert.ok(line.harmed > 0 && requests > 23);
      assert.ok(smp.counters.messages > 0);
    });
  }
  it('while another client uploads the same over a port of its own, ends well for both', async () => {
    const device = new TestDevice();
    const terminals = ['a', 'b'].map((name) => {
      const [far, near] = memoryPair(name);
      new ConsoleSmp({ transport: near, server: device.server });
      return new Terminal(far);
    });
    await Promise.all(terminals.map((terminal) => upload(terminal, () => {})));
    assert.deepEqual(device.images(), ['0 1.0.0 confirmed active', '1 1.1.0']);
  });
});

describe('a stream without lines', () => {
  const request = requestBytes({ group: 0, command: 0, write: true, sequence: 3, body: { d: 'hello' } });

  function serialPort() {
    const device = new TestDevice({ bufferBytes: 256 });
    const [far, near] = memoryPair('raw');
    const answers: Uint8Array[] = [];
    const reader = new StreamDecoder({ messageBytesMax: 256, onMessage: (message) => answers.push(message.slice()) });
    far.onData((bytes) => reader.push(bytes));
    const decoder = serveStream({ transport: near, server: device.server, serial: { clock: device.world } });
    const send = async (bytes: Uint8Array) => {
      await far.write(bytes);
      await nextTurn();
    };
    return { device, answers, decoder, send };
  }

  it('is cut into messages by their headers, whatever the pieces', async () => {
    const { answers, send } = serialPort();
    for (const byte of request) await send(Uint8Array.of(byte));
    await send(new Uint8Array([...request, ...request, ...request.subarray(0, 9)]));
    await send(request.subarray(9));
    assert.deepEqual(answers.map(answerFields), Array(4).fill({ r: 'hello' }));
  });
  const noise: [string, Uint8Array][] = [
    ['an operation that there is not', Uint8Array.of(0x0f, 0, 0, 0, 0, 0, 0, 0)],
    ['more than the buffer holds', Uint8Array.of(0x0a, 0, 0, 0xff, 0, 0, 0, 0)],
    ['text', ascii('this is not for you\n')],
  ];
  for (const [name, bytes] of noise) {
    it(`drops ${name}, with what came with it`, async () => {
      const { answers, decoder, send } = serialPort();
      await send(new Uint8Array([...bytes, ...request]));
      assert.equal(answers.length, 0);
      assert.equal(decoder.faults, 1);
      await send(request);
      assert.equal(answers.length, 1);
    });
  }
  it('gives up a message that lost bytes, after a pause', async () => {
    const { device, answers, decoder, send } = serialPort();
    await send(request.subarray(0, 12));
    device.world.advance(499);
    assert.equal(decoder.faults, 0);
    device.world.advance(1);
    assert.equal(decoder.faults, 1);
    await send(request);
    assert.equal(answers.length, 1);
  });
  it('gives up nothing once the message came whole', async () => {
    const { device, decoder, send } = serialPort();
    await send(request.subarray(0, 12));
    device.world.advance(400);
    await send(request.subarray(12));
    device.world.advance(10_000);
    assert.equal(decoder.faults, 0);
  });
  it('leaves no timer behind when it closes', async () => {
    const { device, decoder, send } = serialPort();
    await send(request.subarray(0, 12));
    assert.equal(device.world.pending, 1);
    decoder.close();
    assert.equal(device.world.pending, 0);
  });
});
