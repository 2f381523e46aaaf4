/** docs/guide-flash.md: its files are written and its commands run, in order, by the words of the page. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Running, startMiner } from '../cli/miner-process.ts';
import { folder, runCommand, skipWithoutPty } from './world.ts';

const page = (name: string) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
const guide = readFileSync(page('guide-flash.md'), 'utf8');
const work = path.join(folder, 'bench');
mkdirSync(work);

/** What its capital words stand for here. */
const values: Record<string, string> = {
  CONSOLE: path.join(work, 'console'),
  CAR: path.join(work, 'car'),
  DBC: fileURLToPath(new URL('../../../tools/vehicle/electric-car.dbc', import.meta.url)),
};
const filledIn = (text: string): string => text.replace(/\b(CONSOLE|CAR|DBC)\b/g, (word) => values[word]);

const running: Running[] = [];
after(() => {
  for (const { child } of running) child.kill('SIGKILL');
});

/** Files that the page shows under their name. */
function writeFiles(): void {
  for (const [, name, text] of guide.matchAll(/^`([\w.-]+)`:\n\n```(?:json|csv)\n(.*?)^```$/gms)) {
    writeFileSync(path.join(work, name), filledIn(text));
  }
}

interface GuideCommand {
  words: string[];
  fails: boolean;
}

function commands(): GuideCommand[] {
  return [...guide.matchAll(/^```sh( fails)?\n(.*?)^```$/gms)].flatMap(([, fails, text]) =>
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [program, ...words] = filledIn(line).split(/ +/);
        assert.equal(program, 'miner', line);
        return { words, fails: fails !== undefined };
      }),
  );
}

/** The console is another pty for each program that comes. */
async function consoleAppears(): Promise<void> {
  while (!existsSync(values.CONSOLE)) {
    const ended = running.find(({ child }) => child.exitCode !== null);
    assert.equal(ended, undefined, ended?.output.stderr);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Commands that do not end, and what they print once they are ready. */
const lasting: Record<string, RegExp> = {
  chain: /ready at/,
  vehicle: /listening: open/,
  run: /reading/,
};

/** What the page says that one sees. */
const seen: [RegExp, RegExp][] = [
  [/^flash --echo/, /^echo: hello .*^slot 0: 1\.0\.0 \(active, confirmed\).*^slot 1: \d+ bytes/ms],
  [/^flash 1\.1\.0.* --key .* --port/, /^upload: \d+ bytes in .*^booted: 1\.1\.0/ms],
  [/^flash 1\.1\.0.* --test --reset --port/, /^upload: nothing to do, 1\.1\.0 runs already$/m],
  [/^flash --list/, /^slot 0: 1\.1\.0 \(active, confirmed\)/],
  [/^flash 1\.2\.0/, /it runs 1\.1\.0, expected 1\.2\.0: /],
  [/^flash --download-log/, /^packs: \d+ files/],
  [/^flash 1\.1\.0.* --many/, /^1 devices: 1 done, 0 failed$/m],
];

test('the guide on flashing, from a key to a report', { skip: skipWithoutPty }, async (context) => {
  writeFiles();
  const before = process.cwd();
  process.chdir(work);
  context.after(() => process.chdir(before));
  const all = commands();
  assert.equal(all.length, 23);
  for (const { words, fails } of all) {
    const line = words.join(' ');
    const ready = lasting[words[0]];
    if (ready) {
      // Another chain may have the usual port.
      const started = startMiner(words[0] === 'chain' ? [...words, '--port', '0'] : words, { cwd: work });
      running.push(started);
      await started.seen(ready);
    } else if (words[0] === 'enrol') {
      assert.equal((await startMiner(words, { cwd: work }).ended).code, 0);
    } else {
      if (words[0] === 'flash') await consoleAppears();
      const ran = await runCommand(words);
      assert.equal(ran.code, fails ? 1 : 0, `${line}\n${ran.stdout}${ran.stderr}`);
      const [, expected] = seen.find(([command]) => command.test(line)) ?? [];
      if (expected) assert.match(ran.stdout + ran.stderr, expected, line);
    }
  }
  const report = JSON.parse(readFileSync(path.join(work, 'report.json'), 'utf8'));
  assert.deepEqual([report.done, report.failed, report.entries[0].version], [1, 0, '1.1.0']);
});
