/** Control units behind the vehicle: a tester on the emulated adapter asks, and they answer beside the drive. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SlcanHost } from '../../../edge/slcan/index.ts';
import { openTransport } from '../../../edge/transport/node.ts';
import { runVehicle, type VehicleOptions } from '../../../tools/vehicle/index.ts';

const vin = '1M8GDM9AXKP042788';
const running: { close(): Promise<void> }[] = [];
after(async () => {
  for (const one of running) await one.close();
});

async function tester(options: VehicleOptions) {
  const vehicle = await runVehicle({ listen: 'tcp://127.0.0.1:0', step: true, ...options });
  const transport = await openTransport(vehicle.port);
  running.push(vehicle, transport);
  const answers: { id: number; data: Uint8Array }[] = [];
  const host = new SlcanHost(transport, {
    clock: liveClock(),
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        const { id, data } = batch.frame(i);
        answers.push({ id, data });
      }
    },
  });
  await host.open();
  return {
    vehicle,
    ask: (id: number, ...bytes: number[]) =>
      host.transmit({ id, flags: id > 0x7ff ? FrameFlag.extended : 0, data: Uint8Array.of(...bytes, ...zeros(bytes)) }),
    async heard(id: number, count: number) {
      const from = (one: { id: number }) => one.id === id;
      const endMs = performance.now() + 3000;
      while (answers.filter(from).length < count && performance.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return answers.filter(from).map(({ data }) => data);
    },
  };
}

const zeros = (bytes: readonly number[]) => new Array<number>(8 - bytes.length).fill(0);

test('a request to all for the vehicle’s speed is answered by the one that knows it', async () => {
  const { ask, heard, vehicle } = await tester({});
  await ask(0x7df, 2, 0x01, 0x0d);
  const [answer] = await heard(0x7e8, 1);
  assert.deepEqual([...answer.subarray(0, 3)], [3, 0x41, 0x0d]);
  const { received, frames, sent } = vehicle.counters();
  assert.equal(received, 1);
  assert.equal(frames, sent);
  assert.ok(vehicle.status().busLoad > 0);
});

test('the identification number comes in three frames, once the tester lets them flow', async () => {
  const { ask, heard } = await tester({ vin });
  await ask(0x7e0, 2, 0x09, 0x02);
  await heard(0x7e8, 1);
  await ask(0x7e0, 0x30, 0, 0);
  const frames = await heard(0x7e8, 3);
  assert.deepEqual(
    frames.map(([first]) => first),
    [0x10, 0x21, 0x22],
  );
  const text = Buffer.concat([frames[0].subarray(5), frames[1].subarray(1), frames[2].subarray(1)]).toString('latin1');
  assert.equal(text.slice(0, 17), vin);
});

test('on 29-bit ids when told so', async () => {
  const { ask, heard } = await tester({ obd: '29-bit' });
  await ask(0x18db33f1, 2, 0x01, 0x0d);
  assert.equal((await heard(0x18daf110, 1)).length, 1);
});

test('off: nobody answers', async () => {
  const { ask, vehicle } = await tester({ obd: 'off' });
  await ask(0x7df, 2, 0x01, 0x0d);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { received, frames } = vehicle.counters();
  assert.deepEqual({ received, frames }, { received: 1, frames: 0 });
});
