import { type CanFrame, FrameFlag } from '../can/index.ts';
import type { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import { type IsoTpAddress, type ResolvedAddress, resolveAddress } from './address.ts';
import { type FrameFormat, Framing } from './framing.ts';
import { defaultTimeouts, type IsoTpTimeouts, PciType } from './protocol-table.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { separationCodeOf } from './separation-time.ts';

export interface IsoTpOptions extends IsoTpAddress, FrameFormat {
  clock: Clock;
  /** Frames that the other side may send between two flow control frames of ours, 0 (default) to 255; 0: all. */
  blockSize?: number;
  /** The least time between two of them, milliseconds; steps of 0.1 below 1 ms. Default 0. */
  separationMs?: number;
  /** Longest message that is received, default 4095; a longer one is answered with an overflow. */
  receiveBytesMax?: number;
  /** N_WFTmax: WAIT frames in a row, ours or theirs, before a message is given up. Default 10. */
  waitsMax?: number;
  timeouts?: Partial<IsoTpTimeouts>;
  /** Whether the next block may come; the other side waits while it says no. */
  isReady?: () => boolean;
  /** Puts one frame on the bus. A promise resolves once it is there; nothing more goes out before. */
  send: (frame: CanFrame) => void | Promise<void>;
  /** Takes one message, whole; it is the receiver's to keep. */
  onMessage: (message: Uint8Array) => void;
  /** A message of the other side that will not be whole. */
  onFault?: (fault: MinerError) => void;
}

/** Frames with one of these are none of ours: no data, or our own. */
const strangeFlags = FrameFlag.remote | FrameFlag.error | FrameFlag.transmitted;

/**
 * Messages of up to 2^32 - 1 bytes over CAN frames, between us and one other: ISO 15765-2 with classic and FD frames.
 * Both directions are independent. A message comes whole and in order, or a fault is told: the sequence number tells
 * up to 15 lost frames in a row; 16 lost ones are told by the length or the time.
 * @example
 *   const channel = new IsoTpChannel({ clock, txId: 0x7e0, rxId: 0x7e8, send, onMessage });
 *   await channel.send(Uint8Array.of(0x09, 0x02));
 */
export class IsoTpChannel {
  readonly #address: ResolvedAddress;
  readonly #sender: Sender;
  readonly #receiver: Receiver;

  /** @throws {RangeError} on ids, address bytes or frame sizes that cannot be: our own mistake */
  constructor(options: IsoTpOptions) {
    const { clock, send: transmit, onMessage, onFault = () => {}, isReady = () => true } = options;
    const { blockSize = 0, separationMs = 0, receiveBytesMax = 4095, waitsMax = 10 } = options;
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.#address = resolveAddress(options);
    const framing = new Framing(this.#address, options);
    const separationCode = separationCodeOf(separationMs);
    const common = { clock, framing, timeouts, waitsMax, transmit };
    this.#sender = new Sender(common);
    this.#receiver = new Receiver({
      ...common,
      blockSize,
      separationCode,
      receiveBytesMax,
      isReady,
      onMessage,
      onFault,
    });
  }

  /** Whether nothing is under way in either direction. */
  get isIdle(): boolean {
    return this.#sender.isIdle && this.#receiver.isIdle;
  }

  /** Whether a message of the other side has begun and is not whole yet. */
  get isReceiving(): boolean {
    return !this.#receiver.isIdle;
  }

  /**
   * Sends one message of 1 to 2^32 - 1 bytes; resolves once its last frame is on the bus.
   * @throws {MinerError} ISOTP_BUSY while another one is being sent, ISOTP_LENGTH, ISOTP_TIMEOUT, ISOTP_OVERFLOW,
   *   ISOTP_WAITS, ISOTP_FLOW_STATUS, ISOTP_SEND, ISOTP_CLOSED
   */
  send(message: Uint8Array): Promise<void> {
    return this.#sender.send(message);
  }

  /**
   * Takes one frame, of anyone. Never throws on frame data.
   * @param flags bits of FrameFlag
   * @param data holds the payload at `offset`, `length` bytes
   * @returns whether it is one of this channel's, also when it was malformed
   */
  receive(id: number, flags: number, data: Uint8Array, offset: number, length: number): boolean {
    const { rxId, idFlag, prefix, rxByte } = this.#address;
    if (id !== rxId || (flags & (strangeFlags | FrameFlag.extended)) !== idFlag) return false;
    const at = offset + prefix;
    const end = Math.min(offset + length, data.length);
    if (prefix === 1 && (offset >= end || data[offset] !== rxByte)) return false;
    if (at >= end) return true;
    if (data[at] >> 4 !== PciType.flowControl) this.#receiver.take(data, at, end);
    else if (end - at >= 3) this.#sender.takeFlowControl(data[at] & 15, data[at + 1], data[at + 2]);
    return true;
  }

  /** Gives up what is under way: a message being sent fails with ISOTP_CLOSED. The channel can go on being used. */
  reset(): void {
    this.#sender.close();
    this.#receiver.close();
  }
}
