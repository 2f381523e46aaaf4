/** docs/contracts.md says what the sources, roles and levels say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { drawContractsPage, governedFunctions } from '../../tools/docs/contracts-page.ts';
import { packageRoot } from '../../tools/package-root.ts';

test('the table of governed functions is the one that npm run docs draws', () => {
  const page = readFileSync(path.join(packageRoot, 'docs/contracts.md'), 'utf8');
  assert.equal(page, drawContractsPage(page));
});

test('a governed function is one with the restricted modifier, whatever stands around it', () => {
  const source = `
    function open(uint256 a) external {}
    function one(uint256 a) external restricted {}
    function two(
        uint256 a,
        bytes calldata b
    ) external override restricted returns (uint256 c) {}
    // restricted
    function view_() external view returns (bool) {}`;
  assert.deepEqual(governedFunctions(source), ['one', 'two']);
});
