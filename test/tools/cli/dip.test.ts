// `miner dip` from proposal to execution: each step once, however often and on however bad a connection it is taken.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bytesToHex, type Hex, stringToHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { states } from '../../../tools/cli/commands/dip/list.ts';
import { loadArtifact, localAccounts, localMnemonic } from '../../../tools/deploy/index.ts';
import {
  columns,
  listProposed,
  prepare,
  proposalStates,
  readStatus,
  readVoter,
  sendPrepared,
  settle,
  treasurySpend,
  votesNow,
} from '../../../tools/dip/index.ts';
import { encryptKeystore } from '../../../tools/keys/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { type DipWorld, dipWorld } from '../dip/dip-world.ts';
import { type ChainProxy, chainProxy } from '../support/chain-proxy.ts';
import { type Fields, signer, signFields } from '../support/signer.ts';

const accounts = localAccounts();
const address = (index: number) => accounts[index]!.address;
const stranger = 7;

let world: DipWorld;
let proxy: ChainProxy;
let pay: string;
let snapshot: unknown;

const request = (method: string, params: unknown[] = []) =>
  (world.clients.publicClient.request as (call: object) => Promise<unknown>)({ method, params });

before(async () => {
  world = await dipWorld();
  proxy = await chainProxy(world.url);
  pay = world.file('pay', `  - action: spend\n    to: '${address(stranger)}'\n    amount: 1000 DIMO`);
});
after(async () => {
  proxy?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  snapshot = await request('evm_snapshot');
});
afterEach(async () => {
  proxy.fail = undefined;
  assert.equal(await request('evm_revert', [snapshot]), true);
});

const quietly = { tell: () => {}, patienceMs: 1000, sleep: async () => {} };

/** Sends a call of the governor that no command makes. */
async function sendToGovernor(account: number, name: string, args: readonly unknown[]): Promise<void> {
  const call = { to: world.deployment.addresses.DimoGovernor, abi: loadArtifact('DimoGovernor').abi, name, args };
  const prepared = await prepare(world.clients, accounts[account]!, call);
  await sendPrepared(world.clients, accounts[account]!, prepared, quietly);
}

/** The one DIP there is, as its event has it. */
async function onlyProposed() {
  const [proposed] = await listProposed(world.clients, world.deployment);
  return proposed!;
}

/** Takes steps, all of which must succeed. */
async function walk(...steps: string[]): Promise<void> {
  for (const step of steps) await world.step(...step.split(' '));
}
const toVoting = () => walk(`propose ${pay}`, 'wait 1');
const nonceOf = (account: Hex) => world.clients.publicClient.getTransactionCount({ address: account });

test('the states to filter by are those of the governor', () => {
  assert.deepEqual(states, [...proposalStates]);
});

test('a payment is proposed, voted, queued and executed; each step again says that it was done', async () => {
  const steps: [string, RegExp][] = [
    [`propose ${pay}`, /proposed as DIP 1; it is pending, level 1, vote from \d{4}-/],
    ['wait 1', /^DIP 1, 2 days later: it is active; vote until/],
    ['vote 1 for --reason because', /voted on DIP 1: 40,000,000 for\n/],
    ['wait 1', /^DIP 1, 7 days later: it is succeeded; anyone can queue it until/],
    ['queue 1', /DIP 1 is queued; it can be executed from/],
    ['wait 1', /^DIP 1, 4 days later: it is queued; anyone can execute it until/],
    ['execute 1', /DIP 1 is executed\n/],
  ];
  for (const [line, expected] of steps) {
    const words = [...line.split(' '), '--yes'];
    const ran = await world.dip(...words);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, expected);
    if (line.startsWith('wait')) continue;
    assert.match(ran.stdout, /\ntransaction 0x[0-9a-f]{64}, \d+ gas\n$/);
    assert.match(ran.stderr, /at most \d+ gas, 0\.\d+ ether\nsending 0x/);
    const again = await world.dip(...words);
    assert.deepEqual([again.code, again.stderr], [0, '']);
    assert.equal(again.stdout, `already done: ${ran.stdout.split('\n')[0]}\n`);
  }
  const { abi } = loadArtifact('DimoToken');
  const read = { address: world.deployment.addresses.DimoToken, abi, functionName: 'balanceOf' };
  const balance = await world.clients.publicClient.readContract({ ...read, args: [address(stranger)] });
  assert.equal(balance, 1000n * 10n ** 18n);
  const shown = await world.dip('show', '1', '--file', pay);
  assert.match(shown.stdout, /It did\n {2}1\. pay 1,000 DIMO from the treasury to 0x14dC.*\n/);
  assert.match(shown.stdout, /It is what .*pay\.md says, text and calls\.\n$/);
});

test('a dry run shows what would be sent, and sends nothing', async () => {
  const before = await nonceOf(address(1));
  const ran = await world.dip('propose', pay, '--dry-run', '--json');
  const facts = JSON.parse(ran.stdout);
  assert.deepEqual(
    [facts.step, facts.outcome, facts.function, facts.from],
    ['propose', 'dry run', 'propose', address(1)],
  );
  assert.match(facts.data, /^0x[0-9a-f]+$/);
  const keyless = await world.dip('propose', pay, '--dry-run', '--json', '--from', address(4));
  assert.equal(JSON.parse(keyless.stdout).from, address(4), keyless.stderr);
  assert.equal(await nonceOf(address(1)), before);
});

test('votes are split by percentages, in parts, and never more than there are', async () => {
  await toVoting();
  const split = ['vote', '1', '--fraction', 'for=33.33%,abstain=16.67%'];
  assert.equal((await world.step(...split)).outcome, 'sent');
  assert.equal((await world.step(...split)).outcome, 'already');
  assert.equal((await world.step(...split, '--again')).outcome, 'sent');
  const { id } = await onlyProposed();
  const { snapshot: at } = await readStatus(world.clients, world.deployment, id);
  const { cast, left } = await readVoter(world.clients, world.deployment, { id, snapshot: at }, address(1));
  const million = 10n ** 24n;
  assert.deepEqual(cast, {
    for: (40n * million * 6666n) / 10_000n,
    against: 0n,
    abstain: (40n * million * 3334n) / 10_000n,
  });
  assert.equal(left, 0n);
  const tooMuch = await world.dip(...split, '--again', '--yes');
  assert.deepEqual([tooMuch.code, /VOTE_CAST|has voted/.test(tooMuch.stderr)], [1, true]);
  const half = await world.step('vote', '1', '--fraction', 'for=50%', '--account', '2');
  assert.equal(half.outcome, 'sent');
  const over = await world.dip('vote', '1', '--fraction', 'against=60%', '--account', '2', '--yes');
  assert.equal(over.code, 1);
  assert.match(
    over.stderr,
    /18,000,000 votes are asked for, expected at most the 15,000,000 that are left of 30,000,000/,
  );
  const rest = await world.dip('vote', '1', 'against', '--account', '2', '--yes');
  assert.match(rest.stdout, /voted on DIP 1: 15,000,000 for, 15,000,000 against/);
});

for (const [kind, choice] of [
  ['plain', ['for']],
  ['with a reason', ['against', '--reason', 'no \u202e money']],
  ['split', ['--fraction', 'for=60%,against=40%']],
] as const) {
  test(`a ballot that is signed (${kind}) is handed in by a stranger, once`, async () => {
    await toVoting();
    const ballot = path.join(world.folder, `ballot-${kind}.json`);
    const before = await nonceOf(address(2));
    const dry = await world.dip('vote', '1', ...choice, '--by-signature', ballot, '--dry-run', '--from', address(2));
    assert.match(dry.stdout, /nothing was signed\n$/);
    assert.ok(!existsSync(ballot));
    const signed = await world.step('vote', '1', ...choice, '--by-signature', ballot, '--account', '2');
    assert.equal(signed.outcome, 'signed');
    const submit = ['vote', '--submit', ballot, '--account', `${stranger}`];
    assert.equal((await world.step(...submit)).outcome, 'sent');
    assert.equal((await world.step(...submit)).outcome, 'already');
    assert.equal(await nonceOf(address(2)), before, 'the voter sent nothing');
    const status = await world.dip('status', '--for', address(2));
    assert.match(
      status.stdout,
      /of 30,000,000 votes on it cast: (30,000,000 (for|against)|18,000,000 for, 12,000,000 against)\n/,
    );
  });
}

test('a ballot that was altered, belongs elsewhere or is none is refused', async () => {
  await toVoting();
  const file = path.join(world.folder, 'ballot.json');
  await world.step('vote', '1', 'for', '--by-signature', file, '--account', '2');
  const good = JSON.parse(readFileSync(file, 'utf8'));
  const rows: [string, object | string, RegExp][] = [
    ['another side', { ...good, support: 0 }, /its signature is not that of 0x3C44/],
    ['another voter', { ...good, voter: address(3) }, /its signature is not that of 0x90F7/],
    ['another chain', { ...good, chainId: 1 }, /it is for chain 1, this is 31337/],
    ['another governor', { ...good, governor: address(9) }, /it is for the governor 0xa0Ee/],
    ['a used nonce', { ...good, nonce: '5' }, /it was handed in already/],
    ['another DIP', { ...good, proposalId: '5' }, /the governor has no proposal 5/],
    ['a side that is none', { ...good, support: 3 }, /"support" is not 0, 1, 2 or 255/],
    ['parts that do not belong', { ...good, params: `0x${'00'.repeat(48)}` }, /"params" belongs to support 255 alone/],
    [
      'an address with a slip',
      { ...good, voter: good.voter.toLowerCase().replace('0x3c', '0x3C') },
      /"voter" is not an address/,
    ],
    ['no format', {}, /"format" is not dimo-dip-ballot\/1/],
    ['no JSON', 'ballot', /it is no JSON/],
    ['null', 'null', /"format" is not/],
    ['far too much', 'x'.repeat(300_000), /more than 262144 characters/],
  ];
  for (const [name, content, message] of rows) {
    const bad = path.join(world.folder, 'bad.json');
    writeFileSync(bad, typeof content === 'string' ? content : JSON.stringify(content));
    const ran = await world.dip('vote', '--submit', bad, '--yes', '--account', `${stranger}`);
    assert.equal(ran.code, 1, `${name}: ${ran.stderr}`);
    assert.match(ran.stderr, message, name);
    assert.doesNotMatch(ran.stderr, /sending/, name);
  }
});

test('who may cancel: the proposer while it is pending, the guardian later, and nobody else', async () => {
  await walk(`propose ${pay}`);
  const other = await world.dip('cancel', '1', '--yes', '--account', '2');
  assert.match(other.stderr, /DIP 1 can be cancelled by its proposer 0x7099.*and not 0x3C44/);
  assert.equal(other.code, 1);
  const inner = await request('evm_snapshot');
  assert.equal((await world.step('cancel', '1')).state, 'canceled');
  assert.equal((await world.step('cancel', '1')).outcome, 'already');
  await request('evm_revert', [inner]);
  await walk('wait 1');
  const late = await world.dip('cancel', '1', '--yes');
  assert.match(late.stderr, /DIP 1 is active, so it cannot be cancelled by its proposer: vote until/);
  assert.equal((await world.step('cancel', '1', '--account', '5')).state, 'canceled');
  const anew = await world.dip('propose', pay, '--yes');
  assert.match(anew.stdout, /^already done: proposed as DIP 1; it is canceled/);
});

test('a key that another program holds proposes, and signs a ballot', async (t) => {
  const holder = accounts[2]!;
  const { url, close } = await signer(async ({ method, params }) => {
    if (method === 'eth_accounts') return { result: [holder.address, address(3)] };
    if (method === 'eth_signTransaction') return { result: await signFields(holder, params[0] as Fields) };
    return method === 'eth_signTypedData_v4'
      ? { result: await holder.signTypedData(JSON.parse(params[1] as string)) }
      : undefined;
  });
  t.after(close);
  const key = ['--signer', url, '--from', holder.address];
  assert.equal((await world.step('propose', pay, ...key)).outcome, 'sent');
  await walk('wait 1');
  const ballot = path.join(world.folder, 'ballot-signer.json');
  await world.step('vote', '1', 'for', '--by-signature', ballot, ...key);
  const handedIn = await world.step('vote', '--submit', ballot, '--account', `${stranger}`);
  assert.equal(handedIn.voter, holder.address);
  const unnamed = await world.dip('vote', '1', 'for', '--yes', '--signer', url);
  assert.match(unnamed.stderr, /has 0x3C44.*, 0x90F7.*, expected one, or --from/);
});

test('a key from a key file, from the environment, and none on another chain', async () => {
  const privateKey = bytesToHex(mnemonicToAccount(localMnemonic, { addressIndex: 1 }).getHdKey().privateKey!);
  const keystore = path.join(world.folder, 'alice.json');
  const password = path.join(world.folder, 'password.txt');
  writeFileSync(keystore, await encryptKeystore(privateKey, 'secret', 2));
  writeFileSync(password, 'secret\n');
  const proposed = await world.step('propose', pay, '--keystore', keystore, '--password-file', password);
  assert.equal(proposed.outcome, 'sent');
  process.env.DIP_TEST_KEY = privateKey;
  const ran = await world.dip('propose', pay, '--yes', '--key-env', 'DIP_TEST_KEY');
  delete process.env.DIP_TEST_KEY;
  assert.match(ran.stdout, /^already done/);
  const both = await world.dip('propose', pay, '--yes', '--keystore', keystore, '--account', '1');
  assert.deepEqual([both.code, /several keys/.test(both.stderr)], [2, true]);
});

const refused: [string, string[], number, RegExp][] = [
  [
    'too few votes to propose, with how many are missing',
    ['propose', 'PAY', '--account', '7'],
    1,
    /has 0 votes, expected 5,000,000 to propose: 5,000,000 are missing/,
  ],
  [
    'a second proposal of the same proposer',
    ['propose', 'OTHER'],
    1,
    /has DIP 1 under way \(pending\): one at a time, until/,
  ],
  [
    'a vote before it opens',
    ['vote', '1', 'for'],
    1,
    /DIP 1 is pending, so it cannot be voted on: voting opens in 2 days/,
  ],
  ['queueing before the vote', ['queue', '1'], 1, /DIP 1 is pending, so it cannot be queued/],
  ['executing before the vote', ['execute', '1'], 1, /DIP 1 is pending, so it cannot be executed/],
  ['a DIP that is not there', ['queue', '2'], 1, /the governor has no proposal 2/],
  ['another chain', ['vote', '1', 'for', '--chain-id', '1'], 3, /has id 31337, but chain 1 is meant/],
  ['another chain to look at', ['show', '1', '--chain-id', '1'], 3, /has id 31337, but chain 1 is meant/],
  ['nobody there', ['show', '1', '--rpc', 'http://127.0.0.1:1'], 3, /no answer from the chain/],
  ['no deployment', ['list', '--deployment', 'none.json'], 3, /none\.json: not there/],
  ['no side', ['vote', '1'], 2, /for, against, abstain or --fraction is missing/],
  ['a side and parts', ['vote', '1', 'for', '--fraction', 'for=10%'], 2, /only one, says how to vote/],
  ['another word', ['vote', '1', 'maybe'], 2, /Allowed choices are for, against, abstain/],
  ['parts above all', ['vote', '1', '--fraction', 'for=60%,against=50%'], 2, /at most 100 % in all, found 110 %/],
  ['parts of nothing', ['vote', '1', '--fraction', 'for=0%'], 2, /Expected above 0/],
  ['a part twice', ['vote', '1', '--fraction', 'for=10%,for=20%'], 2, /at most once/],
  ['a part in another unit', ['vote', '1', '--fraction', 'for=10'], 2, /for=60%,against=40%/],
  ['no DIP to vote on', ['vote'], 2, /<id> is missing/],
  ['a ballot and a DIP', ['vote', '1', '--submit', 'b.json'], 2, /the ballot says which DIP is meant/],
  ['a delegate with a slip', ['delegate', '0x70997970C51812dc3A010C7d01b50e0d17dc79C9'], 2, /with its checksum/],
  ['a state that is none', ['list', '--state', 'open'], 2, /Expected one or several of pending/],
  ['a file that is no DIP', ['propose', 'PACKAGE'], 1, /package\.json/],
  ['a file that is not there', ['propose', 'none.md'], 3, /none\.md: cannot be read/],
  [
    'the wrong key',
    ['vote', '1', 'for', '--account', '2', '--from', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
    2,
    /--from says 0x7099/,
  ],
];

test('what cannot be done is told in one line with what to do, and nothing is sent', async () => {
  await walk(`propose ${pay}`);
  const other = world.file('other', `  - action: spend\n    to: '${address(stranger)}'\n    amount: 1 DIMO`);
  const files: Record<string, string> = {
    PAY: pay,
    OTHER: other,
    PACKAGE: fileURLToPath(new URL('../../../package.json', import.meta.url)),
  };
  const sending = ['propose', 'vote', 'queue', 'execute', 'delegate'];
  for (const [name, args, code, message] of refused) {
    const words = args.map((word) => files[word] ?? word);
    const ran = await world.dip(...words, ...(sending.includes(words[0]!) ? ['--yes'] : []));
    assert.equal(ran.code, code, `${name}: ${ran.stderr}`);
    assert.match(ran.stderr, message, name);
    assert.doesNotMatch(ran.stderr, /sending|\n\s+at |fault of miner/, name);
    assert.equal(ran.stdout, '', name);
  }
  const asked = await world.dip('vote', '1', 'for');
  assert.equal(asked.code, 1, 'the state is told before the question');
});

test('a vote without votes says what would have counted', async () => {
  await toVoting();
  const ran = await world.dip('vote', '1', 'for', '--yes', '--account', `${stranger}`);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /0x14dC.* has no votes on DIP 1: what counts is what was delegated to it at \d{4}-/);
  const silent = await world.dip('vote', '1', 'for');
  assert.equal(silent.code, 2);
  assert.match(silent.stderr, /there is no terminal to ask on/);
});

test('delegation is given once, and what others delegate counts', async () => {
  const before = await votesNow(world.clients, world.deployment, address(stranger));
  assert.equal((await world.step('delegate', address(stranger), '--account', '4')).outcome, 'sent');
  assert.equal((await world.step('delegate', address(stranger), '--account', '4')).outcome, 'already');
  await world.advance(1);
  assert.equal(await votesNow(world.clients, world.deployment, address(stranger)), before + 100n * 10n ** 24n);
  const status = await world.dip('status', '--for', address(stranger));
  assert.match(status.stdout, /to propose +it may\n/);
});

test('a connection that breaks at any question leaves nothing half done: the next run goes on', async () => {
  await toVoting();
  const vote = ['vote', '1', 'for', '--yes', '--rpc', proxy.url, '--patience', '0'];
  const nonce = await nonceOf(address(1));
  let untouched = await request('evm_snapshot');
  const startAgain = async () => {
    await request('evm_revert', [untouched]);
    untouched = await request('evm_snapshot');
    proxy.asked.length = 0;
  };
  proxy.asked.length = 0;
  assert.equal((await world.dip(...vote)).code, 0);
  const questions = proxy.asked.length;
  const sending = proxy.asked.indexOf('eth_sendRawTransaction');
  await startAgain();
  // At every fifth question before it is sent, where nothing can be half done, and at each from then on.
  const cuts = Array.from({ length: questions }, (_, index) => index);
  const early = cuts.filter((cut) => cut < sending - 2 && cut % 5 === 0).map((cut) => ['before', cut] as const);
  const late = cuts.filter((cut) => cut >= sending - 2);
  const both = late.flatMap((cut) => [['before', cut] as const, ['after', cut] as const]);
  for (const [lose, cut] of [...early, ...both]) {
    proxy.fail = (_, index) => (index >= cut ? { lose } : undefined);
    const broken = await world.dip(...vote);
    proxy.fail = undefined;
    const where = `cut ${lose} question ${cut}, ${proxy.asked[cut]}: ${broken.stderr}`;
    assert.equal(broken.code, 3, where);
    assert.match(broken.stderr, /stopped answering|no answer from the chain/, where);
    const isSent = (await nonceOf(address(1))) > nonce;
    const asked = proxy.asked.indexOf('eth_sendRawTransaction');
    assert.equal(isSent, asked >= 0 && (asked < cut || lose === 'after'), where);
    if (isSent) {
      const again = await world.dip(...vote);
      assert.deepEqual([again.code, again.stderr], [0, ''], where);
      assert.equal(again.stdout, 'already done: voted on DIP 1: 40,000,000 for\n', where);
      assert.equal(await nonceOf(address(1)), nonce + 1, where);
    }
    await startAgain();
  }
});

test('a connection that comes back in time is waited for, and both are told', async () => {
  await toVoting();
  proxy.fail = (question, index) =>
    question.method === 'eth_sendRawTransaction' && !lost.has(index) && lost.add(index) && lost.size < 3
      ? { lose: 'after' }
      : undefined;
  const lost = new Set<number>();
  const ran = await world.dip('vote', '1', 'for', '--yes', '--rpc', proxy.url);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /sending 0x\w+\nthe chain does not answer \(.*\); asking again\nthe chain answers again\n/);
});

test('an earlier transaction of the account that is not mined is waited for', async () => {
  const { clients, deployment } = world;
  const [told, options]: [string[], Parameters<typeof settle>[2]] = [
    [],
    {
      tell: (event) => told.push(event.event),
      patienceMs: 1000,
      sleep: async () => {
        await request('evm_mine');
      },
    },
  ];
  await request('evm_setAutomine', [false]);
  try {
    const account = accounts[4]!;
    const action = treasurySpend(deployment, { to: address(stranger), amount: 1n });
    const { abi } = loadArtifact('DimoToken');
    const call = { to: deployment.addresses.DimoToken, abi, name: 'delegate', args: [action.target] };
    const sent = sendPrepared(clients, account, await prepare(clients, account, call), options);
    await settle(clients, account.address, options);
    assert.equal((await sent).receipt.status, 'success');
    const pending = clients.walletClient.sendTransaction({ account, to: address(stranger), value: 1n });
    await pending;
    await settle(clients, account.address, options);
    assert.ok(told.includes('waiting'), told.join());
  } finally {
    await request('evm_setAutomine', [true]);
  }
});

test('a node that answers with another text is found out', async () => {
  await walk(`propose ${pay}`);
  proxy.fail = ({ method }) =>
    method === 'eth_getLogs'
      ? {
          result: (logs) =>
            (logs as { data: Hex }[]).map((log) => ({
              ...log,
              data: log.data.replace(stringToHex('Try pay').slice(2), stringToHex('Try pig').slice(2)),
            })),
        }
      : undefined;
  const shown = await world.dip('show', '1', '--rpc', proxy.url);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /^WARNING: text and calls do not hash to this id\./);
  const listed = await world.dip('list', '--rpc', proxy.url);
  assert.match(listed.stdout, /NOT WHAT WAS PROPOSED: Try pig/);
});

test('a file that says something else is told by the first difference', async () => {
  await walk(`propose ${pay}`);
  const action = (amount: string) => `  - action: spend\n    to: '${address(stranger)}'\n    amount: ${amount}`;
  const rows: [string, string, string, RegExp][] = [
    ['title', action('1000 DIMO'), 'Try again', /line 1 of its text is "# Try pay", the file's "# Try again"/],
    ['text', action('1000 DIMO'), 'Try pay', /line 5 of its text is "Because it is time\.", the file's "Otherwise\."/],
    ['amount', action('1001 DIMO'), 'Try pay', /line \d+ of its text is ".*1000 DIMO.*", the file's ".*1001 DIMO.*"/],
  ];
  for (const [name, actions, title, message] of rows) {
    const text = name === 'text' ? 'Otherwise.' : 'Because it is time.';
    const ran = await world.dip('show', '1', '--file', world.file(`changed-${name}`, actions, { title, text }));
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, message);
    assert.match(ran.stderr, /DIP 1 is not what .*changed/);
  }
});

test("what a stranger's proposal says cannot steer the terminal", async () => {
  const text = 'no heading \u001b[2J here\n\u202eevil\nline\u0007';
  await sendToGovernor(3, 'propose', [[address(stranger)], [5n], ['0x12345678'], text]);
  for (const command of [['show', '1'], ['list'], ['status']]) {
    const { stdout } = await world.dip(...command);
    assert.match(stdout, /no heading \\x1b\[2J here/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stdout, /[\u001b\u202e\u0007]/);
  }
  const { stdout } = await world.dip('show', '1');
  assert.match(
    stdout,
    /call 0x14dC.* \(a contract that is not ours\) with the data 0x12345678, with 0\.000000000000000005 ether/,
  );
  assert.match(stdout, /level 3: action 1 decides, it sends ether/);
});

test('the list goes by pages and states, the newest first', async () => {
  for (const [index, account] of [1, 2, 3].entries()) {
    const file = world.file(
      `page-${index}`,
      `  - action: spend\n    to: '${address(stranger)}'\n    amount: ${index + 1} DIMO`,
    );
    await world.step('propose', file, '--account', `${account}`);
  }
  await world.step('cancel', '2', '--account', '2');
  const numbers = async (...args: string[]) => {
    const { stdout } = await world.dip('list', '--json', ...args);
    return stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).number);
  };
  assert.deepEqual(await numbers(), [3, 2, 1]);
  assert.deepEqual(await numbers('--per-page', '2'), [3, 2]);
  assert.deepEqual(await numbers('--per-page', '2', '--page', '2'), [1]);
  assert.deepEqual(await numbers('--state', 'pending,active'), [3, 1]);
  assert.deepEqual(await numbers('--state', 'executed'), []);
  const paged = await world.dip('list', '--per-page', '2');
  assert.match(paged.stdout, /page 1 of 2, 3 DIPs; --page shows another\n$/);
});

test('a watch tells each change, outlives an outage, and ends when nothing more can happen', async () => {
  await walk(`propose ${pay}`);
  let [looks, lost] = [0, 0];
  proxy.fail = ({ method }) => {
    if (method === 'eth_getLogs') looks += 1;
    if (looks < 4 || lost === 20) return undefined;
    lost += 1;
    return { lose: 'before' };
  };
  const watching = world.dip('watch', '1', '--json', '--interval', '0.05', '--rpc', proxy.url);
  while (lost < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  const { actions, descriptionHash } = await onlyProposed();
  await sendToGovernor(1, 'cancel', [...columns(actions), descriptionHash]);
  const ran = await watching;
  assert.equal(ran.code, 0, ran.stderr);
  const events = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event, status }) => status?.state ?? event),
    ['pending', 'silent', 'answering', 'canceled'],
  );
});

test('a clock is moved on a simulated chain only, and only after it was asked', async () => {
  await walk(`propose ${pay}`);
  const unasked = await world.dip('wait', '1');
  assert.deepEqual([unasked.code, /there is no terminal to ask on/.test(unasked.stderr)], [2, true]);
  proxy.fail = ({ method }) =>
    method === 'web3_clientVersion' ? { result: () => 'Geth/v1.15.0-stable/linux' } : undefined;
  const real = await world.dip('wait', '1', '--yes', '--rpc', proxy.url);
  assert.equal(real.code, 2);
  assert.match(real.stderr, /31337, Geth\/v1\.15\.0-stable\/linux\) is no simulated one/);
  assert.ok(!proxy.asked.includes('evm_increaseTime'));
});

test('a terminal is asked, and no is no', { skip: skipWithoutProgram('python3') }, async () => {
  const typist = `
import pty, os, sys
answer = sys.argv[1].encode() + b'\\r'
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
typed = False
while True:
    try: chunk = os.read(fd, 1024)
    except OSError: break
    if not chunk: break
    seen += chunk
    if not typed and b'[y/N]' in seen:
        os.write(fd, answer); typed = True
print(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const bin = fileURLToPath(new URL('../../../tools/cli/bin.mjs', import.meta.url));
  const miner = (answer: string) => {
    const command = [process.execPath, bin, 'dip', 'delegate', address(9), '--account', '2', '--data', world.folder];
    return promisify(execFile)('python3', ['-c', typist, answer, ...command]);
  };
  const before = await nonceOf(address(2));
  await assert.rejects(miner('n'), (error: { code: number; stdout: string }) => {
    assert.equal(error.code, 1, error.stdout);
    assert.match(error.stdout, /\[y\/N\][\s\S]*delegate: the answer was no/);
    return true;
  });
  assert.equal(await nonceOf(address(2)), before);
  assert.match((await miner('y')).stdout, /the votes of 0x3C44\w+ are with 0xa0Ee/);
  assert.equal(await nonceOf(address(2)), before + 1);
});
