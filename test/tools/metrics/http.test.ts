// Health and metrics over HTTP: right answers, and nothing that a hostile or slow client could hold on to.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Health, type HttpServer, Metrics, parseHttpAddress, serveHttp } from '../../../tools/metrics/index.ts';

const addresses: [string, { host: string; port: number } | undefined][] = [
  ['9100', { host: '127.0.0.1', port: 9100 }],
  ['0', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:9100', { host: '0.0.0.0', port: 9100 }],
  ['miner.local:80', { host: 'miner.local', port: 80 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
  ['65536', undefined],
  ['', undefined],
  [':9100', undefined],
  ['::1:9100', undefined],
  ['localhost', undefined],
  ['http://localhost:9100', undefined],
  ['localhost:9100/metrics', undefined],
  ['-1', undefined],
  ['91 00', undefined],
];
for (const [text, address] of addresses) {
  test(`address ${JSON.stringify(text)}: ${address ? JSON.stringify(address) : 'none'}`, () => {
    assert.deepEqual(parseHttpAddress(text), address);
  });
}

async function serving(
  run: (server: HttpServer, set: (next: Health) => void) => Promise<void>,
  metrics = new Metrics().gauge('up', 'Help.', () => 1),
): Promise<void> {
  let now: Health = { reasons: [] };
  const server = await serveHttp({ metrics, health: () => now, host: '127.0.0.1', port: 0 });
  try {
    await run(server, (next) => {
      now = next;
    });
  } finally {
    await server.close();
  }
}

test('healthz: 200 while well, 503 with the reasons while not, facts in both', () =>
  serving(async ({ url }, set) => {
    set({ reasons: [], facts: { port: '/dev/pts/3' } });
    const well = await fetch(`${url}/healthz`);
    assert.deepEqual([well.status, well.headers.get('content-type')], [200, 'application/json; charset=utf-8']);
    assert.deepEqual(await well.json(), { status: 'ok', reasons: [], port: '/dev/pts/3' });
    const reasons = [{ code: 'port-down', message: 'it is away' }];
    set({ reasons });
    const ill = await fetch(`${url}/healthz`);
    assert.equal(ill.status, 503);
    assert.deepEqual(await ill.json(), { status: 'failing', reasons });
  }));

test('metrics: the content type that Prometheus asks for, and the values of this moment', async () => {
  let count = 1;
  const metrics = new Metrics().counter('n_total', 'Help.', () => count++);
  await serving(async ({ url }) => {
    for (const expected of [1, 2]) {
      const response = await fetch(`${url}/metrics?name=n`);
      assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
      assert.match(await response.text(), new RegExp(`\\nn_total ${expected}\\n$`));
    }
  }, metrics);
});

test('a metric that fails to be read: 500, and the next request is served', async () => {
  let fails = true;
  const metrics = new Metrics().gauge('g', 'Help.', () => {
    if (fails) throw new Error('broken');
    return 1;
  });
  await serving(async ({ url }) => {
    assert.equal((await fetch(`${url}/metrics`)).status, 500);
    fails = false;
    assert.equal((await fetch(`${url}/metrics`)).status, 200);
  }, metrics);
});

/** Sends these bytes and reads until the server ends the connection. */
function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

const close = 'Host: h\r\nConnection: close\r\n';
const requests: [string, string, RegExp][] = [
  [
    'HEAD has no body',
    `HEAD /metrics HTTP/1.1\r\n${close}\r\n`,
    /^HTTP\/1\.1 200 [\s\S]*content-length: \d+\r\n[\s\S]*\r\n\r\n$/,
  ],
  ['another path', `GET /metrics/ HTTP/1.1\r\n${close}\r\n`, /^HTTP\/1\.1 404 [\s\S]*GET \/metrics"/],
  ['a path out of the tree', `GET /../healthz HTTP/1.1\r\n${close}\r\n`, /^HTTP\/1\.1 404 /],
  ['a target that is a name of JavaScript', `GET constructor HTTP/1.1\r\n${close}\r\n`, /^HTTP\/1\.1 40[04] /],
  [
    'POST',
    `POST /metrics HTTP/1.1\r\n${close}Content-Length: 0\r\n\r\n`,
    /^HTTP\/1\.1 405 [\s\S]*allow: GET, HEAD\r\n/i,
  ],
  [
    'a body that never comes',
    'GET /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n',
    /^HTTP\/1\.1 200 [\s\S]*connection: close/i,
  ],
  ['no HTTP', 'C\rV\rN\r\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['headers beyond 8 KiB', `GET /metrics HTTP/1.1\r\n${close}A: ${'a'.repeat(9000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
];
for (const [name, bytes, answer] of requests) {
  test(`${name}: answered and ended`, () =>
    serving(async ({ url }) => assert.match(await exchange(url, bytes), answer)));
}

test('a client that sends nothing, or half a request, does not keep close from ending', () =>
  serving(async ({ url, close: end }) => {
    const answers = [exchange(url, ''), exchange(url, 'GET /metr')];
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    await end();
    assert.deepEqual(await Promise.all(answers), ['', '']);
  }));

test('two on one address: the second is told so', () =>
  serving(async ({ url }) => {
    const port = Number(new URL(url).port);
    const options = { metrics: new Metrics(), health: () => ({ reasons: [] }), host: '127.0.0.1', port };
    await assert.rejects(serveHttp(options), {
      code: 'HTTP_LISTEN',
      message: `127.0.0.1:${port}: health and metrics cannot be served there (another program listens there)`,
    });
  }));
