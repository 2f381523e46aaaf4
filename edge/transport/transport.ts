import type { MinerError } from '../errors/index.ts';

/** A byte stream that someone else may end at any moment: serial port, pty, TCP, in-memory pair. */
export interface Transport {
  /** What a person would call it: `/dev/pts/3`, `tcp://127.0.0.1:4000`, `memory:a`. */
  readonly name: string;
  /** Resolves once the bytes left our hands (drained), so that a caller can keep memory bounded. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sets the one receiver. The bytes are only valid during the call. */
  onData(receive: (bytes: Uint8Array) => void): void;
  /** Called exactly once: with the fault when the peer went away, without when we closed. */
  onClose(closed: (fault?: MinerError) => void): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Attempts to open what a person named, one after another, for `reconnecting`. */
export interface TransportOpener {
  /** @throws {MinerError} why it cannot be opened now */
  (): Promise<Transport>;
  /** Where the name may stand for several devices: an attempt at each that is there now. */
  candidates?(): Promise<(() => Promise<Transport>)[]>;
  /** Ends an attempt that waits, and gives back what was made for it. */
  close?(): Promise<void>;
}
