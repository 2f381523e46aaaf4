/** docs/guide-flash.md: its files are written and its commands run, in order, by the words of the page. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { toHex } from '../../../edge/pack/index.ts';
import { registerRun } from '../../../tools/cli/commands/run.ts';
import { readImagePublicKey } from '../../../tools/firmware/index.ts';
import { type Running, startMiner } from '../cli/miner-process.ts';
import { folder, runCommand, skipWithoutPty, startDevice } from './world.ts';

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

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** `miner run` with a console; where it has none, the device of these tests takes its place. */
async function startMinerAtConsole(words: string[]): Promise<void> {
  const program = new Command();
  registerRun(program);
  if (program.commands[0].options.some(({ long }) => long === '--console')) {
    running.push(startMiner(words, { cwd: work }));
  } else {
    const publicKey = toHex(readImagePublicKey(path.join(work, 'root.pub.pem')));
    mkdirSync(path.join(work, 'log'));
    const device = await startDevice({ publicKey, flash: path.join(work, 'flash.bin'), log: path.join(work, 'log') });
    symlinkSync(device.port, values.CONSOLE);
  }
  await appears(values.CONSOLE);
}

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
  assert.equal(all.length, 21);
  for (const { words, fails } of all) {
    const line = words.join(' ');
    if (words[0] === 'vehicle') {
      running.push(startMiner(words, { cwd: work }));
      await appears(values.CAR);
    } else if (words[0] === 'run') {
      await startMinerAtConsole(words);
    } else {
      const ran = await runCommand(words);
      assert.equal(ran.code, fails ? 1 : 0, `${line}\n${ran.stdout}${ran.stderr}`);
      const [, expected] = seen.find(([command]) => command.test(line)) ?? [];
      if (expected) assert.match(ran.stdout + ran.stderr, expected, line);
    }
  }
  const report = JSON.parse(readFileSync(path.join(work, 'report.json'), 'utf8'));
  assert.deepEqual([report.done, report.failed, report.entries[0].version], [1, 0, '1.1.0']);
});
