/** What the codec's tests share: text in, plain frames out. */
import { FrameBatch } from '../../../edge/can/index.ts';
import { lawicel, SlcanParser, type SlcanProfile } from '../../../edge/slcan/index.ts';

export const fdProfile: SlcanProfile = { ...lawicel, name: 'lawicel with FD letters', fd: true };

/** A frame as one comparable line: `123#AABB`, `00000123#R4`, FD with its bit rate switch `123#1#AABB`. */
export function show(batch: FrameBatch, index: number): string {
  const { id, flags, data } = batch.frame(index);
  const idText = id
    .toString(16)
    .toUpperCase()
    .padStart((flags & 1) !== 0 ? 8 : 3, '0');
  const payload = (flags & 2) !== 0 ? `R${batch.length[index]}` : Buffer.from(data).toString('hex').toUpperCase();
  const fd = (flags & 8) !== 0 ? `#${flags >> 4}` : '';
  return `${idText}${fd}#${payload}`;
}

export interface Heard {
  frames: string[];
  flags: number[];
  times: number[];
  /** Everything between frames, in order with them: `ok`, `bell`, `bad`, `line V1013`, `register 1`, or the frame. */
  events: string[];
  parser: SlcanParser;
}

/** Parses text (latin-1), cut into the given chunk lengths, the rest at once. */
export function hear(
  text: string | Uint8Array,
  { cuts = [], from = 'adapter', profile = lawicel, nowUs = 0, stepUs = 0, batchFrames = 4 }: HearOptions = {},
): Heard {
  const frames: string[] = [];
  const flags: number[] = [];
  const times: number[] = [];
  const events: string[] = [];
  const batch = new FrameBatch(batchFrames, profile.fd ? 64 : 8);
  const take = () => {
    for (let i = 0; i < batch.count; i++) {
      frames.push(show(batch, i));
      flags.push(batch.flags[i]);
      times.push(batch.timeUs[i]);
      events.push(show(batch, i));
    }
    batch.clear();
  };
  const note = (event: string) => {
    take();
    events.push(event);
  };
  const parser = new SlcanParser(profile, from, {
    onAck: () => note('ok'),
    onBell: () => note('bell'),
    onMalformed: () => note('bad'),
    onLine: (bytes, start, end) => note(`line ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`),
    onErrorRegister: (value) => note(`register ${value}`),
  });
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  let at = 0;
  for (const size of [...cuts, bytes.length]) {
    parser.push(bytes.subarray(at, at + size), batch, nowUs, take);
    at += size;
    nowUs += stepUs;
  }
  take();
  return { frames, flags, times, events, parser };
}

export interface HearOptions {
  cuts?: number[];
  from?: 'adapter' | 'host';
  profile?: SlcanProfile;
  nowUs?: number;
  /** Time that passes between chunks. */
  stepUs?: number;
  batchFrames?: number;
}
