// Images against the real registry: bound to licence and model, certified by vote, withdrawn, and asked for by a gateway.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { bytesToHex, hexToBytes } from 'viem';
import { parseImage, verifyHash } from '../../../edge/firmware/index.ts';
import { packAad, signPack, softwareSigner, toHex } from '../../../edge/pack/index.ts';
import { ChainView } from '../../../edge/trust/index.ts';
import { writeRecord } from '../../../tools/cli/data-folder.ts';
import { certifyModel, reinstateLicence, suspendLicence, withdrawCertificate } from '../../../tools/dip/index.ts';
import { requireCertified } from '../../../tools/firmware/index.ts';
import { Gateway, Ledger } from '../../../tools/gateway/index.ts';
import { bodyOf, gatewayKey } from '../gateway/packs.ts';
import { type RegistryWorld, registryWorld, someHash } from '../registry/registry-world.ts';
import { image, scratch } from './image-world.ts';

const { at, file } = scratch();
/** As the world enrols its devices. */
const model = `0x${'01'.repeat(32)}` as const;
const auditHash = someHash(77);
const modelOf = (name: string) => JSON.stringify({ version: '1.0.0', model: name });
let world: RegistryWorld;
let chain: ChainView;
let licenceId: bigint;
let imageHash: Uint8Array;
const data = at('data');

const verify = (name: string, ...args: string[]) =>
  image('verify', at(name), '--chain', '--data', data, '--json', ...args);
async function refusal(...args: Parameters<typeof verify>): Promise<[number, string, string]> {
  const { code, stdout } = await verify(...args);
  const { error } = JSON.parse(stdout);
  return [code, error.code, error.message];
}

before(async () => {
  world = await registryWorld();
  licenceId = await world.license();
  writeRecord(data, 'chain', { rpcUrl: world.url, deployment: world.deployment });
  chain = await ChainView.open({
    rpcUrl: world.url,
    chainId: world.deployment.chainId,
    registries: world.registries,
    blockAgeMsMax: 0,
  });
  await image('key', 'new', at('root.pem'));
  const key = ['-k', at('root.pem'), '--data', data];
  for (const [name, made, ...args] of [
    ['bound', model, '--licence', '1'],
    ['other-model', 'macaron-2', '--licence', '1'],
    ['foreign', model, '--vid', 'acme.example', '--cid', 'x'],
    ['unbound', model],
  ]) {
    await image('build', '--manifest', file('m.json', modelOf(made)), '-o', at('body'), '--force');
    const { code, stderr } = await image('sign', at('body'), at(name), ...key, ...args);
    assert.equal(code, 0, stderr);
  }
  imageHash = verifyHash(parseImage(readFileSync(at('bound'))));
});
after(() => world[Symbol.asyncDispose]());

const certificate = () => ({ licenceId, modelId: model, imageHash: bytesToHex(imageHash), auditHash });

test('before the vote: not certified', async () => {
  const [code, name, message] = await refusal('bound');
  assert.deepEqual([code, name], [1, 'IMAGE_NOT_CERTIFIED']);
  assert.match(message, /no certificate of [0-9a-f]{64} for model 0x0101.* of licence 1 is on record/);
});

test('certified by a DIP: the licence is found by the image alone', async () => {
  await world.carry(certifyModel(world.deployment, certificate()));
  const { code, stdout } = await verify('bound', '-k', at('root.pem'));
  assert.equal(code, 0, stdout);
  assert.deepEqual(JSON.parse(stdout).certificate, {
    licenceId: 1,
    licence: 'active',
    model,
    audit: auditHash.slice(2),
  });
  assert.equal((await verify('bound', '--licence', '1', '--model', model)).code, 0);
});

const unbound: [string, string, string[], RegExp][] = [
  ['a licence that it does not name', 'bound', ['--licence', '2'], /IMAGE_NOT_BOUND.*not licence 2 of this chain/],
  ['a licence that is not there', 'bound', ['--licence', '9'], /IMAGE_NOT_BOUND.*not licence 9/],
  ['another model', 'bound', ['--model', 'macaron-2'], /IMAGE_NOT_BOUND.*not for model macaron-2 of licence 1/],
  ['a model that nobody certified', 'other-model', [], /IMAGE_NOT_CERTIFIED.*model macaron-2 of licence 1/],
  ["imgtool's kind of vendor", 'foreign', [], /IMAGE_NOT_BOUND.*none of the 1 licences/],
  ['no vendor', 'unbound', [], /IMAGE_NOT_BOUND.*it names no vendor/],
];
for (const [what, name, args, expected] of unbound) {
  test(`refused: ${what}`, async () => {
    const [code, ...said] = await refusal(name, ...args);
    assert.equal(code, 1);
    assert.match(said.join(': '), expected);
  });
}

test('a gateway that requires certified images', async () => {
  await world.enrol(licenceId);
  await world.list(bytesToHex(bodyOf(1).decoders[0].contentHash));
  const device = softwareSigner(world.device.key);
  const gateway = new Gateway({
    trust: chain,
    images: chain,
    ledger: new Ledger(':memory:'),
    signer: gatewayKey,
    nowMs: () => 1_000,
  });
  const externalAad = packAad(chain.chainId, chain.minerRegistry);
  const sent = async (seq: number, hash?: Uint8Array) => {
    const { refusal: refused, stored } = await gateway.receive(
      signPack(device, bodyOf(seq, hash && { imageHash: hash }), { externalAad }),
    );
    return refused ? `${refused.code}: ${refused.reason}` : stored;
  };
  assert.equal(await sent(1, imageHash), true);
  assert.equal(await sent(2), 'IMAGE_NOT_CERTIFIED: the pack does not say which firmware image signed it');
  assert.equal(
    await sent(2, new Uint8Array(32).fill(0xee)),
    `IMAGE_NOT_CERTIFIED: image eeeeeeeeeeeeeeee... is not certified for model ${model} of manufacturer 1`,
  );
  await world.carry(withdrawCertificate(world.deployment, certificate()));
  assert.match(String(await sent(2, imageHash)), /^IMAGE_NOT_CERTIFIED: image [0-9a-f]{16}... is not certified/);
});

test('withdrawn by a DIP: no longer certified; a suspended licence counts before that', async () => {
  const claim = { image: parseImage(readFileSync(at('bound'))), hash: imageHash, model: hexToBytes(model) };
  const ask = () => requireCertified(claim, chain, world.deployment);
  await assert.rejects(ask(), { code: 'IMAGE_NOT_CERTIFIED', message: new RegExp(toHex(imageHash)) });
  await world.carry(
    certifyModel(world.deployment, certificate()),
    suspendLicence(world.deployment, { id: licenceId, reason: 'recall' }),
  );
  await assert.rejects(ask(), { code: 'IMAGE_NOT_CERTIFIED', message: /licence 1 of its maker is suspended/ });
  await world.carry(reinstateLicence(world.deployment, { id: licenceId }));
  assert.equal((await ask()).licence, 'active');
});
