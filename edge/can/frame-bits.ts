/**
 * How many bits a frame takes on the bus, its stuff bits included: they follow from its own bits, so they are counted,
 * not estimated.
 * @see ISO 11898-1:2015, 10.4 (frame formats), 10.5 (bit stuffing)
 */
import { FrameFlag, lengthToDlc } from './frame.ts';
import type { FrameBatch } from './frame-batch.ts';

/** Bits sent at the nominal rate, and at the rate of CAN FD's data phase. */
export interface FrameBits {
  nominal: number;
  data: number;
}

/** CRC delimiter, ACK, its delimiter, 7 of EOF, 3 between frames. */
const classicTailBits = 13;
/** ACK, its delimiter, 7 of EOF, 3 between frames. */
const fdTailBits = 12;
/** Flag and delimiter of an active error frame, and 3 between frames. */
const errorFrameBits = 17;
const crcPolynomial = 0x4599;

/**
 * After five equal bits, a sender puts one of the other value. States are the last bit and how often it has come, 1 to
 * 4 times: `bit * 4 + times - 1`. Of each state and byte: the state after it, and in the upper half the bits put in.
 */
const afterByte = new Uint8Array(8 * 256);
/** CRC-15 of a byte. */
const crcOfByte = new Uint16Array(256);

/** The state after the start of frame, which is dominant. */
const startState = 0;

for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 7;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x4000) !== 0 ? ((crc << 1) ^ crcPolynomial) & 0x7fff : crc << 1;
  crcOfByte[byte] = crc;
  for (let state = 0; state < 8; state++) afterByte[state * 256 + byte] = stuffed(state, byte, 8);
}

/** The state after the lowest `count` bits of a value, highest first, and above it the stuff bits times 8. */
function stuffed(state: number, value: number, count: number): number {
  let last = state >> 2;
  let times = (state & 3) + 1;
  let added = 0;
  for (let shift = count - 1; shift >= 0; shift--) {
    const bit = (value >>> shift) & 1;
    times = bit === last ? times + 1 : 1;
    last = bit;
    if (times < 5) continue;
    added++;
    last = 1 - bit;
    times = 1;
  }
  return added * 8 + last * 4 + times - 1;
}

function crcOf(crc: number, value: number, count: number): number {
  let rest = crc;
  for (let shift = count - 1; shift >= 0; shift--) {
    const isSet = (((rest >>> 14) ^ (value >>> shift)) & 1) !== 0;
    rest = isSet ? ((rest << 1) ^ crcPolynomial) & 0x7fff : (rest << 1) & 0x7fff;
  }
  return rest;
}

/** Of frame `index`; `into` spares an object per frame. */
export function frameBits(batch: FrameBatch, index: number, into: FrameBits = { nominal: 0, data: 0 }): FrameBits {
  into.nominal = errorFrameBits;
  into.data = 0;
  const flags = batch.flags[index];
  if ((flags & FrameFlag.error) !== 0) return into;
  if ((flags & FrameFlag.fd) !== 0) countFd(batch, index, into);
  else into.nominal = classicBits(batch, index);
  return into;
}

function classicBits(batch: FrameBatch, index: number): number {
  const { id, flags, length, data, stride } = batch;
  const isRemote = (flags[index] & FrameFlag.remote) !== 0;
  const remote = isRemote ? 1 : 0;
  const dlc = Math.min(length[index], 8);
  const count = isRemote ? 0 : dlc;
  let state = startState;
  let crc = 0;
  let bits = 1;
  let added = 0;
  const put = (value: number, width: number) => {
    const after = stuffed(state, value, width);
    crc = crcOf(crc, value, width);
    state = after & 7;
    added += after >> 3;
    bits += width;
  };
  if ((flags[index] & FrameFlag.extended) !== 0) {
    // 11 bits, SRR and IDE recessive; 18 bits, RTR, two reserved.
    put(((id[index] >>> 18) << 2) | 3, 13);
    put(((id[index] & 0x3ffff) << 3) | (remote << 2), 21);
  } else put((id[index] << 3) | (remote << 2), 14);
  put(dlc, 4);
  const from = index * stride;
  for (let at = from; at < from + count; at++) {
    const after = afterByte[state * 256 + data[at]];
    crc = ((crc << 8) & 0x7fff) ^ crcOfByte[((crc >>> 7) ^ data[at]) & 0xff];
    state = after & 7;
    added += after >> 3;
  }
  added += stuffed(state, crc, 15) >> 3;
  return bits + count * 8 + 15 + added + classicTailBits;
}

function countFd(batch: FrameBatch, index: number, into: FrameBits): void {
  const { id, flags, length, data, stride } = batch;
  const hasSwitch = (flags[index] & FrameFlag.bitRateSwitch) !== 0;
  const hasState = (flags[index] & FrameFlag.errorState) !== 0;
  const count = length[index];
  let state = startState;
  let bits = 1;
  let added = 0;
  const put = (value: number, width: number) => {
    const after = stuffed(state, value, width);
    state = after & 7;
    added += after >> 3;
    bits += width;
  };
  // Behind the id: RRS dominant, (IDE dominant,) FDF recessive, one reserved, BRS.
  const control = 0b100 | (hasSwitch ? 1 : 0);
  if ((flags[index] & FrameFlag.extended) !== 0) {
    put(((id[index] >>> 18) << 2) | 3, 13);
    put(((id[index] & 0x3ffff) << 4) | control, 22);
  } else put((id[index] << 5) | control, 16);
  const nominal = bits + added;
  put(((hasState ? 1 : 0) << 4) | lengthToDlc(count), 5);
  const from = index * stride;
  let last = lengthToDlc(count);
  for (let at = from; at < from + count; at++) {
    const after = afterByte[state * 256 + data[at]];
    state = after & 7;
    added += after >> 3;
    last = data[at];
  }
  // Stuff count of 4 bits and the CRC, a fixed stuff bit before each four of them, and the CRC's delimiter. The first
  // of these stands in for a stuff bit that would have been due there, and that differs from the bit before it.
  const isLastStuffed = state >> 2 !== (last & 1);
  const crcBits = count > 16 ? 21 : 17;
  const fixed = Math.ceil((4 + crcBits) / 4);
  const phase = bits + count * 8 + added - nominal + 4 + crcBits + fixed + 1 - (isLastStuffed ? 1 : 0);
  into.nominal = nominal + fdTailBits + (hasSwitch ? 0 : phase);
  into.data = hasSwitch ? phase : 0;
}
