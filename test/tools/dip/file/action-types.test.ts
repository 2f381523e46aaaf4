// The table of actions: each example is taken as it stands, and nothing that the contracts let a DIP do is missing.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { slice, toFunctionSelector } from 'viem';
import { type ContractName, loadArtifact } from '../../../../tools/deploy/index.ts';
import {
  actionTypes,
  type DipFile,
  exampleAction,
  formatDipFile,
  parseDipFile,
  toDip,
} from '../../../../tools/dip/file/index.ts';
import { explainAction } from '../../../../tools/dip/index.ts';
import { packageRoot } from '../../../../tools/package-root.ts';
import { body, deployment, fileOf, spendLines } from './files.ts';

const nowMs = Date.UTC(2026, 2, 1);
const fileWith = (...actions: DipFile['actions']): DipFile => ({
  ...parseDipFile(fileOf(spendLines), 'a.md'),
  actions,
  body,
});

test('every example is taken, written, read again, and says in words what it does', async (t) => {
  for (const type of actionTypes) {
    await t.test(type.name, () => {
      const file = fileWith(exampleAction(type, nowMs));
      const read = parseDipFile(formatDipFile(file), type.name);
      assert.deepEqual(read, file);
      const dip = toDip(read, deployment);
      assert.ok(dip.actions.length > 0);
      for (const action of dip.actions) {
        const { words } = explainAction(deployment, action);
        if (type.name !== 'raw-call') assert.doesNotMatch(words, /a function it is not known to have/);
      }
    });
  }
});

test('names and arguments are unique and written as people type them', () => {
  const names = actionTypes.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, help, arguments: fields, example } of actionTypes) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/);
    assert.match(help, /^[a-z].*[^.]$/);
    for (const key of Object.keys(example({ day: () => '2027-01-01' }))) assert.ok(key in fields, `${name}.${key}`);
    for (const [key, kind] of Object.entries(fields)) {
      assert.match(key, /^[a-z][A-Za-z0-9]*$/);
      assert.ok(kind.form.length > 0);
    }
  }
});

/** What a vote of two weeks is too slow for, or what only undoes itself: reached by the action "call". */
const byCallOnly = [
  'DimoGovernor.relay',
  'ManufacturerRegistry.guardianSuspend',
  'RewardPool.postRoot',
  'RewardPool.veto',
];

/** What our contracts take from OpenZeppelin's. */
const fromElsewhere: [ContractName, string[]][] = [
  ['DimoToken', ['upgradeToAndCall']],
  ['TimelockController', ['updateDelay', 'grantRole', 'revokeRole']],
  ['AccessManager', ['grantRole', 'revokeRole']],
  [
    'DimoGovernor',
    [
      'setVotingDelay',
      'setVotingPeriod',
      'setProposalThreshold',
      'setProposalGuardian',
      'setLateQuorumVoteExtension',
      'relay',
    ],
  ],
];

/** Functions that say so in their heads, by contract. */
function restrictedInSources(): [ContractName, string[]][] {
  const folder = path.join(packageRoot, 'contracts');
  const bases: Record<string, ContractName[]> = {
    ProgramFunds: ['Grants', 'Streams'],
    GovernorActionRules: ['DimoGovernor'],
    GovernorLevels: ['DimoGovernor'],
  };
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sol'));
  return files.flatMap((file) => {
    const name = path.basename(file, '.sol');
    const heads = readFileSync(path.join(folder, file), 'utf8').matchAll(
      /^ {4}function (\w+)\([^)]*\)([^{;]*)\b(?:restricted|onlyGovernance)\b/gm,
    );
    const names = [...heads].filter(([, , rest]) => !rest!.includes('internal')).map((match) => match[1]!);
    const owners = bases[name] ?? (names.length > 0 ? [name as ContractName] : []);
    return owners.map((owner): [ContractName, string[]] => [owner, names]);
  });
}

test('what only governance may do has an action of its own', () => {
  const examples = actionTypes.filter(({ name }) => name !== 'call').map((type) => exampleAction(type, nowMs));
  const covered = new Set(
    [...examples, { action: 'sweep-surplus', program: 'streams' }]
      .flatMap((action) => toDip(fileWith(action), deployment).actions)
      .map(({ target, data }) => `${target} ${data.length >= 10 ? slice(data, 0, 4) : ''}`),
  );
  const restricted = [...restrictedInSources(), ...fromElsewhere];
  const missing = restricted.flatMap(([contract, functions]) =>
    functions
      .filter((name) => {
        const item = loadArtifact(contract).abi.find((one) => one.type === 'function' && one.name === name);
        assert.ok(item?.type === 'function', `${contract}.${name}`);
        return !covered.has(`${deployment.addresses[contract]} ${toFunctionSelector(item)}`);
      })
      .map((name) => `${contract}.${name}`),
  );
  assert.deepEqual(missing.toSorted(), byCallOnly);
});

test('calls come in the order of their actions, and know which one they are of', () => {
  const names = ['fund-bounty', 'spend', 'burn'];
  const file = fileWith(...names.map((name) => exampleAction(actionTypes.find((type) => type.name === name)!, nowMs)));
  const dip = toDip(file, deployment);
  assert.deepEqual(dip.origins, [0, 0, 0, 1, 2, 2]);
  assert.deepEqual(toDip(file, deployment), dip, 'the same file, the same calls');
});

test('arguments that do not go together are refused', async (t) => {
  const rows: [string, string, RegExp][] = [
    [
      'more signatures than signers',
      '  - { action: set-checkpoint-signers, signers: [treasury], threshold: 2 }',
      /threshold: 2 of 1 signers/,
    ],
    [
      'a function of no contract',
      '  - { action: call, contract: Treasury, function: spent }',
      /function: Treasury has no function "spent"/,
    ],
    [
      'arguments of another function',
      '  - { action: call, contract: Treasury, function: spend, arguments: [token] }',
      /arguments: 1 arguments, expected 3: token, to, amount/,
    ],
    [
      'a contract without a proxy',
      '  - { action: upgrade, contract: DimoGovernor, implementation: treasury }',
      /contract: expected one of DimoToken/,
    ],
    [
      'a role that is none',
      '  - { action: grant-role, role: admin, account: treasury }',
      /role: expected guardian or reward-poster/,
    ],
    [
      'a tranche that is none',
      '  - { action: release-tranche, grant: 1, tranche: 0, evidence: x }',
      /tranche: expected a whole number from 1 to 32/,
    ],
  ];
  for (const [name, lines, pattern] of rows) {
    await t.test(name, () => assert.throws(() => parseDipFile(fileOf(lines), 'a.md'), pattern));
  }
});

test('a file made by hand and wrong is refused when its calls are asked for', () => {
  assert.throws(() => toDip(fileWith({ action: 'spend', to: 'treasury', amount: 5 }), deployment), {
    code: 'DIP_ACTION',
    message: /^action 1 \(spend\): amount: expected an amount .*found a number/,
  });
});

const page = readFileSync(path.join(packageRoot, 'docs/dip.md'), 'utf8');

test('the table of actions in docs/dip.md is that of the tool', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, ...cells]) =>
    cells.join(' | '),
  );
  const expected = actionTypes.map(({ name, help, arguments: fields }) => {
    const names = Object.entries(fields).map(([key, kind]) => `${key}${kind.missing ? '?' : ''}`);
    return `${name} | ${help} | ${names.join(', ') || 'none'}`;
  });
  assert.deepEqual(
    rows.filter((row) => row.split(' | ').length === 3),
    expected,
  );
});

test('the example of docs/dip.md is a DIP', () => {
  const example = /```markdown\n([\s\S]*?)```/.exec(page)?.[1];
  const { title, actions } = parseDipFile(example ?? '', 'docs/dip.md');
  assert.equal(title, 'Pay for the audit of the token');
  assert.deepEqual(
    actions.map(({ action }) => action),
    ['spend', 'set-voting-delay', 'assert-governable'],
  );
});
