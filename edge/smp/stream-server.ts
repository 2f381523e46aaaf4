/** SMP without lines on a byte stream: TCP, or a serial port of its own. */
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { BoundedSender } from './bounded-sender.ts';
import type { SmpServer } from './server.ts';
import { StreamDecoder } from './stream-decode.ts';

export interface StreamSmpOptions {
  transport: Transport;
  server: SmpServer;
  /** Bytes of answers that may wait to be taken; a peer that does not read is answered no further. 64 KiB unless told. */
  waitingBytesMax?: number;
  /**
   * On a serial line, where bytes get lost: an unfinished message is given up after so long without a byte, 500 ms
   * unless told. Without it, as on TCP, what is no message ends the connection.
   */
  serial?: { clock: Pick<Clock, 'schedule'>; timeoutMs?: number };
}

/** Serves until the transport closes. @returns the decoder, for its faults */
export function serveStream({ transport, server, waitingBytesMax, serial }: StreamSmpOptions): StreamDecoder {
  const sender = new BoundedSender(transport, waitingBytesMax);
  const decoder = new StreamDecoder({
    messageBytesMax: server.bufferBytes,
    onMessage: (message) => {
      for (const answer of server.receive(message, transport.name)) sender.send(answer);
    },
    ...(serial
      ? { timeout: { clock: serial.clock, ms: serial.timeoutMs ?? 500 } }
      : { onFault: () => void transport.close() }),
  });
  transport.onData((bytes) => decoder.push(bytes));
  transport.onClose(() => decoder.close());
  return decoder;
}
