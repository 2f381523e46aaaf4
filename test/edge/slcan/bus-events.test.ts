/** Bus errors, error states and overruns on their way from the emulated controller to the host's events and frames. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { BusEvents } from '../../../edge/slcan/bus-events.ts';
import { errorLine, parseErrorLine, parseStateLine, stateLine } from '../../../edge/slcan/error-lines.ts';
import {
  canable2,
  kernel,
  lawicel,
  SlcanAdapter,
  type SlcanAdapterOptions,
  type SlcanBusEvent,
  SlcanHost,
  type SlcanProfile,
  SlcanStatus,
  slcanfd,
  weact,
} from '../../../edge/slcan/index.ts';
import { memoryPair } from '../../../edge/transport/index.ts';
import { connect, frames } from './bench.ts';
import { advance, settled } from './clock.ts';

describe('the lines of Linux’s driver', () => {
  const states: [line: string, state: string | undefined, receiveErrors?: number, transmitErrors?: number][] = [
    // The two examples of the driver's source.
    ['sb256256', 'bus-off', 256, 256],
    ['sa057033', 'error-active', 57, 33],
    ['sw096000', 'error-warning', 96, 0],
    ['sp000128', 'error-passive', 0, 128],
    ['sx000000', undefined],
    ['sa00000', undefined],
    ['sa0000000', undefined],
    ['sa0a0000', undefined],
    ['s', undefined],
  ];
  for (const [line, state, receiveErrors, transmitErrors] of states) {
    test(line, () => {
      const parsed = parseStateLine(line);
      assert.deepEqual(parsed, state === undefined ? undefined : { state, receiveErrors, transmitErrors });
      if (parsed) assert.equal(stateLine(parsed.state, parsed), line);
    });
  }

  const errors: [line: string, errorClass: number | undefined, data: number[]][] = [
    // CAN_ERR_PROT | CAN_ERR_BUSERROR is 0x088; acknowledgement 0x020, controller 0x004.
    ['e1a', 0x0a8, [0, 0, 0, 0x19, 0, 0, 0, 0]],
    ['e3bcO', 0x08c, [0, 0x02, 0x09, 0x08, 0, 0, 0, 0]],
    ['e1B', 0x088, [0, 0, 0x10, 0, 0, 0, 0, 0]],
    ['e2fs', 0x088, [0, 0, 0x06, 0, 0, 0, 0, 0]],
    ['e1o', 0x08c, [0, 0x01, 0, 0, 0, 0, 0, 0]],
    ['e2a', undefined, []],
    ['e1x', undefined, []],
    ['e0', undefined, []],
    ['e9aaaaaaaaa', undefined, []],
    ['e', undefined, []],
  ];
  for (const [line, errorClass, data] of errors) {
    test(line, () => {
      const frame = parseErrorLine(line);
      assert.equal(frame?.errorClass, errorClass);
      if (frame) assert.deepEqual([...frame.data], data);
    });
  }

  test('an error that a line was read from is written as a line that reads the same', () => {
    const letters = fc.uniqueArray(fc.constantFrom(...'abBfoOs'), { minLength: 1 });
    fc.assert(
      fc.property(letters, (chosen) => {
        const frame = parseErrorLine(`e${chosen.length}${chosen.join('')}`);
        assert.ok(frame);
        assert.deepEqual(parseErrorLine(errorLine(frame) ?? ''), frame);
      }),
      { numRuns: 200 },
    );
  });

  test('no text makes them throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'seabwpO0123456789x'), maxLength: 12 }), (text) => {
        parseStateLine(text);
        parseErrorLine(text);
      }),
      { numRuns: 500 },
    );
  });
});

/** A host that is told of everything, and an adapter whose bus can fail. */
async function wired(profile: SlcanProfile, options: Partial<SlcanAdapterOptions> = {}) {
  const clock = new VirtualClock();
  const [near, far] = memoryPair();
  const adapter = new SlcanAdapter(far, { clock, profile, paceToBitRate: false, ...options });
  const events: SlcanBusEvent[] = [];
  const errorFrames: [id: number, data: number[]][] = [];
  let dataFrames = 0;
  const host = new SlcanHost(near, {
    clock,
    profile,
    statusIntervalMs: 1000,
    onBus: (event) => events.push(event),
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        const { id, flags, data } = batch.frame(i);
        if ((flags & FrameFlag.error) !== 0) errorFrames.push([id, [...data]]);
        else dataFrames++;
      }
    },
  });
  const opening = host.open();
  await advance(clock, 100);
  await opening;
  const brief = () =>
    events.splice(0).map((event) => {
      if (event.type === 'state') return `${event.state} ${event.transmitErrors ?? '?'}/${event.receiveErrors ?? '?'}`;
      return event.type === 'error' ? `error ${event.errorClass.toString(16)}` : `overrun ${event.where}`;
    });
  return { clock, adapter, host, events, brief, errorFrames, dataFrames: () => dataFrames };
}

describe('an adapter that tells by itself', () => {
  test('each state once, with its counters, as events and as error frames', async () => {
    const { adapter, brief, errorFrames, host } = await wired(kernel);
    adapter.setErrorState('error-warning', { receiveErrors: 97, transmitErrors: 3 });
    adapter.setErrorState('error-warning', { receiveErrors: 98 });
    adapter.setErrorState('error-passive', { transmitErrors: 128 });
    adapter.busOff();
    adapter.recover();
    await settled();
    assert.deepEqual(brief(), ['error-warning 3/97', 'error-passive 128/98', 'bus-off 256/98', 'error-active 0/0']);
    assert.deepEqual(errorFrames, [
      [0x204, [0, 0x04, 0, 0, 0, 0, 3, 97]],
      [0x204, [0, 0x20, 0, 0, 0, 0, 128, 98]],
      [0x040, [0, 0, 0, 0, 0, 0, 0, 0]],
      [0x204, [0, 0x40, 0, 0, 0, 0, 0, 0]],
    ]);
    assert.deepEqual([host.counters.busOffs, host.counters.errorFrames, host.errorState], [1, 4, 'error-active']);
    assert.equal(host.counters.malformed, 0);
  });

  test('bus errors in their place among the frames', async () => {
    const { adapter, brief, errorFrames, dataFrames } = await wired(kernel);
    adapter.offer(frames(2));
    adapter.busError(0x0a8, Uint8Array.of(0, 0, 0, 0x19, 0, 0, 0, 0));
    adapter.offer(frames(1));
    await settled();
    assert.deepEqual(brief(), ['error a8']);
    assert.deepEqual(errorFrames, [[0x0a8, [0, 0, 0, 0x19, 0, 0, 0, 0]]]);
    assert.equal(dataFrames(), 3);
  });

  test('an overrun of its own', async () => {
    const { adapter, brief, host } = await wired(kernel, { queueFrames: 4, paceToBitRate: true });
    adapter.offer(frames(6));
    await settled();
    assert.deepEqual(brief(), ['overrun receive', 'error 8c']);
    assert.equal(host.counters.overruns, 1);
  });

  test('also to a host that takes it for a Lawicel', async () => {
    const clock = new VirtualClock();
    const [near, far] = memoryPair();
    const adapter = new SlcanAdapter(far, { clock, profile: kernel });
    const events: string[] = [];
    const host = new SlcanHost(near, {
      clock,
      profile: 'auto',
      onFrames: () => {},
      onBus: ({ type }) => events.push(type),
    });
    const opening = host.open();
    await advance(clock, 2000);
    assert.equal((await opening).profile, 'lawicel');
    adapter.busOff();
    await settled();
    assert.deepEqual([events, host.errorState, host.counters.malformed], [['state'], 'bus-off', 0]);
  });
});

describe('an adapter that is asked', () => {
  for (const profile of [lawicel, slcanfd]) {
    test(`${profile.name} tells states, errors and overruns by F`, async () => {
      const { adapter, brief, clock, errorFrames } = await wired(profile, { queueFrames: 4, paceToBitRate: true });
      adapter.setErrorState('error-passive', { transmitErrors: 130 });
      adapter.busError(0x088);
      adapter.offer(frames(6));
      await advance(clock, 1000);
      assert.deepEqual(brief(), ['overrun receive', 'error 88', 'error-passive ?/?']);
      assert.deepEqual(errorFrames, [
        [0x088, [0, 0, 0, 0, 0, 0, 0, 0]],
        [0x004, [0, 0x30, 0, 0, 0, 0, 0, 0]],
      ]);
      // Reading cleared the flags: a clean answer means that the state is over.
      await advance(clock, 1000);
      assert.deepEqual(brief(), ['error-active ?/?']);
    });
  }

  for (const profile of [canable2, weact]) {
    test(`${profile.name} tells overruns by its register, each once, though frames come between`, async () => {
      const { adapter, brief, clock, host, dataFrames } = await wired(profile, { queueFrames: 4, paceToBitRate: true });
      await advance(clock, 1000);
      adapter.offer(frames(6));
      await advance(clock, 3000);
      assert.deepEqual(brief(), ['overrun receive']);
      assert.deepEqual([dataFrames(), host.counters.malformed], [4, 0]);
      assert.equal(await host.readStatus(), 0x08);
    });
  }

  test('what its register held before we came is history', () => {
    const sink: string[] = [];
    const bus = new BusEvents({ onEvent: ({ type }) => sink.push(type), onErrorFrame: () => sink.push('frame') });
    bus.takeErrorRegister(0x48, 0);
    assert.deepEqual(sink, []);
    bus.takeErrorRegister(0x48 | 0x04, 0);
    assert.deepEqual(sink, ['overrun']);
    bus.takeErrorRegister(0x48 | 0x04, 0);
    assert.deepEqual(sink, ['overrun']);
  });

  test('a transmit queue that is full is an overrun towards the bus', () => {
    const sink: SlcanBusEvent[] = [];
    const bus = new BusEvents({ onEvent: (event) => sink.push(event), onErrorFrame: () => {} });
    bus.takeFlags(SlcanStatus.transmitQueueFull, 7);
    assert.deepEqual(sink, [{ type: 'overrun', timeUs: 7, where: 'transmit' }]);
  });
});

describe('bus-off', () => {
  for (const profile of [lawicel, kernel, slcanfd, weact]) {
    test(`${profile.name}: nothing is heard, and sending is refused, until the channel is opened anew`, async () => {
      const { adapter, ask, heard } = connect({ profile });
      await ask('O;');
      adapter.busOff();
      heard();
      adapter.offer(frames(3));
      assert.match(await ask('t1230;'), /^(sb\d{6};)?!$/);
      assert.deepEqual([adapter.counters.unheard, adapter.framesRefused], [3, 1]);
      await ask('C;O;');
      assert.equal(adapter.errorState, 'error-active');
      adapter.offer(frames(3));
      assert.equal(adapter.counters.sent, 3);
    });
  }

  test('frames that were queued are discarded, and all are accounted for', async () => {
    const { adapter, ask } = connect({ paceToBitRate: true });
    await ask('O;');
    adapter.offer(frames(5));
    adapter.busOff();
    const { offered, sent, unheard, overrun, discarded } = adapter.counters;
    assert.equal(sent + unheard + overrun + discarded, offered);
    assert.equal(discarded, 5);
  });

  test('opening the channel anew is told as a restart, and as the end of a milder state', async () => {
    const { adapter, brief, errorFrames, host, clock } = await wired(kernel);
    for (const state of ['bus-off', 'error-passive'] as const) {
      adapter.setErrorState(state);
      await settled();
      await host.close();
      const opening = host.open();
      await advance(clock, 100);
      await opening;
    }
    assert.deepEqual(brief(), ['bus-off 0/0', 'error-active 0/0', 'error-passive 0/0', 'error-active 0/0']);
    assert.deepEqual(
      errorFrames.map(([id]) => id),
      [0x040, 0x100, 0x204, 0x004],
    );
  });

  test('an adapter that restarts by itself is back after its time', async () => {
    const { clock, adapter, brief } = await wired(kernel, { restartMs: 200 });
    adapter.busOff();
    await advance(clock, 199);
    assert.deepEqual(brief(), ['bus-off 256/0']);
    await advance(clock, 2);
    assert.deepEqual(brief(), ['error-active 0/0']);
  });

  test('an adapter that is unplugged meanwhile leaves nothing behind', async () => {
    const { adapter, ask, clock, host } = connect({ restartMs: 200 });
    await ask('O;');
    adapter.busOff();
    await host.close();
    await settled();
    assert.equal(clock.pending, 0);
  });
});

test('an error frame that is offered is told as an error, not as a frame', async () => {
  const { adapter, errorFrames, dataFrames } = await wired(kernel);
  const batch = new FrameBatch(1);
  batch.push(0, 0x088, FrameFlag.error, Uint8Array.of(0, 0, 4, 0, 0, 0, 0, 0));
  adapter.offer(batch);
  await settled();
  assert.deepEqual(errorFrames, [[0x088, [0, 0, 4, 0, 0, 0, 0, 0]]]);
  assert.deepEqual([dataFrames(), adapter.counters.unheard], [0, 1]);
});

test('nothing is told while the channel is closed', async () => {
  const { adapter, brief, host, clock } = await wired(kernel);
  await host.close();
  adapter.setErrorState('error-passive');
  adapter.busError(0x088, Uint8Array.of(0, 0, 4, 0, 0, 0, 0, 0));
  await advance(clock, 3000);
  assert.deepEqual(brief(), []);
  assert.equal(clock.pending, 0);
});
