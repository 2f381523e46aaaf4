import { edgeError } from '../errors/index.ts';
import { CloseSignal } from './close-signal.ts';
import type { Transport } from './transport.ts';

/** One end of a pair. Bytes arrive in a microtask of their own, so neither end runs inside the other's call. */
class MemoryTransport implements Transport {
  readonly name: string;
  peer: MemoryTransport | undefined;
  readonly #end = new CloseSignal();
  #receive: ((bytes: Uint8Array) => void) | undefined;
  /** What came before there was a receiver. */
  #waiting: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  write(bytes: Uint8Array): Promise<void> {
    const peer = this.peer;
    if (this.#end.closed || peer === undefined) return Promise.reject(this.#lost('it was closed'));
    const copy = bytes.slice();
    return new Promise((resolve, reject) => {
      queueMicrotask(() => {
        if (peer.#end.closed) return reject(this.#lost('the other end was closed'));
        peer.#deliver(copy, resolve);
      });
    });
  }

  #deliver(bytes: Uint8Array, done: () => void): void {
    const receive = this.#receive;
    if (receive === undefined) {
      this.#waiting.push(() => this.#deliver(bytes, done));
    } else {
      receive(bytes);
      done();
    }
  }

  onData(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
    for (const deliver of this.#waiting.splice(0)) deliver();
  }

  onClose(closed: Parameters<Transport['onClose']>[0]): void {
    this.#end.onClose(closed);
  }

  async close(): Promise<void> {
    if (!this.#end.close()) return;
    const peer = this.peer;
    if (peer !== undefined) queueMicrotask(() => peer.#end.close(peer.#lost('the other end was closed')));
  }

  #lost(reason: string) {
    return edgeError('PORT_LOST', { port: this.name, reason });
  }
}

/**
 * Two ends of one byte stream inside this program, for tests, simulations and the browser.
 * A write resolves once the other end has received it; closing one end is a loss to the other.
 */
export function memoryPair(name = 'memory'): [Transport, Transport] {
  const a = new MemoryTransport(`${name}:a`);
  const b = new MemoryTransport(`${name}:b`);
  a.peer = b;
  b.peer = a;
  return [a, b];
}
