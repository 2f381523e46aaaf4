// `miner dip new` writes a file that reads back, asks until an answer is right, tells everything that is missing at
// once, and never writes over anything unasked.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { Command } from 'commander';
import type { MinerError } from '../../../../edge/errors/index.ts';
import { registerDipNew } from '../../../../tools/cli/commands/dip/new.ts';
import { openQuestions } from '../../../../tools/cli/commands/dip/questions.ts';
import { actionTypes, parseDipFile, readDipFile, readSettings } from '../../../../tools/dip/file/index.ts';
import { recipient } from './files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-dip-new-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const out = path.join(folder, 'DIP.md');

/** Runs it, with what somebody would type where a terminal is there. */
async function run(
  t: { mock: typeof test.mock },
  args: string[],
  typed?: string,
): Promise<{ printed: string; asked: string }> {
  const dip = new Command('dip').exitOverride();
  let asked = '';
  registerDipNew(dip, () => {
    if (typed === undefined) return undefined;
    const [input, output] = [new PassThrough(), new PassThrough()];
    output.on('data', (text) => {
      asked += text;
    });
    input.end(typed);
    return openQuestions(input, output);
  });
  let printed = '';
  const { mock } = t.mock.method(process.stdout, 'write', (text: string) => {
    printed += text;
    return true;
  });
  try {
    await dip.parseAsync(['new', ...args, '-o', out], { from: 'user' });
    return { printed, asked };
  } finally {
    mock.restore();
  }
}

const spend = ['spend', '--set', `to=${recipient}`, '--set', 'amount=5 DIMO'];
const head = ['--title', 'Pay', '--author', 'Ada'];

test('from flags', async (t) => {
  await t.test('the file says what they say', async (t) => {
    const { printed } = await run(t, [
      ...spend,
      ...head,
      '--abstract',
      'It pays.',
      '--discussion',
      'https://example.org/1',
    ]);
    assert.match(printed, /DIP\.md is written; .* miner dip check/);
    const file = parseDipFile(readFileSync(out, 'utf8'), out);
    assert.deepEqual(file.actions, [{ action: 'spend', to: recipient, amount: '5 DIMO' }]);
    assert.deepEqual(
      [file.title, file.authors, file.discussion, file.copyright],
      ['Pay', ['Ada'], 'https://example.org/1', 'CC0-1.0'],
    );
    assert.match(file.body, /^## Abstract\n\nIt pays\.\n\n## Motivation\n/);
    const [warning] = readDipFile(readFileSync(out, 'utf8')).problems;
    assert.match(warning!.text, /not written yet: ## Motivation, ## Specification, ## Implementation$/);
  });

  await t.test('a file that is there stays, unless it is to be replaced', async (t) => {
    await assert.rejects(run(t, [...spend, ...head]), { code: 'OUTPUT_EXISTS', exitCode: 2 });
    await run(t, [...spend, ...head, '--title', 'Pay again', '--force']);
    assert.equal(parseDipFile(readFileSync(out, 'utf8'), out).title, 'Pay again');
    rmSync(out);
  });

  await t.test('several actions, their arguments by number, lists and maps', async (t) => {
    const actions = ['open-grant', 'close-referrals', 'set-checkpoint-signers'];
    const settings = [
      `1.recipient=${recipient}`,
      '1.milestones=[{title: design, amount: 1 DIMO}]',
      '1.milestones.1.title=delivery',
      '1.milestones.1.amount=2 DIMO',
      '1.deadline=2030-01-01',
      '1.purpose=an app',
      `3.signers.0=${recipient}`,
      '3.threshold=1',
    ];
    const { printed } = await run(t, [...actions, ...head, ...settings.flatMap((one) => ['--set', one]), '--json']);
    assert.equal(JSON.parse(printed).path, out);
    const [grant, , signers] = parseDipFile(readFileSync(out, 'utf8'), out).actions;
    assert.deepEqual(grant!.milestones, [
      { title: 'design', amount: '1 DIMO' },
      { title: 'delivery', amount: '2 DIMO' },
    ]);
    assert.deepEqual(signers!.signers, [recipient]);
    rmSync(out);
  });

  const bad: [string, string[], string, RegExp][] = [
    [
      'nothing',
      [],
      'OPTION_MISSING',
      /^--title is missing: and so are --author|^an action is missing: and so are --title, --author$/,
    ],
    [
      'all that is missing, at once',
      ['spend', '--title', 'x'],
      'OPTION_MISSING',
      /^--author is missing: and so are --set to=.*, --set amount=/,
    ],
    ['a name that is none', ['spent', ...head], 'OPTION_INVALID', /^action spent: expected spend/],
    [
      'a wrong unit',
      ['spend', ...head, '--set', 'to=treasury', '--set', 'amount=5 ETH'],
      'DIP_DRAFT',
      /amount: "ETH" is not the unit/,
    ],
    ['an argument that is none', [...spend, ...head, '--set', 'memo=x'], 'DIP_DRAFT', /there is no argument "memo"/],
    [
      'a setting that is none',
      [...spend, ...head, '--set', 'amount'],
      'OPTION_INVALID',
      /^--set amount: expected key=value$/,
    ],
    [
      'a title of two lines',
      [...spend, '--author', 'Ada', '--title', 'a\nb'],
      'DIP_DRAFT',
      /title: expected a text of one line/,
    ],
  ];
  for (const [name, args, code, message] of bad) {
    await t.test(`refused: ${name}`, async (t) => {
      await assert.rejects(run(t, args), (error: MinerError) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return error.exitCode === 2;
      });
      assert.equal(existsSync(out), false, 'nothing is written');
    });
  }
});

test('on a terminal it asks for what is open, until the answer is right', async (t) => {
  const answers = ['spnd', 'spend', '', 'Pay for it', 'Ada', '0x12', recipient, '5', '5 DIMO'];
  const { asked } = await run(t, [], `${answers.join('\n')}\n`);
  assert.match(asked, /spend-ether +pay ether/);
  assert.match(asked, /one of the names above is expected/);
  assert.match(asked, /a text is expected/);
  assert.match(asked, /expected an address: 0x and 40 hex digits/);
  assert.match(asked, /5 has no unit/);
  const file = parseDipFile(readFileSync(out, 'utf8'), out);
  assert.equal(file.title, 'Pay for it');
  assert.deepEqual(file.actions, [{ action: 'spend', to: recipient, amount: '5 DIMO' }]);
  rmSync(out);

  await t.test('what may be left out is left out by an empty answer', async (t) => {
    await run(t, ['upgrade', ...head, '--set', 'contract=Treasury'], `${recipient}\n\n`);
    const [action] = parseDipFile(readFileSync(out, 'utf8'), out).actions;
    assert.deepEqual(action, { action: 'upgrade', contract: 'Treasury', implementation: recipient });
    rmSync(out);
  });
  await t.test('an end of the input ends it, and nothing is written', async (t) => {
    await assert.rejects(run(t, ['spend'], 'Pay\n'), { code: 'INTERRUPTED' });
    assert.equal(existsSync(out), false);
  });
});

test('--list has every action with its arguments and an example that is right', async (t) => {
  const { printed } = await run(t, ['--list', '--json']);
  const rows = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ action }) => action),
    actionTypes.map(({ name }) => name),
  );
  const one = await run(t, ['--list', 'spend']);
  assert.match(
    one.printed,
    /spend: pay tokens out of the treasury\n {4}to: .*\n {4}amount: `1250\.5 DIMO`\n {6}- action: spend/,
  );
  await assert.rejects(run(t, ['--list', 'spent']), /expected spend/);
});

test('settings lead where they say', async (t) => {
  assert.deepEqual(readSettings(1, ['a=1', 'b.c=x=y', 'd=[1, {e: f}]', 'g= [h']), [
    { a: '1', b: { c: 'x=y' }, d: ['1', { e: 'f' }], g: ' [h' },
  ]);
  assert.deepEqual(readSettings(2, ['2.a=1', '1.b.0=2']), [{ b: ['2'] }, { a: '1' }]);
  const bad: [string, number, string][] = [
    ['no value', 1, 'a'],
    ['no key', 1, '=1'],
    ['no action of that number', 2, '3.a=1'],
    ['no number', 2, 'a=1'],
    ['a gap in a list', 1, 'a.5=1'],
    ['only a prototype', 1, '__proto__=1'],
  ];
  for (const [name, count, setting] of bad) {
    await t.test(`refused: ${name}`, () =>
      assert.throws(
        () => readSettings(count, count === 1 && name === 'a gap in a list' ? ['a.0=1', setting] : [setting]),
        { code: 'OPTION_INVALID' },
      ),
    );
  }
  readSettings(1, ['a.__proto__.polluted=1']);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
