/** SMP on a byte stream without lines: TCP, and a serial port that carries nothing else. */
import type { Transport } from '../../transport/index.ts';
import { smpBodyBytesMax, smpHeaderBytes } from '../header.ts';
import { StreamDecoder, type StreamDecoderOptions } from '../stream-decode.ts';
import { lineMs, type SmpLink } from './link.ts';

export interface StreamLinkOptions {
  /** Of a serial line, to know how long a message takes. */
  baudRate?: number;
  /** On a line that loses bytes: an unfinished message is given up. Without it, what is no message ends the link. */
  timeout?: StreamDecoderOptions['timeout'];
}

/** Takes the transport's data and its end. */
export function streamLink(transport: Transport, { baudRate, timeout }: StreamLinkOptions = {}): SmpLink {
  let receive: (message: Uint8Array) => void = () => {};
  const decoder = new StreamDecoder({
    messageBytesMax: smpHeaderBytes + smpBodyBytesMax,
    onMessage: (message) => receive(message),
    ...(timeout ? { timeout } : { onFault: () => void transport.close() }),
  });
  transport.onData((bytes) => decoder.push(bytes));
  return {
    name: transport.name,
    messageBytesMax: (bufferBytes) => bufferBytes,
    wireMs: (bytes) => lineMs(bytes, baudRate),
    send: (message) => transport.write(message),
    onMessage(receiver) {
      receive = receiver;
    },
    onClose: (closed) =>
      transport.onClose((fault) => {
        decoder.close();
        closed(fault);
      }),
    close: () => transport.close(),
  };
}
