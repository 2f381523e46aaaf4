/** The SLCAN codec by itself: text to frames and frames to text, on one core. */
import { createHash } from 'node:crypto';
import { dlcToLength, FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import {
  encodeSlcanFrame,
  lawicel,
  SlcanParser,
  type SlcanProfile,
  slcanFrameBytesMax,
} from '../../edge/slcan/index.ts';
import { type Contestant, measure } from '../measure.ts';
import { seededRandom } from '../random.ts';
import { emptyPart, type PartReport } from './figures.ts';
import { type EdgeTiming, rateFigure } from './rounds.ts';

const frameCount = 16_384;
const blockFrames = 1024;
/** Of classic frames: a CAN FD frame is up to five times their text. */
const goalFramesPerSecond = 8e6;

interface Load {
  key: string;
  label: string;
  profile: SlcanProfile;
  frames: FrameBatch;
  /** Where each frame's line begins, and where the last one ends. */
  starts: Uint32Array;
  bytes: Uint8Array;
}

const kinds: {
  key: string;
  label: string;
  fd: boolean;
  draw: (random: () => number) => [flags: number, length: number];
}[] = [
  { key: 'classic8', label: '8 bytes, 11-bit ids', fd: false, draw: () => [0, 8] },
  {
    key: 'mixed',
    label: '0 to 8 bytes, 11- and 29-bit ids',
    fd: false,
    draw: (random) => [random() & FrameFlag.extended, random() % 9],
  },
  {
    key: 'fd',
    label: 'CAN FD, 0 to 64 bytes',
    fd: true,
    draw: (random) => [
      FrameFlag.fd | (random() & (FrameFlag.extended | FrameFlag.bitRateSwitch)),
      dlcToLength[random() & 15],
    ],
  },
];

export function benchCodec(timing: EdgeTiming): PartReport {
  const loads = kinds.map(drawLoad);
  const part = emptyPart();
  const hash = createHash('sha256');
  for (const load of loads) {
    hash.update(load.bytes);
    const fault = roundTripFault(load);
    if (fault !== undefined) part.faults.push(`codec, ${load.label}: ${fault}`);
  }
  part.checksum = hash.digest('hex');
  const measured = measure(
    loads.flatMap((load) => [parsing(load), encoding(load)]),
    timing,
  );
  part.figures = loads.flatMap(({ key, label, profile }, index) => {
    const goal = profile.fd ? {} : { goal: goalFramesPerSecond };
    return [
      rateFigure(measured[2 * index], {
        key: `codec_parse_${key}`,
        label: `parse, ${label}`,
        unit: 'frames/s',
        ...goal,
      }),
      rateFigure(measured[2 * index + 1], {
        key: `codec_encode_${key}`,
        label: `encode, ${label}`,
        unit: 'frames/s',
        ...goal,
      }),
    ];
  });
  return part;
}

function drawLoad({ key, label, fd, draw }: (typeof kinds)[number], index: number): Load {
  const random = seededRandom(index + 1);
  const frames = new FrameBatch(frameCount, fd ? 64 : 8);
  const payload = new Uint8Array(64);
  for (let i = 0; i < frameCount; i++) {
    const [flags, length] = draw(random);
    for (let at = 0; at < length; at++) payload[at] = random();
    const id = random() & ((flags & FrameFlag.extended) !== 0 ? 0x1fff_ffff : 0x7ff);
    frames.push(0, id, flags, payload, 0, length);
  }
  const starts = new Uint32Array(frameCount + 1);
  const bytes = new Uint8Array(frameCount * slcanFrameBytesMax);
  for (let i = 0; i < frameCount; i++) starts[i + 1] = starts[i] + encodeAt(frames, i, bytes, starts[i]);
  const profile = fd ? { ...lawicel, fd: true } : lawicel;
  return { key, label, profile, frames, starts, bytes: bytes.slice(0, starts[frameCount]) };
}

function encodeAt({ id, flags, data, stride, length }: FrameBatch, index: number, out: Uint8Array, at: number): number {
  return encodeSlcanFrame(out, at, id[index], flags[index], data, index * stride, length[index]);
}

function parsing({ label, profile, frames, starts, bytes }: Load): Contestant {
  const parser = new SlcanParser(profile);
  const batch = new FrameBatch(blockFrames, frames.stride);
  return {
    name: `parse, ${label}`,
    frameCount,
    blockFrames,
    runBlock(from, to) {
      batch.clear();
      parser.push(bytes.subarray(starts[from], starts[to]), batch, 0, () => {});
      return batch.count + batch.data[0];
    },
  };
}

function encoding({ label, frames }: Load): Contestant {
  const out = new Uint8Array(blockFrames * slcanFrameBytesMax);
  return {
    name: `encode, ${label}`,
    frameCount,
    blockFrames,
    runBlock(from, to) {
      let at = 0;
      for (let i = from; i < to; i++) at += encodeAt(frames, i, out, at);
      return at + out[0];
    },
  };
}

/** What reading the text again gives differently from what was written. */
function roundTripFault({ profile, frames, bytes }: Load): string | undefined {
  const read = new FrameBatch(frameCount, frames.stride);
  new SlcanParser(profile).push(bytes, read, 0, () => {});
  if (read.count !== frameCount) return `${read.count} of ${frameCount} frames read`;
  for (const column of ['id', 'flags', 'length', 'data'] as const) {
    const at = read[column].findIndex((value, index) => value !== frames[column][index]);
    if (at >= 0) return `${column}[${at}] is ${read[column][at]}, was ${frames[column][at]}`;
  }
  return undefined;
}
