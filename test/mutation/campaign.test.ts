/** A toy contract through the whole run: which mutants must die, and which can't, is known beforehand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { buildAll } from './build.ts';
import { type Campaign, runCampaign, type Verdict } from './campaign.ts';
import { compile, parse } from './compile.ts';
import { findMutants } from './mutants.ts';
import { Runner } from './runner.ts';
import { writeSchemata } from './schemata.ts';
import { toyContract, toyTest } from './toy.ts';

const texts = new Map([
  ['contracts/Toy.sol', toyContract],
  ['test/contracts/Toy.t.sol', toyTest],
]);

const campaign: Campaign = {
  texts,
  isMutated: (file) => file.startsWith('contracts/'),
  isSuite: (file) => file.startsWith('test/'),
  projectRoot: import.meta.dirname,
  jobs: 2,
  depths: [{ name: 'unit tests' }, { name: 'fuzzing', fuzz: { runs: 16, invariantRuns: 1, invariantDepth: 1 } }],
};

const shown = ({ mutant, status }: Verdict): string =>
  `${status} ${mutant.place} ${mutant.operator} ${mutant.before} → ${mutant.after || '-'}`;

test('the tests of the toy kill what they should and nothing else', async () => {
  const { verdicts, interrupted } = await runCampaign(campaign);
  assert.equal(interrupted, false);
  assert.deepEqual(verdicts.map(shown), [
    'survived Toy.MOST CRP 10 → 11',
    'survived Toy.MOST CRP 10 → 9',
    'killed Toy.MOST CRP 10 → 0',
    'killed Toy.onlyOwner GDL msg.sender != owner → false',
    'killed Toy.onlyOwner ROR msg.sender != owner → msg.sender == owner',
    'killed Toy.constructor SDL owner = msg.sender → -',
    'killed Toy.put MDL onlyOwner → -',
    'killed Toy.put GDL amount > MOST → false',
    'survived Toy.put ROR amount > MOST → amount >= MOST',
    'killed Toy.put ROR amount > MOST → amount <= MOST',
    'killed Toy.put SDL held += amount → -',
    'killed Toy.put AOR held += amount → held -= amount',
    'survived Toy.put SDL emit Put(amount) → -',
    'killed Toy.put RVR held → uint256(0)',
    'survived Toy.close MDL onlyOwner → -',
    'killed Toy.close SDL phase = Phase.Closed → -',
    'killed Toy.close EMS Phase.Closed → Phase.Burnt',
    'killed Toy.double RVR amount * 2 → uint256(0)',
    'killed Toy.double AOR amount * 2 → amount / 2',
    'killed Toy.double CRP 2 → 3',
    'killed Toy.double CRP 2 → 1',
    'killed Toy.double CRP 2 → 0',
    'unreached Toy.never LCR a && b → a || b',
    'unreached Toy.never COR a && b → a',
    'unreached Toy.never COR a && b → b',
  ]);
  const doubled = verdicts.find(({ mutant }) => mutant.before === 'amount * 2');
  assert.equal(doubled?.killer, 'ToyTest.testFuzz_double');
});

test('what a journal knows is not run again', async () => {
  const written: number[] = [];
  const known = new Map([[1, { status: 'killed', killer: 'Toy.remembered' } as const]]);
  const { verdicts } = await runCampaign({
    ...campaign,
    journal: { known, write: ({ mutant }) => written.push(mutant.id) },
  });
  assert.equal(verdicts[0]?.killer, 'Toy.remembered');
  assert.ok(!written.includes(1));
  assert.equal(written.length, verdicts.length - 1);
});

test('a stopped run says so', async () => {
  const { interrupted } = await runCampaign({ ...campaign, signal: AbortSignal.abort() });
  assert.equal(interrupted, true);
});

test('tests that fail without a mutant end the run before it starts', async () => {
  const broken = new Map([...texts, ['test/contracts/Toy.t.sol', toyTest.replace('== 7', '== 8')]]);
  await assert.rejects(runCampaign({ ...campaign, texts: broken }), /fail without any mutant[\s\S]*ToyTest\.test_put/);
});

test('a loop without end is killed by the gas limit', async () => {
  const loop = toyContract.replace(
    'return amount * 2;',
    'uint256 i; while (i < amount % 8) { i += 1; } return i + amount * 2 - amount % 8;',
  );
  const endless = await runCampaign({ ...campaign, texts: new Map([...texts, ['contracts/Toy.sol', loop]]) });
  const deleted = endless.verdicts.find(({ mutant }) => mutant.before === 'i += 1');
  assert.equal(deleted?.status, 'killed');
});

const header = '// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n';

test('mutants that are no Solidity are left out, and only they', () => {
  const source = `${header}contract C { function f(uint8 a) external pure returns (bool) { uint8 most = 255; return a < most; } function g(uint8 a) external pure returns (bool) { return a < 255; } }`;
  const sources = parse(new Map([['C.sol', source]]));
  const mutants = findMutants(sources, () => true);
  const { builds, invalid } = buildAll(sources, mutants, () => {});
  assert.deepEqual(
    invalid.map(({ before, after }) => `${before} → ${after}`),
    ['255 → 256', '255 → 256'],
  );
  assert.equal(builds.length, 1);
  assert.equal(builds[0]!.mutants.length, mutants.length - 2);
});

test('all that Solidity has is still Solidity with every mutant in it', () => {
  const source = `${header}
uint8 constant IN_FILE = 3;
library L {
    uint256 internal constant SCALE = 1e6;
    function scaled(uint256 a) internal pure returns (uint256) { return a * SCALE; }
}
interface I { function X() external view returns (uint40); }
contract C is I {
    uint256 private constant SIZE = 4;
    uint40 public constant override X = 2 days;
    uint256 private constant DERIVED = SIZE * 2;
    uint256[SIZE] private slots;
    error Bad(uint256);
    modifier checked(uint256 a) { if (a == 0) revert Bad(a); _; }
    function f(uint256 a, string calldata, bytes1 c) external payable checked(a) returns (uint256 sum, bytes32) {
        if (msg.value > 0 && c == 0x20) return (1, bytes32(0));
        unchecked { for (uint256 i = 0; i < SIZE; ++i) sum += slots[i] << 1; }
        sum += DERIVED;
        assembly { sum := add(sum, SIZE) }
        return (sum + L.SCALE + IN_FILE + 1 << a, a > 3 ? bytes32(a) : bytes32(uint256(1)));
    }
    function g(int64 a) public pure virtual returns (int64) { return a < 0 ? -a : a * 2; }
    function h(uint256[] memory a) external pure returns (uint256) { return a.length == 0 ? 0 : 10 ** a.length - a[0]; }
}`;
  const sources = parse(new Map([['C.sol', source]]));
  const mutants = findMutants(sources, () => true);
  const { errors } = compile(writeSchemata(sources, mutants), 'code');
  assert.deepEqual(
    errors.map(({ formattedMessage }) => formattedMessage),
    [],
  );
});

test('a suite runs whole or only the tests that are named', async () => {
  const runner = new Runner(compile(texts, 'code'), import.meta.dirname, campaign.isSuite);
  const passed = async (tests?: string[]) =>
    (await runner.run(runner.suites, 0, campaign.depths[0]!, tests)).map(({ passedCount }) => passedCount);
  assert.deepEqual(await passed(), [3]);
  assert.deepEqual(await passed(['test_put', 'test_close']), [2]);
  assert.deepEqual(await passed(['test_pu']), [0]);
});
