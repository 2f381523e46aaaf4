// The registries as a real chain answers: DIPs change the answers, a block is asked once, a lost chain comes back.
import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { type Hex, hexToBytes } from 'viem';
import { ChainView } from '../../../edge/trust/index.ts';
import { deprecateDecoder, reinstateLicence, revokeDecoder, suspendLicence } from '../../../tools/dip/index.ts';
import { type RegistryWorld, registryWorld, someHash } from '../../tools/registry/registry-world.ts';

let world: RegistryWorld;
let proxy: CountingProxy;
const nobody = new Uint8Array(20).fill(9);

before(async () => {
  world = await registryWorld();
  proxy = await CountingProxy.start(world.url);
});
after(async () => {
  await proxy.stop();
  await world[Symbol.asyncDispose]();
});

/** Hands JSON-RPC on to the chain, counts its methods, and can be switched off in between. */
class CountingProxy {
  readonly methods: string[] = [];
  isOn = true;
  readonly #server: Server;

  private constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        if (!this.isOn) return incoming.socket.destroy();
        const text = Buffer.concat(chunks);
        const calls = [JSON.parse(text.toString())].flat() as { method: string }[];
        this.methods.push(...calls.map(({ method }) => method));
        const onward = request(target, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) =>
          answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' })),
        );
        onward.end(text);
      });
    });
  }

  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Where nothing listens: a port that was free a moment ago. */
async function deadUrl(): Promise<string> {
  const gone = await CountingProxy.start(world.url);
  const { url } = gone;
  await gone.stop();
  return url;
}

const open = (changes: Partial<Parameters<typeof ChainView.open>[0]> = {}) =>
  ChainView.open({
    rpcUrl: proxy.url,
    chainId: world.deployment.chainId,
    registries: world.registries,
    blockAgeMsMax: 0,
    ...changes,
  });

test('nothing listens: CHAIN_UNREACHABLE, with the URL', async () => {
  const rpcUrl = await deadUrl();
  await assert.rejects(open({ rpcUrl }), ({ code, message }: Error & { code: string }) => {
    assert.ok(message.includes(rpcUrl));
    assert.match(message, /ECONNREFUSED/);
    return code === 'CHAIN_UNREACHABLE';
  });
});

test('something else than a chain listens: CHAIN_UNREACHABLE', async () => {
  const server = createServer((_request, response) => response.end('<html>hello</html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await assert.rejects(open({ rpcUrl: `http://127.0.0.1:${port}` }), { code: 'CHAIN_UNREACHABLE' });
  server.closeAllConnections();
  server.close();
});

test('something listens and never answers: CHAIN_UNREACHABLE once the time is up', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await assert.rejects(open({ rpcUrl: `http://127.0.0.1:${port}`, timeoutMs: 20 }), { code: 'CHAIN_UNREACHABLE' });
  server.closeAllConnections();
  server.close();
});

test('another chain: CHAIN_ID_MISMATCH', async () => {
  await assert.rejects(open({ chainId: 1 }), { code: 'CHAIN_ID_MISMATCH' });
});

for (const name of ['manufacturerRegistry', 'minerRegistry', 'decoderRegistry'] as const) {
  test(`no contract where the ${name} should be: CHAIN_NO_CONTRACT`, async () => {
    const registries = { ...world.registries, [name]: `0x${'de'.repeat(20)}` as Hex };
    await assert.rejects(open({ registries }), (error: Error & { code: string }) => {
      assert.ok(error.message.includes(name));
      return error.code === 'CHAIN_NO_CONTRACT';
    });
  });
}

test('its chain and registry are what packs are bound to', async () => {
  const view = await open();
  assert.equal(view.chainId, 31337);
  assert.deepEqual(view.minerRegistry, hexToBytes(world.deployment.addresses.MinerRegistry));
});

test('what was never listed or enrolled is none, not an error', async () => {
  const view = await open();
  assert.deepEqual(await view.decoder(new Uint8Array(32)), { state: 'none', index: 0, active: false });
  assert.deepEqual(await view.device(nobody), {
    state: 'none',
    manufacturerId: 0n,
    licence: 'none',
    effective: false,
  });
});

test('one block is asked about once, however often and by how many', async () => {
  const view = await open({ blockAgeMsMax: 1_000_000 });
  const hash = hexToBytes(someHash(1));
  await view.decoder(hash);
  proxy.methods.length = 0;
  await Promise.all([view.decoder(hash), view.decoder(hash), view.decoder(hash)]);
  assert.deepEqual(proxy.methods, []);
  await Promise.all([view.device(nobody), view.device(nobody)]);
  const calls = proxy.methods.filter((method) => method === 'eth_call').length;
  await view.device(nobody);
  assert.equal(proxy.methods.filter((method) => method === 'eth_call').length, calls);
});

test('at the same block only the block is asked for; a new block is read anew', async () => {
  const view = await open();
  const hash = hexToBytes(someHash(1));
  await view.decoder(hash);
  proxy.methods.length = 0;
  await view.decoder(hash);
  assert.deepEqual(proxy.methods, ['eth_getBlockByNumber']);
  await world.advance(1);
  proxy.methods.length = 0;
  await view.decoder(hash);
  assert.deepEqual(proxy.methods.toSorted(), ['eth_call', 'eth_call', 'eth_getBlockByNumber']);
});

test('a failed answer is not kept, and the next question succeeds once the chain is back', async () => {
  const view = await open({ blockAgeMsMax: 1_000_000 });
  const hash = hexToBytes(someHash(2));
  await view.decoder(hash);
  proxy.isOn = false;
  await assert.rejects(view.device(nobody), { code: 'CHAIN_UNREACHABLE' });
  await assert.rejects(view.device(nobody), { code: 'CHAIN_UNREACHABLE' });
  proxy.isOn = true;
  assert.equal((await view.device(nobody)).state, 'none');
  assert.equal((await view.decoder(hash)).state, 'none');
});

test('the answers follow the DIPs', async (t) => {
  const view = await open();
  const contentHash = someHash(3);
  const hash = hexToBytes(contentHash);
  const kid = hexToBytes(world.device.account.address);

  await t.test('a decoder is listed, then deprecated with a grace, then revoked', async () => {
    await world.list(contentHash);
    assert.deepEqual(await view.decoder(hash), { state: 'listed', index: 1, active: true });
    const successor = someHash(4);
    await world.list(successor);
    // The vote itself takes 13 days of chain time.
    const graceEnds = Number(await world.now()) + 40 * 86_400;
    await world.carry(deprecateDecoder(world.deployment, { contentHash, successor, graceEnds }));
    assert.deepEqual(await view.decoder(hash), { state: 'deprecated', index: 1, active: true, graceEnds });
    await world.advance(41 * 86_400);
    const after = await view.decoder(hash);
    assert.deepEqual([after.index, after.active], [1, false]);
    await world.carry(revokeDecoder(world.deployment, { contentHash: successor, reason: 'wrong values' }));
    const revoked = await view.decoder(hexToBytes(successor));
    assert.deepEqual([revoked.state, revoked.active], ['revoked', false]);
  });

  await t.test('a device is enrolled, its maker suspended, reinstated', async () => {
    const id = await world.license();
    await world.enrol(id);
    assert.deepEqual(await view.device(kid), {
      state: 'active',
      manufacturerId: id,
      licence: 'active',
      effective: true,
    });
    await world.carry(suspendLicence(world.deployment, { id, reason: 'a fault' }));
    const suspended = await view.device(kid);
    assert.deepEqual([suspended.state, suspended.licence, suspended.effective], ['active', 'suspended', false]);
    await world.carry(reinstateLicence(world.deployment, { id }));
    assert.equal((await view.device(kid)).effective, true);
  });
});
