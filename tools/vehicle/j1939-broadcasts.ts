/** Messages of more than 8 bytes on a J1939 bus: broadcasts of the transport protocol, one at a time for each source. */
import { type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { buildJ1939Id, parseJ1939Id } from '../../edge/j1939/index.ts';

/** The largest message that one transfer carries. @see SAE J1939-21, "Transport protocol" */
export const j1939BytesMax = 1785;

const TransportPgn = { connectionManagement: 0xec00, dataTransfer: 0xeb00 } as const;
const announceControl = 32;
const bytesPerPacket = 7;
const everybody = 255;
/** Of transport frames: they give way to everything else. */
const priority = 7;
/** Between two packets of a broadcast, at least; 200 ms would be the most. */
const packetGapMs = 50;

interface Broadcast {
  source: number;
  pgn: number;
  payload: Uint8Array;
  /** 0 is the announcement. */
  next: number;
  dueMs: number;
}

export class J1939Broadcasts {
  readonly #open: Broadcast[] = [];
  /** By id, for sources that are busy; in turn, each with its newest payload. */
  readonly #waiting = new Map<number, Uint8Array>();
  readonly #frame = new Uint8Array(8);

  /** Sends `length` bytes, 9 to 1785, as the parameter group of `id`, as soon as its source is free. */
  send(timeMs: number, id: number, payload: Uint8Array, length: number): void {
    const { source } = parseJ1939Id(id);
    const bytes = payload.slice(0, length);
    if (this.#open.some((broadcast) => broadcast.source === source)) this.#waiting.set(id, bytes);
    else this.#begin(timeMs, id, bytes);
  }

  #begin(dueMs: number, id: number, payload: Uint8Array): void {
    const { source, pgn } = parseJ1939Id(id);
    this.#open.push({ source, pgn, payload, next: 0, dueMs });
  }

  /** Appends the frames that are due. */
  sendDue(timeMs: number, batch: FrameBatch): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const broadcast = this.#open[i];
      if (broadcast.dueMs > timeMs) continue;
      this.#send(timeMs, broadcast, batch);
      broadcast.next++;
      broadcast.dueMs = timeMs + packetGapMs;
      if ((broadcast.next - 1) * bytesPerPacket < broadcast.payload.length) continue;
      this.#open.splice(i, 1);
      this.#beginNext(broadcast);
    }
  }

  #beginNext({ source, dueMs }: Broadcast): void {
    for (const [id, payload] of this.#waiting) {
      if (parseJ1939Id(id).source !== source) continue;
      this.#waiting.delete(id);
      this.#begin(dueMs, id, payload);
      return;
    }
  }

  #send(timeMs: number, { source, pgn, payload, next }: Broadcast, batch: FrameBatch): void {
    const frame = this.#frame;
    const size = payload.length;
    // What a packet has no byte for is FF.
    frame.fill(0xff);
    if (next === 0) {
      frame.set([announceControl, size & 0xff, size >> 8, Math.ceil(size / bytesPerPacket)]);
      frame.set([pgn & 0xff, (pgn >> 8) & 0xff, pgn >> 16], 5);
    } else {
      frame[0] = next;
      frame.set(payload.subarray((next - 1) * bytesPerPacket, next * bytesPerPacket), 1);
    }
    const group = next === 0 ? TransportPgn.connectionManagement : TransportPgn.dataTransfer;
    const id = buildJ1939Id({ priority, pgn: group, source, destination: everybody });
    batch.push(timeMs * 1000, id, FrameFlag.extended, frame);
  }
}
