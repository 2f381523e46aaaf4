/** A tester and control units on one virtual bus: the emulated ones, or one that says what the test tells it to. */
import { type CanFrame, FrameBatch } from '../../../edge/can/index.ts';
import type { MinerError } from '../../../edge/errors/index.ts';
import { IsoTpChannel } from '../../../edge/isotp/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { UdsClient, type UdsClientOptions } from '../../../edge/uds/index.ts';
import { settled } from '../slcan/clock.ts';

/** What the scripted ECU says: bytes after so many milliseconds, any number of them. */
export type Script = (request: number[], round: number) => { afterMs: number; bytes: number[] }[];

/** A client that talks to a scripted ECU. */
export function scripted(script: Script, timing: Partial<UdsClientOptions> = {}) {
  const clock = new VirtualClock();
  const requests: { atMs: number; bytes: number[] }[] = [];
  const unasked: Uint8Array[] = [];
  let toEcu: (frame: CanFrame) => void = () => {};
  const client: UdsClient = new UdsClient({
    ...timing,
    clock,
    txId: 0x7e0,
    rxId: 0x7e8,
    send: (frame) => toEcu(frame),
    onUnasked: (message) => unasked.push(message),
  });
  const ecu: IsoTpChannel = new IsoTpChannel({
    clock,
    txId: 0x7e8,
    rxId: 0x7e0,
    send: ({ id, flags, data }) => void clock.schedule(0, () => client.receive(id, flags, data, 0, data.length)),
    onMessage: (message) => {
      requests.push({ atMs: clock.nowMs(), bytes: [...message] });
      for (const { afterMs, bytes } of script([...message], requests.length - 1)) {
        clock.schedule(afterMs, () => void ecu.send(Uint8Array.from(bytes)).catch(() => {}));
      }
    },
  });
  toEcu = ({ id, flags, data }) => void clock.schedule(0, () => ecu.receive(id, flags, data, 0, data.length));
  return { clock, client, requests, unasked };
}

/** Lets time pass until the promise settles. @returns its value, or the fault it failed with */
export async function outcome<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value | MinerError> {
  let result: { value: Value | MinerError } | undefined;
  promise.then(
    (value) => {
      result = { value };
    },
    (fault: MinerError) => {
      result = { value: fault };
    },
  );
  await settled();
  while (result === undefined) {
    if (!clock.runNext()) throw new Error('nothing is scheduled any more, and the promise waits still');
    await settled();
  }
  return result.value;
}

/** One frame as the batch that links hand over. */
export function batchOf({ timeUs, id, flags, data }: CanFrame): FrameBatch {
  const batch = new FrameBatch(1, 64);
  batch.push(timeUs, id, flags, data);
  return batch;
}
