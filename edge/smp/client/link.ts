import type { MinerError } from '../../errors/index.ts';

/** Whole messages to and from one device; how they are framed is the link's own business. */
export interface SmpLink {
  /** As a person would call it. */
  readonly name: string;
  /** Longest message, header included, for a device whose buffers hold so many bytes. */
  messageBytesMax(bufferBytes: number): number;
  /** How long a message of so many bytes keeps the line busy; 0 where nobody knows or cares. */
  wireMs(messageBytes: number): number;
  /** Resolves once the bytes left our hands. The message is not kept. */
  send(message: Uint8Array): Promise<void>;
  /** Sets the one receiver. The message is only valid during the call. */
  onMessage(receive: (message: Uint8Array) => void): void;
  /** Called exactly once: with the fault when the peer went away, without when we closed. */
  onClose(closed: (fault?: MinerError) => void): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A start and a stop bit around each eight. */
const bitsPerByte = 10;

/** How long so many bytes take on a serial line; 0 where its speed is not known. */
export function lineMs(bytes: number, baudRate: number | undefined): number {
  return baudRate === undefined ? 0 : (bytes * bitsPerByte * 1000) / baudRate;
}
