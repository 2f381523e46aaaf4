/** An adapter's line that can stall and carry noise, as cables and USB stacks do. */
import type { Transport } from '../../edge/transport/index.ts';

/** From the host, kept while the line stalls; a real adapter's buffer is no larger. */
const heldBytesMax = 65_536;

export interface FaultyLineOptions {
  /** Called before bytes are handed to the transport. */
  onWrite?: () => void;
}

/** The transport, until told otherwise. */
export class FaultyLine implements Transport {
  readonly name: string;
  /** From the host, lost because more came during a stall than an adapter buffers. */
  bytesLost = 0;
  readonly #transport: Transport;
  readonly #onWrite: () => void;
  #receive: (bytes: Uint8Array) => void = () => {};
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #stall: { over: Promise<void>; end: () => void } | undefined;

  constructor(transport: Transport, { onWrite = () => {} }: FaultyLineOptions = {}) {
    this.name = transport.name;
    this.#transport = transport;
    this.#onWrite = onWrite;
    transport.onClose(() => this.#stall?.end());
  }

  /** Nothing is read or written from here on; the host sees no hang-up. */
  stall(): void {
    if (this.#stall !== undefined) return;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#stall = { over, end };
  }

  /** Goes on: what the host sent meanwhile is read now. */
  unstall(): void {
    const stall = this.#stall;
    this.#stall = undefined;
    stall?.end();
    this.#heldBytes = 0;
    for (const bytes of this.#held.splice(0)) this.#receive(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#stall !== undefined) await this.#stall.over;
    this.#onWrite();
    await this.#transport.write(bytes);
  }

  onData(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
    this.#transport.onData((bytes) => {
      if (this.#stall === undefined) receive(bytes);
      else this.#hold(bytes);
    });
  }

  #hold(bytes: Uint8Array): void {
    const size = Math.min(bytes.length, heldBytesMax - this.#heldBytes);
    this.bytesLost += bytes.length - size;
    this.#heldBytes += size;
    if (size > 0) this.#held.push(bytes.slice(0, size));
  }

  onClose(closed: Parameters<Transport['onClose']>[0]): void {
    this.#transport.onClose(closed);
  }

  async close(): Promise<void> {
    this.#stall?.end();
    await this.#transport.close();
  }
}
