/** Where decoded frames go. A sink runs on a thread of its own, beside the one that reads the log. */
import type { FrameBatch } from '../../edge/can/index.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan } from '../../edge/decode/index.ts';
import { toolError } from '../errors/index.ts';
import type { Tally } from './tally.ts';
import { createCsv } from './text/csv.ts';
import { createJsonLines } from './text/json-lines.ts';
import { TextSink } from './text/text-sink.ts';

export type DecodeFormat = 'jsonl' | 'csv' | 'parquet' | 'arrow';

export interface Sink {
  readonly tally: Tally;
  /** @returns bytes for the output stream; undefined where the sink writes files itself */
  write(frames: FrameBatch): Uint8Array<ArrayBuffer> | undefined;
  /** Finishes what was begun, also when only part of a log was read. */
  end(): Uint8Array<ArrayBuffer> | undefined;
  /** Removes what this run wrote: it is not whole. Of sinks that write files. */
  discard?(): void;
  /** Files written so far. */
  readonly files?: number;
}

/** What a sink needs to know; travels to its thread. */
export interface SinkSettings {
  dbc: Uint8Array;
  /** For messages about it. */
  dbcPath: string;
  format: DecodeFormat;
  /** Folder or file of the tables. */
  output: string;
}

/** @throws {MinerError} `DECODER_EMPTY` when the database has no message */
export async function createSink({ dbc, dbcPath, format, output }: SinkSettings): Promise<Sink> {
  const plan = compilePlan(parseDbc(dbc).database);
  if (plan.messages.length === 0) throw toolError('DECODER_EMPTY', { path: dbcPath });
  if (format === 'jsonl') return new TextSink(plan, createJsonLines);
  if (format === 'csv') return new TextSink(plan, createCsv);
  // Text output doesn't wait for the libraries to load.
  const { TableSink } = await import('./tables/table-sink.ts');
  return TableSink.create(plan, format, output);
}
