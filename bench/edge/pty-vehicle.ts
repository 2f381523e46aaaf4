/**
 * The vehicle of `bench edge`, in a process of its own: replays a log as fast as bus and line carry it, and notes
 * when each frame is written to the pty. Its options come as one JSON argument, its answers as messages.
 */
import { runVehicle } from '../../tools/vehicle/index.ts';
import { monotonicMs } from './monotonic.ts';

export interface PtyVehicleOptions {
  log: string;
  bitRate: number;
  /** 0 is unlimited. */
  serialBaud: number;
}

export type PtyVehicleMessage =
  | { event: 'listening'; port: string }
  /** Up to `sent[i]` frames had been written at `timesMs[i]`. */
  | { event: 'finished'; frames: number; delivered: number; overrun: number; sent: number[]; timesMs: number[] }
  | { event: 'fault'; message: string };

const send = (message: PtyVehicleMessage): void => {
  process.send?.(message);
};

try {
  const options = JSON.parse(process.argv[2]) as PtyVehicleOptions;
  const sent: number[] = [];
  const timesMs: number[] = [];
  const vehicle = await runVehicle({
    ...options,
    listen: 'pty',
    obd: 'off',
    speed: 0,
    paceToBitRate: true,
    onWrite() {
      sent.push(vehicle.counters().sent);
      timesMs.push(monotonicMs());
    },
  });
  process.on('disconnect', () => process.exit(0));
  process.on('message', () => vehicle.close());
  send({ event: 'listening', port: vehicle.port });
  const { frames, sent: delivered, overrun } = await vehicle.finished;
  send({ event: 'finished', frames, delivered, overrun, sent, timesMs });
  await vehicle.closed;
  process.exit(0);
} catch (problem) {
  send({ event: 'fault', message: (problem as Error).message });
  process.exitCode = 1;
}
