/** The vehicle of a world: frames in rhythm through an emulated SLCAN adapter on a line that may fail. */

import type { DecoderFile } from '../../edge/approved-decoder.ts';
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { edgeError } from '../../edge/errors/index.ts';
import { FaultyLine, type LineFaults, type SeededRandom, type VirtualClock } from '../../edge/sim/index.ts';
import { SlcanAdapter } from '../../edge/slcan/index.ts';
import type { Transport } from '../../edge/transport/index.ts';

/** Small, so that a burst overruns it. */
export const adapterQueueFrames = 32;

function dbcFile(name: string, text: string): DecoderFile {
  return { name, bytes: new TextEncoder().encode(`VERSION ""\n\nBU_: ECU\n\n${text}`) };
}

/** Listed, listed, and never listed. */
export const decoderFiles: readonly DecoderFile[] = [
  dbcFile(
    'engine',
    'BO_ 256 Engine: 8 ECU\n SG_ Speed : 0|16@1+ (0.1,0) [0|0] "km/h" ECU\n SG_ Load : 16|8@1+ (1,0) [0|0] "%" ECU\n',
  ),
  dbcFile('battery', 'BO_ 512 Battery: 8 ECU\n SG_ Charge : 7|16@0+ (0.01,0) [0|0] "%" ECU\n'),
  dbcFile('stranger', 'BO_ 256 Engine: 8 ECU\n SG_ Anything : 8|8@1+ (1,0) [0|0] "" ECU\n'),
];

export class VehicleSide {
  readonly lineFaults: LineFaults = { drop: 0, duplicate: 0, split: 0, flip: 0 };
  /** No port to open: the adapter is unplugged. */
  isUnplugged = false;
  /** The bus is off, or nobody sends. */
  isSilent = false;
  isBabbling = false;
  framesOffered = 0;
  adapter: SlcanAdapter | undefined;
  #line: FaultyLine | undefined;
  #ports = 0;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #batch = new FrameBatch(64);
  readonly #payload = new Uint8Array(8);

  constructor(clock: VirtualClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A fresh connection to a fresh adapter, under another name each time, as after an enumeration. */
  readonly openPort = async (): Promise<Transport> => {
    const port = `sim:${this.#ports}`;
    if (this.isUnplugged) throw edgeError('PORT_MISSING', { port, ports: [] });
    this.#ports++;
    this.hangUp();
    this.#line = new FaultyLine(this.#random, this.lineFaults, port);
    this.adapter = new SlcanAdapter(this.#line.b, {
      clock: this.#clock,
      queueFrames: adapterQueueFrames,
      paceToBitRate: false,
    });
    return this.#line.a;
  };

  hangUp(): void {
    this.#line?.hangUp();
    this.#line = undefined;
  }

  stall(): void {
    this.#line?.stall();
  }

  resume(): void {
    this.#line?.resume();
  }

  /** What the bus carries at one tick. */
  tick(): void {
    if (this.isSilent) return;
    const random = this.#random;
    this.#batch.clear();
    this.#push(256, random.nextUint32());
    if (random.chance(1, 2)) this.#push(512, random.nextUint32());
    if (random.chance(1, 4)) this.#push(0x300 + random.below(16), random.nextUint32());
    if (random.chance(1, 16)) this.#batch.push(0, 256, FrameFlag.remote, new Uint8Array());
    if (this.isBabbling) this.#fill(24);
    this.#offer();
  }

  /** More frames at once than the adapter holds. */
  burst(): void {
    this.#batch.clear();
    this.#fill(64);
    this.#offer();
  }

  #fill(count: number): void {
    for (let i = 0; i < count && this.#batch.count < 64; i++) this.#push(0, i);
  }

  #push(id: number, value: number): void {
    new DataView(this.#payload.buffer).setUint32(0, value, true);
    this.#batch.push(0, id, 0, this.#payload);
  }

  #offer(): void {
    this.framesOffered += this.#batch.count;
    this.adapter?.offer(this.#batch);
  }
}

/** Frames that an adapter reports in a failing bus's place. */
export function errorFrames(count: number, timeUs: number): FrameBatch {
  const batch = new FrameBatch(Math.max(1, count));
  for (let i = 0; i < count; i++) batch.push(timeUs, 0, FrameFlag.error, new Uint8Array());
  return batch;
}
