// Commands of authors and makers: what is wrong is told in one line before anything is sent, and a second run goes on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { p256 } from '@noble/curves/nist.js';
import { type Address, bytesToHex, type Hex, numberToHex, parseEther } from 'viem';
import { type CommittedWork, commitWork, eventsOf, readFrom, revealWork } from '../../../tools/applicants/index.ts';
import { readOrMakeKey } from '../../../tools/cli/data-folder.ts';
import { loadArtifact, send } from '../../../tools/deploy/index.ts';
import { type Action, setVerifier, slashLicence } from '../../../tools/dip/index.ts';
import { p256Device } from '../../../tools/registry/index.ts';
import { keyOf } from '../registry/registry-world.ts';
import type { Ran } from '../rewards/rewards-world.ts';
import { type ApplicantsWorld, applicantsWorld } from './applicants-world.ts';

let world: ApplicantsWorld;
before(async () => {
  world = await applicantsWorld();
  writeFileSync('car.dbc', dbc);
  for (const [name, author] of [
    ['mine', world.actors.author.address],
    ['theirs', keyOf('another author').account.address],
  ] as const) {
    assert.equal((await world.miner('dbc', 'package', 'init', name, '--dbc', 'car.dbc')).code, 0);
    writeFileSync(`${name}/manifest.json`, JSON.stringify({ ...manifest, author }));
  }
});
after(() => world[Symbol.asyncDispose]());

const dbc = `VERSION ""
BU_: ECU
BO_ 256 Motor: 8 ECU
 SG_ Speed : 0|16@1+ (0.5,0) [0|0] "rpm" ECU
`;
const manifest = {
  id: 'acme.roadster',
  version: '1.0.0',
  license: 'MIT',
  platform: { make: 'Acme', model: 'Roadster', years: [2024, 2026], bus: 'main', bitRate: 500_000 },
};
const platform = 'Acme Roadster 2024-2026';

const good = (ran: Ran, pattern: RegExp = /./) => {
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, pattern);
};
const refused = (ran: Ran, code: number, pattern: RegExp) => {
  assert.match(ran.stderr, pattern);
  assert.deepEqual([ran.code, ran.stdout], [code, '']);
};
const balanceOf = (account: Address) => readFrom<bigint>(world, 'DimoToken', 'balanceOf', [account]);

/** As if an earlier DIP had been carried. */
async function earlier(...actions: Action[]): Promise<void> {
  const request = world.clients.publicClient.request as unknown as (call: {
    method: string;
    params: unknown[];
  }) => Promise<Hex>;
  const from = world.deployment.addresses.TimelockController;
  await request({ method: 'hardhat_impersonateAccount', params: [from] });
  await request({ method: 'hardhat_setBalance', params: [from, numberToHex(10n ** 19n)] });
  for (const { target, data } of actions)
    await request({ method: 'eth_sendTransaction', params: [{ from, to: target, data }] });
}

const fund = (...more: string[]) => world.miner('bounty', 'fund', '--platform', platform, ...more);
const work = ['--platform', platform, '--decoder', 'mine'];

test('a bounty is funded with what an earlier run was allowed to pay, and every run pays', () =>
  world.undone(async () => {
    const [holder] = world.actors.holders;
    const { addresses } = world.deployment;
    const { abi } = loadArtifact('DimoToken');
    const args = [addresses.Bounties, parseEther('30')];
    await send(world.clients, { to: addresses.DimoToken, abi, name: 'approve', args, account: holder! });
    good(await fund('--amount', '30 DIMO'), /^paid 30 DIMO into round 1 of platform 0x\w+: it holds 30 until /);
    assert.equal((await eventsOf(world, 'DimoToken', 'Approval')).length, 1);
    good(await fund('--amount', '12.5 DIMO'), /it holds 42\.5 until/);
    const listed = await world.miner('bounty', 'list', '--json');
    assert.equal(JSON.parse(listed.stdout).balance, `${parseEther('42.5')}`);
    good(await world.miner('bounty', 'show', platform), /next: an author can commit to a work/);
  }));

const badFunds: [string, string[], number, RegExp][] = [
  ['no unit', ['--amount', '30'], 2, /with its unit, such as "1250\.5 DIMO"/],
  ['another unit', ['--amount', '30 ETH'], 2, /with its unit/],
  ['nothing', ['--amount', '0 DIMO'], 2, /above 0/],
  ['more than the account has', ['--amount', '1 DIMO', '--account', '9'], 1, /has 0 DIMO, 1 are needed/],
];
for (const [name, args, code, pattern] of badFunds) {
  test(`a bounty is not funded with ${name}`, async () => {
    refused(await fund(...args), code, pattern);
    assert.equal((await eventsOf(world, 'Bounties', 'BountyFunded')).length, 0);
  });
}

test('a platform that is none is refused, and one that nobody funded is shown', async () => {
  refused(await world.miner('bounty', 'show', '0x1234'), 2, /Expected a platform/);
  good(await world.miner('bounty', 'show', 'Nobody'), /would pay 0 DIMO now\nnext: anyone can open a round/);
  good(await world.miner('bounty', 'list'), /^no bounty yet/);
});

test('the salt is on disk for its owner alone, and second runs of commit and reveal go on with it', () =>
  world.undone(async () => {
    const secret = ['--secret', 'salt.json'];
    good(await world.miner('bounty', 'commit', ...work, ...secret), /^committed in block \d+: 0x/);
    assert.equal(statSync('salt.json').mode & 0o777, 0o600);
    const text = readFileSync('salt.json', 'utf8');
    good(await world.miner('bounty', 'commit', ...work, ...secret), /^committed before in block/);
    assert.equal(readFileSync('salt.json', 'utf8'), text);
    good(await world.miner('bounty', 'reveal', ...secret), /^revealed: decoder 0x/);
    good(await world.miner('bounty', 'reveal', ...work, ...secret), /^revealed before: /);

    // Who copies it now comes too late.
    good(await world.miner('bounty', 'commit', ...work, '--account', '9', '--secret', 'copied.json'));
    refused(
      await world.miner('bounty', 'reveal', '--secret', 'copied.json', '--account', '9'),
      1,
      new RegExp(`is ${world.actors.author.address}'s, who committed to it in block`),
    );
  }));

test('what is not committed is not shown, and a secret of something else is refused', () =>
  world.undone(async () => {
    const secret = ['--secret', 'other.json'];
    refused(await world.miner('bounty', 'reveal', ...secret), 1, /other\.json: is not there/);
    good(await world.miner('bounty', 'commit', ...work, ...secret));
    const record = JSON.parse(readFileSync('other.json', 'utf8'));
    refused(
      await world.miner('bounty', 'commit', ...work, ...secret, '--author', world.actors.driver.address),
      1,
      /other\.json: is of another work: author is/,
    );
    const rows: [Record<string, unknown>, RegExp][] = [
      [{ salt: `0x${'11'.repeat(32)}` }, /commitment 0x\w+ is not on the chain/],
      [{ chainId: 1 }, /is of chain 1, contract/],
      [{ salt: '0x11' }, /salt is no hex of 32 bytes/],
      [{ format: 'x' }, /format is no/],
    ];
    for (const [change, pattern] of rows) {
      writeFileSync('other.json', JSON.stringify({ ...record, ...change }));
      refused(await world.miner('bounty', 'reveal', ...secret), 1, pattern);
    }
    writeFileSync('other.json', '{');
    refused(await world.miner('bounty', 'reveal', ...secret), 1, /is no JSON/);
    refused(await world.miner('bounty', 'reveal', '--decoder', 'mine'), 2, /--platform is missing/);
    assert.equal((await eventsOf(world, 'Bounties', 'WorkRevealed')).length, 0);
  }));

test('a node that still judges by the block of the commitment is asked again', () =>
  world.undone(async () => {
    const { author } = world.actors;
    const hash: Hex = `0x${'cd'.repeat(32)}`;
    const committed: CommittedWork = { platform: hash, contentHash: hash, author: author.address, salt: hash };
    await commitWork(world, committed, author);
    const { walletClient } = world.clients;
    let refusals = 2;
    const writeContract = async (call: Parameters<typeof walletClient.writeContract>[0]) => {
      if (refusals-- > 0) throw new Error('CommitmentTooRecent(0xcd.., 7)');
      return walletClient.writeContract(call);
    };
    const slow = { ...world, clients: { ...world.clients, walletClient: { ...walletClient, writeContract } } };
    let pauses = 0;
    const { outcome } = await revealWork(slow as typeof world, committed, author, { pause: async () => void pauses++ });
    assert.deepEqual([outcome, pauses], ['revealed', 2]);
  }));

test('a round that ended without an award is paid back, once, and not before', () =>
  world.undone(async () => {
    const refund = (...more: string[]) => world.miner('bounty', 'refund', '--platform', platform, ...more);
    const [holder] = world.actors.holders;
    good(await fund('--amount', '30 DIMO'));
    const paid = await balanceOf(holder!.address);
    refused(await refund(), 1, /paid into round 1 can be taken back from \d{4}-.* if it is not awarded until then/);
    await world.advance(366 * 86_400);
    refused(await refund('--account', '9'), 1, /has nothing to take back/);
    good(await refund(), /^30 DIMO of round 1 are back with 0x/);
    assert.equal((await balanceOf(holder!.address)) - paid, parseEther('30'));
    refused(await refund(), 1, /has nothing to take back/);
  }));

const newDecoder = (pack: string, ...more: string[]) =>
  world.miner('dip', 'new', 'decoder', pack, '-o', 'refused.md', ...more);
const nothingWritten = () =>
  assert.deepEqual([existsSync('refused.md'), existsSync('refused.gate.json')], [false, false]);

test('a decoder whose golden frames fail gets no DIP', async () => {
  writeFileSync(
    'mine/wrong.jsonl',
    readFileSync('mine/golden.jsonl', 'utf8').replace(/"Speed":[1-9][\d.]*/, '"Speed":1234567'),
  );
  const right = readFileSync('mine/golden.jsonl');
  writeFileSync('mine/golden.jsonl', readFileSync('mine/wrong.jsonl'));
  const ran = await newDecoder('mine');
  writeFileSync('mine/golden.jsonl', right);
  assert.match(ran.stderr, /golden\.jsonl:\d+: frame 100#\w+: Motor\.Speed: expected 1234567, interpreter gives /);
  assert.equal(ran.code, 1);
  nothingWritten();
});

const badDecoders: [string, string, string[], number, RegExp][] = [
  ['without a bounty to pay', 'mine', ['--bounty'], 1, /no open round holds anything/],
  ['by another key than its author’s', 'mine', ['--account', '9'], 1, /signed by its author 0x\w+, not by 0x/],
  ['of somebody else, with the own key', 'theirs', [], 1, /the consent to list acme\.roadster is signed by its author/],
  ['with a consent that ends early', 'mine', ['--consent-days', '5'], 1, /cannot execute before/],
  [
    'that replaces one that is not listed',
    'mine',
    ['--replaces', `0x${'ab'.repeat(32)}`],
    1,
    /is not listed on this chain/,
  ],
  ['that replaces a file that is not there', 'mine', ['--replaces', 'none.dbc'], 3, /none\.dbc: cannot be read/],
  ['without a package', 'none', [], 3, /none: cannot be read/],
  ['with a consent that is not there', 'mine', ['--consent', 'none.json'], 1, /none\.json: is not there/],
  ['on another chain than is meant', 'mine', ['--chain-id', '1'], 3, /chain/],
];
for (const [name, pack, args, code, pattern] of badDecoders) {
  test(`a decoder ${name} gets no DIP`, async () => {
    const ran = await newDecoder(pack, ...args);
    assert.match(ran.stderr, pattern);
    assert.equal(ran.code, code, ran.stderr);
    nothingWritten();
  });
}

test('a DIP is not written over a file', async () => {
  writeFileSync('refused.gate.json', '');
  const ran = await newDecoder('mine');
  assert.match(ran.stderr, /refused\.gate\.json: there is a file already/);
  good(await newDecoder('mine', '--force'), /^List the decoder acme\.roadster 1\.0\.0, version 1/);
});

test('a bounty is asked for by its author, and not for more than it holds', () =>
  world.undone(async () => {
    good(await fund('--amount', '30 DIMO'));
    const bounty = (...amount: string[]) => newDecoder('mine', '--force', '--bounty', ...amount);
    assert.match((await bounty()).stderr, /is not revealed: "miner bounty commit"/);
    assert.match((await bounty('31 DIMO')).stderr, /holds 30 DIMO, less than the 31 DIMO/);
    good(await world.miner('bounty', 'commit', ...work, '--account', '9'));
    good(await world.miner('bounty', 'reveal', ...work, '--account', '9'));
    assert.match((await bounty()).stderr, /who committed to it in block/);
  }));

test('a consent made elsewhere holds for its listing alone, while its nonce does', () =>
  world.undone(async () => {
    good(
      await world.miner('dip', 'consent', 'mine', '-o', 'consent.json'),
      /consents to the listing of acme\.roadster until/,
    );
    const use = (...more: string[]) => newDecoder('mine', '--force', '--consent', 'consent.json', ...more);
    good(await use(), /gate passed/);
    const { driver, author } = world.actors;
    assert.match((await use('--payee', driver.address)).stderr, /is a consent to payee "0x\w+", expected 0x/);
    assert.match((await use('--listed-version', '7')).stderr, /is a consent to version "1", expected 7/);
    const record = JSON.parse(readFileSync('consent.json', 'utf8'));
    const rows: [Record<string, unknown>, RegExp][] = [
      [{ signature: `0x${'11'.repeat(65)}` }, /is not signed by the author/],
      [{ deadline: `${BigInt(record.deadline) + 1n}` }, /is not signed by the author/],
      [{ deadline: '1' }, /the consent ends on 1970-.*cannot execute before/],
      [{ chainId: 1 }, /is a consent to chainId "1"/],
      [{ nonce: 'x' }, /nonce and deadline are whole numbers/],
      [{ listing: null }, /listing is missing/],
    ];
    for (const [change, pattern] of rows) {
      writeFileSync('consent.json', JSON.stringify({ ...record, ...change }));
      assert.match((await use()).stderr, pattern);
    }
    writeFileSync('consent.json', JSON.stringify(record));
    const { abi } = loadArtifact('DecoderRegistry');
    const to = world.deployment.addresses.DecoderRegistry;
    await send(world.clients, { to, abi, name: 'moveNonce', args: [], account: author });
    assert.match((await use()).stderr, /its nonce is 0, the author's is 1 now/);
  }));

test('a listed decoder is listed once; the next version counts up and names the one it replaces by file or hash', () =>
  world.undone(async () => {
    good(await newDecoder('mine', '--force'));
    await world.vote(readFileSync('refused.md', 'utf8'));
    assert.match((await newDecoder('mine', '--force')).stderr, /is listed on this chain, expected not listed/);
    good(await world.miner('dbc', 'package', 'init', 'next', '--dbc', 'car.dbc'));
    writeFileSync('next/decoder.dbc', dbc.replace('rpm', '1/min'));
    writeFileSync('next/manifest.json', JSON.stringify({ ...manifest, author: world.actors.author.address }));
    const next = (replaced: string) => newDecoder('next', '--force', '--replaces', replaced);
    good(await next('car.dbc'), /version 2 of acme\.roadster/);
    const text = readFileSync('refused.md', 'utf8');
    assert.match(text, /- `Motor\.Speed: unit changed from "rpm" to "1\/min"`/);
    assert.match(text, /action: deprecate-decoder/);
    const { contentHash } = JSON.parse(readFileSync('refused.gate.json', 'utf8')).replaces;
    good(await next(contentHash));
    assert.match(readFileSync('refused.md', 'utf8'), /were not looked at: its file was not given/);
    assert.equal((await next('mine')).code, 0);
  }));

const licenceFlags = {
  '--name': 'Acme Devices',
  '--owner': '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '--bond': '1000 DIMO',
  '--device-cap': '10',
  '--attestation-signer': '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
  '--conformance': 'report.json',
};
const someVerifier = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const p256Key = new Uint8Array(32).fill(7);
const p256Point = bytesToHex(p256.getPublicKey(p256Key, true));
const badLicences: [string, Record<string, string>, number, RegExp][] = [
  ['a bond without its unit', { '--bond': '1000' }, 2, /with its unit/],
  ['no device', { '--device-cap': '0' }, 2, /from 1 to 4294967295/],
  ['an owner with a slip', { '--owner': '0x70997970c51812dc3A010C7d01b50e0d17dc79C8' }, 2, /Expected an address/],
  ['a name that hides something', { '--name': 'Acme\u202E' }, 2, /printable characters/],
  ['a signer that is none', { '--attestation-signer': '0x1234' }, 2, /expected a signer: 2 bytes/],
  ['a key that is none', { '--attestation-signer': `p256:${someVerifier}:0x02` }, 2, /no point of P-256/],
  ['an unknown verifier', { '--attestation-signer': `p256:${someVerifier}:${p256Point}` }, 1, /is no listed verifier/],
  ['no report', { '--conformance': 'none.json' }, 1, /none\.json: no such file/],
  ['a report that is no JSON', { '--conformance': 'car.dbc' }, 1, /car\.dbc: is no JSON/],
];
for (const [name, change, code, pattern] of badLicences) {
  test(`a licence is not asked for with ${name}`, async () => {
    writeFileSync('report.json', '{}');
    const flags = Object.entries({ ...licenceFlags, ...change }).flat();
    refused(await world.miner('dip', 'new', 'licence', ...flags, '-o', 'refused-licence.md'), code, pattern);
    assert.equal(existsSync('refused-licence.md'), false);
  });
}

const licence = (...args: string[]) => world.miner('licence', ...args);

test('a bond is posted by the owner, once, and what a slash took is topped up', () =>
  world.undone(async () => {
    const flags = Object.entries({ ...licenceFlags, '--name': 'Bonded: "Acme"' }).flat();
    good(
      await world.miner('dip', 'new', 'licence', ...flags, '-o', 'bonded.md', '--discussion', 'https://example.org/1'),
    );
    assert.match(readFileSync('bonded.md', 'utf8'), /^discussion: https:\/\/example\.org\/1$/m);
    await world.vote(readFileSync('bonded.md', 'utf8'));
    good(await licence('show', '2'), /granted[\s\S]*next +its owner posts the bond: 1,000 DIMO are lacking/);
    refused(await licence('post-bond', '2'), 1, /is signed by its owner 0x7099\w+, not by 0x/);
    good(await licence('post-bond', '2', '--account', '1'), /^posted: 1,000 DIMO paid; licence 2 is active/);
    good(await licence('post-bond', '2', '--account', '1'), /^nothing lacked: 0 DIMO paid/);
    await earlier(slashLicence(world.deployment, { id: 2n, amount: parseEther('200'), reason: 'late' }));
    good(await licence('show'), /^ +status .*\n1 +active .*\n2 +granted +0 of 10 +800 of 1,000 +Bonded: "Acme"/);
    good(await licence('top-up', '2', '--account', '1'), /^posted: 200 DIMO paid/);
    refused(await licence('withdraw-bond', '2'), 1, /is active: to give its bond back it has to be exited or revoked/);
    refused(await licence('exit', '2', '--account', '1'), 2, /--yes is missing/);
    good(await licence('exit', '2', '--account', '1', '--yes'), /is exiting until/);
    await world.advance(181 * 86_400);
    good(await licence('withdraw-bond', '2'), /^1,000 DIMO are back with the owner/);
    good(await licence('withdraw-bond', '2'), /^0 DIMO/);
  }));

test('a licence that is not there, or no number, is refused', async () => {
  refused(await licence('show', '9'), 1, /there is no licence 9: 1 were granted/);
  refused(await licence('show', 'acme'), 2, /Expected the number of a licence/);
});

const batch = (...args: string[]) => world.miner('enrol', 'batch', '--keys', 'line.csv', '--out', 'batch', ...args);

test('a batch is planned, signed and used up; second runs of each step find it done', () =>
  world.undone(async () => {
    const soft = readOrMakeKey('soft.key').account.address;
    writeFileSync('hard.key', Buffer.from(p256Key).toString('hex'));
    const hard = p256Device(p256Key).address;
    writeFileSync('line.csv', `key,owner,curve\n${soft},,\n${p256Point},${world.actors.driver.address},p256\n`);
    refused(await batch(), 2, /--model is missing: line\.csv does not say/);
    refused(await batch('--model', 'box', '--licence', '5'), 1, /there is no licence 5/);
    good(await batch('--model', 'box'), /^2 devices of model box under root 0x\w+\nwritten: batch/);
    const before = readFileSync('batch/batch.json', 'utf8');
    await world.advance(60);
    good(await batch('--model', 'box'), /planned before: batch/);
    assert.equal(readFileSync('batch/batch.json', 'utf8'), before);
    refused(await batch('--model', 'box-2'), 2, /batch: there is another batch already/);

    const post = (...more: string[]) => world.miner('enrol', 'post', '--batch', 'batch', ...more);
    const one = (key: string, ...more: string[]) =>
      world.miner('enrol', 'one', '--batch', 'batch', '--key', key, ...more);
    refused(await one('soft.key'), 1, /BatchNotPosted/);
    refused(await post('--account', '9'), 1, /batch 0x\w+ is signed by 0x15d3\w+, not by 0x/);
    good(await post(), /^posted: batch 0x\w+, 2 devices/);
    good(await post(), /^posted before: /);

    good(
      await one('soft.key', '--owner', world.actors.author.address),
      /^enrolled: 0x\w+ under licence 1, owner 0x9965/,
    );
    good(await one('soft.key'), /^enrolled before: 0x\w+ under licence 1, owner 0x9965/);
    good(
      await one('hard.key', '--curve', 'p256'),
      new RegExp(`^enrolled: ${hard}.*owner ${world.actors.driver.address}`, 'i'),
    );
    readOrMakeKey('stranger.key');
    refused(await one('stranger.key'), 1, /is not in this batch/);
    refused(await one('none.key'), 3, /none\.key: not a device key \(no such file\)/);
  }));

test('a maker signs with a key on P-256 where its verifier is accepted', () =>
  world.undone(async () => {
    const build = new URL(
      '../../../node_modules/@openzeppelin/contracts/build/contracts/ERC7913P256Verifier.json',
      import.meta.url,
    );
    const { bytecode } = JSON.parse(readFileSync(build, 'utf8')) as { bytecode: Hex };
    const hash = await world.clients.walletClient.sendTransaction({ data: bytecode });
    const { contractAddress: verifier } = await world.clients.publicClient.waitForTransactionReceipt({ hash });
    const to = ['--to', `p256:${verifier}:${p256Point}`];
    refused(await licence('set-signer', '1', ...to), 1, /is no listed verifier/);
    await earlier(setVerifier(world.deployment, { address: verifier!, listed: true }));
    good(await licence('set-signer', '1', ...to), /^set: enrolments of licence 1 are signed by key 0x/);
    good(await licence('set-signer', '1', ...to), /^set before: /);

    writeFileSync('line.csv', `${keyOf('p256 line').account.address}\n`);
    good(await batch('--model', 'box', '--force'));
    const { batchId } = JSON.parse(readFileSync('batch/batch.json', 'utf8')) as { batchId: Hex };
    const digest = Buffer.from(batchId.slice(2), 'hex');
    const signature = bytesToHex(p256.sign(digest, p256Key, { prehash: false, lowS: true }));
    const post = (...more: string[]) => world.miner('enrol', 'post', '--batch', 'batch', ...more);
    refused(await post(), 1, /is signed by key 0x\w+, judged by 0x/);
    refused(await post('--signature', `0x${'22'.repeat(64)}`), 1, /LicenceSignatureInvalid/);
    good(await post('--signature', signature), /^posted: /);
  }));

test('a platform is named in letters of any script, however its accents are written', async () => {
  const rounds = async (name: string) => {
    const ran = await world.miner('bounty', 'show', name, '--json');
    return JSON.parse(ran.stdout).platform;
  };
  assert.equal(await rounds('\u0160koda Enyaq (80) 2021-2024'), await rounds('S\u030Ckoda Enyaq (80) 2021-2024'));
  refused(await world.miner('bounty', 'show', 'Enyaq\u202E'), 2, /Expected a platform/);
});
