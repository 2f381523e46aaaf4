/** One Miner reading a vehicle in another process through a real pty. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { openCanLink } from '../../edge/can-link.ts';
import { Miner } from '../../edge/miner.ts';
import { softwareSigner } from '../../edge/pack/index.ts';
import { liveClock, MemoryStorage } from '../../edge/sim/index.ts';
import { PackLog } from '../../edge/store/index.ts';
import { transportOpener } from '../../edge/transport/node.ts';
import { approvingTrust } from './approving-trust.ts';
import { bitRate, driveDecoder } from './drive.ts';
import { monotonicMs } from './monotonic.ts';
import type { PtyVehicleMessage, PtyVehicleOptions } from './pty-vehicle.ts';

export interface PtyRun {
  /** Frames that the adapter wrote. */
  sent: number;
  overrun: number;
  /** Frames that were decoded. */
  received: number;
  malformed: number;
  packs: number;
  /** From the first frame to the last, as the slower end saw it: a Miner that lags is not to look fast. */
  tookMs: number;
  /** Processor time of the Miner's process in that time, all its threads. */
  cpuMs: number;
  /** For how many frames, how long from the adapter's write to the decoded value; ascending. */
  latencies: { ms: number; frames: number }[];
}

type Finished = Extract<PtyVehicleMessage, { event: 'finished' }>;

/** After the vehicle's last write the Miner gets this long to read the rest. */
const restMs = 2000;

/** @throws {Error} what the vehicle's process failed with */
export async function runThroughPty(options: PtyVehicleOptions): Promise<PtyRun> {
  const vehicle = startVehicle(options);
  try {
    return await readFrom(await vehicle.listening, vehicle.finished);
  } finally {
    await vehicle.close();
  }
}

function startVehicle(options: PtyVehicleOptions) {
  const main = path.join(import.meta.dirname, `pty-vehicle${path.extname(import.meta.filename)}`);
  const child = fork(main, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = <Event extends PtyVehicleMessage['event']>(event: Event) =>
    new Promise<Extract<PtyVehicleMessage, { event: Event }>>((resolve, reject) => {
      child.on('message', (message: PtyVehicleMessage) => {
        if (message.event === event) resolve(message as Extract<PtyVehicleMessage, { event: Event }>);
        if (message.event === 'fault') reject(new Error(message.message));
      });
      exited.then(() => reject(new Error('the vehicle ended before its time')));
    });
  const finished = told('finished');
  // Told of when it is awaited; a vehicle that fails to listen fails in `listening` first.
  finished.catch(() => {});
  return {
    listening: told('listening').then(({ port }) => port),
    finished,
    async close() {
      if (child.connected) child.send('close', () => {});
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function readFrom(port: string, vehicleFinished: Promise<Finished>): Promise<PtyRun> {
  const clock = liveClock();
  const miner = new Miner({
    signer: softwareSigner(new Uint8Array(32).fill(1)),
    trust: approvingTrust,
    log: PackLog.open(new MemoryStorage(), { bytesMax: 1 << 24 }).log,
    clock,
  });
  await miner.start([driveDecoder()]);
  const received: number[] = [];
  const timesMs: number[] = [];
  let cpuAtStart = process.cpuUsage();
  let cpuMs = 0;
  const link = await openCanLink({
    open: transportOpener(port),
    clock,
    bitRate,
    onFrames: (batch) => {
      if (timesMs.length === 0) cpuAtStart = process.cpuUsage();
      miner.receive(batch);
      received.push(miner.counters.framesDecoded);
      timesMs.push(monotonicMs());
    },
  });
  try {
    const { delivered, overrun, sent, timesMs: sentAtMs } = await vehicleFinished;
    for (let waitedMs = 0; waitedMs < restMs && miner.counters.framesDecoded < delivered; waitedMs += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { user, system } = process.cpuUsage(cpuAtStart);
    cpuMs = (user + system) / 1000;
    miner.flush();
    return {
      sent: delivered,
      overrun,
      received: miner.counters.framesDecoded,
      malformed: link.counters().malformed,
      packs: miner.counters.packsSigned,
      tookMs: Math.max(spanOf(timesMs), spanOf(sentAtMs)),
      cpuMs,
      latencies: latenciesOf({ counts: sent, timesMs: sentAtMs }, { counts: received, timesMs }),
    };
  } finally {
    await link.close();
    miner.stop();
  }
}

function spanOf(timesMs: readonly number[]): number {
  return timesMs.length > 1 ? timesMs[timesMs.length - 1] - timesMs[0] : Number.NaN;
}

interface Progress {
  /** Frames so far, ascending. */
  counts: readonly number[];
  timesMs: readonly number[];
}

/** Frames keep their order, so the n-th written is the n-th decoded: only counts and times are needed. */
export function latenciesOf(written: Progress, decoded: Progress): { ms: number; frames: number }[] {
  const latencies: { ms: number; frames: number }[] = [];
  let at = 0;
  let frame = 0;
  for (let read = 0; read < decoded.counts.length; read++) {
    while (frame < decoded.counts[read]) {
      while (at < written.counts.length && written.counts[at] <= frame) at++;
      if (at === written.counts.length) break;
      const end = Math.min(decoded.counts[read], written.counts[at]);
      latencies.push({ ms: decoded.timesMs[read] - written.timesMs[at], frames: end - frame });
      frame = end;
    }
  }
  return latencies.sort((a, b) => a.ms - b.ms);
}

/** The latency that a share of all frames does not exceed; NaN without frames. */
export function latencyQuantile(latencies: PtyRun['latencies'], share: number): number {
  const total = latencies.reduce((sum, { frames }) => sum + frames, 0);
  let seen = 0;
  for (const { ms, frames } of latencies) {
    seen += frames;
    if (seen >= share * total) return ms;
  }
  return Number.NaN;
}
