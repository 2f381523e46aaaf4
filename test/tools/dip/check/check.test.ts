// What a check says of a DIP is what would happen: each change by its name, each failure with who refused and why, and
// a warning for each thing that is odd.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { PrivateKeyAccount } from 'viem';
import { registerDip } from '../../../../tools/cli/commands/dip.ts';
import { checkDip, type DipCheck, executeOn, reportCheck } from '../../../../tools/dip/check/index.ts';
import {
  actionTypes,
  exampleAction,
  findActionType,
  formatDipFile,
  type NamedAction,
} from '../../../../tools/dip/file/index.ts';
import { carryDip, type DecoderListing, explainAction, propose } from '../../../../tools/dip/index.ts';
import { signConsent } from '../../../../tools/registry/index.ts';
import { runMiner } from '../../cli/miner-process.ts';
import { chainProxy } from '../../support/chain-proxy.ts';
import { million } from '../../support/platform.ts';
import { runRegistered } from '../../support/run-command.ts';
import { allExamples } from './examples.ts';
import { sameCode, trialWorld, vaultArtifact } from './trial-world.ts';

const world = await trialWorld();
after(() => world[Symbol.asyncDispose]());
const { at, clients, deployment, holders, stranger } = world;
const [alice] = holders as [PrivateKeyAccount, ...PrivateKeyAccount[]];

const check = (actions: NamedAction[], { trial = false } = {}): Promise<DipCheck> =>
  checkDip(clients, deployment, world.dipOf(...actions), trial ? { openTrial: async () => world.chain } : {});
const tried = (...actions: NamedAction[]) => world.undone(() => check(actions, { trial: true }));
const spend = (amount: string, to: string = stranger.address): NamedAction => ({ action: 'spend', to, amount });
const call = (contract: string, name: string, args: unknown): NamedAction => ({
  action: 'call',
  contract,
  function: name,
  arguments: args,
});

test('what a payment changes is told by name, with nothing left over', async () => {
  const { trial, good, warnings } = await tried(spend('1000 DIMO'));
  assert.equal(good, true);
  assert.deepEqual(warnings, []);
  assert.deepEqual(trial!.named, [
    { of: 'DIMO of Treasury', before: '800,000,000 DIMO', after: '799,999,000 DIMO' },
    { of: `DIMO of ${stranger.address}`, before: '0 DIMO', after: '1,000 DIMO' },
    { of: 'votes of nobody (excluded votes)', before: '800,000,000 DIMO', after: '799,999,000 DIMO' },
  ]);
  assert.deepEqual(trial!.slots, []);
  const names = trial!.execution.events.map(({ contract, name, call }) => `${call} ${contract}.${name}`);
  assert.deepEqual(names, ['0 DimoToken.Transfer', '0 DimoToken.DelegateVotesChanged', '0 Treasury.Spent']);
});

test('a licence, a role, a delay and new code are told by name', async () => {
  const { trial } = await tried(
    {
      action: 'grant-licence',
      owner: alice.address,
      name: 'Acme',
      bond: '5 DIMO',
      deviceCap: '10',
      attestationSigner: alice.address,
    },
    { action: 'grant-role', role: 'reward-poster', account: alice.address },
    { action: 'set-voting-delay', delay: '3 days' },
    { action: 'set-level-terms', level: '2', majority: '65 %', quorum: '6 %' },
    { action: 'upgrade', contract: 'Bounties', implementation: await world.deploy(sameCode('Bounties')) },
  );
  const told = trial!.named.map(
    ({ of, field, before, after }) => `${of}${field ? `, ${field}` : ''}: ${before} -> ${after}`,
  );
  for (const line of [
    'licence 1, status: none -> granted',
    'licence 1, deviceCap: 0 -> 10',
    'licence 1, bondRequired: 0 DIMO -> 5 DIMO',
    `licence 1, owner: nobody -> ${alice.address}`,
    'licence 1, name: "" -> "Acme"',
    'delay before a vote: 2 days -> 3 days',
    'level 2, majorityBps: 60 % -> 65 %',
    'level 2, quorumBps: 5 % -> 6 %',
    `role REWARD_POSTER for ${alice.address}, isMember: no -> yes`,
  ]) {
    assert.ok(told.includes(line), `${line}\nis not among\n${told.join('\n')}`);
  }
  assert.ok(told.some((line) => line.startsWith('code of Bounties, implementation: 0x')));
  assert.ok(trial!.slots.every(({ contract }) => contract !== undefined));
});

test('a DIP that fails says at which call, who refused and why', async (t) => {
  const rows: [string, NamedAction[], { call?: number; reason: RegExp; by: string }][] = [
    [
      'by the second call',
      [spend('1 DIMO'), { action: 'reinstate-licence', id: '7' }],
      { call: 1, reason: /^LicenceStatusRefused\(7, 0\)$/, by: 'ManufacturerRegistry' },
    ],
    [
      'inside what it calls',
      [spend('900000000 DIMO')],
      { call: 0, reason: /^ERC20InsufficientBalance\(/, by: 'DimoToken' },
    ],
    [
      'in a contract that has no such function',
      [{ action: 'raw-call', target: 'Treasury', data: '0x12345678' }],
      { call: 0, reason: /without saying why/, by: 'Treasury' },
    ],
    [
      'by a later action of governance',
      [
        spend('1 DIMO'),
        { action: 'set-proposal-threshold', votes: '2000000000 DIMO' },
        { action: 'assert-governable' },
      ],
      { call: 2, reason: /^GovernanceThresholdUnreachable\(/, by: 'GovernanceCheck' },
    ],
  ];
  for (const [name, actions, { call, reason, by }] of rows) {
    await t.test(name, async () => {
      const { trial, good } = await tried(...actions);
      const { failure } = trial!.execution;
      assert.equal(good, false);
      assert.equal(failure?.call, call);
      assert.match(failure!.reason, reason);
      assert.equal(failure!.by, by);
    });
  }
});

test('a DIP after which nobody could vote is not good, though it would execute', async (t) => {
  const rows: [string, NamedAction[], RegExp][] = [
    [
      'the timelock gives away its place',
      [call('AccessManager', 'revokeRole', ['0', 'timelock'])],
      /^GovernanceAdminLost\(/,
    ],
    [
      'a threshold that nobody reaches',
      [{ action: 'set-proposal-threshold', votes: '2000000000 DIMO' }],
      /^GovernanceThresholdUnreachable\(/,
    ],
    ['a vote without time', [{ action: 'set-voting-period', period: '1 hour' }], /^GovernanceTimesAbsurd\(/],
  ];
  for (const [name, actions, reason] of rows) {
    await t.test(name, async () => {
      const { trial, good } = await tried(...actions);
      assert.equal(trial!.execution.failure, undefined);
      assert.match(trial!.bricks ?? 'nothing', reason);
      assert.equal(good, false);
    });
  }
});

test('what is odd is a warning:', async (t) => {
  // Begins and ends like the treasury's address, and is another.
  const twin = `${at.Treasury.slice(0, 6).toLowerCase()}${'0'.repeat(32)}${at.Treasury.slice(-4).toLowerCase()}`;
  const vault = await world.deploy(vaultArtifact(), [at.DimoToken]);
  const invest = (minShares: string): NamedAction => ({ action: 'invest', vault, assets: '100 DIMO', minShares });
  const licence = (name: string): NamedAction => ({
    action: 'grant-licence',
    owner: alice.address,
    name,
    bond: '0 DIMO',
    deviceCap: '1',
    attestationSigner: alice.address,
  });
  const rows: [string, NamedAction[], string, RegExp][] = [
    ['an address like one of ours', [spend('1 DIMO', twin)], 'look-alike-address', /begins and ends like Treasury, 0x/],
    [
      'such an address in an encoded call',
      [
        {
          action: 'treasury-call',
          target: 'token',
          data: `0xa9059cbb${twin.slice(2).padStart(64, '0')}${'1'.padStart(64, '0')}`,
        },
      ],
      'look-alike-address',
      /begins and ends like Treasury, 0x/,
    ],
    ['a name like one of ours', [licence('DirnoTokеn')], 'look-alike-name', /looks like "DimoToken"/],
    [
      'nobody at a target',
      [{ action: 'raw-call', target: stranger.address, data: '0x12345678' }],
      'no-code',
      /the call does nothing, and does not fail either/,
    ],
    [
      'a target that is not ours',
      [{ action: 'raw-call', target: vault, data: '0x01e1d114' }],
      'unknown-target',
      /no contract of ours/,
    ],
    [
      'a function that is not known',
      [{ action: 'raw-call', target: 'token', data: '0x12345678' }],
      'unknown-target',
      /DimoToken is not known to have/,
    ],
    [
      'a target of the treasury that is nobody',
      [{ action: 'treasury-call', target: stranger.address, data: '0x12345678' }],
      'unknown-target',
      /the treasury calls .* has no code/,
    ],
    [
      'a price that is not to be had',
      [invest('101e18 units')],
      'stale-price',
      /gives 100000000000000000000 shares now, less than the 1010/,
    ],
    ['a price that gives much away', [invest('90e18 units')], 'stale-price', /would take 10 % less/],
    [
      'a vault that is none',
      [{ action: 'invest', vault: 'token', assets: '1 DIMO', minShares: '1 units' }],
      'stale-price',
      /does not answer as an ERC-4626 vault/,
    ],
    [
      'more than the treasury holds',
      [spend('500000000 DIMO'), spend('500000000 DIMO')],
      'treasury-short',
      /^1,000,000,000 DIMO are spent, and the treasury holds 800,000,000 DIMO$/,
    ],
    [
      'ether that the treasury does not hold',
      [{ action: 'spend-ether', to: alice.address, amount: '1 ETH' }],
      'treasury-short',
      /^1 ETH are spent/,
    ],
  ];
  for (const [name, actions, code, text] of rows) {
    await t.test(name, async () => {
      const { warnings } = await check(actions);
      assert.equal(warnings.length, 1, JSON.stringify(warnings));
      assert.equal(warnings[0]!.code, code);
      assert.match(warnings[0]!.text, text);
    });
  }
  await t.test('and no warning where the price is met', async () =>
    assert.deepEqual((await check([invest('99e18 units')])).warnings, []),
  );
});

test('an address in the text that is like another in an action is a warning', async () => {
  const dip = world.dipOf(spend('1 DIMO'));
  const twin = `${stranger.address.slice(0, 6)}${'1'.repeat(32)}${stranger.address.slice(-4)}`;
  const { warnings } = await checkDip(clients, deployment, { ...dip, text: `It pays ${twin}.` });
  assert.match(warnings[0]!.text, new RegExp(`^${stranger.address} begins and ends like ${twin}`));
});

test('a decoder is looked at: is it listed already, does its consent hold long enough', async () => {
  await world.undone(async () => {
    const nowMs = (await world.now()) * 1000;
    const example = exampleAction(findActionType('list-decoder')!, nowMs);
    const author = alice;
    const named = { ...example, author: author.address, payee: author.address };
    const listing = explainAction(deployment, world.dipOf(named).actions[0]!).args.decoder as DecoderListing;
    const { nonce, deadline, signature } = await signConsent(clients, deployment, listing, author);
    const until = (seconds: bigint) => new Date(Number(seconds) * 1000).toISOString().replace('.000', '');
    const listed = (seconds: bigint, of = nonce) => ({
      ...named,
      consent: { nonce: String(of), deadline: until(seconds), signature },
    });
    const texts = async (action: NamedAction) =>
      (await check([action])).warnings.map(({ code, text }) => `${code}: ${text}`);

    assert.deepEqual(await texts(listed(deadline)), []);
    const [early] = await texts(listed(deadline - 50n * 86_400n));
    assert.match(early!, /^consent: the author's consent ends .*, before the DIP could execute/);
    const [soon] = await texts(listed(deadline - 40n * 86_400n));
    assert.match(soon!, /^consent: .* within 14 days of the earliest execution/);
    const [spent] = await texts(listed(deadline, nonce + 1n));
    assert.match(spent!, /^consent: the author's consent has the nonce 1, and .* is at 0/);
    await world.earlier(listed(deadline));
    const again = await check([listed(deadline)]);
    assert.deepEqual(again.warnings.map(({ code }) => code).toSorted(), ['already-listed', 'duplicate']);
  });
});

test('a DIP that was proposed or carried out already is known again', async () => {
  await world.undone(async () => {
    const dip = world.dipOf(spend('12 DIMO'));
    await propose(clients, deployment, { ...dip, title: 'Another title' }, alice);
    assert.match((await check([spend('12 DIMO')])).warnings[0]!.text, /makes the same calls, and is pending$/);
    const busy = await checkDip(clients, deployment, dip, { proposer: alice.address });
    assert.match(busy.warnings.at(-1)!.text, /has proposed \d+, which is not yet over/);
    await world.advance(30 * 86_400);
    const voters = holders.map((voter) => ({ voter, support: 'for' as const }));
    await carryDip(clients, deployment, { ...dip, voters }, { advanceTime: world.advance });
    const texts = (await check([spend('12 DIMO')])).warnings.map(({ text }) => text.replace(/\d{20,}/, 'N'));
    assert.deepEqual(texts, [
      'proposal N makes the same calls, and is defeated',
      'proposal N makes the same calls, and was executed already',
    ]);
  });
});

test('level, quorum, votes and dates are those of the chain', async () => {
  const dip = world.dipOf(spend('6000000 DIMO'));
  const { needs, timetable, proposer } = await checkDip(clients, deployment, dip, { proposer: alice.address });
  const { level, reason, majorityBps, quorum, circulating } = needs;
  assert.deepEqual({ level, reason, majorityBps }, { level: 2, reason: 'spend-total', majorityBps: 6_000 });
  assert.deepEqual([quorum, circulating], [10n * million, 200n * million]);
  assert.deepEqual([proposer!.votes, proposer!.threshold], [40n * million, 5n * million]);
  const day = 86_400;
  const since = Object.fromEntries(
    Object.entries(timetable).map(([name, time]) => [name, (time - timetable.proposed) / day]),
  );
  const second = 1 / day;
  assert.deepEqual(since, {
    proposed: 0,
    votingOpens: 2 + second,
    votingEnds: 9,
    votingEndsLatest: 9 + 2 + 3 * 2,
    queueUntil: 17 + 14,
    executeFrom: 13 + second,
    executeUntil: 31 + 4 + 14,
  });
  const poor = await checkDip(clients, deployment, dip, { proposer: stranger.address });
  assert.match(poor.warnings[0]!.text, /has too few votes/);
});

test('a report steers no terminal', async () => {
  const dip = world.dipOf({ action: 'suspend-licence', id: '1', reason: 'x' });
  const hostile = { ...dip, title: 'red \u001b[31m and \u202e back' };
  const lines = reportCheck(await checkDip(clients, deployment, hostile), deployment, ['suspend-licence']);
  assert.equal(lines[0], 'red \\x1b[31m and \\u202e back');
});

test('miner dip check tries it on a copy of the chain, and leaves the chain as it is', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-dip-check-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'chain.json'), JSON.stringify({ rpcUrl: world.url, deployment }));
  const file = path.join(folder, 'DIP.md');
  const run = (...args: string[]) => runRegistered([registerDip], ['dip', 'check', file, '--data', folder, ...args]);
  const blockBefore = await clients.publicClient.getBlockNumber();

  writeFileSync(file, formatDipFile(world.fileOf(spend('1000 DIMO'))));
  const good = await run('--json', '--strict');
  assert.equal(good.code, 0, good.stderr);
  const object = JSON.parse(good.stdout);
  assert.equal(object.good, true);
  assert.deepEqual(object.trial.named[0], {
    of: 'DIMO of Treasury',
    before: '800,000,000 DIMO',
    after: '799,999,000 DIMO',
  });
  assert.equal(await clients.publicClient.getBlockNumber(), blockBefore, 'nothing was sent');

  await t.test('a file that is wrong is told line by line, without a chain', async () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace('1000 DIMO', '1000').replace('spend', 'spent'));
    const wrong = await run('--rpc', 'http://127.0.0.1:1');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /DIP\.md:\d+:13: error: action: there is no action "spent"; did you mean spend/);
  });

  await t.test('a warning is a fault when that is asked', async () => {
    writeFileSync(file, formatDipFile(world.fileOf(spend('1 DIMO', stranger.address.toLowerCase()))));
    assert.equal((await run('--no-trial')).code, 0);
    const strict = await run('--no-trial', '--strict');
    assert.equal(strict.code, 1);
    assert.match(strict.stdout, /warning: to: .* has no checksum/);
  });

  await t.test('a chain that does not answer, or is another one, is told as such', async () => {
    const nobody = await run('--rpc', 'http://127.0.0.1:1');
    assert.deepEqual([nobody.code, /no answer from the chain/.test(nobody.stderr)], [3, true], nobody.stderr);
    const other = await run('--chain-id', '5');
    assert.match(other.stderr, /expected chain 5|chain 5/);
    assert.notEqual(other.code, 0);
  });

  await t.test('a chain that falls silent half-way ends it, and is told as such', async () => {
    using proxy = await chainProxy(world.url);
    // What the copy of the chain asks for; the command itself never does.
    proxy.fail = ({ method }) => (method === 'eth_getStorageAt' ? { lose: 'silently' } : undefined);
    const { code, stderr } = await runMiner([
      'dip',
      'check',
      file,
      '--data',
      folder,
      '--rpc',
      proxy.url,
      '--patience',
      '1',
    ]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /cannot be copied to try the DIP on \(no answer for 1 s\)/);
  });
});

test('every example of the table of actions works: one DIP of all of them is executed', async () => {
  const actions = await allExamples(world);
  const used = new Set(actions.map(({ action }) => action));
  assert.deepEqual(
    actionTypes.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
    'no type is left out',
  );
  const dip = world.dipOf(...actions);
  const { failure, events } = await executeOn(world.chain, deployment, dip);
  assert.equal(failure, undefined, failure && `${actions[dip.origins[failure.call!]!]?.action}: ${failure.reason}`);
  const told = new Set(events.map(({ call }) => dip.origins[call]!));
  const silent = actions.filter((_, index) => !told.has(index)).map(({ action }) => action);
  assert.deepEqual(silent, ['assert-governable'], 'each of the others emits something');
});
