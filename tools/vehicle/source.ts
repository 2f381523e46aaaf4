/** What a vehicle plays: a recorded log, or a drive through a DBC. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readLogFile } from '../../edge/can/node.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan } from '../../edge/decode/index.ts';
import { edgeError } from '../../edge/errors/index.ts';
import { packageRoot } from '../package-root.ts';
import { driveFrames, messagesLeftOut } from './drive-source.ts';
import type { FrameSource } from './player.ts';

/** The DBC that is driven when none is given. */
export const electricCarDbc = path.join(packageRoot, 'tools/vehicle/electric-car.dbc');

export interface NamedSource {
  frames: FrameSource;
  /** In words. */
  name: string;
  /** Messages that the adapter cannot carry. */
  leftOut: string[];
}

/** @throws {MinerError} LOG_* */
export async function logSource(log: string): Promise<NamedSource> {
  // Read a little first: a log that is missing or unknown should fail now, not when a host comes.
  const beginning = readLogFile(log);
  await beginning.next();
  await beginning.return(undefined);
  return { frames: () => readLogFile(log), name: log, leftOut: [] };
}

export interface DriveSourceOptions {
  dbc?: string;
  seed?: number;
  durationMs?: number;
  /** Whether the adapter carries CAN FD. */
  fd: boolean;
}

/** @throws {MinerError} VEHICLE_DBC */
export async function driveSource(options: DriveSourceOptions): Promise<NamedSource> {
  const { dbc = electricCarDbc, seed = 1, durationMs, fd } = options;
  const bytes = await readFile(dbc).catch((problem: NodeJS.ErrnoException) => {
    throw edgeError('VEHICLE_DBC', {
      path: dbc,
      problem: problem.code === 'ENOENT' ? 'no such file' : problem.message,
    });
  });
  const { database, diagnostics } = parseDbc(bytes);
  const plan = compilePlan(database);
  const leftOut = messagesLeftOut(plan, fd);
  if (plan.messages.length === leftOut.length) {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const problem = first
      ? `line ${first.line}: ${first.message}`
      : `it has no message that a ${fd ? 'CAN FD' : 'classic CAN'} frame carries`;
    throw edgeError('VEHICLE_DBC', { path: dbc, problem });
  }
  const drive = { plan, seed, fd, ...(durationMs !== undefined && { durationMs }) };
  return { frames: () => driveFrames(drive), name: `${dbc}, seed ${seed}`, leftOut };
}
