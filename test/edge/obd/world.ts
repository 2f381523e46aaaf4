/** A poller, a bus whose frames the test sees and can withhold, and the emulated car or one that the test scripts. */
import { type CanFrame, FrameBatch } from '../../../edge/can/index.ts';
import { IsoTpChannel } from '../../../edge/isotp/index.ts';
import { type ObdEvent, ObdPoller, type ObdSettings } from '../../../edge/obd/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { EcuNetwork, type EcuNetworkOptions } from '../../../tools/vehicle/ecu/index.ts';
import { DriveModel } from '../../../tools/vehicle/index.ts';
import { advance, settled } from '../slcan/clock.ts';

export interface BusFrame extends CanFrame {
  atMs: number;
  from: 'tester' | 'vehicle';
}

export interface WorldOptions {
  settings?: Partial<ObdSettings>;
  car?: Partial<EcuNetworkOptions>;
  /** Answers of a scripted control unit at 0x7E0, instead of the car's. */
  script?: (request: number[], isFunctional: boolean) => number[] | undefined;
  /** Whether a frame gets through; all unless told. */
  passes?: (frame: BusFrame) => boolean;
  /** What the link does with a frame of ours before it is on the bus. */
  link?: () => void | Promise<void>;
  /** Volts of the car's battery, by time; the drive model's, past its start, unless told. */
  volts?: (atMs: number) => number;
}

/** Frames take 0.3 ms from one side to the other. */
const frameMs = 0.3;

export class World {
  readonly clock = new VirtualClock();
  readonly events: (ObdEvent & { atMs: number })[] = [];
  readonly frames: BusFrame[] = [];
  readonly poller: ObdPoller;
  readonly network: EcuNetwork;
  readonly #options: WorldOptions;
  readonly #hear: (frame: CanFrame) => void;
  /** Settles when a stopped poller has ended. */
  finished: Promise<void> | undefined;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    const model = new DriveModel(1);
    model.advanceTo(5000);
    const { volts } = options;
    const state = () => {
      const now = model.advanceTo(5000 + this.clock.nowMs());
      return volts === undefined ? now : { ...now, lowVolts: volts(this.clock.nowMs()) };
    };
    const send = (frame: CanFrame) => this.#put(frame, 'vehicle');
    this.network = new EcuNetwork({ clock: this.clock, state, ...options.car, send });
    this.#hear = options.script === undefined ? (frame) => this.network.receive(batchOf(frame)) : this.#scripted();
    this.poller = new ObdPoller({
      clock: this.clock,
      settings: options.settings,
      send: (frame) => {
        const held = options.link?.();
        this.#put(frame, 'tester');
        return held;
      },
      onEvent: (event) => this.events.push({ ...event, atMs: this.clock.nowMs() }),
    });
  }

  #put(frame: CanFrame, from: BusFrame['from']): void {
    const onBus = { ...frame, atMs: this.clock.nowMs(), from };
    if (this.#options.passes?.(onBus) === false) {
      if (from === 'tester') this.frames.push(onBus);
      return;
    }
    this.frames.push(onBus);
    this.clock.schedule(frameMs, () => (from === 'tester' ? this.#hear(frame) : this.poller.receive(batchOf(frame))));
  }

  #scripted(): (frame: CanFrame) => void {
    const answer = (request: Uint8Array, isFunctional: boolean) => {
      const bytes = this.#options.script!([...request], isFunctional);
      if (bytes !== undefined) this.clock.schedule(5, () => void channel.send(Uint8Array.from(bytes)).catch(() => {}));
    };
    const channel: IsoTpChannel = new IsoTpChannel({
      clock: this.clock,
      txId: 0x7e8,
      rxId: 0x7e0,
      send: (frame) => this.#put(frame, 'vehicle'),
      onMessage: (request) => answer(request, false),
    });
    return ({ id, flags, data }) => {
      if (id === 0x7df) answer(data.slice(1, 1 + data[0]), true);
      else channel.receive(id, flags, data, 0, data.length);
    };
  }

  /** Starts polling, if that is not done, and lets time pass. */
  async run(durationMs: number): Promise<void> {
    this.finished ??= this.poller.start();
    await advance(this.clock, durationMs);
  }

  /** Stops, and lets what was under way end. */
  async stop(): Promise<void> {
    this.poller.stop();
    await settled();
    await advance(this.clock, 2000);
  }

  /** A frame from somebody else on the bus. */
  intrude(id: number, ...data: number[]): void {
    this.poller.receive(batchOf({ timeUs: this.clock.nowMs() * 1000, id, flags: 0, data: Uint8Array.from(data) }));
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  of<Kind extends ObdEvent['kind']>(kind: Kind): (Extract<ObdEvent, { kind: Kind }> & { atMs: number })[] {
    return this.events.filter((event) => event.kind === kind) as never;
  }

  /** Requests of ours: single frames, without their length byte and padding. */
  requests(): { atMs: number; id: number; bytes: number[] }[] {
    return this.frames
      .filter(({ from, data }) => from === 'tester' && data[0] >> 4 === 0)
      .map(({ atMs, id, data }) => ({ atMs, id, bytes: [...data.subarray(1, 1 + data[0])] }));
  }

  /** How often a parameter was asked for. */
  asked(pid: number): number {
    return this.requests().filter(({ bytes }) => bytes[0] === 1 && bytes.includes(pid, 1)).length;
  }
}

export function batchOf({ timeUs, id, flags, data }: CanFrame): FrameBatch {
  const batch = new FrameBatch(1, 64);
  batch.push(timeUs, id, flags, data);
  return batch;
}
