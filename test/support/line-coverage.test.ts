// The coverage report: an LCOV trace read, sources that nobody measured noticed, a share never rounded up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { coverageReport, hasStatements, lineRanges, readLcov } from './line-coverage.ts';

const trace = `TN:
SF:contracts/b/B.sol
DA:3,1
DA:9,0
DA:4,0
DA:5,0
LH:1
LF:4
end_of_record
SF:contracts/a/A.sol
DA:1,12
end_of_record
SF:contracts/b/B.sol
DA:9,1
end_of_record
`;

test('a trace is read by file, in order, and records of one file are joined', () => {
  assert.deepEqual(readLcov(trace), [
    { path: 'contracts/a/A.sol', lines: 1, covered: 1, uncovered: [] },
    { path: 'contracts/b/B.sol', lines: 4, covered: 2, uncovered: [4, 5] },
  ]);
  assert.deepEqual(readLcov(''), []);
  assert.throws(() => readLcov('DA:1,1'), /no LCOV: DA:1,1/);
  assert.throws(() => readLcov('SF:a\nDA:x,1'), /no LCOV: DA:x,1/);
});

test('lines next to each other are one range', () => {
  assert.equal(lineRanges([3, 5, 6, 7, 12]), '3, 5-7, 12');
  assert.equal(lineRanges([]), '');
});

test('which sources have statements', async (t) => {
  const rows: [string, string, boolean][] = [
    ['a body', 'contract A { function f() external { x = 1; } }', true],
    ['a free function', 'function f(uint a) pure returns (uint) {\n  return a;\n}', true],
    ['a constructor', 'contract A { constructor(uint a) B(a) { x = a; } }', true],
    ['a modifier', 'abstract contract A { modifier m() { _; } }', true],
    ['a receive', 'contract A { receive() external payable { emit E(); } }', true],
    ['an interface', 'interface A { function f() external; struct S { uint x; } }', false],
    ['empty bodies', 'contract A { constructor() B() {} function f() internal override restricted {} }', false],
    ['a comment', 'interface A { // function f() { x; }\n /* constructor() { y; } */ }', false],
    ['a string', 'address constant A = address(1); string constant S = "function f() { x; }";', false],
  ];
  for (const [name, source, expected] of rows) await t.test(name, () => assert.equal(hasStatements(source), expected));
  const read = (file: string) => readFileSync(new URL(`../../contracts/${file}`, import.meta.url), 'utf8');
  await t.test('ours', () => {
    assert.equal(hasStatements(read('governance/CodeHash.sol')), true);
    assert.equal(hasStatements(read('governance/ExcludedVotes.sol')), false);
    assert.equal(hasStatements(read('treasury/ITreasury.sol')), false);
    assert.equal(hasStatements(read('common/Governed.sol')), true);
  });
});

test('the report', async (t) => {
  const file = (path: string, lines: number, covered: number) => ({
    path,
    lines,
    covered,
    uncovered: Array.from({ length: lines - covered }, (_, index) => index + 1),
  });
  const report = (files: ReturnType<typeof file>[], expected = files.map(({ path }) => path)) =>
    coverageReport(files, { expected, wantedPercent: 98 });

  await t.test('shows each file and the sum', () => {
    const { text, good } = report([file('A.sol', 2_000, 1_999), file('long/B.sol', 31, 14)]);
    assert.equal(
      text,
      [
        'A.sol        99.9 %  1',
        'long/B.sol   45.1 %  1-17',
        '',
        'coverage: 99.1 % of lines (2,013 of 2,031); wanted 98 %',
      ].join('\n'),
    );
    assert.equal(good, true);
  });
  await t.test('is enough at 98 % and not just below', () => {
    assert.equal(report([file('A.sol', 1_000, 980)]).good, true);
    const below = report([file('A.sol', 10_000, 9_799)]);
    assert.equal(below.good, false);
    assert.match(below.text, /coverage: 97\.9 % of lines/);
  });
  await t.test('refuses a source that was not measured, and an empty report', () => {
    const { text, good } = report([file('A.sol', 10, 10)], ['A.sol', 'B.sol']);
    assert.equal(good, false);
    assert.match(
      text,
      /B\.sol +not measured\n\ncoverage: 100\.0 % of lines \(10 of 10\); wanted 98 %; 1 files not measured$/,
    );
    assert.equal(report([]).good, false);
  });
});
