import type { Transport } from '../transport/index.ts';

/** Writes without waiting, and drops what a peer that does not read would let pile up. */
export class BoundedSender {
  readonly #transport: Transport;
  readonly #waitingBytesMax: number;
  #waitingBytes = 0;
  droppedBytes = 0;

  constructor(transport: Transport, waitingBytesMax = 65_536) {
    this.#transport = transport;
    this.#waitingBytesMax = waitingBytesMax;
  }

  /** @param bytes not to be changed any more: they may be written later */
  send(bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > this.#waitingBytesMax) {
      this.droppedBytes += bytes.length;
      return;
    }
    this.#waitingBytes += bytes.length;
    const done = () => {
      this.#waitingBytes -= bytes.length;
    };
    // A write that fails ends with the transport, which tells its owner itself.
    this.#transport.write(bytes).then(done, done);
  }
}
