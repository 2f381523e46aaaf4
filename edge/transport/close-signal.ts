import type { MinerError } from '../errors/index.ts';

/** The end of a stream: told once to everyone who asked, also to those who ask afterwards. */
export class CloseSignal {
  #handlers: ((fault?: MinerError) => void)[] = [];
  #fault: MinerError | undefined;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Why it ended; undefined when we ended it ourselves, or not at all. */
  get fault(): MinerError | undefined {
    return this.#fault;
  }

  onClose(handler: (fault?: MinerError) => void): void {
    if (this.#closed) queueMicrotask(() => handler(this.#fault));
    else this.#handlers.push(handler);
  }

  /** @returns false when it had ended before: a stream's own events may come twice */
  close(fault?: MinerError): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#fault = fault;
    const handlers = this.#handlers;
    this.#handlers = [];
    for (const handler of handlers) handler(fault);
    return true;
  }
}
