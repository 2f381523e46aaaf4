/** SMP and text on one serial console, as a device's debug port has them. */
import type { Transport } from '../transport/index.ts';
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
  readonly #transport: Transport;
  readonly #decoder: SerialDecoder;
  readonly #waitingBytesMax: number;
  #waitingBytes = 0;
  /** Bytes that were not written because too many waited. */
  droppedBytes = 0;

  /** Sets the transport's receiver; its closing remains the caller's. */
  constructor({ transport, server, onText, linesPerDeliveryMax, waitingBytesMax = 65_536 }: ConsoleSmpOptions) {
    this.#transport = transport;
    this.#waitingBytesMax = waitingBytesMax;
    this.#decoder = new SerialDecoder({
      messageBytesMax: server.bufferBytes,
      onMessage: (message) => {
        for (const answer of server.receive(message, transport.name)) this.#send(encodeSerial(answer));
      },
      ...(onText && { onText }),
      ...(linesPerDeliveryMax !== undefined && { linesPerDeliveryMax }),
    });
    transport.onData((bytes) => this.#decoder.push(bytes));
  }

  get counters(): Readonly<SerialDecoderCounters> {
    return this.#decoder.counters;
  }

  /** Writes console text. It never lands inside a message's line, since each message is written as a whole. */
  writeText(text: string | Uint8Array): void {
    this.#send(typeof text === 'string' ? new TextEncoder().encode(text) : text.slice());
  }

  /** A console that nobody reads must not fill the memory. */
  #send(bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > this.#waitingBytesMax) {
      this.droppedBytes += bytes.length;
      return;
    }
    this.#waitingBytes += bytes.length;
    this.#transport.write(bytes).then(
      () => this.#sent(bytes.length),
      () => this.#sent(bytes.length),
    );
  }

  /** A write that failed ended with the transport, which tells its owner itself. */
  #sent(count: number): void {
    this.#waitingBytes -= count;
  }
}
