/** Packs as edge/pack encodes and signs them, judged by the contract: same signer, same clock, same refusals. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { bytesToHex, getAddress, type Hex, hexToBytes, sha256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import {
  type CoseAlgorithmName,
  encodeBody,
  openPack,
  type PackBody,
  packAad,
  type Signer,
  signCose,
  signPack,
  softwareSigner,
} from '../../../edge/pack/index.ts';
import { p256Device, type TypedDataSigner } from '../../../tools/registry/index.ts';
import { exampleBody } from '../../edge/pack/example.ts';
import { type Chain, deployRegistries, enrol, licence } from '../registry/registry-chain.ts';

const privateKey = hexToBytes(`0x${'5a'.repeat(32)}`);
const orders: Record<CoseAlgorithmName, bigint> = {
  ES256K: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};
const devices: Record<CoseAlgorithmName, { signer: Signer; account: TypedDataSigner }> = {
  ES256K: { signer: softwareSigner(privateKey), account: privateKeyToAccount(bytesToHex(privateKey)) },
  ES256: { signer: softwareSigner(privateKey, 'ES256'), account: p256Device(privateKey) },
};
const algorithms = Object.keys(devices) as CoseAlgorithmName[];

let chain: Chain;
let enrolledMs: number;
let externalAad: Uint8Array;
before(async () => {
  chain = await enrolledChain();
  enrolledMs = Number(await chain.now()) * 1000;
  await chain.advance(86_400);
  externalAad = packAad(chain.chainId, hexToBytes(chain.miners.address));
});

async function enrolledChain(hardfork?: 'prague'): Promise<Chain> {
  const made = await deployRegistries(hardfork);
  const id = await licence(made);
  for (const algorithm of algorithms) await enrol(made, devices[algorithm].account, id);
  return made;
}

type Answer = readonly [
  device: Hex,
  payloadHash: Hex,
  clock: { unixMs: bigint; source: number; uncertaintyMs: bigint },
];
const verifyAtPackTime = (pack: Uint8Array) =>
  chain.read<Answer>(chain.verifier, 'verifyAtPackTime', [bytesToHex(pack)]);

const bodyAt = (unixMs: number, changes: Partial<PackBody> = {}): PackBody => ({
  ...exampleBody(),
  anchor: { unixMs, source: 2, uncertaintyMs: 40 },
  ...changes,
});

for (const algorithm of algorithms) {
  const { signer, account } = devices[algorithm];

  test(`${algorithm}: edge and chain name the same signer, payload and clock`, async () => {
    const small = fc.integer({ min: 0, max: 2 ** 32 });
    const bodies = fc.record({
      seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      bootCount: small,
      startMs: small,
      previousHash: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
      decoders: fc.array(
        fc.record(
          { contentHash: fc.uint8Array({ minLength: 32, maxLength: 32 }), registryIndex: small },
          { requiredKeys: ['contentHash'] },
        ),
        { maxLength: 30 },
      ),
      anchor: fc.record({
        unixMs: fc.integer({ min: 0, max: 86_400_000 }).map((sinceMs) => enrolledMs + sinceMs),
        source: fc.integer({ min: 1, max: 4 }),
        uncertaintyMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      }),
    });
    await fc.assert(
      fc.asyncProperty(bodies, fc.boolean(), async (changes, recoveryHint) => {
        const body: PackBody = { ...changes, columns: [], counters: new Map([[1, 9]]) };
        const pack = signPack(signer, body, { externalAad, recoveryHint });
        const opened = openPack(pack, { externalAad });
        const [device, payloadHash, clock] = await verifyAtPackTime(pack);
        assert.equal(device, getAddress(bytesToHex(opened.kid)));
        assert.equal(device, getAddress(account.address));
        assert.equal(payloadHash, sha256(encodeBody(body)));
        const { unixMs, source, uncertaintyMs } = opened.body.anchor!;
        assert.deepEqual(clock, { unixMs: BigInt(unixMs), source, uncertaintyMs: BigInt(uncertaintyMs) });
      }),
      { numRuns: 25 },
    );
  });

  test(`${algorithm}: by address alone, the key is recovered from the signature`, async () => {
    for (const recoveryHint of [true, false]) {
      const pack = signPack(signer, bodyAt(enrolledMs), { externalAad, recoveryHint });
      const [kid] = await chain.read<[Hex, Hex]>(chain.verifier, 'recover', [
        bytesToHex(pack),
        bytesToHex(externalAad),
      ]);
      assert.equal(kid, getAddress(bytesToHex(signer.kid)));
    }
  });

  test(`${algorithm}: a high s is refused by edge and by the chain`, async () => {
    const pack = signPack(signer, bodyAt(enrolledMs), { externalAad, recoveryHint: false });
    const s = orders[algorithm] - BigInt(bytesToHex(pack.subarray(-32)));
    pack.set(hexToBytes(`0x${s.toString(16).padStart(64, '0')}`), pack.length - 32);
    assert.throws(() => openPack(pack, { externalAad }), { code: 'COSE_SIGNATURE', message: /upper half/ });
    await assert.rejects(verifyAtPackTime(pack), /SignatureHighS/);
  });

  test(`${algorithm}: packs without a usable clock, or from the future, or before enrolment, are refused`, async () => {
    const refused = async (body: PackBody, reason: RegExp) => {
      const pack = signPack(signer, body, { externalAad });
      openPack(pack, { externalAad });
      await assert.rejects(verifyAtPackTime(pack), reason);
      await chain.read(chain.verifier, 'verify', [bytesToHex(pack)]);
    };
    const anchor = { unixMs: enrolledMs, source: 0, uncertaintyMs: 0 };
    await refused(bodyAt(0, { anchor: undefined }), /PackClockMissing/);
    await refused(bodyAt(0, { anchor }), /PackClockSourceRefused/);
    await refused(bodyAt(enrolledMs + 10 * 86_400_000), /PackFromFuture/);
    await refused(bodyAt(Number.MAX_SAFE_INTEGER), /PackFromFuture/);
    await refused(bodyAt(0), /DeviceNotEffective/);
  });

  test(`${algorithm}: what edge would not encode is no body to the chain either`, async () => {
    for (const payload of ['0x', '0xa10102', '0xf6', '0xa2010105'] as Hex[]) {
      const pack = signCose(signer, hexToBytes(payload), { externalAad });
      assert.throws(() => openPack(pack, { externalAad }));
      await assert.rejects(verifyAtPackTime(pack), /Pack(Truncated|TypeUnexpected|Unexpected|ItemRefused)/);
    }
  });
}

test('a chain without the P-256 precompile gives the same answers, at a price', async (context) => {
  const without = await enrolledChain('prague');
  const aad = packAad(without.chainId, hexToBytes(without.miners.address));
  const good = bytesToHex(signPack(devices.ES256.signer, exampleBody(), { externalAad: aad }));
  const [device] = await without.read<[Hex, Hex]>(without.verifier, 'verify', [good]);
  assert.equal(device, getAddress(devices.ES256.account.address));
  const bad = bytesToHex(signPack(devices.ES256.signer, exampleBody(), { externalAad: new Uint8Array(3) }));
  await assert.rejects(without.read(without.verifier, 'verify', [bad]), /SignerMismatch/);
  const gas = await without.estimate(without.verifier, 'verify', [good]);
  context.diagnostic(`verify an ES256 pack of ${(good.length - 2) / 2} bytes without the precompile: ${gas} gas`);
  assert.ok(gas > 200_000n, 'the precompile is there after all');
});
