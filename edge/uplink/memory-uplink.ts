/** A way to a gateway in the same process, with the faults of a real one on request. */
import { edgeError } from '../errors/index.ts';
import type { UplinkMessage, UplinkPort } from './uplink-port.ts';

export class MemoryUplink implements UplinkPort {
  private readonly gateway: (seq: number, bytes: Uint8Array) => void;
  private receive: (message: UplinkMessage) => void = () => {};
  private up: () => void = () => {};
  private down: () => void = () => {};
  private isUp: boolean;

  /** @param gateway takes what is sent; it answers through `deliver` */
  constructor(gateway: (seq: number, bytes: Uint8Array) => void, isUp = true) {
    this.gateway = gateway;
    this.isUp = isUp;
  }

  send(seq: number, bytes: Uint8Array): void {
    if (!this.isUp) throw edgeError('UPLINK_DOWN', { seq });
    this.gateway(seq, bytes);
  }

  deliver(message: UplinkMessage): void {
    if (this.isUp) this.receive(message);
  }

  setUp(isUp: boolean): void {
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    (isUp ? this.up : this.down)();
  }

  onMessage(receive: (message: UplinkMessage) => void): void {
    this.receive = receive;
  }

  onUp(up: () => void): void {
    this.up = up;
    if (this.isUp) up();
  }

  onDown(down: () => void): void {
    this.down = down;
  }
}
