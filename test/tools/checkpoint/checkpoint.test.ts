// Checkpoints against the real registry: its digest, root and proofs; and the way of a file from hand to hand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Hex, hexToBytes } from 'viem';
import { compareBytes, fromHex, toHex } from '../../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../../edge/sim/index.ts';
import {
  decoderLeaf,
  encodeCheckpointFile,
  hashCheckpoint,
  rootOf,
  type TrustEvent,
  verifyCheckpoint,
} from '../../../edge/trust/index.ts';
import {
  combineFiles,
  compareWithChain,
  makeCheckpoint,
  openTrust,
  readSignersFile,
  readSignersOf,
  signCheckpoint,
  signersFileName,
  signersText,
  withSignature,
} from '../../../tools/checkpoint/index.ts';
import { readOrMakeKey, writeRecord } from '../../../tools/cli/data-folder.ts';
import { listSigners } from '../../../tools/cli/demo/checkpoint-signers.ts';
import type { ChainWorld } from '../../../tools/cli/demo/world.ts';
import { loadArtifact, send } from '../../../tools/deploy/index.ts';
import { deprecateDecoder, listDecoder, revokeDecoder, setCheckpointSigners } from '../../../tools/dip/index.ts';
import { signConsent } from '../../../tools/registry/index.ts';
import { keyOf, type RegistryWorld, registryWorld, someHash } from '../registry/registry-world.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'checkpoint-'));
const command = fileURLToPath(new URL('command.ts', import.meta.url));
const at = (name: string) => path.join(folder, name);
const [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map(keyOf);
const hashes = [1, 2, 3, 4, 5].map(someHash);
const day = 86_400;
const validSeconds = 7 * day;
/** The wall clock's: chain time runs ahead by the votes. */
const issued = Math.floor(Date.now() / 1000);
let world: RegistryWorld;

before(async () => {
  world = await registryWorld();
  const listings = hashes.map((hash) => world.listing(hash));
  const consents = listings.map((listing) =>
    signConsent(world.clients, world.deployment, listing, world.author.account),
  );
  await world.carry(
    ...(await Promise.all(consents)).map((consent, i) => listDecoder(world.deployment, listings[i], consent)),
  );
  const signers = [alice, bob, carol].map(({ account }) => account.address);
  await world.carry(setCheckpointSigners(world.deployment, { signers, threshold: 2 }));
  writeRecord(folder, 'chain', { rpcUrl: world.url, deployment: world.deployment });
  for (const [name, { key }] of Object.entries({ alice, bob, mallory }))
    writeFileSync(at(`${name}.key`), `${toHex(key)}\n`);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const make = (contentHashes?: readonly Hex[]) =>
  makeCheckpoint({
    rpcUrl: world.url,
    deployment: world.deployment,
    contentHashes: contentHashes?.map((hash) => hash.slice(2)),
    issued,
    validSeconds,
  });
async function contextNow() {
  return { ...(await readSignersOf(world.url, world.deployment)), nowMs: issued * 1000 };
}

test("digest, leaves, root and proofs are the contract's own", async () => {
  const { file, cutShortBy } = await make();
  const { checkpoint, entries } = file;
  assert.equal(cutShortBy, undefined);
  const { root, epoch, blockNumber, issued: from, expires } = checkpoint;
  const struct = { root: `0x${toHex(root)}`, epoch, blockNumber, issued: from, expires };
  assert.equal(
    `0x${toHex(hashCheckpoint(checkpoint))}`,
    await world.read<Hex>('DecoderRegistry', 'hashCheckpoint', [struct]),
  );
  assert.equal(`0x${toHex(root)}`, await world.read<Hex>('DecoderRegistry', 'activeRoot'));
  assert.equal(BigInt(epoch), await world.read<bigint>('DecoderRegistry', 'activeEpoch'));
  assert.equal(entries.length, hashes.length);
  for (const { contentHash, index, proof } of entries) {
    const key: Hex = `0x${toHex(contentHash)}`;
    assert.equal(
      `0x${toHex(decoderLeaf(contentHash, index))}`,
      await world.read<Hex>('DecoderRegistry', 'leafOf', [key]),
    );
    assert.deepEqual(rootOf(decoderLeaf(contentHash, index), proof), root);
    assert.equal(index, hashes.indexOf(key) + 1);
  }
});

test('one decoder can be named; one that is not listed: CHECKPOINT_DECODER', async () => {
  const { file } = await make([hashes[1]]);
  assert.deepEqual(
    file.entries.map(({ index }) => index),
    [2],
  );
  await assert.rejects(make([someHash(99)]), { code: 'CHECKPOINT_DECODER' });
});

test('signed by two in turn, or by two at once and combined: the same file, which verifies', async () => {
  const { file } = await make();
  const context = await contextNow();
  const byAlice = withSignature(file, await signCheckpoint(file, alice.account));
  const byBob = withSignature(file, await signCheckpoint(file, bob.account));
  const inTurn = withSignature(byAlice, await signCheckpoint(byAlice, bob.account));
  const combined = combineFiles([
    { path: 'alice', file: byAlice },
    { path: 'bob', file: byBob },
  ]);
  assert.deepEqual(encodeCheckpointFile(combined), encodeCheckpointFile(inTurn));
  const { signers, decoders } = verifyCheckpoint(encodeCheckpointFile(combined), context);
  const expected = [alice, bob].map(({ account }) => fromHex(account.address)).sort(compareBytes);
  assert.deepEqual([signers, decoders.size], [expected, hashes.length]);
  for (const one of [file, byAlice, byBob]) {
    assert.throws(() => verifyCheckpoint(encodeCheckpointFile(one), context), { code: 'CHECKPOINT_INVALID' });
  }
});

test('signing twice is one signature', async () => {
  const { file } = await make();
  const once = withSignature(file, await signCheckpoint(file, alice.account));
  assert.deepEqual(withSignature(once, await signCheckpoint(once, alice.account)), once);
});

test("who is not listed can't sign: CHECKPOINT_SIGNER_UNKNOWN", async () => {
  const { file } = await make();
  await assert.rejects(signCheckpoint(file, mallory.account), { code: 'CHECKPOINT_SIGNER_UNKNOWN' });
});

test('files about two checkpoints, or with a forged signature, do not combine', async () => {
  const { file } = await make();
  const later = { ...file, checkpoint: { ...file.checkpoint, issued: issued + 1 } };
  const pair = (other: typeof file) => [
    { path: 'a', file },
    { path: 'b', file: other },
  ];
  assert.throws(() => combineFiles(pair(later)), { code: 'CHECKPOINT_COMBINE' });
  const signature = { ...(await signCheckpoint(later, alice.account)) };
  assert.throws(() => combineFiles(pair({ ...file, signatures: [signature] })), { code: 'CHECKPOINT_INVALID' });
});

test('a signer can compare with the chain: a made-up root, epoch or registry is seen', async () => {
  const { checkpoint } = (await make()).file;
  const compare = (changes: Partial<typeof checkpoint>) =>
    compareWithChain(world.url, world.deployment, { ...checkpoint, ...changes });
  await compare({});
  await assert.rejects(compare({ root: new Uint8Array(32) }), {
    code: 'CHECKPOINT_INVALID',
    message: /the chain had epoch/,
  });
  await assert.rejects(compare({ epoch: checkpoint.epoch + 1 }), { code: 'CHECKPOINT_INVALID' });
  await assert.rejects(compare({ blockNumber: 1 }), { code: 'CHAIN_UNREACHABLE' });
  await assert.rejects(compare({ registry: new Uint8Array(20) }), {
    code: 'CHECKPOINT_INVALID',
    message: /not for 0x/,
  });
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
/** Runs each of these commands in turn. */
async function run(commands: string[][]): Promise<Ended[]> {
  const args = ['--disable-warning=ExperimentalWarning', command, JSON.stringify(commands)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(text);
}

test('the way of a file: made, signed by two, verified without the chain, shown; no key is ever printed', async () => {
  const data = ['--data', folder];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => at(`${name}.checkpoint`));
  const key = (name: string) => ['--key', at(`${name}.key`)];
  const steps: [string[], number, RegExp][] = [
    [['signers', ...data], 0, /2 of 3 must sign/],
    [['make', ...data, '-o', a, '--decoder', hashes[0], '--expires', '36h'], 0, /epoch 5, 1 decoder, good until/],
    [['make', ...data, '-o', c, '--expires', 'soon'], 2, /such as 7d, 36h/],
    [['make', ...data, '-o', c, '--decoder', 'ab'], 2, /64 hex digits/],
    [['make', ...data, '-o', a], 2, /there is a file already/],
    [['make', '-o', c, '--data', at('nowhere')], 3, /chain\.json: not there/],
    [['verify', a, ...data], 1, /0 of its signatures are by known signers, expected at least 2/],
    [['sign', a, ...key('alice'), '-o', b], 0, /not compared with the chain/],
    [['sign', a, ...key('bob'), '--rpc', world.url, ...data], 0, /1 of 2 signatures needed/],
    [['sign', a, ...key('mallory')], 1, /is no checkpoint signer of this file/],
    [['sign', a, ...key('nobody')], 3, /nobody\.key: cannot be read/],
    [['combine', a, b, '-o', c], 0, /2 of 2 signatures needed/],
    [['verify', c, ...data], 0, /^good: epoch 5 until .*, 2 of 2 signatures needed, 1 decoder/],
    [['verify', b, '--json', ...data], 1, /"code":"CHECKPOINT_INVALID"/],
    [['verify', at('none'), ...data], 3, /cannot be read/],
    [['verify', at('alice.key'), ...data], 1, /it is no checkpoint file/],
    [['show', c], 0, /signed by .*\n.*signed by /],
    [['show', c, '--json'], 0, new RegExp(`"decoders":\\[{"contentHash":"${hashes[0].slice(2)}","index":1}`)],
  ];
  // A quorum that can't be is refused before a chain starts.
  const quorums = ['3/2', '0/1', '1/4', '2', 'all'].map((quorum) => ['chain', '--checkpoint-signers', quorum]);
  const ended = await run([...steps.map(([args]) => ['checkpoint', ...args]), ...quorums]);
  for (const { code, stderr } of ended.slice(steps.length)) assert.match(`${code} ${stderr}`, /^2 .*Expected k\/n/s);
  for (const [i, [args, code, text]] of steps.entries()) {
    const printed = `${ended[i].stdout}${ended[i].stderr}`;
    assert.equal(ended[i].code, code, `${args.join(' ')}: ${printed}`);
    assert.match(printed, text, args.join(' '));
    assert.doesNotMatch(printed, /\n\s+at /, 'a stack trace');
    for (const { key: secret } of [alice, bob, mallory]) assert.ok(!printed.includes(toHex(secret)), args.join(' '));
  }
  assert.ok(!existsSync(at('nobody.key')), 'no key is made where one is missing');
});

test('a Miner with the file and no network decodes; with the network it asks the chain', async () => {
  const chainRecord = { rpcUrl: world.url, deployment: world.deployment };
  const storage = new MemoryStorage();
  const clock = new VirtualClock(issued * 1000);
  const events: TrustEvent[] = [];
  const common = { chainRecord, folder, storage, clock, onEvent: (event: TrustEvent) => events.push(event) };
  const offline = openTrust({ ...common, offline: true, checkpointFile: at('c.checkpoint') });
  assert.deepEqual(await offline.decoder(hexToBytes(hashes[0])), { state: 'listed', index: 1, active: true });
  assert.equal((await offline.decoder(hexToBytes(hashes[1]))).active, false, 'the file holds no proof of it');
  const online = openTrust(common);
  assert.equal((await online.decoder(hexToBytes(hashes[1]))).active, true);
  assert.equal(online.source, 'chain');
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['checkpoint-accepted', 'trust-source', 'trust-source'],
  );
});

const signersFiles: [string, string, RegExp][] = [
  ['no JSON', 'signers', /not a list of checkpoint signers/],
  ['null', 'null', /chainId is no chain id/],
  ['a registry that is no address', '{"chainId":1,"registry":"0x1"}', /registry is no address/],
  ['a signer twice', signersJson(2, ['0x'.padEnd(42, 'a'), '0x'.padEnd(42, 'A')]), /stands there twice/],
  ['a threshold of 0', signersJson(0, ['0x'.padEnd(42, 'a')]), /threshold is 0, expected 1 to 1/],
  ['signers that are no list', signersJson(1, 'everybody'), /no list of addresses/],
];
function signersJson(threshold: number, signers: unknown): string {
  return JSON.stringify({ chainId: 1, registry: '0x'.padEnd(42, '1'), signers, threshold, blockNumber: 1 });
}
for (const [name, text, reason] of signersFiles) {
  test(`signers file refused: ${name}`, async () => {
    writeFileSync(at('bad.json'), text);
    assert.throws(() => readSignersFile(at('bad.json')), { code: 'SIGNERS_FILE', message: reason });
  });
}

test('the signers file says what the registry says', async () => {
  const pinned = await readSignersOf(world.url, world.deployment);
  writeFileSync(at('signers.json'), signersText(pinned));
  assert.deepEqual(readSignersFile(at('signers.json')), pinned);
  assert.equal(pinned.signerSet.threshold, 2);
});

// Last, as they change the registry.
test('a checkpoint ends with the grace of a decoder in it', async () => {
  const graceEnds = Number(await world.now()) + 20 * day;
  await world.carry(deprecateDecoder(world.deployment, { contentHash: hashes[4], successor: hashes[0], graceEnds }));
  const long = await makeCheckpoint({
    rpcUrl: world.url,
    deployment: world.deployment,
    issued,
    validSeconds: 400 * day,
  });
  assert.equal(long.file.checkpoint.expires, graceEnds);
  assert.equal(`0x${long.cutShortBy?.contentHash}`, hashes[4]);
  assert.equal((await make()).cutShortBy, undefined);
});

test('a root that lags behind time is refused until somebody syncs: CHECKPOINT_UNSYNCED', async () => {
  await world.advance(21 * day);
  await assert.rejects(make(), { code: 'CHECKPOINT_UNSYNCED', message: /no longer active/ });
  const to = world.deployment.addresses.DecoderRegistry;
  await send(world.clients, { to, abi: loadArtifact('DecoderRegistry').abi, name: 'sync', args: [hashes[4]] });
  assert.equal((await make()).file.entries.length, 4);
});

test('a revoked decoder is in no checkpoint, and older files are a rollback', async () => {
  const before = (await make()).file.checkpoint.epoch;
  await world.carry(revokeDecoder(world.deployment, { contentHash: hashes[0], reason: 'wrong values' }));
  const { file } = await make();
  assert.ok(file.checkpoint.epoch > before);
  assert.ok(!file.entries.some(({ contentHash }) => `0x${toHex(contentHash)}` === hashes[0]));
  const events: TrustEvent[] = [];
  const trust = openTrust({
    chainRecord: { rpcUrl: world.url, deployment: world.deployment },
    clock: new VirtualClock(issued * 1000),
    folder,
    onEvent: (event) => events.push(event),
  });
  await trust.decoder(hexToBytes(hashes[0]));
  assert.equal(trust.offer(readFileSync(at('c.checkpoint'))), false);
  const last = events.at(-1);
  assert.equal(last?.kind === 'checkpoint-refused' && last.error.code, 'CHECKPOINT_ROLLBACK');
});

test('demonstration signers are listed by a DIP, and their keys and set written down', async () => {
  const data = at('demo');
  const said = await listSigners({
    world: { ...world, rpcUrl: world.url } as unknown as ChainWorld,
    carry: ({ actions }) => world.carry(...actions),
    data,
    threshold: 2,
    count: 3,
  });
  assert.match(said, /2 of 3, .*everybody knows these test keys/);
  const { signerSet } = readSignersFile(path.join(data, signersFileName));
  const keys = [1, 2, 3].map((i) => readOrMakeKey(path.join(data, `checkpoint-signer-${i}.key`)));
  assert.deepEqual(signerSet.signers, keys.map(({ signer }) => signer.kid).sort(compareBytes));
  const { file } = await make();
  const signed = [];
  for (const { account } of keys.slice(0, 2)) signed.push(await signCheckpoint(file, account));
  const { signers } = verifyCheckpoint(encodeCheckpointFile({ ...file, signatures: signed }), await contextNow());
  assert.equal(signers.length, 2);
});
