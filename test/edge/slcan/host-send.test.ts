/** Sending: frames ahead of their acknowledgement, bounded, in order, and each told what became of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { canable1, lawicel, SlcanHost, type SlcanHostOptions } from '../../../edge/slcan/index.ts';
import { memoryPair } from '../../../edge/transport/index.ts';
import { advance, settled } from './clock.ts';

/** An open host, and a device that notes lines; it answers frames only when told to. */
async function opened(options: Partial<SlcanHostOptions> = {}) {
  const clock = new VirtualClock();
  const [near, device] = memoryPair('device');
  const frames: string[] = [];
  const writes: number[] = [];
  const commands: string[] = [];
  let isMute = false;
  device.onData((bytes) => {
    const lines = Buffer.from(bytes).toString('latin1').split('\r').slice(0, -1);
    const sent = lines.filter((line) => /^[tTrR]./.test(line));
    if (sent.length > 0) writes.push(sent.length);
    frames.push(...sent);
    for (const line of lines.filter((candidate) => !sent.includes(candidate))) {
      commands.push(line);
      const answers: Record<string, string> = { V: 'V1013\r', N: 'NA123\r', F: 'F00\r' };
      if (!isMute) device.write(Buffer.from(answers[line] ?? '\r')).catch(() => {});
    }
  });
  const host = new SlcanHost(near, { clock, onFrames: () => {}, ...options });
  const opening = host.open();
  await advance(clock, 3000);
  await opening;
  const results: string[] = [];
  /** Sends frames with these ids, noting how each ends. */
  const send = async (...ids: number[]) => {
    for (const id of ids) {
      host.transmit({ id, flags: 0, data: new Uint8Array(0) }).then(
        () => results.push(`${id} sent`),
        (fault) => results.push(`${id} ${fault.code}`),
      );
    }
    await settled();
  };
  const answer = async (text: string) => {
    await device.write(Buffer.from(text.replaceAll(';', '\r').replaceAll('!', '\x07')));
    await settled();
  };
  const mute = (value: boolean) => {
    isMute = value;
  };
  return { clock, host, device, frames, writes, commands, results, send, answer, mute };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('frames of a multi-frame message', () => {
  test('go out together, before the first is acknowledged', async () => {
    const { send, writes, frames, answer, results, host } = await opened();
    await send(...range(1, 9));
    assert.equal(frames.length, 8);
    assert.deepEqual(writes, [8]);
    await answer('z;z;z;z;z;z;z;z;');
    assert.deepEqual(
      results,
      range(1, 9).map((id) => `${id} sent`),
    );
    assert.equal(host.counters.transmitted, 8);
  });

  test('are bounded by the window, which moves with each acknowledgement', async () => {
    const { send, frames, answer } = await opened({ windowFrames: 4 });
    await send(...range(0, 10));
    assert.equal(frames.length, 4);
    await answer('z;');
    assert.equal(frames.length, 5);
    await answer('z;;');
    assert.equal(frames.length, 7);
    await answer('z;z;z;z;z;z;z;');
    assert.deepEqual(
      frames,
      range(0, 10).map((id) => `t00${id}0`),
    );
  });

  test('a refused one alone fails', async () => {
    const { send, answer, results } = await opened();
    await send(1, 2, 3);
    await answer('z;!z;');
    assert.deepEqual(results, ['1 sent', '2 SLCAN_REFUSED', '3 sent']);
  });

  test('more than may wait are not taken', async () => {
    const { send, results, frames, answer } = await opened({ windowFrames: 2, sendQueueFrames: 3 });
    await send(...range(1, 8));
    assert.deepEqual(results, ['6 SLCAN_SEND_QUEUE', '7 SLCAN_SEND_QUEUE']);
    await answer('z;z;');
    await answer('z;z;z;');
    assert.equal(frames.length, 5);
  });
});

describe('commands and frames', () => {
  test('keep their order: a command waits for the frames before it, and frames for the command', async () => {
    const { send, frames, commands, answer, host } = await opened();
    commands.length = 0;
    await send(1, 2);
    const status = host.readStatus();
    await send(3);
    assert.deepEqual([frames, commands], [['t0010', 't0020'], []]);
    await answer('z;z;');
    assert.equal(await status, 0);
    await settled();
    assert.deepEqual([frames, commands], [['t0010', 't0020', 't0030'], ['F']]);
  });

  test('closing comes after the frames before it', async () => {
    const { send, answer, host, commands, results } = await opened();
    commands.length = 0;
    await send(1);
    const closing = host.close();
    await settled();
    assert.deepEqual(commands, []);
    await answer('z;');
    await closing;
    assert.deepEqual([commands, results], [['C'], ['1 sent']]);
  });
});

describe('an adapter that does not answer', () => {
  test('fails all that are on their way, and the next one gets into step first', async () => {
    const { send, clock, results, commands, answer, frames } = await opened();
    commands.length = 0;
    await send(1, 2);
    await advance(clock, 600);
    assert.deepEqual(results, ['1 SLCAN_NO_ANSWER', '2 SLCAN_NO_ANSWER']);
    await send(3);
    assert.deepEqual([commands, frames.at(-1)], [['V'], 't0030']);
    // The late acknowledgements came before the version and counted for nothing.
    assert.equal(results.length, 2);
    await answer('z;');
    assert.equal(results[2], '3 sent');
  });

  test('fails what waits as well, one by one, while it stays away', async () => {
    const { send, clock, results, mute } = await opened({ windowFrames: 1 });
    mute(true);
    await send(1, 2, 3);
    await advance(clock, 5000);
    assert.deepEqual(results, ['1 SLCAN_NO_ANSWER', '2 SLCAN_NO_ANSWER', '3 SLCAN_NO_ANSWER']);
    assert.equal(clock.pending, 0);
  });

  test('each frame has its whole time, counted from when it is the oldest', async () => {
    const { send, clock, results, answer } = await opened();
    await send(1, 2);
    await advance(clock, 400);
    await answer('z;');
    await advance(clock, 400);
    await answer('z;');
    assert.deepEqual(results, ['1 sent', '2 sent']);
  });
});

test('losing the port fails everything, sent or waiting', async () => {
  const { send, device, results, clock } = await opened({ windowFrames: 2 });
  await send(1, 2, 3);
  await device.close();
  await settled();
  await send(4);
  assert.deepEqual(results, ['1 PORT_LOST', '2 PORT_LOST', '3 PORT_LOST', '4 SLCAN_FRAME']);
  assert.equal(clock.pending, 0);
});

test('an adapter that answers nothing is not waited for', async () => {
  const { send, results, frames, clock } = await opened({ profile: canable1 });
  await send(...range(1, 50));
  await settled();
  assert.deepEqual([results.length, frames.length, clock.pending], [49, 49, 0]);
});

test('for any mixture of answers, every frame ends once, in order, and as it was answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      async (isTaken, windowFrames) => {
        const { send, results, frames, answer } = await opened({ windowFrames, profile: lawicel });
        await send(...isTaken.keys());
        for (const taken of isTaken) await answer(taken ? 'z;' : '!');
        assert.deepEqual(
          results,
          isTaken.map((taken, id) => `${id} ${taken ? 'sent' : 'SLCAN_REFUSED'}`),
        );
        assert.equal(frames.length, isTaken.length);
      },
    ),
    { numRuns: 25 },
  );
});
