// What a DIP file says is read whole or refused with line and column; nothing in it is guessed, whoever wrote it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MinerError } from '../../../../edge/errors/index.ts';
import {
  chainText,
  fileOfChainText,
  formatDipFile,
  parseDipFile,
  readDipFile,
  readDipText,
} from '../../../../tools/dip/file/index.ts';
import { body, fileOf, recipient, spendLines } from './files.ts';

const errorsOf = (source: string) =>
  readDipFile(source)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ line, column, text }) => `${line}:${column} ${text}`);
const warningsOf = (source: string) =>
  readDipFile(source)
    .problems.filter(({ severity }) => severity === 'warning')
    .map(({ line, column, text }) => `${line}:${column} ${text}`);

test('a DIP file is read as it is written', () => {
  const head = 'discussion: https://example.org/t/1\n';
  assert.deepEqual(parseDipFile(fileOf(spendLines, { head }), 'a.md'), {
    title: 'Pay for the upkeep of decoders',
    authors: ['Ada', 'Grace <grace@example.org>'],
    discussion: 'https://example.org/t/1',
    created: '2026-03-01',
    copyright: 'CC0-1.0',
    actions: [{ action: 'spend', to: recipient, amount: '1250.5 DIMO' }],
    body,
  });
});

test('line ends of any system, a byte order mark and blanks make no difference', () => {
  const plain = fileOf(spendLines);
  const same = parseDipFile(plain, 'a.md');
  assert.deepEqual(parseDipFile(plain.replaceAll('\n', '\r\n'), 'a.md'), same);
  assert.deepEqual(parseDipFile(`\ufeff${plain}\n\n`, 'a.md'), same);
  assert.deepEqual(parseDipFile(plain.replaceAll('---\n', '---  \n'), 'a.md'), same);
});

test('what looks like a number, a date or a truth value stays the text that it is', () => {
  const source = fileOf(
    `  - { action: call, contract: treasury, function: spend, arguments: [token, ${recipient}, 0100] }`,
  );
  assert.deepEqual(parseDipFile(source, 'a.md').actions[0]!.arguments, ['token', recipient, '0100']);
});

const bad: [string, string, RegExp[]][] = [
  ['nothing', '', [/^1:1 expected front matter/]],
  ['no front matter', body, [/^1:1 expected front matter/]],
  ['front matter that does not end', '---\ntitle: x\n', [/^1:1 expected front matter/]],
  ['a list as front matter', '---\n- a\n---\nx', [/^2:1 expected fields/]],
  ['front matter that is empty', '---\n---\nx', [/^2:1 expected fields/]],
  ['no YAML', '---\ntitle: "x\n---\nx', [/^3:1 not YAML: Missing closing "quote/]],
  ['an alias', fileOf('  - &a { action: close-referrals }\n  - *a'), [/^7:8 an anchor/, /^8:5 an alias/]],
  ['a tag', fileOf('  - !!js/function "x"'), [/^7:5 not YAML: Unresolved tag/]],
  ['a key twice', fileOf(`${spendLines}\n    amount: 9 DIMO`), [/^10:5 "amount" stands there twice/]],
  ['a key that is none', fileOf('  - { [a]: b }'), [/^7:5 expected a name/]],
  ['a key of a prototype', fileOf('  - { __proto__: b, action: close-referrals }'), [/^7:7 expected a name/]],
  ['too deep', fileOf('  - { action: call, x: [[[[[[[[[[[[[1]]]]]]]]]]]]] }'), [/nested more than 8 deep/]],
  [
    'a control character in the text',
    fileOf(spendLines, { text: 'a\u001b[2J' }),
    [/^12:2 the control character U\+001B/],
  ],
  [
    'a control character as an escape',
    fileOf('  - { action: suspend-licence, id: 1, reason: "a\\u0007" }'),
    [/U\+0007/],
  ],
  ['no text', fileOf(spendLines, { text: '' }), [/there is no text/]],
  ['no actions', fileOf('').replace('actions:', 'actions: []'), [/^6:10 actions|^6:10 expected a list of 1 to 50/]],
  ['an action that is none', fileOf('  - spend'), [/^7:5 expected a map that begins with/]],
  ['an action without a name', fileOf('  - { to: x }'), [/action: expected a name/]],
  ['an unknown action', fileOf('  - action: spnd'), [/^7:13 action: there is no action "spnd"; did you mean spend/]],
  [
    'an unknown field',
    fileOf(spendLines, { head: 'autors: x\n' }),
    [/^6:9 autors: there is no argument|^6:9 .*did you mean authors/],
  ],
  [
    'an unknown argument',
    fileOf(`${spendLines}\n    memo: x`),
    [/^10:11 memo: there is no argument "memo"; expected to, amount/],
  ],
  ['a missing argument', fileOf('  - action: spend\n    amount: 1 DIMO'), [/^7:5 to is missing/]],
  ['a missing title', fileOf(spendLines).replace(/title.*\n/, ''), [/^2:1 title is missing/]],
  ['authors that are no list', fileOf(spendLines).replace(/\[Ada.*\]/, 'Ada'), [/^3:10 authors: expected a list/]],
  ['a day that is none', fileOf(spendLines).replace('2026-03-01', '2026-02-30'), [/^4:10 created: expected a date/]],
  [
    'a discussion that is no link',
    fileOf(spendLines, { head: 'discussion: javascript:x\n' }),
    [/^6:13 discussion: expected a link/],
  ],
  [
    'several faults, all of them told',
    fileOf('  - { action: spend, to: 0x12, amount: 5 }\n  - { action: mint, to: treasry, amount: 5 ETH }'),
    [
      /^7:26 to: .*0x and 40/,
      /^7:40 amount: 5 has no unit/,
      /^8:25 to: .*did you mean treasury/,
      /^8:42 amount: "ETH"/,
    ],
  ],
];

test('what is wrong is told with line and column:', async (t) => {
  for (const [name, source, expected] of bad) {
    await t.test(name, () => {
      const found = errorsOf(source);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(found[index]!, pattern);
      assert.equal(readDipFile(source).file, undefined);
    });
  }
});

test('a file that could tie up its reader is refused', async (t) => {
  const hostile: [string, string, RegExp][] = [
    ['too large', fileOf(spendLines, { text: 'x'.repeat(70_000) }), /expected at most 65536/],
    ['front matter too large', fileOf(`  - { action: ${'x'.repeat(40_000)} }`), /more than 32768 bytes/],
    [
      'aliases of aliases',
      fileOf(`  - &a [x, x]\n  - &b [*a, *a]\n  - &c [*b, *b]\n  - [*c, *c]`),
      /an anchor|an alias/,
    ],
    ['brackets without end', fileOf(`  - ${'['.repeat(20_000)}`), /not YAML|nested/],
    [
      'names without end',
      fileOf(`  - {${Array.from({ length: 3_000 }, (_, i) => `k${i}: 1`).join(', ')}}`),
      /expected a name/,
    ],
  ];
  for (const [name, source, pattern] of hostile) {
    await t.test(name, () => assert.match(errorsOf(source)[0]!, pattern));
  }
});

test('a file without end is read no further than shows that it is too large', (t) => {
  if (!existsSync('/dev/zero')) return t.skip('there is no /dev/zero here');
  assert.match(errorsOf(readDipText('/dev/zero'))[0]!, /the file has 65537 bytes, expected at most 65536/);
});

test('a file that is not there or not UTF-8 is refused', () => {
  assert.throws(() => readDipText('/no/such/DIP.md'), { code: 'FILE_UNREADABLE', message: /no such file/ });
  assert.throws(() => readDipText('/'), { code: 'FILE_UNREADABLE', message: /it is a folder/ });
  const text = new TextDecoder().decode(Uint8Array.of(0x61, 0xff));
  assert.match(errorsOf(fileOf(spendLines, { text }))[0]!, /what is not UTF-8/);
});

test('the first fault is an error with the path, and says how many more there are', () => {
  assert.throws(
    () => parseDipFile(fileOf('  - { action: spend, to: 0x12, amount: 5 }'), 'dips/a.md'),
    (error: MinerError) => error.code === 'DIP_FILE' && /^dips\/a\.md:7:26: to: .*\(and 1 more/.test(error.message),
  );
});

test('what could fool a reader is a warning:', async (t) => {
  const rows: [string, string, RegExp][] = [
    [
      'an override of direction in the text',
      fileOf(spendLines, { text: `${body}\n\nx \u202eevil` }),
      /^\d+:3 an invisible character \(U\+202E\)/,
    ],
    [
      'an invisible blank in a title',
      fileOf(spendLines).replace('upkeep', 'up\u200bkeep'),
      /^2:8 title: an invisible character \(U\+200B\)/,
    ],
    ['letters of two scripts', fileOf(spendLines).replace('[Ada', '[Аda'), /^3:10 authors.*letters of two scripts/],
    [
      'an address without checksum',
      fileOf(spendLines.replace(recipient, recipient.toLowerCase())),
      /^8:9 to: .*has no checksum/,
    ],
    [
      'a section that is missing',
      fileOf(spendLines, { text: body.replace('## Motivation', '## Motives') }),
      /sections are missing: ## Motivation$/,
    ],
  ];
  for (const [name, source, pattern] of rows) {
    await t.test(name, () => {
      assert.deepEqual(errorsOf(source), []);
      const found = warningsOf(source);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, pattern);
    });
  }
  assert.deepEqual(warningsOf(fileOf(spendLines)), []);
});

test('a file that is written and read is the same file', () => {
  // Any characters but those that no DIP may hold; a text is one line without blanks around it.
  const clean = (text: string) => text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, ' ').trim() || 'x';
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map(clean);
  const prose = fc.array(text, { minLength: 1, maxLength: 8 }).map((lines) => lines.join('\n').trim());
  const plain = { noNullPrototype: true } as const;
  const actions = fc.oneof(
    fc.record(
      { action: fc.constant('suspend-licence'), id: fc.nat(1_000).map((id) => String(id + 1)), reason: text },
      plain,
    ),
    fc.record({ action: fc.constant('fund-rewards'), amount: fc.nat().map((amount) => `${amount} DIMO`) }, plain),
    fc.record(
      {
        action: fc.constant('open-grant'),
        recipient: fc.constant('treasury'),
        milestones: fc.array(fc.record({ title: text, amount: fc.constant('1 DIMO') }, plain), {
          minLength: 1,
          maxLength: 4,
        }),
        deadline: fc.constant('2030-01-01'),
        purpose: text,
      },
      plain,
    ),
  );
  const link = fc.nat().map((n) => `https://example.org/t/${n}`);
  const file = fc.record(
    {
      title: text,
      authors: fc.array(text, { minLength: 1, maxLength: 3 }),
      discussion: link,
      created: fc.constant('2026-03-01'),
      copyright: text,
      actions: fc.array(actions, { minLength: 1, maxLength: 4 }),
      body: prose,
    },
    { ...plain, requiredKeys: ['title', 'authors', 'created', 'copyright', 'actions', 'body'] },
  );
  fc.assert(
    fc.property(file, (dip) => {
      const written = formatDipFile(dip);
      const read = parseDipFile(written, 'x');
      assert.deepEqual(read, dip);
      assert.equal(formatDipFile(read), written);
      assert.deepEqual(fileOfChainText(dip.title, chainText(dip)), dip);
    }),
    { numRuns: 200 },
  );
});

test('any text at all is read without a crash', () => {
  const piece = fc.constantFrom(
    '---\n',
    'title: ',
    'actions:\n',
    '  - ',
    '{',
    '[',
    ']',
    '}',
    '&a ',
    '*a',
    '"',
    ': ',
    '\n',
    '!!x ',
    '| ',
    '#',
    '\t',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (parts) => {
      const { file, problems } = readDipFile(`---\n${parts.join('')}\n---\nx`);
      assert.ok(file === undefined && problems.length > 0);
    }),
  );
});

test('a text on chain that no DIP file made is nobody’s file', () => {
  assert.equal(fileOfChainText('A', 'Some words.'), undefined);
  const dip = parseDipFile(fileOf(spendLines), 'a.md');
  assert.equal(fileOfChainText('Another title', chainText(dip)), undefined);
  assert.throws(() => fileOfChainText(dip.title, chainText(dip).replace('1250.5 DIMO', '1250.5')), {
    code: 'DIP_FILE',
  });
});
