/** `miner vehicle` as a shell runs it: commands on standard input, events as JSON lines, a link for the host. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTransport } from '../../../edge/transport/node.ts';
import { runMiner } from '../cli/miner-process.ts';
import { skipWithoutPty } from './process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'vehicle-command-'));
after(() => rmSync(folder, { recursive: true }));
const bin = fileURLToPath(new URL('../../../tools/cli/bin.mjs', import.meta.url));

test('steps, tells its status, refuses what it cannot read, and ends on close', { skip: skipWithoutPty }, async () => {
  const link = path.join(folder, 'car');
  const child = spawn(process.execPath, [bin, 'vehicle', '--json', '--step', '--link', link], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  const told = () =>
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const until = async (what: string, isMet: () => boolean) => {
    const endMs = performance.now() + 15_000;
    while (!isMet()) {
      assert.ok(performance.now() < endMs, `${what}: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await until('listening', () => existsSync(link) && told().some(({ event }) => event === 'listening'));
  const host = await openTransport(link);
  let heard = '';
  host.onData((bytes) => {
    heard += Buffer.from(bytes).toString('latin1');
  });
  await host.write(Buffer.from('S6\rX1\rO\r'));
  await until('the channel', () => told().some(({ event }) => event === 'channel'));
  child.stdin.write('\n\nstep 3\nstatus\nhonk\n');
  await until('a refusal', () => told().some(({ event }) => event === 'refused-command'));
  await until('frames', () => heard.split('\r').filter((line) => /^[tT]/.test(line)).length === 5);
  const status = told().find(({ event }) => event === 'status');
  assert.equal(status?.paused, true);
  assert.match(String(told().at(-1)?.message), /"honk": no command "honk"/);
  await host.close();
  // Its input's end ends nothing; a command does.
  child.stdin.end('close\n');
  assert.equal(await exited, 0);
  const last = told().at(-1);
  assert.deepEqual([last?.event, last?.frames, last?.sent], ['closed', 5, 5]);
  assert.equal(existsSync(link), false);
});

const wrong: [args: string[], code: number, words: RegExp][] = [
  [['--faults', '10s melt'], 2, /"melt": no command "melt"/],
  [['--profile', 'toaster'], 2, /--profile.*toaster.*lawicel/],
  [['--vin', 'SHORT'], 2, /17 characters/],
  [['--obd', 'maybe'], 2, /--obd.*11-bit/],
  [['--listen', 'tcp://127.0.0.1:0', '--link', path.join(folder, 'no')], 3, /cannot be made a link/],
];
for (const [args, code, words] of wrong) {
  test(`${args[0]} ${args[1]}: exit code ${code}, and what was expected`, async () => {
    const ended = await runMiner(['vehicle', ...args]);
    assert.equal(ended.code, code);
    assert.match(ended.stderr, words);
  });
}
