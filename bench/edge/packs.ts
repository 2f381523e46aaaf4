/** From the bytes of a serial port to signed packs in the log, in memory, on one core. */
import { createHash } from 'node:crypto';
import { FrameBatch } from '../../edge/can/index.ts';
import { Miner } from '../../edge/miner.ts';
import { softwareSigner } from '../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../edge/sim/index.ts';
import { encodeSlcanFrame, lawicel, SlcanParser, slcanFrameBytesMax } from '../../edge/slcan/index.ts';
import { PackLog } from '../../edge/store/index.ts';
import { approvingTrust } from './approving-trust.ts';
import { driveDecoder, saturatedDrive } from './drive.ts';
import { emptyPart, type PartReport, saturatedFramesPerSecond } from './figures.ts';
import { type EdgeTiming, medianFigure } from './rounds.ts';

const warmUpRounds = 2;
const goalHeadroom = 20;

/** The bytes of the drive, and where each millisecond's end. */
interface SerialBytes {
  bytes: Uint8Array;
  endsByMs: Uint32Array;
}

/** @param seconds of bus time in each round */
export async function benchPacks(timing: EdgeTiming, seconds: number): Promise<PartReport> {
  const part = emptyPart();
  const frames = saturatedDrive(Math.round(saturatedFramesPerSecond * seconds));
  const serial = serialBytes(frames);
  const rates: number[] = [];
  const outputs = new Set<string>();
  let packs = 0;
  for (let round = -warmUpRounds; round < timing.rounds; round++) {
    const run = await runMiner(serial);
    outputs.add(run.hash);
    packs = run.packs;
    if (run.decoded !== frames.count) {
      part.faults.push(`packs: ${run.decoded} of ${frames.count} frames decoded`);
    }
    if (round >= 0) rates.push((frames.count * 1000) / run.tookMs);
  }
  if (outputs.size > 1) part.faults.push(`packs: ${outputs.size} different outputs of the same input`);
  [part.checksum] = outputs;
  const rate = medianFigure(rates, { key: 'packs_rate', label: 'serial bytes to signed packs', unit: 'frames/s' });
  const times = (value: number) => value / saturatedFramesPerSecond;
  part.figures.push(rate, {
    ...rate,
    key: 'packs_headroom',
    label: `headroom over ${saturatedFramesPerSecond.toLocaleString('en')} frames/s`,
    value: times(rate.value),
    slowest: times(rate.slowest!),
    fastest: times(rate.fastest!),
    unit: 'times',
    goal: goalHeadroom,
  });
  part.notes.push(
    `Each round reads ${frames.count.toLocaleString('en')} frames in chunks of a millisecond of bus time, decodes, ` +
      `samples, and signs ${packs} packs into a log in memory.`,
  );
  return part;
}

function serialBytes(frames: FrameBatch): SerialBytes {
  const bytes = new Uint8Array(frames.count * slcanFrameBytesMax);
  const endsByMs = new Uint32Array(Math.ceil(frames.timeUs[frames.count - 1] / 1000) + 1);
  let at = 0;
  for (let i = 0; i < frames.count; i++) {
    const { id, flags, data, stride, length } = frames;
    at += encodeSlcanFrame(bytes, at, id[i], flags[i], data, i * stride, length[i]);
    endsByMs[Math.ceil(frames.timeUs[i] / 1000)] = at;
  }
  for (let ms = 1; ms < endsByMs.length; ms++) endsByMs[ms] = Math.max(endsByMs[ms], endsByMs[ms - 1]);
  return { bytes: bytes.subarray(0, at), endsByMs };
}

async function runMiner({ bytes, endsByMs }: SerialBytes) {
  const clock = new VirtualClock();
  const hash = createHash('sha256');
  const miner = new Miner({
    signer: softwareSigner(new Uint8Array(32).fill(1)),
    trust: approvingTrust,
    log: PackLog.open(new MemoryStorage(), { bytesMax: 1 << 24 }).log,
    clock,
    onEvent: (event) => {
      if (event.kind === 'pack-signed') hash.update(event.bytes);
    },
  });
  await miner.start([driveDecoder()]);
  const parser = new SlcanParser(lawicel);
  const batch = new FrameBatch(1024);
  const receive = () => {
    miner.receive(batch);
    batch.clear();
  };
  const startMs = performance.now();
  for (let ms = 1; ms < endsByMs.length; ms++) {
    clock.advance(1);
    parser.push(bytes.subarray(endsByMs[ms - 1], endsByMs[ms]), batch, ms * 1000, receive);
    if (batch.count > 0) receive();
  }
  miner.stop();
  const tookMs = performance.now() - startMs;
  const { framesDecoded, packsSigned } = miner.counters;
  return { tookMs, decoded: framesDecoded, packs: packsSigned, hash: hash.digest('hex') };
}
