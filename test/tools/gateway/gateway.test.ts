// The gateway's verdicts: one pack made for each reason to refuse, and what an accepted one is answered with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, equalBytes, packHash, softwareSigner } from '../../../edge/pack/index.ts';
import { openReceipt, receiptAad } from '../../../edge/uplink/index.ts';
import { Gateway, Ledger, type RefusalCode } from '../../../tools/gateway/index.ts';
import type { SettableTrust } from '../../edge/trust/settable-trust.ts';
import { bodyOf, decoder, device, gatewayKey, gatewayWorld, packOf } from './packs.ts';

const stranger = softwareSigner(new Uint8Array(32).fill(3));

/** The receipt in an answer, opened as the device would. */
function receiptOf(trust: SettableTrust, receipt: Uint8Array | undefined) {
  assert.ok(receipt);
  const externalAad = receiptAad(trust.chainId, trust.minerRegistry);
  return openReceipt(receipt, { gateways: [gatewayKey.kid], device: device.kid, externalAad });
}

function flipped(bytes: Uint8Array, fromEnd: number): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - fromEnd] ^= 1;
  return copy;
}

interface VerdictRow {
  name: string;
  arrange?: (trust: SettableTrust) => void;
  pack: (trust: SettableTrust) => Uint8Array;
  code: RefusalCode;
  reason: RegExp;
  /** Whether the refusal names device and seq: only once the signature held. */
  known: boolean;
}

const verdicts: VerdictRow[] = [
  { name: 'nothing', pack: () => new Uint8Array(), code: 'PACK_INVALID', reason: /./, known: false },
  { name: 'noise', pack: () => new Uint8Array(200).fill(0xa5), code: 'PACK_INVALID', reason: /./, known: false },
  {
    name: 'a pack cut short',
    pack: (trust) => packOf(trust, 1).slice(0, -1),
    code: 'PACK_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: 'a pack with a byte more',
    pack: (trust) => new Uint8Array([...packOf(trust, 1), 0]),
    code: 'PACK_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: 'a bit of the signature turned over',
    pack: (trust) => flipped(packOf(trust, 1), 1),
    code: 'SIGNATURE_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: 'a bit of the body turned over',
    pack: (trust) => flipped(packOf(trust, 1), 68),
    code: 'SIGNATURE_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: 'a pack for another chain',
    pack: (trust) => packOf(trust, 1, {}, { chainId: 137 }),
    code: 'SIGNATURE_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: "another key under the device's kid",
    pack: (trust) => packOf(trust, 1, {}, { by: { ...stranger, kid: device.kid } }),
    code: 'SIGNATURE_INVALID',
    reason: /./,
    known: false,
  },
  {
    name: 'a device never enrolled',
    pack: (trust) => packOf(trust, 1, {}, { by: stranger }),
    code: 'DEVICE_UNKNOWN',
    reason: /no device/,
    known: true,
  },
  {
    name: 'a retired device',
    arrange: (trust) => trust.setDevice(device.kid, { state: 'retired', effective: false }),
    pack: (trust) => packOf(trust, 1),
    code: 'DEVICE_RETIRED',
    reason: /retired/,
    known: true,
  },
  ...(['granted', 'suspended', 'revoked', 'exiting', 'exited'] as const).map(
    (licence): VerdictRow => ({
      name: `a maker whose licence is ${licence}`,
      arrange: (trust) => trust.setDevice(device.kid, { licence, effective: false }),
      pack: (trust) => packOf(trust, 1),
      code: 'LICENCE_NOT_ACTIVE',
      reason: new RegExp(`manufacturer 7 is ${licence}`),
      known: true,
    }),
  ),
  ...(['retired', 'suspended', 'revoked'] as const).map(
    (state): VerdictRow => ({
      name: `a decoder that is ${state}`,
      arrange: (trust) => trust.setDecoder(decoder, state),
      pack: (trust) => packOf(trust, 1),
      code: 'DECODER_NOT_LISTED',
      reason: new RegExp(`d0d0d0d0d0d0d0d0... is ${state}`),
      known: true,
    }),
  ),
  {
    name: 'one decoder of two never listed',
    pack: (trust) =>
      packOf(trust, 1, { decoders: [{ contentHash: decoder }, { contentHash: new Uint8Array(32).fill(5) }] }),
    code: 'DECODER_NOT_LISTED',
    reason: /0505050505050505... was never listed/,
    known: true,
  },
];

for (const { name, arrange, pack, code, reason, known } of verdicts) {
  test(`${code}: ${name}`, async () => {
    const { trust, gateway, ledger, events } = gatewayWorld();
    arrange?.(trust);
    const answer = await gateway.receive(pack(trust));
    assert.equal(answer.receipt, undefined);
    assert.equal(answer.refusal?.code, code);
    assert.match(answer.refusal!.reason, reason);
    assert.equal(answer.refusal?.seq, known ? 1 : undefined);
    assert.equal(answer.refusal?.kid !== undefined, known);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['refused'],
    );
    assert.deepEqual(ledger.totals(), { packs: 0, bytes: 0, samples: 0 });
  });
}

test('an accepted pack is stored and answered with a receipt that the device can verify', async () => {
  const { trust, gateway, ledger, events } = gatewayWorld();
  const pack = packOf(trust, 1);
  const { receipt, refusal } = await gateway.receive(pack);
  assert.equal(refusal, undefined);
  assert.deepEqual(receiptOf(trust, receipt), { device: device.kid, seq: 1, hash: packHash(pack) });
  assert.deepEqual(ledger.totals(), { packs: 1, bytes: pack.length, samples: 3 });
  const [event] = events;
  assert.ok(event.kind === 'accepted');
  assert.equal(event.samples, 3);
  assert.ok(equalBytes(event.pack.kid, addressOf(device.publicKey)));
});

test('a deprecated decoder in its grace, and a pack without samples, are accepted', async () => {
  const { trust, gateway } = gatewayWorld();
  trust.setDecoder(decoder, 'deprecated');
  assert.equal((await gateway.receive(packOf(trust, 1))).refusal, undefined);
  assert.equal((await gateway.receive(packOf(trust, 2, { decoders: [], columns: [] }))).refusal, undefined);
});

test('a replayed pack is refused, its receipt repeated, and nothing counted twice', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  const pack = packOf(trust, 1);
  const first = await gateway.receive(pack);
  const { receipt, refusal } = await gateway.receive(pack);
  assert.equal(refusal?.code, 'SEQ_REPLAYED');
  assert.deepEqual(receipt, first.receipt);
  assert.equal(ledger.totals().samples, 3);
});

test('another pack under a number taken is refused, and the first one stays', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  const pack = packOf(trust, 1);
  await gateway.receive(pack);
  const { receipt, refusal } = await gateway.receive(packOf(trust, 1, { bootCount: 2 }));
  assert.equal(refusal?.code, 'SEQ_CONFLICT');
  assert.deepEqual(receiptOf(trust, receipt).hash, packHash(pack));
  assert.equal(ledger.totals().packs, 1);
});

test('receipts stop below a missing pack, and go past it once it came or was declared lost', async () => {
  const { trust, gateway } = gatewayWorld();
  const seqOf = async (seq: number, gaps?: { from: number; to: number; reason: number }[]) => {
    const { receipt } = await gateway.receive(packOf(trust, seq, gaps && { gaps }));
    return receipt && receiptOf(trust, receipt).seq;
  };
  assert.equal(await seqOf(2), undefined);
  assert.equal(await seqOf(1), 2);
  assert.equal(await seqOf(5), 2);
  assert.equal(await seqOf(6, [{ from: 3, to: 4, reason: 2 }]), 6);
});

test('devices do not share their numbers', async () => {
  const { trust, gateway, ledger } = gatewayWorld();
  trust.setDevice(stranger.kid);
  await gateway.receive(packOf(trust, 1));
  const { refusal } = await gateway.receive(packOf(trust, 1, {}, { by: stranger }));
  assert.equal(refusal, undefined);
  assert.deepEqual([ledger.contiguous(device.kid), ledger.contiguous(stranger.kid)], [1, 1]);
});

test('while the chain does not answer the verdict waits: neither receipt nor refusal', async () => {
  const { trust, gateway, ledger, events } = gatewayWorld();
  trust.reachable = false;
  assert.deepEqual(await gateway.receive(packOf(trust, 1)), {});
  assert.equal(events[0].kind === 'deferred' && events[0].error.code, 'CHAIN_UNREACHABLE');
  assert.equal(ledger.totals().packs, 0);
  trust.reachable = true;
  assert.ok((await gateway.receive(packOf(trust, 1))).receipt);
});

test('a ledger that fails defers the verdict and says why', async () => {
  const { trust, ledger, gateway, events } = gatewayWorld();
  ledger.close();
  assert.deepEqual(await gateway.receive(packOf(trust, 1)), {});
  assert.deepEqual(await gateway.receive(new Uint8Array(3)), {});
  assert.deepEqual(
    events.map((event) => event.kind === 'deferred' && event.error.code),
    ['LEDGER_UNUSABLE', 'LEDGER_UNUSABLE'],
  );
});

test('the same pack many times at once is accepted once', async () => {
  const { trust, gateway, events } = gatewayWorld();
  const pack = packOf(trust, 1);
  await Promise.all(Array.from({ length: 8 }, () => gateway.receive(pack)));
  assert.equal(events.filter(({ kind }) => kind === 'accepted').length, 1);
  assert.equal(events.length, 8);
});

test('a gateway without a listener works alike', async () => {
  const { trust } = gatewayWorld();
  const gateway = new Gateway({ trust, ledger: new Ledger(':memory:'), signer: gatewayKey, nowMs: () => 1 });
  assert.ok((await gateway.receive(packOf(trust, bodyOf(1).seq))).receipt);
});
