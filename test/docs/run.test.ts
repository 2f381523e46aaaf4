// docs/run.md and docs/bench.md against the code: every event, metric and health code is described, every command runs.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Command } from 'commander';
import { commands } from '../../tools/cli/commands/index.ts';

const root = new URL('../../', import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, root), 'utf8');
const page = textOf('docs/run.md');
const sources = globSync('tools/cli/run/*.ts', { cwd: root }).map((file) => textOf(file.replaceAll('\\', '/')));

function namesIn(texts: string[], pattern: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => Array.from(text.matchAll(pattern), (match) => match[1])))].sort();
}

/** Names in the first column of the table under a heading. */
function described(heading: string, pattern: RegExp): string[] {
  const section = page.split(`## ${heading}\n`)[1].split('\n## ')[0];
  const cells = section.split('\n').flatMap((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? []);
  return namesIn(cells, pattern);
}

test('every event that the sources write, or pass on, is described, and no other', () => {
  const written = namesIn(sources, /event: '([a-z-]+)'/g);
  const kindsOf = (file: string, type: string) => {
    const declared = textOf(file).split(`export type ${type} =`)[1].split(';\n\n')[0].split('\nexport ')[0];
    return namesIn([declared], /kind: '([a-z-]+)'/g);
  };
  const passedOn = [
    ...kindsOf('edge/miner.ts', 'MinerEvent'),
    ...kindsOf('edge/uplink/outbox.ts', 'OutboxEvent'),
    ...kindsOf('edge/trust/trust-event.ts', 'TrustEvent'),
    ...kindsOf('edge/obd/events.ts', 'ObdEvent').map((kind) => `obd-${kind}`),
  ];
  assert.ok(passedOn.length > 20);
  assert.deepEqual(described('Events', /`([a-z-]+)`/g), [...new Set([...written, ...passedOn])].sort());
});

test('every health code is described, and no other', () => {
  const [health] = sources.filter((source) => source.includes('export function healthOf'));
  assert.deepEqual(described('Health', /`([a-z-]+)`/g), namesIn([health], /add\('([a-z-]+)'/g));
});

test('every metric is described, and no other', () => {
  const [metrics] = sources.filter((source) => source.includes('export function minerMetrics'));
  const names = namesIn([metrics], /(?:\(\s*|: \[)'(?:dimo_miner_)?([a-z]+(?:_[a-z]+)*)',\s*['"][A-Z0-9]/g);
  assert.ok(names.length > 30);
  assert.deepEqual(described('Metrics', /`([a-z_]+)(?:\{[a-z]+\})?`/g), names);
});

for (const file of ['docs/bench.md', 'docs/run.md']) {
  const lines = namesIn([textOf(file)], /^ {4}(?:npx )?miner (.+)$/gm);
  for (const line of lines) {
    test(`${file}: miner ${line}`, () => {
      const program = new Command('miner').exitOverride();
      for (const register of commands) register(program);
      const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain);
      const command = program.commands.find((candidate) => candidate.name() === words[0]);
      assert.ok(command, `no command ${words[0]}`);
      command.exitOverride().configureOutput({ writeErr: () => {} });
      const { operands, unknown } = command.parseOptions(words.slice(1));
      assert.deepEqual([operands, unknown], [[], []]);
    });
  }
}
