/** Each operator on a small source: exactly these mutants, and no others. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from './compile.ts';
import { findMutants } from './mutants.ts';

const header = '// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n';

/** `operator before → after` of every mutant of a contract's members. */
function mutantsOf(members: string, around = (text: string) => `contract C { ${text} }`): string[] {
  const file = 'contracts/C.sol';
  const sources = parse(new Map([[file, `${header}${around(members)}\n`]]));
  return findMutants(sources, (name) => name === file).map(
    ({ operator, before, after }) => `${operator} ${before} → ${after || '-'}`,
  );
}

const pure = (body: string, parameters = 'uint256 a, uint256 b', returns = 'bool'): string[] =>
  mutantsOf(`function f(${parameters}) external pure returns (${returns}) { ${body} }`);

const bools = 'bool a, bool b';
const number = 'uint256';

const table: [what: string, actual: () => string[], expected: string[]][] = [
  ['< at its boundary and negated', () => pure('return a < b;'), ['ROR a < b → a <= b', 'ROR a < b → a >= b']],
  ['>= at its boundary and negated', () => pure('return a >= b;'), ['ROR a >= b → a > b', 'ROR a >= b → a < b']],
  ['== negated only', () => pure('return a == b;'), ['ROR a == b → a != b']],
  [
    '+ and a returned number',
    () => pure('return a + b;', undefined, number),
    ['RVR a + b → uint256(0)', 'AOR a + b → a - b'],
  ],
  ['%', () => pure('return a % b;', undefined, number), ['RVR a % b → uint256(0)', 'AOR a % b → a * b']],
  ['&&', () => pure('return a && b;', bools), ['LCR a && b → a || b', 'COR a && b → a', 'COR a && b → b']],
  ['!', () => pure('return !a;', 'bool a'), ['UOD !a → a']],
  ['a returned bool', () => pure('return a;', 'bool a'), ['RVR a → !(a)']],
  ['a returned literal is flipped once', () => pure('return true;'), ['CRP true → false']],
  [
    'a constant',
    () => pure('return a + 7;', 'uint256 a', number),
    ['RVR a + 7 → uint256(0)', 'AOR a + 7 → a - 7', 'CRP 7 → 8', 'CRP 7 → 6', 'CRP 7 → 0'],
  ],
  [
    'the constant 1: minus 1 is 0',
    () => pure('return a > 1;', 'uint256 a'),
    ['ROR a > 1 → a >= 1', 'ROR a > 1 → a <= 1', 'CRP 1 → 2', 'CRP 1 → 0'],
  ],
  ['the constant 0 has nothing below', () => pure('return a == 0;', 'uint256 a'), ['ROR a == 0 → a != 0', 'CRP 0 → 1']],
  [
    'folded constants change whole',
    () => pure('return a > 2 days + 5;', 'uint256 a').slice(2),
    ['CRP 2 days + 5 → 2 days + 5 + 1', 'CRP 2 days + 5 → 2 days + 5 - 1', 'CRP 2 days + 5 → 0'],
  ],
  [
    'a converted constant',
    () => pure('return a == address(0);', 'address a'),
    ['ROR a == address(0) → a != address(0)', 'CRP address(0) → address(1)'],
  ],
  [
    'a branch',
    () => pure('if (a > b) return true;').slice(0, 3),
    ['GDL a > b → false', 'ROR a > b → a >= b', 'ROR a > b → a <= b'],
  ],
  ['a branch on a bool', () => pure('if (a) b = a; else b = !a;', bools, 'bool c').slice(0, 1), ['NEG a → !(a)']],
  [
    'a ternary',
    () => pure('return a ? x : y;', 'bool a, uint256 x, uint256 y', number),
    ['RVR a ? x : y → uint256(0)', 'NEG a → !(a)'],
  ],
  [
    'require',
    () => mutantsOf('function f(bool a) external pure { require(a); }'),
    ['SDL require(a) → -', 'NEG a → !(a)'],
  ],
  [
    'statements',
    () => mutantsOf('event E(); uint256 x; function f(uint256 a) external { x = a; x += a; delete x; emit E(); }'),
    ['SDL x = a → -', 'SDL x += a → -', 'AOR x += a → x -= a', 'SDL delete x → -', 'SDL emit E() → -'],
  ],
  [
    'what an if alone guards is left out by GDL only',
    () => mutantsOf('error E(); function f(bool a) external pure { if (a) { revert E(); } }'),
    ['NEG a → !(a)', 'GDL a → false'],
  ],
  [
    'a loop',
    () => mutantsOf('function f(uint256 n) external pure { for (uint256 i = 0; i < n; ++i) {} }'),
    ['CRP 0 → 1', 'ROR i < n → i <= n', 'ROR i < n → i >= n', 'UOR ++i → --i'],
  ],
  [
    'enum members, the last to the first',
    () => mutantsOf('enum P { A, B } P p; function f() external { p = P.A; } function g() external { p = P.B; }'),
    ['SDL p = P.A → -', 'EMS P.A → P.B', 'SDL p = P.B → -', 'EMS P.B → P.A'],
  ],
  [
    'each modifier',
    () => mutantsOf('modifier m() { _; } modifier n() { _; } function f() external m n {}'),
    ['MDL m → -', 'MDL n → -'],
  ],
  [
    'a constant declaration',
    () => mutantsOf('uint256 private constant X = 30;'),
    ['CRP 30 → 31', 'CRP 30 → 29', 'CRP 30 → 0'],
  ],
  ['a hash as a slot is no number', () => mutantsOf('bytes32 private constant SLOT = keccak256("x");'), []],
  [
    'assembly, declarations and strings stay',
    () =>
      mutantsOf(
        'error E(string s); function f(uint256 a) external pure { string memory s = "x"; assembly { a := add(a, 1) } }',
      ),
    [],
  ],
  ['nothing of an interface', () => mutantsOf('function f() external;', (text) => `interface C { ${text} }`), []],
  [
    'nothing of a function that only forwards',
    () =>
      mutantsOf(
        'function f() public pure override(A, B) returns (uint256) { return super.f(); }',
        (text) =>
          `interface I { function f() external returns (uint256); } abstract contract A is I { function f() public pure virtual returns (uint256); } abstract contract B is A { function f() public pure virtual override returns (uint256); } abstract contract D is B { function f() public pure virtual override returns (uint256) {} } contract C is D { ${text.replace('override(A, B)', 'override')} }`,
      ),
    [],
  ],
];

for (const [what, actual, expected] of table) {
  test(what, () => assert.deepEqual(actual(), expected));
}

test('the same source has the same mutants with the same numbers, on the lines they stand on', () => {
  const texts = new Map([
    [
      'contracts/C.sol',
      `${header}// ä moves bytes, not lines\ncontract C {\n  uint256 x;\n  function f(uint256 a) external {\n    x = a;\n  }\n}\n`,
    ],
  ]);
  const once = () => findMutants(parse(texts), () => true).map(({ site, ...mutant }) => mutant);
  assert.deepEqual(once(), once());
  assert.deepEqual(once(), [
    {
      id: 1,
      file: 'contracts/C.sol',
      line: 7,
      place: 'C.f',
      operator: 'SDL',
      before: 'x = a',
      after: '',
      text: 'x = a;',
    },
  ]);
});
