// What a gateway tells those who watch it: well or not, and why; and its counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayState } from '../../../tools/gateway/index.ts';
import { gatewayWorld, packOf } from './packs.ts';

function stateWorld(isUp = true) {
  const world = gatewayWorld();
  const serving = { isUp, close: async () => {} };
  const state = new GatewayState({ gateway: world.gateway, ledger: world.ledger, serving });
  const receive = async (bytes: Uint8Array) => {
    await world.gateway.receive(bytes);
    state.note(world.events.at(-1)!);
  };
  const pack = (seq: number) => packOf(world.trust, seq);
  return { ...world, pack, state, receive, codes: () => state.health().reasons.map(({ code }) => code) };
}

test('a gateway with a broker and verdicts is well', async () => {
  const { codes, receive, pack } = stateWorld();
  assert.deepEqual(codes(), []);
  await receive(pack(1));
  assert.deepEqual(codes(), []);
});

test('without its broker it is not', () => {
  assert.deepEqual(stateWorld(false).codes(), ['broker-down']);
});

test('while the chain does not answer it is not, and is again with the next verdict, be it a refusal', async () => {
  const { codes, receive, pack, trust } = stateWorld();
  trust.reachable = false;
  await receive(pack(1));
  assert.deepEqual(codes(), ['chain-unreachable']);
  trust.reachable = true;
  await receive(Uint8Array.of(1));
  assert.deepEqual(codes(), []);
});

test('its metrics count what it did, refusals by their code', async () => {
  const { state, receive, pack } = stateWorld();
  for (const bytes of [pack(1), pack(1), pack(2), Uint8Array.of(1)]) await receive(bytes);
  const lines = state.metrics().text().split('\n');
  for (const line of [
    'dimo_gateway_packs_accepted_total 2',
    'dimo_gateway_packs_refused_total{code="SEQ_REPLAYED"} 1',
    'dimo_gateway_packs_refused_total{code="PACK_INVALID"} 1',
    'dimo_gateway_broker_up 1',
    'dimo_gateway_devices 1',
    'dimo_gateway_packs_waiting 2',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});
