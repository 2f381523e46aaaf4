/** Segments as CAN frames: address byte, padding, and the lengths that a frame can have. */
import { type CanFrame, dlcToLength, FrameFlag, lengthToDlc } from '../can/index.ts';
import type { ResolvedAddress } from './address.ts';
import { defaultPadding, PciType } from './protocol-table.ts';

export interface FrameFormat {
  /** Fills frames up to 8 bytes, and FD frames up to their next length; `none` leaves those up to 8 bytes short. */
  padding?: number | 'none';
  /** Sends CAN FD frames of up to so many bytes (TX_DL): 8, 12, 16, 20, 24, 32, 48 or 64. */
  fd?: { frameBytes: number; bitRateSwitch?: boolean };
}

/** Makes the frames of one channel. */
export class Framing {
  readonly address: ResolvedAddress;
  /** TX_DL: bytes of a full frame. */
  readonly frameBytes: number;
  readonly #padding: number | 'none';
  readonly #flags: number;

  /** @throws {RangeError} when no frame has `frameBytes`: our own mistake */
  constructor(address: ResolvedAddress, { padding = defaultPadding, fd }: FrameFormat) {
    this.address = address;
    this.frameBytes = fd?.frameBytes ?? 8;
    if (!dlcToLength.includes(this.frameBytes, 8)) throw new RangeError(`no CAN frame has ${this.frameBytes} bytes`);
    this.#padding = padding;
    const rate = fd?.bitRateSwitch ? FrameFlag.bitRateSwitch : 0;
    this.#flags = address.idFlag | (fd ? FrameFlag.fd | rate : 0);
  }

  /** Most bytes of a message that a single frame carries. */
  get singleBytesMax(): number {
    return this.frameBytes - (this.frameBytes > 8 ? 2 : 1) - this.address.prefix;
  }

  single(message: Uint8Array): Omit<CanFrame, 'timeUs'> {
    const fits = message.length + 1 + this.address.prefix <= 8;
    const control = fits ? [message.length] : [0, message.length];
    return this.frame(control, message, 0, message.length);
  }

  /** A frame of control bytes and `count` bytes of the message, with address byte and padding. */
  frame(control: readonly number[], message: Uint8Array, offset: number, count: number): Omit<CanFrame, 'timeUs'> {
    const { prefix, txByte, txId } = this.address;
    const used = prefix + control.length + count;
    const data = new Uint8Array(this.#lengthFor(used));
    if (data.length > used) data.fill(this.#padding === 'none' ? defaultPadding : this.#padding, used);
    if (prefix === 1) data[0] = txByte;
    data.set(control, prefix);
    data.set(message.subarray(offset, offset + count), prefix + control.length);
    return { id: txId, flags: this.#flags, data };
  }

  #lengthFor(used: number): number {
    if (used > 8) return dlcToLength[lengthToDlc(used)];
    return this.#padding === 'none' ? used : 8;
  }
}

/**
 * Reads the payload of a single frame that follows `at`, as a listener to functional requests does.
 * @param end end of the frame's bytes
 * @param prefix address bytes that came before `at`
 * @returns undefined when it is no single frame, or its length cannot be (ISO 15765-2, 9.6.2)
 */
export function readSingleFrame(data: Uint8Array, at: number, end: number, prefix: 0 | 1 = 0): Uint8Array | undefined {
  if (at >= end || data[at] >> 4 !== PciType.single) return undefined;
  const frameBytes = end - at + prefix;
  if (frameBytes <= 8) {
    const length = data[at];
    return length >= 1 && at + 1 + length <= end ? data.slice(at + 1, at + 1 + length) : undefined;
  }
  // Longer frames escape to a length of its own byte, which must be one that a short frame could not carry.
  const length = data[at + 1];
  const isEscaped = data[at] === 0 && length > 7 - prefix && at + 2 + length <= end;
  return isEscaped ? data.slice(at + 2, at + 2 + length) : undefined;
}
