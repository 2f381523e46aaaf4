/** The emulated control units with a tester's frames in front of them. */
import { type CanFrame, FrameBatch } from '../../../../edge/can/index.ts';
import { VirtualClock } from '../../../../edge/sim/index.ts';
import { UdsClient } from '../../../../edge/uds/index.ts';
import { EcuNetwork, type EcuNetworkOptions } from '../../../../tools/vehicle/ecu/index.ts';
import { DriveModel, type DriveState } from '../../../../tools/vehicle/index.ts';
import { frameOf, textOf } from '../../../edge/isotp/support/pair.ts';

export interface EcuBench {
  clock: VirtualClock;
  state: DriveState;
  network: EcuNetwork;
  /** Puts frames such as `7DF  02 01 00` on the bus. @returns what was answered within 200 ms */
  say(...frames: string[]): string[];
  /** A client of one control unit. */
  client(ids: { txId: number; rxId: number; extended?: boolean }): UdsClient;
}

export function ecuBench(options: Partial<EcuNetworkOptions> & { driving?: boolean } = {}): EcuBench {
  const clock = new VirtualClock();
  const model = new DriveModel(3);
  if (options.driving) while (model.state.speedKmh < 40) model.advanceTo(model.state.timeMs + 100);
  const answers: CanFrame[] = [];
  const clients: UdsClient[] = [];
  const network = new EcuNetwork({
    clock,
    state: () => model.state,
    ...options,
    send: (frame) => {
      answers.push(frame);
      for (const client of clients) {
        clock.schedule(0, () => client.receive(frame.id, frame.flags, frame.data, 0, frame.data.length));
      }
    },
  });
  const put = ({ id, flags, data }: CanFrame) => {
    const batch = new FrameBatch(1, 64);
    batch.push(clock.nowMs() * 1000, id, flags, data);
    network.receive(batch);
  };
  return {
    clock,
    state: model.state,
    network,
    say(...frames) {
      const before = answers.length;
      for (const frame of frames) put(frameOf(frame));
      clock.advance(200);
      return answers.slice(before).map(textOf);
    },
    client(ids) {
      const client = new UdsClient({ ...ids, clock, send: (frame) => void clock.schedule(0, () => put(frame)) });
      clients.push(client);
      return client;
    },
  };
}
