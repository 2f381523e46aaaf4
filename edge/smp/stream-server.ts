/** SMP without lines on a byte stream: TCP, or a serial port of its own. */
import type { Clock } from '../sim/index.ts';
import type { Transport } from '../transport/index.ts';
import { StreamDecoder } from './framing.ts';
import type { SmpServer } from './server.ts';

export interface StreamSmpOptions {
  transport: Transport;
  server: SmpServer;
  /** Bytes of answers that may wait to be taken; a peer that does not read is answered no further. 64 KiB unless told. */
  waitingBytesMax?: number;
  /**
   * On a serial line, where bytes get lost: an unfinished message is given up after so long without a byte. Without
   * it, as on TCP, what is no message ends the connection.
   */
  serial?: { clock: Pick<Clock, 'schedule'>; timeoutMs?: number };
}

/** Serves until the transport closes. @returns the decoder, for its faults */
export function serveStream({ transport, server, waitingBytesMax = 65_536, serial }: StreamSmpOptions): StreamDecoder {
  let waitingBytes = 0;
  const send = (bytes: Uint8Array): void => {
    if (waitingBytes + bytes.length > waitingBytesMax) return;
    waitingBytes += bytes.length;
    const sent = () => {
      waitingBytes -= bytes.length;
    };
    transport.write(bytes).then(sent, sent);
  };
  const decoder = new StreamDecoder({
    messageBytesMax: server.bufferBytes,
    onMessage: (message) => {
      for (const answer of server.receive(message, transport.name)) send(answer);
    },
    ...(serial
      ? { timeout: { clock: serial.clock, ms: serial.timeoutMs ?? 500 } }
      : { onFault: () => void transport.close() }),
  });
  transport.onData((bytes) => decoder.push(bytes));
  transport.onClose(() => decoder.close());
  return decoder;
}
