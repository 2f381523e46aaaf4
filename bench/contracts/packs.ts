/** Gas of batches from a production line, and of verifying packs, with the keys of both curves. */
import { type Hex, hexToBytes, numberToHex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { packAad, signPack, softwareSigner } from '../../edge/pack/index.ts';
import { exampleBody } from '../../test/edge/pack/example.ts';
import { loadArtifact } from '../../tools/deploy/index.ts';
import {
  enrolDevice,
  enrolFromBatch,
  minerDomainOf,
  p256Device,
  planBatch,
  postBatch,
} from '../../tools/registry/index.ts';
import { type Bench, hash } from './gas.ts';

const batchSize = 1_000;

/** Under licence 1, whose attestation signer is the first holder. */
export async function batches({ platform, note }: Bench): Promise<void> {
  const { clients, deployment, holders, stranger } = platform;
  const licenceSigner = holders[0] as ReturnType<typeof privateKeyToAccount>;
  const owner = stranger.address;
  const common = { manufacturerId: 1n, modelId: hash('model'), owner, licenceSigner };
  const secure = p256Device(hexToBytes(hash('secure element')));
  note('enrol a P-256 device', (await enrolDevice(clients, deployment, { ...common, device: secure })).gasUsed);

  const plain = privateKeyToAccount(hash('of a batch'));
  const secureToo = p256Device(hexToBytes(hash('of a batch, P-256')));
  const others = Array.from({ length: batchSize - 2 }, (_, index) => numberToHex(index + 0x20000, { size: 20 }));
  const deadline = (await clients.publicClient.getBlock()).timestamp + 3_600n;
  const terms = { manufacturerId: 1n, modelId: hash('model'), nonce: 0n, deadline };
  const plan = planBatch(minerDomainOf(deployment), terms, [plain.address, secureToo.address, ...others]);
  note('post a batch of 1,000', (await postBatch(clients, deployment, { plan, licenceSigner })).gasUsed);
  for (const [index, device, name] of [
    [0, plain, 'enrol from a batch of 1,000'],
    [1, secureToo, 'enrol a P-256 device from a batch of 1,000'],
  ] as const) {
    note(name, (await enrolFromBatch(clients, deployment, { plan, index, device, owner })).gasUsed);
  }
}

/** By devices that `batches` enrolled, as transactions, although a verifier only reads. */
export async function packs({ platform, note }: Bench): Promise<void> {
  const { clients, deployment } = platform;
  const { PackVerifier, MinerRegistry } = deployment.addresses;
  const { abi } = loadArtifact('PackVerifier');
  const unixMs = Number((await clients.publicClient.getBlock()).timestamp) * 1_000;
  const body = { ...exampleBody(), anchor: { unixMs, source: 2, uncertaintyMs: 40 } };
  const externalAad = packAad(deployment.chainId, hexToBytes(MinerRegistry));
  const signers: [string, Hex, 'ES256K' | 'ES256'][] = [
    ['a secp256k1 pack', hash('of a batch'), 'ES256K'],
    ['a P-256 pack', hash('of a batch, P-256'), 'ES256'],
  ];
  for (const [name, key, algorithm] of signers) {
    const pack = toHex(signPack(softwareSigner(hexToBytes(key), algorithm), body, { externalAad }));
    for (const [functionName, words] of [
      ['verify', `verify ${name}`],
      ['verifyAtPackTime', `verify ${name} at its own time`],
    ] as const) {
      const call = { address: PackVerifier, abi, functionName, args: [pack] };
      note(words, await clients.publicClient.estimateContractGas({ ...call, account: clients.walletClient.account }));
    }
  }
}
