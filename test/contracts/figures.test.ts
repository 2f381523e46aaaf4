// What the contracts cost and weigh: held to the committed figures, so that no change makes them dearer unnoticed.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type GasRow, gasFaults, sizeBytesMax, sizeFaults } from '../../bench/contracts/figures.ts';
import { measureGas } from '../../bench/contracts/gas.ts';
import { gasTable } from '../../bench/contracts/page.ts';
import { contractSizes } from '../../bench/contracts/sizes.ts';
import { readResults } from '../../bench/results-page.ts';
import { packageRoot } from '../../tools/package-root.ts';

const { contracts: snapshot } = readResults();

test('no call is dearer than the snapshot says', async (t) => {
  const faults = gasFaults(await measureGas(), snapshot.gas);
  for (const fault of faults) t.diagnostic(fault);
  assert.deepEqual(faults, [], 'if this is meant: npm run bench:contracts, and commit what it writes');
});

test('the figures come with plan and snapshot of the same calls', () => {
  const over = snapshot.gas.filter(({ gas, plan }) => plan !== undefined && gas > plan);
  // What is over the plan is said on the page, not hidden in a limit of its own.
  for (const { name } of over) assert.match(gasTable(snapshot), new RegExp(`\\| ${name} \\|.*\\*\\*over by`));
});

test('every contract may be deployed on Ethereum', () => {
  const sizes = contractSizes();
  assert.deepEqual(sizeFaults(sizes), []);
  assert.deepEqual(
    sizes.map(({ name }) => name).sort(),
    snapshot.sizes.map(({ name }) => name).sort(),
    'if a contract was added or removed: npm run bench:contracts',
  );
});

test('the compiler warns of nothing in our files', () => {
  const built = globSync('artifacts/contracts/**/*.json', { cwd: packageRoot });
  assert.ok(built.length > 0, 'nothing is built');
  const read = (file: string) => JSON.parse(readFileSync(path.join(packageRoot, file), 'utf8'));
  const builds = new Set(built.map((file) => read(file).buildInfoId as string | undefined));
  builds.delete(undefined);
  assert.ok(builds.size > 0, 'no artifact names its build');
  const warnings = [...builds].flatMap((id) => {
    const { errors = [] } = read(`artifacts/build-info/${id}.output.json`).output as {
      errors?: { formattedMessage: string; sourceLocation?: { file: string } }[];
    };
    return errors.filter(({ sourceLocation }) => !sourceLocation?.file.startsWith('npm/'));
  });
  assert.deepEqual(
    warnings.map(({ formattedMessage }) => formattedMessage),
    [],
  );
});

test('figures against a snapshot', async (t) => {
  const row = (name: string, gas: number, plan?: number): GasRow => ({ name, gas, ...(plan && { plan }) });
  const rows: [string, GasRow[], GasRow[], RegExp[]][] = [
    ['the same', [row('a', 100)], [row('a', 100)], []],
    ['cheaper', [row('a', 50)], [row('a', 100)], []],
    ['dearer by 1 %', [row('a', 10_100)], [row('a', 10_000)], []],
    ['dearer by more', [row('a', 10_101)], [row('a', 10_000)], [/^a: 10,101 gas, 10,000 before$/]],
    ['over a plan that was kept', [row('a', 1_001, 1_000)], [row('a', 1_000)], [/^a: 1,001 gas, the plan's 1,000/]],
    ['over a plan that was not', [row('a', 1_001, 900)], [row('a', 1_000)], []],
    ['a new row', [row('a', 1), row('b', 2)], [row('a', 1)], [/^b: 2 gas, not in the snapshot$/]],
    ['a row gone', [row('a', 1)], [row('a', 1), row('b', 2)], [/^b: in the snapshot, no longer measured$/]],
  ];
  for (const [name, found, before, expected] of rows) {
    await t.test(name, () => {
      const faults = gasFaults(found, before);
      assert.equal(faults.length, expected.length, faults.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(faults[index]!, pattern);
    });
  }
  await t.test('a contract at the limit and one over it', () => {
    assert.deepEqual(sizeFaults([{ name: 'A', bytes: sizeBytesMax }]), []);
    assert.deepEqual(sizeFaults([{ name: 'A', bytes: sizeBytesMax + 1 }]), ['A: 24,577 of 24,576 bytes']);
  });
});
