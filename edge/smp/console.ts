/** SMP and text on one serial console, as a device's debug port has them. */
import type { Transport } from '../transport/index.ts';
import { BoundedSender } from './bounded-sender.ts';
import { SerialDecoder, type SerialDecoderCounters } from './serial-decode.ts';
import { encodeSerial } from './serial-encode.ts';
import type { SmpServer } from './server.ts';

export interface ConsoleSmpOptions {
  transport: Transport;
  server: SmpServer;
  /** What was typed, byte for byte, between messages. The view is only valid during the call. */
  onText?: (text: Uint8Array) => void;
  /** A small device loses lines of a burst: see SerialDecoderOptions. */
  linesPerDeliveryMax?: number;
  /** Bytes that may wait to be written before text is dropped and requests go unanswered; 64 KiB unless told. */
  waitingBytesMax?: number;
}

export class ConsoleSmp {
  readonly #decoder: SerialDecoder;
  readonly #sender: BoundedSender;

  /** Sets the transport's receiver, in place of the one before; its closing remains the caller's. */
  constructor({ transport, server, onText, linesPerDeliveryMax, waitingBytesMax }: ConsoleSmpOptions) {
    this.#sender = new BoundedSender(transport, waitingBytesMax);
    this.#decoder = new SerialDecoder({
      messageBytesMax: server.bufferBytes,
      onMessage: (message) => {
        for (const answer of server.receive(message, transport.name)) this.#sender.send(encodeSerial(answer));
      },
      ...(onText && { onText }),
      ...(linesPerDeliveryMax !== undefined && { linesPerDeliveryMax }),
    });
    transport.onData((bytes) => this.#decoder.push(bytes));
  }

  get counters(): Readonly<SerialDecoderCounters> {
    return this.#decoder.counters;
  }

  /** Bytes that were not written because too many waited. */
  get droppedBytes(): number {
    return this.#sender.droppedBytes;
  }

  /** Writes console text. It never lands inside a message's line, since each message is written as a whole. */
  writeText(text: string | Uint8Array): void {
    this.#sender.send(typeof text === 'string' ? new TextEncoder().encode(text) : text.slice());
  }
}
