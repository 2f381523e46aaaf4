// The last line of a test command: read from what the runners print, and never rosier than that.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHardhatTally, summaryLine } from './tally.ts';

const printed = (...lines: string[]) => `Running Solidity tests\n\n    ✔ test_a()\n\n  ${lines.join('\n  ')}\n\n`;

test('Hardhat’s counts', async (t) => {
  const rows: [string, string, ReturnType<typeof readHardhatTally>][] = [
    ['all pass', printed('189 passing'), { passed: 189, failed: 0, skipped: 0 }],
    ['some fail', printed('12 passing', '3 failing', '1 skipped'), { passed: 12, failed: 3, skipped: 1 }],
    ['none pass', printed('0 passing', '3 failing'), { passed: 0, failed: 3, skipped: 0 }],
    [
      'in colour',
      printed('\u001b[32m7 passing\u001b[39m', '\u001b[31m2 failing\u001b[39m'),
      { passed: 7, failed: 2, skipped: 0 },
    ],
    ['a test that prints a count', `  5 passing\n${printed('6 passing')}`, { passed: 6, failed: 0, skipped: 0 }],
    ['nothing compiled', 'Error HHE: the compiler failed\n', undefined],
    ['nothing', '', undefined],
    ['a sentence', 'the 9 passing tests\n', undefined],
  ];
  for (const [name, output, expected] of rows) {
    await t.test(name, () => assert.deepEqual(readHardhatTally(output), expected));
  }
});

test('the summary line', async (t) => {
  const solidity = { passed: 1_412, failed: 0, skipped: 2 };
  const typescript = { passed: 61, failed: 1, skipped: 3 };
  const rows: [string, Parameters<typeof summaryLine>, string][] = [
    [
      'both',
      [{ Solidity: solidity, TypeScript: typescript }, 37.6],
      'tests: 1,412 Solidity, 61 TypeScript passed, 1 failed, 5 skipped (38 s)',
    ],
    ['one', [{ TypeScript: typescript }, 1], 'tests: 61 TypeScript passed, 1 failed, 3 skipped (1 s)'],
    [
      'one that broke down',
      [{ Solidity: undefined, TypeScript: typescript }, 1],
      'tests: no Solidity, 61 TypeScript passed, 1 failed, 3 skipped; Solidity did not finish (1 s)',
    ],
  ];
  for (const [name, args, expected] of rows) await t.test(name, () => assert.equal(summaryLine(...args), expected));
});
