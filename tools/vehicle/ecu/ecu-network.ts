import { type CanFrame, type FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { IsoTpChannel, readSingleFrame } from '../../../edge/isotp/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { DriveState } from '../drive-model.ts';
import { checkDescription, type EcuDescription, electricCarEcus, exampleVin } from './description.ts';
import { Ecu } from './ecu.ts';

export interface EcuNetworkOptions {
  clock: Clock;
  /** The car as it is now; asked at each request. */
  state: () => DriveState;
  /** 17 characters; an example with a valid check digit unless told. */
  vin?: string;
  /** Default: those of the electric car. */
  ecus?: readonly EcuDescription[];
  /** Which ids the ECUs listen to; `11-bit` unless told. */
  addressing?: '11-bit' | '29-bit' | 'both';
  /** Puts one frame of an ECU on the bus; its time is now. */
  send: (frame: CanFrame) => void;
}

export interface EcuNetworkCounters {
  /** Whole requests, functional ones once for each ECU that they reach. */
  requests: number;
  /** Answers begun, negative ones among them. */
  answers: number;
  negative: number;
  /** Answers that could not go out: the ECU was still sending another one. */
  dropped: number;
  /** Messages broken on their way. */
  faults: number;
}

const functionalId = 0x7df;
const functionalId29 = 0x18db33f1;

/** One ECU as one way of addressing reaches it. */
interface Reach {
  ecu: Ecu;
  functionalId: number;
  idFlag: number;
  channel: IsoTpChannel;
  answer: (request: Uint8Array, isFunctional: boolean) => void;
}

/**
 * The diagnostic side of a vehicle: control units that answer OBD services 01, 03, 04, 07, 09 and UDS services 10,
 * 19, 22, 3E on physical and functional addresses, over ISO-TP. Give it every frame that a tester sends.
 * @example
 *   const network = new EcuNetwork({ clock, state: () => model.state, send: (frame) => bus.offer(frame) });
 *   network.receive(framesFromTheHost);
 */
export class EcuNetwork {
  readonly ecus: readonly Ecu[];
  readonly counters: EcuNetworkCounters = { requests: 0, answers: 0, negative: 0, dropped: 0, faults: 0 };
  readonly #reaches: Reach[] = [];

  /** @throws {RangeError} for ECUs that cannot be (see checkDescription), or a VIN that is none */
  constructor(options: EcuNetworkOptions) {
    const { clock, state, vin = exampleVin, ecus = electricCarEcus, addressing = '11-bit' } = options;
    if (vin.length !== 17) throw new RangeError(`${vin} is no VIN: expected 17 characters`);
    for (const ecu of ecus) checkDescription(ecu);
    this.ecus = ecus.map((description) => new Ecu({ clock, state, vin, description }));
    for (const ecu of this.ecus) {
      const { index, address } = ecu.description;
      if (addressing !== '29-bit') {
        this.#addReach(options, ecu, { txId: 0x7e8 + index, rxId: 0x7e0 + index, extended: false });
      }
      if (addressing !== '11-bit') {
        const ids = { txId: 0x18daf100 | address, rxId: 0x18da00f1 | (address << 8), extended: true };
        this.#addReach(options, ecu, ids);
      }
    }
  }

  #addReach(options: EcuNetworkOptions, ecu: Ecu, ids: { txId: number; rxId: number; extended: boolean }): void {
    const { clock, send } = options;
    const channel = new IsoTpChannel({
      ...ids,
      clock,
      send,
      padding: 0xaa,
      onMessage: (request) => answer(request, false),
      onFault: () => {
        this.counters.faults++;
      },
    });
    const respond = (bytes: Uint8Array) => {
      this.counters.answers++;
      if (bytes[0] === 0x7f) this.counters.negative++;
      channel.send(bytes).catch((fault: { code?: string }) => {
        if (fault.code === 'ISOTP_BUSY') this.counters.dropped++;
        else this.counters.faults++;
      });
    };
    const answer = (request: Uint8Array, isFunctional: boolean) => {
      this.counters.requests++;
      ecu.request(request, isFunctional, respond);
    };
    const { extended } = ids;
    const idFlag = extended ? FrameFlag.extended : 0;
    this.#reaches.push({ ecu, channel, answer, idFlag, functionalId: extended ? functionalId29 : functionalId });
  }

  /** Takes frames that were on the bus; those for no ECU pass by. Never throws on frame data. */
  receive(batch: FrameBatch): void {
    const { count, id, flags, data, stride, length } = batch;
    for (let i = 0; i < count; i++) {
      const isDiagnostic = (id[i] & 0x7f8) === 0x7e0 || id[i] === functionalId || id[i] >>> 16 === 0x18da;
      if (!isDiagnostic && id[i] !== functionalId29) continue;
      this.#take(id[i], flags[i], data, i * stride, length[i]);
    }
  }

  /** Takes one frame; see `receive`. */
  #take(id: number, flags: number, data: Uint8Array, offset: number, length: number): void {
    // What the host sent is marked so on its own side; here it is only a frame.
    const seen = flags & ~FrameFlag.transmitted;
    const format = seen & (FrameFlag.extended | FrameFlag.remote | FrameFlag.error);
    for (const reach of this.#reaches) {
      if (id === reach.functionalId && format === reach.idFlag) {
        const request = readSingleFrame(data, offset, Math.min(offset + length, data.length));
        if (request !== undefined) reach.answer(request, true);
      } else {
        reach.channel.receive(id, seen, data, offset, length);
      }
    }
  }

  /** Power off: nothing is answered any more; what is under way ends. */
  stop(): void {
    for (const { channel } of this.#reaches) channel.reset();
    for (const ecu of this.ecus) ecu.stop();
  }
}
