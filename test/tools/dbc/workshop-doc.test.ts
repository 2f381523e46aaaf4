// docs/workshop.md, followed to the letter: its files, its commands in their order, and what they print.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { skipWithoutProgram } from '../../programs.ts';
import { scratch } from './fixtures.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/workshop.md', import.meta.url)), 'utf8');
const bin = fileURLToPath(new URL('../../../tools/cli/bin.mjs', import.meta.url));
const { folder } = scratch();
const programs = path.join(folder, 'bin');

/** Fenced blocks: those with a file's name are written, those of kind console are run. */
const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, kind, name, body]) => ({
  kind,
  name,
  body,
}));

/** `…` stands for anything in its line, alone for any number of lines. */
function pattern(expected: string): RegExp {
  const lines = expected.split('\n').map((line) => {
    if (line === '…') return '(?:.*\n)*?.*';
    return line
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
  });
  return new RegExp(`^${lines.join('\n')}$`);
}

test('every command of the page prints what stands there', {
  skip: skipWithoutProgram('bash') || skipWithoutProgram('sed'),
}, async (t) => {
  mkdirSync(programs);
  writeFileSync(path.join(programs, 'miner'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  chmodSync(path.join(programs, 'miner'), 0o755);
  const env = {
    ...process.env,
    PATH: `${programs}:${path.dirname(process.execPath)}:${process.env.PATH}`,
    NO_COLOR: '1',
  };
  let commands = 0;
  for (const { kind, name, body } of blocks) {
    if (name !== undefined) writeFileSync(path.join(folder, name), body);
    if (kind !== 'console') continue;
    for (const [, command, expected] of body.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      commands++;
      await t.test(command, () => {
        const { stdout, stderr, status } = spawnSync('bash', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
        assert.doesNotMatch(stderr, /a fault of miner itself/);
        // Wrong usage and outside faults have no place in a guide.
        assert.ok(status === 0 || status === 1, stderr);
        assert.match(stdout, pattern(expected));
      });
    }
  }
  assert.ok(commands > 15, `${commands} commands found`);
});
