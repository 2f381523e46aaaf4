/** Two channels on one bus whose frames the test can see, lose, repeat and reorder. */
import { type CanFrame, FrameFlag } from '../../../../edge/can/index.ts';
import type { MinerError } from '../../../../edge/errors/index.ts';
import { IsoTpChannel, type IsoTpOptions } from '../../../../edge/isotp/index.ts';
import { VirtualClock } from '../../../../edge/sim/index.ts';

export type Tuning = Partial<Omit<IsoTpOptions, 'clock' | 'send' | 'onMessage' | 'onFault'>>;

export interface Side {
  channel: IsoTpChannel;
  /** Whole messages, and faults of messages that were not. */
  messages: Uint8Array[];
  faults: MinerError[];
}

export interface Pair {
  clock: VirtualClock;
  tester: Side;
  ecu: Side;
  /** Every frame that either side sent. */
  frames: CanFrame[];
}

/** What becomes of a frame: the frames that reach the other side, each after a delay in milliseconds. */
export type Disturb = (frame: CanFrame, index: number) => { frame: CanFrame; delayMs: number }[];

const untouched: Disturb = (frame) => [{ frame, delayMs: 0 }];

/** Frames take no time unless `disturb` delays them; they are handed over by the clock, as on a bus. */
export function pair(options: { tester?: Tuning; ecu?: Tuning; disturb?: Disturb } = {}): Pair {
  const clock = new VirtualClock();
  const frames: CanFrame[] = [];
  const disturb = options.disturb ?? untouched;
  const sides: Side[] = [];
  const side = (self: number, ids: { txId: number; rxId: number }, tuning: Tuning = {}): Side => {
    const messages: Uint8Array[] = [];
    const faults: MinerError[] = [];
    const channel = new IsoTpChannel({
      ...ids,
      ...tuning,
      clock,
      send: (frame) => {
        frames.push(frame);
        for (const { frame: passed, delayMs } of disturb(frame, frames.length - 1)) {
          clock.schedule(delayMs, () => hand(sides[1 - self].channel, passed));
        }
      },
      onMessage: (message) => messages.push(message),
      onFault: (fault) => faults.push(fault),
    });
    return { channel, messages, faults };
  };
  sides.push(side(0, { txId: 0x7e0, rxId: 0x7e8 }, options.tester), side(1, { txId: 0x7e8, rxId: 0x7e0 }, options.ecu));
  return { clock, tester: sides[0], ecu: sides[1], frames };
}

export function hand(channel: IsoTpChannel, { id, flags, data }: Pick<CanFrame, 'id' | 'flags' | 'data'>): boolean {
  // An offset, as in a batch.
  const shifted = new Uint8Array(data.length + 3);
  shifted.set(data, 3);
  return channel.receive(id, flags, shifted, 3, data.length);
}

/** A frame from `7E0  10 14 2E F1 90`, or with a 29-bit id from `18DA10F1  02 3E 00`. */
export function frameOf(text: string, flags = 0): CanFrame {
  const [id, ...bytes] = text.trim().split(/\s+/);
  const extended = id.length > 3 ? FrameFlag.extended : 0;
  return {
    timeUs: 0,
    id: Number.parseInt(id, 16),
    flags: flags | extended,
    data: Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)),
  };
}

/** As `frameOf` reads it. */
export function textOf({ id, flags, data }: CanFrame): string {
  const digits = (flags & FrameFlag.extended) !== 0 ? 8 : 3;
  return `${id.toString(16).toUpperCase().padStart(digits, '0')}  ${hex(data)}`;
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** Bytes that tell where they stood: 1, 2, 3 ... */
export function counting(length: number, from = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);
}
