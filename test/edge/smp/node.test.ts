/** SMP over real sockets and a real pty. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { concatBytes } from '../../../edge/pack/index.ts';
import { liveClock, MemoryStorage } from '../../../edge/sim/index.ts';
import {
  ConsoleSmp,
  encodeSerial,
  SerialDecoder,
  SmpServer,
  StorageFiles,
  StreamDecoder,
} from '../../../edge/smp/index.ts';
import { listenTcpSmp, listenUdpSmp, processInfo, processMemoryPools, processTasks } from '../../../edge/smp/node.ts';
import { PackLog, readLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { openPty, openTransport } from '../../../edge/transport/node.ts';
import { answerFields, ask, requestBytes, TestDevice } from './device.ts';

const echo = (d: string) => requestBytes({ group: 0, command: 0, write: true, body: { d } });

async function askUdp(socket: Socket, port: number, packet: Uint8Array): Promise<Uint8Array> {
  socket.send(packet, port, '127.0.0.1');
  const [answer] = await once(socket, 'message');
  return answer;
}

describe('UDP', () => {
  it('answers each datagram to whom it came from', async () => {
    const listener = await listenUdpSmp({ server: new TestDevice().server, port: 0 });
    const clients = [createSocket('udp4'), createSocket('udp4')];
    const answers = await Promise.all(clients.map((socket, i) => askUdp(socket, listener.port, echo(`client ${i}`))));
    assert.deepEqual(answers.map(answerFields), [{ r: 'client 0' }, { r: 'client 1' }]);
    const large = 'x'.repeat(4000);
    assert.deepEqual(answerFields(await askUdp(clients[0], listener.port, echo(large))), { r: large });
    for (const socket of clients) socket.close();
    await listener.close();
    assert.match(listener.address, /^udp:\/\/127\.0\.0\.1:\d+$/);
  });
  it('leaves noise unanswered, and goes on', async () => {
    const { server } = new TestDevice();
    const listener = await listenUdpSmp({ server, port: 0 });
    const socket = createSocket('udp4');
    socket.send(new Uint8Array(3), listener.port, '127.0.0.1');
    socket.send(new Uint8Array(5000), listener.port, '127.0.0.1');
    assert.deepEqual(answerFields(await askUdp(socket, listener.port, echo('still here'))), { r: 'still here' });
    assert.equal(server.counters.dropped, 2);
    socket.close();
    await listener.close();
  });
  it('says which address is taken', async () => {
    const { server } = new TestDevice();
    const listener = await listenUdpSmp({ server, port: 0 });
    await assert.rejects(listenUdpSmp({ server, port: listener.port }), { code: 'UDP_LISTEN' });
    await listener.close();
  });
});

describe('TCP', () => {
  it('answers on each connection, and hangs up on one that speaks something else', async () => {
    const listener = await listenTcpSmp({ server: new TestDevice().server, spec: 'tcp://127.0.0.1:0' });
    const port = Number(listener.address.split(':').at(-1));
    const answered = await openTransport(listener.address);
    const answers: Uint8Array[] = [];
    const arrived = new Promise<void>((resolve) => {
      const reader = new StreamDecoder({
        messageBytesMax: 4096,
        onMessage: (message) => {
          answers.push(message.slice());
          if (answers.length === 2) resolve();
        },
      });
      answered.onData((bytes) => reader.push(bytes));
    });
    const request = echo('hello');
    await answered.write(request.subarray(0, 5));
    await answered.write(new Uint8Array([...request.subarray(5), ...request]));
    await arrived;
    assert.deepEqual(answers.map(answerFields), [{ r: 'hello' }, { r: 'hello' }]);

    const stranger = connect(port, '127.0.0.1');
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await once(stranger.resume(), 'close');

    const hungUp = new Promise<void>((resolve) => answered.onClose(() => resolve()));
    await listener.close();
    await hungUp;
  });
  it('takes so many connections at once, and no more', async () => {
    const { server } = new TestDevice();
    const listener = await listenTcpSmp({ server, spec: 'tcp://127.0.0.1:0', clientsMax: 1 });
    const port = Number(listener.address.split(':').at(-1));
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const second = connect(port, '127.0.0.1');
    await once(second.resume(), 'close');
    first.destroy();
    await listener.close();
  });
});

describe('a pty', () => {
  it('is a console: text and messages through a serial device', async () => {
    const pty = await openPty();
    const device = new TestDevice();
    const server = new SmpServer({ device: { clock: device.clock }, clock: liveClock() });
    let typed = '';
    const smp = new ConsoleSmp({
      transport: pty.transport,
      server,
      onText: (bytes) => {
        typed += String.fromCharCode(...bytes);
        smp.writeText(`you typed ${bytes.length}\r\n`);
      },
    });
    const port = await openTransport(pty.path);
    let text = '';
    const answer = new Promise<Uint8Array>((resolve) => {
      const decoder = new SerialDecoder({
        messageBytesMax: 4096,
        onMessage: (message) => resolve(message.slice()),
        onText: (bytes) => {
          text += String.fromCharCode(...bytes);
        },
      });
      port.onData((bytes) => decoder.push(bytes));
    });
    await port.write(new TextEncoder().encode('ls\r'));
    await port.write(encodeSerial(echo('x'.repeat(3000))));
    assert.deepEqual(answerFields(await answer), { r: 'x'.repeat(3000) });
    assert.equal(typed, 'ls\r');
    assert.match(text, /^you typed /);
    await port.close();
    await pty.transport.close();
  });
});

describe('the offline log of a Miner', () => {
  /** All of one file, part by part. */
  function download(server: SmpServer, name: string): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let off = 0, length = 1; off < length; off += parts.at(-1)!.length) {
      const answer = ask(server, { group: 8, command: 0, body: { name, off } }) as { data: Uint8Array; len?: number };
      length = answer.len ?? length;
      parts.push(answer.data);
    }
    return concatBytes(...parts);
  }

  it('is downloaded while it is written, and reads as it does in place', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'smp-log-'));
    const storage = new DirectoryStorage(directory);
    try {
      const { log } = PackLog.open(storage, { segmentBytes: 600 });
      const append = () => log.append(log.nextSeq()!, new Uint8Array(100).fill(7));
      for (let i = 0; i < 20; i++) append();
      const files = new StorageFiles({ folders: { '/log': storage } });
      const server = new SmpServer({ device: { files }, clock: liveClock(), bufferBytes: 256 });
      const copy = new MemoryStorage();
      const names = new TextDecoder().decode(download(server, '/log/index.txt')).trim().split('\n');
      assert.ok(names.length > 3);
      const before = [...readLog(storage)].filter(({ kind }) => kind === 'pack');
      for (const line of names) {
        append();
        const name = line.slice(line.indexOf(' ') + 1);
        copy.append(name, download(server, `/log/${name}`));
      }
      const copied = [...readLog(copy)].filter(({ kind }) => kind === 'pack');
      assert.deepEqual(copied.slice(0, before.length), before);
      assert.equal(before.length, 20);
    } finally {
      storage.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a process', () => {
  it('tells its own tasks, memory and machine', () => {
    const device = { info: processInfo('1.2.3'), tasks: processTasks, memoryPools: processMemoryPools() };
    const server = new SmpServer({ device, clock: liveClock() });
    const told = (command: number, body = {}) => ask(server, { group: 0, command, body });
    const { tasks } = told(2) as { tasks: { main: { tid: number; runtime: number } } };
    assert.equal(tasks.main.tid, process.pid);
    assert.ok(tasks.main.runtime > 0);
    const { heap } = told(3) as { heap: { blksiz: number; nblks: number; nfree: number; min: number } };
    assert.ok(heap.nfree < heap.nblks && heap.min <= heap.nfree && heap.blksiz === 1024);
    assert.deepEqual(told(7, { format: 'sr' }), { output: 'dimo-miner 1.2.3' });
  });
});
