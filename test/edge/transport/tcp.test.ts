/** TCP as a byte stream: addresses, both directions, and faults with their reason. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import type { Transport } from '../../../edge/transport/index.ts';
import { listenTcp, openTcp, openTransport, parseTcpAddress } from '../../../edge/transport/node.ts';

describe('an address', () => {
  const rows: [spec: string, expected: object | undefined][] = [
    ['tcp://127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    ['tcp://adapter.local:1/', { host: 'adapter.local', port: 1 }],
    ['tcp://[::1]:65535', { host: '::1', port: 65_535 }],
    ['tcp://localhost', undefined],
    ['tcp://:4000', undefined],
    ['tcp://host:65536', undefined],
    ['tcp://host:4000/path', undefined],
    ['tcp://::1:4000', undefined],
    ['host:4000', undefined],
    ['', undefined],
  ];
  for (const [spec, expected] of rows) {
    test(spec || '(empty)', () => {
      if (expected) assert.deepEqual(parseTcpAddress(spec), expected);
      else assert.throws(() => parseTcpAddress(spec), { code: 'TRANSPORT_SPEC', exitCode: 2 });
    });
  }
});

test('what names no port at all', async () => {
  for (const spec of ['', 'ttyACM0', 'udp://x:1', 'COMX']) {
    await assert.rejects(openTransport(spec), { code: 'TRANSPORT_SPEC' }, spec);
  }
});

async function connected(): Promise<{ near: Transport; far: Transport; close: () => Promise<void> }> {
  let accept: (client: Transport) => void = () => {};
  const accepted = new Promise<Transport>((resolve) => {
    accept = resolve;
  });
  const listener = await listenTcp('tcp://127.0.0.1:0', accept);
  const near = await openTransport(listener.address);
  return { near, far: await accepted, close: () => listener.close() };
}

test('a megabyte crosses whole, in order, in both directions', async () => {
  const { near, far, close } = await connected();
  const sent = new Uint8Array(1 << 20).map((_, i) => (i * 31) & 0xff);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ]) {
    const got: Uint8Array[] = [];
    let size = 0;
    const all = new Promise<void>((resolve) => {
      to.onData((bytes) => {
        got.push(bytes.slice());
        size += bytes.length;
        if (size >= sent.length) resolve();
      });
    });
    await from.write(sent);
    await all;
    assert.ok(Buffer.concat(got).equals(sent));
  }
  await near.close();
  await close();
});

test('the other end closing is a loss, our own closing is not', async () => {
  const { near, far, close } = await connected();
  near.onData(() => {});
  far.onData(() => {});
  const nearEnd = new Promise((resolve) => near.onClose((fault) => resolve(fault?.message)));
  const farEnd = new Promise((resolve) => far.onClose((fault) => resolve(fault)));
  await far.close();
  assert.equal(await farEnd, undefined);
  assert.equal(await nearEnd, `${near.name}: the connection ended: the other end closed it`);
  await assert.rejects(near.write(Uint8Array.of(1)), { code: 'PORT_LOST' });
  await near.close();
  await close();
});

test('a port where nobody listens', async () => {
  const listener = await listenTcp('tcp://127.0.0.1:0', () => {});
  await listener.close();
  await assert.rejects(openTcp(listener.address), {
    code: 'TCP_REFUSED',
    message: `${listener.address}: no connection: nobody listens there`,
  });
});

test('a port that is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await assert.rejects(
    listenTcp(`tcp://127.0.0.1:${port}`, () => {}),
    { code: 'TCP_LISTEN', message: /another program listens there$/ },
  );
  await new Promise((resolve) => taken.close(resolve));
});
