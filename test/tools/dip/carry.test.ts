/** A DIP's whole life on a chain: what is told at each stage, what a voter is shown, and what can't be done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hex, zeroHash } from 'viem';
import type { MinerError } from '../../../edge/errors/index.ts';
import { loadArtifact } from '../../../tools/deploy/index.ts';
import {
  type Action,
  assertGovernable,
  type Ballot,
  cancel,
  carryDip,
  contractCall,
  description,
  execute,
  explainAction,
  explainDip,
  findProposed,
  fundBounty,
  grantLicence,
  guardianCancel,
  levelOf,
  listProposed,
  parseDescription,
  proposalId,
  propose,
  queue,
  rawCall,
  readStatus,
  type Stage,
  suspendLicence,
  treasurySpend,
  vote,
} from '../../../tools/dip/index.ts';
import { freshPlatform, million } from '../support/platform.ts';

const day = 86_400;
const reverted = (reason: RegExp) => (error: MinerError) =>
  error.code === 'CHAIN_REVERTED' && reason.test(error.message);

test('a licence from proposal to suspension', async (t) => {
  await using platform = await freshPlatform();
  const { clients, deployment, holders, stranger, advance } = platform;
  const [alice, bob, carol] = holders;
  const voters: Ballot[] = [
    { voter: alice!, support: 'for' },
    { voter: bob!, support: 'for' },
    { voter: carol!, support: 'against' },
  ];
  const stages: Stage[] = [];
  const carry = (title: string, actions: readonly Action[], ballots = voters) =>
    carryDip(
      clients,
      deployment,
      { title, text: 'Because.', actions, voters: ballots },
      { advanceTime: advance, onStage: (stage) => stages.push(stage) },
    );
  const licence = {
    owner: stranger.address,
    name: 'Autark',
    bondRequired: 0n,
    deviceCap: 100,
    attestationSigner: stranger.address,
  };
  const statusOf = () =>
    clients.publicClient.readContract({
      address: deployment.addresses.ManufacturerRegistry,
      abi: loadArtifact('ManufacturerRegistry').abi,
      functionName: 'statusOf',
      args: [1n],
    });

  await t.test('grants it at level 2, with the tally', async () => {
    const carried = await carry('License Autark', [grantLicence(deployment, licence)]);
    assert.equal(carried.level, 2);
    assert.equal(carried.reason, 'listed');
    assert.equal(carried.votesFor, 70n * million);
    assert.equal(carried.votesAgainst, 30n * million);
    assert.equal(carried.quorum, 10n * million, '5 % of the 200 M that circulate');
    assert.ok(Math.abs(carried.advancedSeconds - 13 * day) < 60, `${carried.advancedSeconds} s`);
    assert.equal(await statusOf(), 2, 'Active');
  });

  await t.test('tells each stage', () => {
    assert.deepEqual(
      stages.map(({ stage, advancedSeconds }) => [stage, Math.round(advancedSeconds / day)]),
      [
        ['proposed', 0],
        ['voting', 2],
        ['voted', 7],
        ['queued', 0],
        ['executed', 4],
      ],
    );
    t.diagnostic(stages.map(({ stage, gasUsed }) => `${stage} ${gasUsed} gas`).join(', '));
  });

  await t.test('suspends it at level 1', async () => {
    const carried = await carry('Suspend Autark', [suspendLicence(deployment, { id: 1n, reason: 'keys leaked' })]);
    assert.equal(carried.level, 1);
    assert.equal(await statusOf(), 3, 'Suspended');
  });

  await t.test('is explained from chain data alone', async () => {
    const [first, second] = await listProposed(clients, deployment);
    const granted = await explainDip(clients, deployment, first!);
    assert.equal(granted.title, 'License Autark');
    assert.equal(granted.text, 'Because.');
    assert.equal(granted.bound, true);
    assert.equal(
      granted.actions[0]!.words,
      `license "Autark" as a maker of up to 100 Miners, held by ${stranger.address}, without a bond`,
    );
    assert.equal(granted.levelWords, 'level 2: action 1 decides, the governor lists this action at this level');
    assert.equal(granted.quorum.words, '70,000,000 of 10,000,000 votes: reached');
    assert.equal(granted.majority.words, '70 % for, needs at least 60 %: reached');
    assert.equal(granted.next.words, 'it is executed: nothing more can happen');
    const suspended = await explainDip(clients, deployment, second!);
    assert.equal(suspended.actions[0]!.words, 'suspend licence 1 and its whole fleet: "keys leaked"');
  });

  await t.test('says when the voters did not carry it', async () => {
    const against = voters.map(({ voter }, index) => ({ voter, support: index === 0 ? 'for' : 'against' }) as Ballot);
    await assert.rejects(carry('Nothing', [suspendLicence(deployment, { id: 1n, reason: '' })], against), {
      code: 'DIP_NOT_PASSED',
      message:
        'the DIP "Nothing" is defeated: 40,000,000 for, 60,000,000 against, 0 abstain; ' +
        'it needs 6,000,000 for or abstain, and 50 % of for and against',
    });
  });

  await t.test('pays, and funds a bounty, from the treasury', async () => {
    const balance = (name: 'Bounties' | 'Treasury') =>
      clients.publicClient.readContract({
        address: deployment.addresses.DimoToken,
        abi: loadArtifact('DimoToken').abi,
        functionName: 'balanceOf',
        args: [deployment.addresses[name]],
      });
    const actions = [
      ...fundBounty(deployment, { platform: zeroHash.replace('00', 'ab') as Hex, amount: million }),
      treasurySpend(deployment, { to: stranger.address, amount: million }),
      assertGovernable(deployment),
    ];
    const carried = await carry('Bounty', actions);
    assert.equal(carried.level, 1, '3 M in all: the allowance counts as spent');
    assert.equal(await balance('Bounties'), million);
    assert.equal(await balance('Treasury'), 798n * million);
  });
});

test('each step is refused where it does not belong', async (t) => {
  await using platform = await freshPlatform();
  const { clients, deployment, holders, guardian, stranger, advance } = platform;
  const [alice, bob, , whale] = holders;
  const actions = [suspendLicence(deployment, { id: 1n, reason: 'there is none' })];
  const dip = { title: 'Suspend', text: 'x', actions };

  await t.test('an empty DIP, and one without voters', async () => {
    await assert.rejects(propose(clients, deployment, { ...dip, actions: [] }, alice!), { code: 'DIP_EMPTY' });
    const none = { ...dip, voters: [] };
    await assert.rejects(carryDip(clients, deployment, none, { advanceTime: advance }), { code: 'DIP_NO_VOTERS' });
  });

  await t.test('a proposer without votes', async () => {
    await assert.rejects(
      propose(clients, deployment, dip, stranger),
      reverted(/GovernorInsufficientProposerVotes\(.*, 0, 5000000000000000000000000\)/),
    );
  });

  const proposed = await propose(clients, deployment, dip, alice!);
  const state = async () => (await readStatus(clients, deployment, proposed.id)).state;
  const explain = async () => explainDip(clients, deployment, await findProposed(clients, deployment, proposed.id));

  await t.test('the same calls and text from somebody else: the text names its proposer', async () => {
    const { abi } = loadArtifact('DimoGovernor');
    await assert.rejects(
      clients.publicClient.simulateContract({
        account: bob!,
        address: deployment.addresses.DimoGovernor,
        abi,
        functionName: 'propose',
        args: [actions.map((a) => a.target), [0n], actions.map((a) => a.data), proposed.description],
      }),
      /GovernorRestrictedProposer/,
    );
  });

  await t.test('a second live proposal', async () => {
    await assert.rejects(
      propose(clients, deployment, { ...dip, title: 'Another' }, alice!),
      reverted(/GovernorProposerBusy/),
    );
  });

  await t.test('voting too early', async () => {
    assert.equal(await state(), 'pending');
    assert.match((await explain()).next.words, /^voting opens in 2 days/);
    await assert.rejects(
      vote(clients, deployment, { id: proposed.id, voter: alice!, support: 'for' }),
      reverted(/GovernorUnexpectedProposalState/),
    );
  });

  await advance(2 * day + 1);

  await t.test('voting twice, queueing while voting', async () => {
    assert.equal(await state(), 'active');
    await vote(clients, deployment, { id: proposed.id, voter: alice!, support: 'for', reason: 'yes' });
    await assert.rejects(
      vote(clients, deployment, { id: proposed.id, voter: alice!, support: 'for' }),
      reverted(/GovernorAlreadyCastVote/),
    );
    await vote(clients, deployment, { id: proposed.id, voter: whale!, support: 'abstain' });
    const { quorum, majority, next } = await explain();
    assert.equal(quorum.words, '140,000,000 of 6,000,000 votes: reached');
    assert.equal(majority.words, '100 % for, needs more than 50 %: reached');
    assert.equal(next.step, 'vote');
    await assert.rejects(
      queue(clients, deployment, actions, proposed.description),
      reverted(/GovernorUnexpectedProposalState/),
    );
  });

  await advance(7 * day);

  await t.test('executing without the timelock’s delay', async () => {
    assert.equal(await state(), 'succeeded');
    assert.equal((await explain()).next.step, 'queue');
    await assert.rejects(
      execute(clients, deployment, actions, proposed.description),
      reverted(/GovernorUnexpectedProposalState/),
    );
    await queue(clients, deployment, actions, proposed.description);
    assert.match((await explain()).next.words, /^anyone can execute it in 4 days/);
    await assert.rejects(
      execute(clients, deployment, actions, proposed.description),
      reverted(/TimelockUnexpectedOperationState/),
    );
  });

  await t.test('cancelling a queued one, except by the guardian', async () => {
    await assert.rejects(
      cancel(clients, deployment, actions, proposed.description, alice!),
      reverted(/GovernorUnableToCancel/),
    );
    await guardianCancel(clients, deployment, actions, proposed.description, guardian);
    assert.equal(await state(), 'canceled');
  });

  await t.test('an id that nobody proposed', async () => {
    await assert.rejects(readStatus(clients, deployment, 1n), { code: 'DIP_UNKNOWN' });
    await assert.rejects(findProposed(clients, deployment, 1n), { code: 'DIP_UNKNOWN' });
  });

  await t.test('what is unknown is level 3 and is shown as it is', async () => {
    const rows: [Action, string, RegExp][] = [
      [rawCall(stranger.address, '0x12345678'), 'unlisted', /a contract that is not ours\) with the data 0x12345678/],
      [rawCall(stranger.address, '0x', 5n * 10n ** 17n), 'carries-ether', /without data, with 0.5 ether/],
      [rawCall(deployment.addresses.Treasury, '0x12345678'), 'unlisted', /a function it is not known to have/],
      [
        contractCall(deployment, 'Treasury', 'execute', [stranger.address, 0n, '0x']),
        'nested',
        /have the treasury call 0x/,
      ],
      [
        contractCall(deployment, 'AccessManager', 'grantRole', [0n, stranger.address, 0]),
        'unlisted',
        /^let 0x\w+ act as ADMIN, which may do everything$/,
      ],
    ];
    for (const [action, reason, words] of rows) {
      const found = await levelOf(clients, deployment, [...actions, action]);
      assert.deepEqual(found, { level: 3, reason, decidingAction: 1 });
      assert.match(explainAction(deployment, action).words, words);
    }
  });
});

test('a text and its calls make the id', async (t) => {
  const proposer = '0x1111111111111111111111111111111111111111';
  const actions = [rawCall(proposer, '0x01'), rawCall(proposer, '0x0203', 1n)];
  const full = description({ title: 'A', text: 'B' }, proposer);

  await t.test('any change is another proposal', () => {
    const id = proposalId(actions, full);
    assert.notEqual(proposalId(actions, `${full} `), id);
    assert.notEqual(proposalId([actions[1]!, actions[0]!], full), id);
    assert.notEqual(proposalId([actions[0]!, rawCall(proposer, '0x0203', 2n)], full), id);
  });

  await t.test('a description gives back its parts', () => {
    const line = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .,]{0,40}[A-Za-z0-9]$/);
    fc.assert(
      fc.property(line, fc.array(line, { maxLength: 5 }), (title, lines) => {
        const text = lines.join('\n');
        assert.deepEqual(parseDescription(description({ title, text }, proposer)), { title, text });
      }),
      { numRuns: 200 },
    );
    assert.deepEqual(parseDescription('just words'), { title: 'just words', text: '' });
  });
});
