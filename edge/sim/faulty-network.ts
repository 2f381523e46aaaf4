/** The way between Miners and their gateway: a broker that dies, messages that are lost, repeated, late and out of order. */
import { edgeError } from '../errors/index.ts';
import type { UplinkMessage, UplinkPort } from '../uplink/index.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface NetworkFaults {
  /** Chances in 100, either way. */
  lossPercent: number;
  duplicatePercent: number;
  /** Messages take up to this long, each its own time: so they overtake one another. */
  delayMsMax: number;
}

export interface FaultyNetworkOptions {
  clock: VirtualClock;
  random: SeededRandom;
  /** Takes what the device sends. */
  onPack: (seq: number, bytes: Uint8Array) => void;
}

export class FaultyNetwork {
  readonly faults: NetworkFaults = { lossPercent: 0, duplicatePercent: 0, delayMsMax: 0 };
  readonly #options: FaultyNetworkOptions;
  #device: DeviceEnd | undefined;
  #isUp = true;
  /** Messages under way belong to the broker's life in which they were sent. */
  #life = 0;

  constructor(options: FaultyNetworkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** A connection for a device that has just booted; the one before is dead. `run` runs what the device does. */
  connect(run: (task: () => unknown) => void): UplinkPort {
    this.#device = new DeviceEnd(this, run);
    return this.#device;
  }

  /** The device is gone: whatever it still tries to send goes nowhere. */
  disconnect(): void {
    this.#device = undefined;
  }

  /** Takes a message for the device. */
  deliver(message: UplinkMessage): void {
    this.#carry(() => this.#device?.take(message));
  }

  /** The broker dies with everything that it had taken. */
  kill(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#life++;
    this.#device?.down();
  }

  revive(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#device?.up();
  }

  /** For the device's end. */
  send(from: DeviceEnd, seq: number, bytes: Uint8Array): void {
    if (!this.#isUp || from !== this.#device) throw edgeError('UPLINK_DOWN', { seq });
    const copy = bytes.slice();
    this.#carry(() => this.#options.onPack(seq, copy));
  }

  #carry(arrive: () => void): void {
    if (!this.#isUp) return;
    const { clock, random } = this.#options;
    const { lossPercent, duplicatePercent, delayMsMax } = this.faults;
    const life = this.#life;
    for (let copies = random.chance(duplicatePercent, 100) ? 2 : 1; copies > 0; copies--) {
      if (random.chance(lossPercent, 100)) continue;
      // Even a good network takes a moment, so that no answer comes inside the call that asked.
      clock.schedule(20 + random.below(delayMsMax + 1), () => {
        if (life === this.#life) arrive();
      });
    }
  }
}

class DeviceEnd implements UplinkPort {
  readonly #network: FaultyNetwork;
  readonly #run: (task: () => unknown) => void;
  #receive: (message: UplinkMessage) => void = () => {};
  up: () => void = () => {};
  down: () => void = () => {};

  constructor(network: FaultyNetwork, run: (task: () => unknown) => void) {
    this.#network = network;
    this.#run = run;
  }

  send(seq: number, bytes: Uint8Array): void {
    this.#network.send(this, seq, bytes);
  }

  take(message: UplinkMessage): void {
    this.#run(() => this.#receive(message));
  }

  onMessage(receive: (message: UplinkMessage) => void): void {
    this.#receive = receive;
  }

  onUp(up: () => void): void {
    this.up = () => this.#run(up);
    if (this.#network.isUp) up();
  }

  onDown(down: () => void): void {
    this.down = () => this.#run(down);
  }
}
