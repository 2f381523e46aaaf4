// Lines to a reader that is slow, stuck or gone: bounded, in order, and every line left out is told of.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { FileLines, StreamLines } from '../../../tools/logging/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'miner-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A reader that takes one write at a time, when told to. */
class SlowReader extends Writable {
  taken = '';
  #take: (() => void) | undefined;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#take = () => {
      this.taken += chunk.toString();
      done();
    };
  }

  /** @returns whether there was something to take */
  async take(): Promise<boolean> {
    const take = this.#take;
    this.#take = undefined;
    take?.();
    await new Promise((resolve) => setImmediate(resolve));
    return take !== undefined;
  }
}

const lossLine = (count: number) => `lost ${count}`;

test('a stuck reader: lines beyond the bound are left out, and told of where they are missing', async () => {
  const reader = new SlowReader();
  const lines = new StreamLines(reader, { bytesMax: 10, lossLine });
  for (const line of ['first', 'second', 'third', 'fourth']) lines.write(line);
  assert.equal(lines.dropped, 2);
  while (await reader.take());
  lines.write('fifth');
  while (await reader.take());
  assert.equal(reader.taken, 'first\nsecond\nlost 2\nfifth\n');
});

test('any pace of writer and reader: waiting bytes bounded, and lines = taken + told lost', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(line, fc.constant(undefined))), async (steps) => {
      const reader = new SlowReader();
      const lines = new StreamLines(reader, { bytesMax: 50, lossLine });
      let written = 0;
      for (const step of steps) {
        if (step === undefined) await reader.take();
        else {
          lines.write(step);
          written++;
        }
        // The bound, one line of 60 bytes, and one that tells of a loss.
        assert.ok(lines.waitingBytes <= 50 + 61 + 20);
      }
      const flushed = lines.flush(10_000);
      while (await reader.take());
      await flushed;
      const taken = reader.taken.split('\n').slice(0, -1);
      const lost = taken.flatMap((text) => /^lost (\d+)$/.exec(text)?.[1] ?? []).map(Number);
      const told = lost.reduce((sum, count) => sum + count, 0);
      assert.equal(told, lines.dropped);
      assert.equal(taken.length - lost.length + told, written);
    }),
    { numRuns: 50 },
  );
});

test('a reader that goes away: told once, later lines are counted, and nobody waits for it', async () => {
  const gone: string[] = [];
  const reader = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })),
  });
  const lines = new StreamLines(reader, { lossLine, onGone: (reason) => gone.push(reason) });
  lines.write('a');
  await new Promise((resolve) => reader.once('close', resolve));
  lines.write('b');
  lines.write('c');
  await lines.flush(60_000);
  assert.deepEqual([gone, lines.dropped], [['EPIPE'], 2]);
});

test('what is drawn over soon is left out while anything waits', async () => {
  const reader = new SlowReader();
  const lines = new StreamLines(reader, { lossLine });
  assert.equal(lines.draw('one'), true);
  assert.equal(lines.draw('two'), false);
  await reader.take();
  assert.equal(lines.draw('three'), true);
  await reader.take();
  assert.equal(reader.taken, 'onethree');
});

const fileLines = (file: string, options = {}) => new FileLines(file, () => 0, { lossLine, ...options });

test('a file: appended to, in a folder that is made', async () => {
  const file = path.join(folder, 'new', 'events.log');
  for (const line of ['a', 'b']) {
    const lines = fileLines(file);
    lines.write(line);
    await lines.flush(5000);
  }
  assert.equal(readFileSync(file, 'utf8'), 'a\nb\n');
});

test('a file past its bound becomes .1, and every line stands in one of the two', async () => {
  const file = path.join(folder, 'turned.log');
  const lines = fileLines(file, { fileBytesMax: 10 });
  for (const line of ['aaaaaa', 'bbbbbb', 'cccccc']) lines.write(line);
  await lines.flush(5000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'aaaaaa\nbbbbbb\n');
  assert.equal(readFileSync(file, 'utf8'), 'cccccc\n');
});

test('a file that cannot be: refused at once, by its path', () => {
  assert.throws(() => fileLines(folder), { code: 'LOG_FILE', message: new RegExp(`^${folder}: cannot be written`) });
});

test('a file on a full disk: told, lines counted, and tried again later', {
  skip: process.platform !== 'linux',
}, async () => {
  const faults: string[] = [];
  let nowMs = 0;
  const lines = new FileLines('/dev/full', () => nowMs, { lossLine, onFault: (reason) => faults.push(reason) });
  lines.write('a');
  await lines.flush(200);
  // The stream tells of its end after the write that failed.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(faults, ['ENOSPC']);
  lines.write('b');
  assert.equal(lines.dropped, 1);
  nowMs = 10_000;
  lines.write('c');
  await lines.flush(200);
  // The stream tells of its end after the write that failed.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(faults, ['ENOSPC', 'ENOSPC']);
});
