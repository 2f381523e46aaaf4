/** SMP beside the text of a serial console. */
import type { Clock } from '../../sim/index.ts';
import type { Transport } from '../../transport/index.ts';
import { smpBodyBytesMax, smpHeaderBytes } from '../header.ts';
import { SerialDecoder } from '../serial-decode.ts';
import { encodeSerial } from '../serial-encode.ts';
import { checksumBytes, lengthBytes, newline, serialFrameBytes } from '../serial-framing.ts';
import { lineMs, type SmpLink } from './link.ts';

export interface SerialLinkOptions {
  /** Of the line, to know how long a message takes; left out where the line has no such limit. */
  baudRate?: number;
  /** Waits before each line that continues a message, for a device whose receive interrupt outruns it. 0 unless told. */
  linePauseMs?: number;
  /** For those pauses. */
  clock: Clock;
  /** What the device prints between messages; the bytes are only valid during the call. */
  onText?: (text: Uint8Array) => void;
}

/** Takes the transport's data and its end. */
export function serialLink(transport: Transport, options: SerialLinkOptions): SmpLink {
  const { baudRate, linePauseMs = 0, clock, onText } = options;
  let receive: (message: Uint8Array) => void = () => {};
  const decoder = new SerialDecoder({
    messageBytesMax: smpHeaderBytes + smpBodyBytesMax - checksumBytes,
    onMessage: (message) => receive(message),
    onText,
  });
  transport.onData((bytes) => decoder.push(bytes));
  let lastSend = Promise.resolve();
  const sendPaused = async (lines: Uint8Array): Promise<void> => {
    for (let at = 0; at < lines.length; ) {
      if (at > 0) await new Promise<void>((resume) => clock.schedule(linePauseMs, resume));
      const end = lines.indexOf(newline, at) + 1;
      await transport.write(lines.subarray(at, end));
      at = end;
    }
  };
  return {
    name: transport.name,
    // A device decodes length and checksum into the same buffer.
    messageBytesMax: (bufferBytes) => bufferBytes - lengthBytes - checksumBytes,
    wireMs: (bytes) => lineMs(serialFrameBytes(bytes), baudRate),
    send(message) {
      const lines = encodeSerial(message);
      if (linePauseMs === 0) return transport.write(lines);
      const sent = lastSend.then(() => sendPaused(lines));
      lastSend = sent.catch(() => {});
      return sent;
    },
    onMessage(receiver) {
      receive = receiver;
    },
    onClose: (closed) => transport.onClose(closed),
    close: () => transport.close(),
  };
}
