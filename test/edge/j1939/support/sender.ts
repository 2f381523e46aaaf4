/** A sender of the transport protocol, written from the tables of SAE J1939-21; it shares no code with edge/j1939. */
import { FrameFlag } from '../../../../edge/can/index.ts';
import { createJ1939Reassembler, type J1939Message, type J1939Options } from '../../../../edge/j1939/index.ts';

export interface Sent {
  timeUs: number;
  id: number;
  flags: number;
  data: Uint8Array;
}

export interface Transfer {
  pgn: number;
  source: number;
  destination: number;
  payload: Uint8Array;
  priority?: number;
  startMs?: number;
  /** Between two frames. */
  gapMs?: number;
}

const pgnBytes = (pgn: number): number[] => [pgn % 256, Math.floor(pgn / 256) % 256, Math.floor(pgn / 65536)];
const frameId = (priority: number, format: number, destination: number, source: number): number =>
  priority * 2 ** 26 + format * 65536 + destination * 256 + source;

export function frame(timeMs: number, id: number, bytes: readonly number[]): Sent {
  return { timeUs: timeMs * 1000, id, flags: FrameFlag.extended, data: Uint8Array.from(bytes) };
}

/** A TP.CM frame with the given five bytes before the PGN. */
export function management(
  timeMs: number,
  [from, to]: [number, number],
  head: readonly number[],
  pgn: number,
  priority = 7,
): Sent {
  return frame(timeMs, frameId(priority, 0xec, to, from), [...head, ...pgnBytes(pgn)]);
}

/** The payload in sevens, each after its number from 1, the last filled up with FF. */
export function packets({ source, destination, payload, priority = 7 }: Transfer): Sent[] {
  const sent: Sent[] = [];
  for (let start = 0; start < payload.length; start += 7) {
    const part = [...payload.subarray(start, start + 7)];
    while (part.length < 7) part.push(0xff);
    sent.push(frame(0, frameId(priority, 0xeb, destination, source), [sent.length + 1, ...part]));
  }
  return sent;
}

const sizeBytes = (size: number): number[] => [size % 256, Math.floor(size / 256)];
const timed = (frames: Sent[], { startMs = 0, gapMs = 50 }: Transfer): Sent[] =>
  frames.map((one, i) => ({ ...one, timeUs: (startMs + i * gapMs) * 1000 }));

/** BAM and all packets. */
export function broadcast(transfer: Omit<Transfer, 'destination'>): Sent[] {
  const whole = { ...transfer, destination: 255 };
  const data = packets(whole);
  const head = [32, ...sizeBytes(transfer.payload.length), data.length, 255];
  return timed([management(0, [transfer.source, 255], head, transfer.pgn, transfer.priority), ...data], whole);
}

/** RTS, a CTS for each window of packets, and the acknowledgment. */
export function connection(transfer: Transfer, windowSize = 255): Sent[] {
  const { source, destination, payload, pgn, priority } = transfer;
  const data = packets(transfer);
  const head = [16, ...sizeBytes(payload.length), data.length, windowSize];
  const frames = [management(0, [source, destination], head, pgn, priority)];
  for (let next = 0; next < data.length; next += windowSize) {
    const window = data.slice(next, next + windowSize);
    frames.push(management(0, [destination, source], [17, window.length, next + 1, 255, 255], pgn), ...window);
  }
  frames.push(management(0, [destination, source], [19, ...sizeBytes(payload.length), data.length, 255], pgn));
  return timed(frames, transfer);
}

/** `Xtd id` lines as loggers print them: 29-bit id and bytes in hex, 50 ms apart. */
export function transcript(text: string, gapMs = 50): Sent[] {
  const lines = text.trim().split('\n');
  return lines.map((line, i) => {
    const [id, ...bytes] = line.trim().split(/\s+/);
    return frame(
      i * gapMs,
      Number.parseInt(id, 16),
      bytes.map((byte) => Number.parseInt(byte, 16)),
    );
  });
}

/** What comes out: messages with copied payloads, and the counts at the end. */
export function listen(frames: readonly Sent[], options: J1939Options = {}) {
  const reassembler = createJ1939Reassembler(options);
  const messages: J1939Message[] = [];
  for (const { timeUs, id, flags, data } of frames) {
    const whole = reassembler.push(timeUs, id, flags, data, 0, data.length);
    if (whole) messages.push({ ...whole, data: whole.data.slice() });
  }
  return { messages, stats: reassembler.stats, openCount: reassembler.openCount, reassembler };
}

/** 0, 1, 2 ... so that a byte out of place shows. */
export function counting(size: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (first + i) % 256);
}
