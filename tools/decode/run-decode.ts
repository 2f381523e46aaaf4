/** One run of `miner dbc decode`: reads here, decodes and writes on a thread beside it. */
import type { FrameBatch } from '../../edge/can/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import { createProgress } from '../progress.ts';
import { type Input, openInput } from './input.ts';
import { type Output, openOutput } from './output.ts';
import { reportText } from './report.ts';
import type { DecodeFormat } from './sink.ts';
import { SinkThread } from './sink-thread.ts';
import { prepareTables } from './tables/prepare-output.ts';

export interface DecodeFlags {
  frames?: string;
  fd?: boolean;
  format: DecodeFormat;
  output?: string;
  force?: boolean;
}

/** What the run needs from its surroundings. */
export interface DecodeContext {
  /** Aborts when the user asks to stop: what was read by then is finished properly. */
  signal: AbortSignal;
  /** Gets the lines that say what was decoded and what was left out. */
  report: (text: string) => void;
}

/**
 * Decodes a log, or a file of frame records.
 * @param log a path, `-` for standard input, or undefined when `flags.frames` is given
 * @throws {MinerError} what opening the files throws; `OPTION_MISSING` and `OPTION_INVALID`; `DECODER_EMPTY`;
 * `OUTPUT_EXISTS`, `OUTPUT_UNWRITABLE`; `LOG_UNREADABLE` and `INTERRUPTED` once everything up to there is written
 */
export async function runDecode(
  dbcPath: string,
  log: string | undefined,
  flags: DecodeFlags,
  { signal, report }: DecodeContext,
): Promise<void> {
  const source = sourceOf(log, flags);
  const { format, force = false } = flags;
  const isText = format === 'jsonl' || format === 'csv';
  if (!isText && flags.output === undefined) {
    throw toolError('OPTION_MISSING', { option: '-o', reason: `${format} is written into a folder` });
  }
  const settings = { dbc: readInput(dbcPath), dbcPath, format, output: flags.output ?? '' };
  let output: Output | undefined;
  let input: Input | undefined;
  const sink = new SinkThread(
    settings,
    async (bytes) => output?.write(bytes),
    (batch) => input?.recycle(batch),
  );
  try {
    input = await openInput(source);
    await sink.ready();
    // Nothing is touched before both ends are known to be good.
    if (isText) output = openOutput(flags.output, force);
    else prepareTables(flags.output!, force);
    const fault = await pump(input, sink, signal);
    const result = await sink.end();
    report(reportText({ input, result, format, output: flags.output }));
    // What could be read of a log that ends in the middle of its gzip stream is written by now.
    if (fault !== undefined) throw fault;
  } catch (error) {
    await input?.close();
    if (sink.hasFailed) await sink.discard();
    throw error;
  } finally {
    await sink.close();
    output?.close();
  }
  if (signal.aborted) throw toolError('INTERRUPTED', {});
}

function sourceOf(log: string | undefined, flags: DecodeFlags): { log: string } | { frames: string; fd: boolean } {
  if (flags.frames !== undefined && log !== undefined) {
    throw toolError('OPTION_INVALID', {
      option: '--frames',
      value: flags.frames,
      expected: `either a log or a file of frames, not also ${log}`,
    });
  }
  if (flags.frames !== undefined) return { frames: flags.frames, fd: flags.fd === true };
  if (log === undefined) {
    throw toolError('OPTION_MISSING', { option: 'the log', reason: 'give a path, - for standard input, or --frames' });
  }
  if (flags.fd === true)
    throw toolError('OPTION_MISSING', { option: '--frames', reason: '--fd says how its records are' });
  return { log };
}

/** @returns a fault of the input, undefined when it was read to its end or the user asked to stop */
async function pump(input: Input, sink: SinkThread, signal: AbortSignal): Promise<unknown> {
  const progress = createProgress({ label: 'decode', totalBytes: input.totalBytes, unit: `${input.unit}s` });
  try {
    for await (const batch of untilAborted(input.batches(), signal)) {
      await sink.write(batch);
      progress.update(input.bytesRead(), input.stats.lines);
    }
    return undefined;
  } catch (error) {
    if (sink.hasFailed) throw error;
    return error;
  } finally {
    progress.end();
  }
}

/** Stops in the middle of waiting too: a pipe may never bring another byte. */
async function* untilAborted(batches: AsyncGenerator<FrameBatch>, signal: AbortSignal): AsyncGenerator<FrameBatch> {
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  while (!signal.aborted) {
    const next = await Promise.race([batches.next(), aborted]);
    if (next === 'aborted' || next.done === true) return;
    yield next.value;
  }
}
