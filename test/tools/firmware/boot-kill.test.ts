/** A Miner whose flash is a file, killed in the middle of updates: it boots each time, and goes on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { bootMiner, openMinerFlash, programFactoryImage } from '../../../tools/firmware/index.ts';
import { firmware, verify } from './boot-images.ts';

const kills = 3;

/** Runs the child until it has told some events, and a little longer. */
async function runAndKill(file: string, events: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'boot-child.ts'), file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString().split('\n').length - 1;
      if (seen >= events) resolve();
    });
    child.once('exit', (code) => reject(new Error(`it ended by itself with ${code} after ${seen} events`)));
  });
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

test(`killed ${kills} times in the middle of updates, it boots a whole image each time`, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'boot-kill-'));
  const file = path.join(folder, 'flash.bin');
  try {
    const factory = openMinerFlash(file);
    programFactoryImage(factory, firmware('1.0.0'), verify);
    factory.close();
    const random = new SeededRandom(1);
    for (let i = 0; i < kills; i++) {
      await runAndKill(file, 3 + random.below(12));
      const flash = openMinerFlash(file);
      const { version, manifest } = bootMiner(flash, verify);
      assert.equal(manifest.version, version);
      flash.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
