/** A saturated bus, and a slow serial line, through a real pty. */
import { MinerError } from '../../edge/errors/index.ts';
import { openPty } from '../../edge/transport/node.ts';
import { emptyPart, type PartReport, saturatedFramesPerSecond } from './figures.ts';
import { latencyQuantile, type PtyRun, runThroughPty } from './pty-run.ts';

const goalHeadroom = 20;
const goalLatencyMs = 1;
/** Bits that our frames of 8 bytes under 11-bit ids take, stuff bits included. */
const bitsPerFrame = 114;

/** 1 Mbit/s of 8-byte frames for that long. */
export async function benchPty(seconds: number): Promise<PartReport> {
  const part = emptyPart();
  if (await skipWithoutPty(part)) return part;
  const count = Math.ceil((seconds * 1e6) / bitsPerFrame);
  const run = await runThroughPty({ frames: count, serialBaud: 0, isPaced: true });
  const unpaced = await runThroughPty({ frames: count, serialBaud: 0, isPaced: false });
  const unpacedRate = (unpaced.received * 1000) / unpaced.tookMs;
  const rate = (run.received * 1000) / run.tookMs;
  const share = run.cpuMs / run.tookMs;
  noteLosses(part, 'pty', run);
  noteLosses(part, 'pty, unpaced', unpaced);
  part.figures.push(
    { key: 'pty_sent', label: 'frames sent', value: run.sent, unit: 'frames' },
    { key: 'pty_received', label: 'frames decoded', value: run.received, unit: 'frames' },
    { key: 'pty_lost', label: 'lost', value: lostOf(run), unit: 'frames', goal: 0, better: 'less' },
    { key: 'pty_rate', label: 'carried at 1 Mbit/s', value: rate, unit: 'frames/s' },
    { key: 'pty_cpu', label: "the Miner's share of a core", value: 100 * share, unit: '%' },
    { key: 'pty_unpaced', label: 'carried as fast as the Miner reads', value: unpacedRate, unit: 'frames/s' },
    {
      key: 'pty_headroom',
      label: `headroom over ${saturatedFramesPerSecond.toLocaleString('en')} frames/s`,
      value: unpacedRate / saturatedFramesPerSecond,
      unit: 'times',
      goal: goalHeadroom,
    },
    { key: 'pty_p50', label: 'frame to value, p50', value: latencyQuantile(run.latencies, 0.5), unit: 'ms' },
    {
      key: 'pty_p99',
      label: 'frame to value, p99',
      value: latencyQuantile(run.latencies, 0.99),
      unit: 'ms',
      goal: goalLatencyMs,
      better: 'less',
    },
    { key: 'pty_max', label: 'frame to value, max', value: latencyQuantile(run.latencies, 1), unit: 'ms' },
  );
  part.notes.push(
    `${seconds} s of 8-byte frames back to back, ${bitsPerFrame} bits each with stuff bits; vehicle and Miner are two processes, ` +
      `and ${run.packs} packs were signed meanwhile.`,
    "Frame to value: from just before the adapter's write of the frame to the end of the decoding of the batch it came " +
      'in, both on the monotonic clock that all processes of a machine share.',
    "The share is processor time of the Miner's whole process, its serial port's threads and its collector included, " +
      'by elapsed time. At 1 Mbit/s most of it is waking up for a few frames at a time; headroom is what the same path ' +
      `carries without loss when the same ${count.toLocaleString('en')} frames come as fast as the Miner reads them.`,
  );
  return part;
}

export const baud = 115_200;
/** t, three digits of id, the length, sixteen digits of data, CR. */
const lineBytes = 1 + 3 + 1 + 16 + 1;
/** A start and a stop bit around each eight. */
const bitsPerByte = 10;
export const boundFramesPerSecond = baud / bitsPerByte / lineBytes;

/** A serial line of 115,200 baud behind the same bus. */
export async function benchBaud(seconds: number): Promise<PartReport> {
  const part = emptyPart();
  if (await skipWithoutPty(part)) return part;
  const run = await runThroughPty({
    frames: Math.ceil(seconds * boundFramesPerSecond),
    serialBaud: baud,
    isPaced: true,
  });
  noteLosses(part, 'baud', run);
  part.figures.push(
    {
      key: 'baud_carried',
      label: `carried at ${baud.toLocaleString('en')} baud`,
      value: (run.received * 1000) / run.tookMs,
      unit: 'frames/s',
    },
    { key: 'baud_bound', label: 'bound', value: boundFramesPerSecond, unit: 'frames/s' },
    { key: 'baud_lost', label: 'lost', value: lostOf(run), unit: 'frames', goal: 0, better: 'less' },
  );
  part.notes.push(
    `Bound: ${baud.toLocaleString('en')} baud / ${bitsPerByte} bits a byte / ${lineBytes} bytes a line of an 8-byte frame with an 11-bit id ` +
      `= ${boundFramesPerSecond.toFixed(1)} frames/s. The emulated adapter keeps the pace, for a pty ignores its baud rate.`,
  );
  return part;
}

const lostOf = ({ sent, received, overrun }: PtyRun): number => sent - received + overrun;

function noteLosses(part: PartReport, name: string, run: PtyRun): void {
  if (lostOf(run) !== 0) part.faults.push(`${name}: ${lostOf(run)} of ${run.sent + run.overrun} frames lost`);
  if (run.malformed > 0) part.faults.push(`${name}: ${run.malformed} lines malformed`);
}

export async function skipWithoutPty(part: PartReport): Promise<boolean> {
  try {
    await (await openPty()).transport.close();
    return false;
  } catch (problem) {
    if (!(problem instanceof MinerError)) throw problem;
    part.skipped.push(problem.message);
    return true;
  }
}
