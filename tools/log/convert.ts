/** `miner log convert`: one log format into another. */
import { statSync } from 'node:fs';
import type { LogFormat, LogStats, LogWriterStats } from '../../edge/can/index.ts';
import { openLogFile } from '../../edge/can/node.ts';
import { openLogWriter } from '../../edge/can/node-writer.ts';
import { toolError } from '../errors/index.ts';
import { createProgress } from '../progress.ts';

export interface ConvertOptions {
  /** Default: recognised from the log's first bytes. */
  from?: LogFormat;
  /** Default: as the target's name says. */
  to?: LogFormat;
}

export interface ConvertFacts {
  from: LogFormat;
  to: LogFormat;
  read: LogStats;
  written: LogWriterStats;
}

/**
 * @param source a file, or `-` for stdin
 * @param target a file, or `-` for stdout
 * @throws {MinerError} as `openLogFile` and `openLogWriter`; `OPTION_INVALID` when both are one file
 */
export async function convertLog(source: string, target: string, options: ConvertOptions = {}): Promise<ConvertFacts> {
  if (isSameFile(source, target)) {
    throw toolError('OPTION_INVALID', { option: 'target', value: target, expected: 'another file than the source' });
  }
  const log = await openLogFile(source, { format: options.from });
  const progress = createProgress({ label: 'converting', totalBytes: log.totalBytes, unit: 'frames' });
  try {
    // Only candump names its buses; other formats' numbers mean can0 and on.
    const buses = log.format === 'candump' ? log.stats.buses : undefined;
    const writer = await openLogWriter(target, { format: options.to, buses });
    for await (const batch of log.batches()) {
      await writer.write(batch);
      log.recycle(batch);
      progress.update(log.bytesRead, log.stats.frames);
    }
    await writer.close();
    return { from: log.format, to: writer.format, read: log.stats, written: writer.stats };
  } finally {
    progress.end();
    await log.close();
  }
}

function isSameFile(source: string, target: string): boolean {
  const a = statSync(source, { throwIfNoEntry: false });
  const b = statSync(target, { throwIfNoEntry: false });
  return a?.isFile() === true && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** What was converted, and what the target could not hold. */
export function convertText({ from, to, read, written }: ConvertFacts, target: string): string {
  const lines = [`${written.frames} frames from ${from} to ${to}${target === '-' ? '' : `: ${target}`}`];
  for (const [kind, count] of Object.entries(written.dropped)) {
    lines.push(`  left out: ${count} ${kind}, which ${to} cannot hold`);
  }
  for (const [property, count] of Object.entries(written.lost)) {
    lines.push(`  lost: ${property}, in ${count} frames`);
  }
  if (read.framesXl > 0) lines.push(`  left out: ${read.framesXl} CAN XL frames`);
  if (read.malformed > 0) {
    const { line, reason } = read.firstMalformed[0];
    lines.push(`  malformed: ${read.malformed} lines, the first is line ${line}: ${reason}`);
  }
  return `${lines.join('\n')}\n`;
}
