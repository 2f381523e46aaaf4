/** The functions compiled for one message, one for each set of signals that frames of some length cover. */
import { bytesNeeded, generatedSize, generatedSizeMax, messageBytesNeeded } from './layout.ts';
import type { PlanMessage } from './types.ts';

/**
 * Bytes of payload that generated code reads; a message that needs more is interpreted. J1939's transport protocol
 * carries 1785, ISO-TP 4095 without its escape.
 */
export const payloadBytesMax = 4096;

/** Bytes of a whole frame for which code is generated; undefined for a message that is too large for it. */
export function compilableBytes(message: PlanMessage): number | undefined {
  const bytes = messageBytesNeeded(message);
  return bytes > payloadBytesMax || generatedSize(message) > generatedSizeMax ? undefined : bytes;
}

/** Compiles on demand and keeps what it compiled. */
export class CompiledMessage<F> {
  readonly #message: PlanMessage;
  readonly #compile: (message: PlanMessage, coveredBytes: number) => F;
  readonly #byCovered = new Map<number, F>();

  /** @param compile makes the function for frames of at least `coveredBytes` */
  constructor(message: PlanMessage, compile: (message: PlanMessage, coveredBytes: number) => F) {
    this.#message = message;
    this.#compile = compile;
  }

  /** The function for frames of `length` bytes. */
  forLength(length: number): F {
    // Lengths between the ends of two signals cover the same ones, and share a function.
    let covered = 0;
    for (const signal of this.#message.signals) {
      const end = bytesNeeded(signal);
      if (end <= length && end > covered) covered = end;
    }
    let compiled = this.#byCovered.get(covered);
    if (compiled === undefined) {
      compiled = this.#compile(this.#message, covered);
      this.#byCovered.set(covered, compiled);
    }
    return compiled;
  }
}
