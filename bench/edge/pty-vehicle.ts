/**
 * The vehicle of `bench edge`, in a process of its own: writes a log of the saturated drive, replays it as fast as
 * bus and line carry it, and notes when each frame is written to the pty. Its options come as one JSON argument, its
 * answers as messages.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { candumpLine } from '../../edge/can/index.ts';
import { runVehicle } from '../../tools/vehicle/index.ts';
import { bitRate, saturatedDrive } from './drive.ts';
import { monotonicMs } from './monotonic.ts';

export interface PtyVehicleOptions {
  /** Of 8 bytes under 11-bit ids. */
  frames: number;
  /** 0 is unlimited. */
  serialBaud: number;
  /** Whether frames take their time on the bus; else they come as fast as the host reads. */
  isPaced: boolean;
}

export type PtyVehicleMessage =
  | { event: 'listening'; port: string }
  /** Up to `sent[i]` frames had been written at `timesMs[i]`. */
  | { event: 'finished'; frames: number; delivered: number; overrun: number; sent: number[]; timesMs: number[] }
  | { event: 'fault'; message: string };

const send = (message: PtyVehicleMessage): void => {
  process.send?.(message);
};

const folder = mkdtempSync(path.join(tmpdir(), 'miner-bench-pty-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
try {
  const { frames: count, serialBaud, isPaced } = JSON.parse(process.argv[2]) as PtyVehicleOptions;
  const drive = saturatedDrive(count, true);
  const log = path.join(folder, 'drive.log');
  writeFileSync(log, Array.from({ length: count }, (_, i) => `${candumpLine(drive.frame(i), 'can0')}\n`).join(''));
  const sent: number[] = [];
  const timesMs: number[] = [];
  const vehicle = await runVehicle({
    log,
    bitRate,
    serialBaud,
    listen: 'pty',
    obd: 'off',
    speed: 0,
    paceToBitRate: isPaced,
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
