/** What governance costs, on the deployed contracts: the figures that a change must not raise unnoticed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Action, execute, propose, queue, suspendLicence, treasurySpend, vote } from '../../../tools/dip/index.ts';
import { freshPlatform, million } from '../../tools/support/platform.ts';

const day = 86_400;

test('gas of a proposal with one action', async (t) => {
  await using platform = await freshPlatform();
  const { clients, deployment, holders, stranger, advance } = platform;
  const [alice, bob, carol, whale] = holders;
  const used: Record<string, bigint> = {};

  const pay = [treasurySpend(deployment, { to: stranger.address, amount: million })];
  const suspend = [suspendLicence(deployment, { id: 1n, reason: '' })];
  const first = await start('first proposal', suspend, alice!);
  await advance(2 * day + 1);
  used['vote, first'] = (await vote(clients, deployment, { id: first.id, voter: bob!, support: 'for' })).gasUsed;
  used.vote = (await vote(clients, deployment, { id: first.id, voter: carol!, support: 'for' })).gasUsed;
  await advance(7 * day);

  const second = await start('spend', pay, alice!);
  await advance(2 * day + 1);
  await vote(clients, deployment, { id: second.id, voter: whale!, support: 'for' });
  await advance(7 * day);
  used.queue = (await queue(clients, deployment, pay, second.description)).gasUsed;
  await advance(4 * day);
  used['execute 1 transfer'] = (await execute(clients, deployment, pay, second.description)).gasUsed;

  async function start(name: string, actions: readonly Action[], proposer: (typeof holders)[number]) {
    const proposed = await propose(clients, deployment, { title: 'A', text: 'B', actions }, proposer);
    used[`propose, ${name}`] = proposed.gasUsed;
    return proposed;
  }

  t.diagnostic(JSON.stringify(used, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
  const limits: Record<string, bigint> = {
    'propose, first proposal': 152_000n,
    'propose, spend': 238_500n,
    'vote, first': 134_000n,
    vote: 75_000n,
    queue: 160_000n,
    'execute 1 transfer': 175_000n,
  };
  for (const [name, limit] of Object.entries(limits)) assert.ok(used[name]! <= limit, `${name}: ${used[name]} gas`);
});
