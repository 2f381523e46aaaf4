/** `miner bench parse`: how long it takes from the bytes of a database to decoders that are ready. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { parseDbc } from '../edge/dbc/index.ts';
import { compilePlan, createBatchDecoder, createFrameDecoder, type Plan } from '../edge/decode/index.ts';
import { readInput } from '../tools/files.ts';
import { sourcesAtHand } from './databases.ts';
import { describeMachine, type Machine } from './machine.ts';
import { millisecondsOf, quantile } from './measure.ts';
import type { ColdRun } from './parse-child.ts';

/** Times are medians in milliseconds. */
export interface ParseBenchResult {
  file: string;
  bytes: number;
  messages: number;
  signals: number;
  rounds: number;
  /** From bytes to the model. */
  parse_ms: number;
  /** From the model to the plan. */
  compile_ms: number;
  /** Both, and the per-frame decoder, which compiles each message at its first frame. */
  ready_ms: number;
  /** From the plan to the batch decoder; its module is emitted here, not before. */
  batch_ms: number;
  /** ready_ms as the first thing that a process does once the code is loaded. */
  cold_ready_ms: number;
  /** That process from its start to its end: Node's own start and loading the code included. */
  cold_process_ms: number;
}

/** What `--json` prints, and what bench/results holds. */
export interface ParseReport {
  benchmark: 'parse';
  machine: Machine;
  files: ParseBenchResult[];
}

/** Measures the files, one after the other. @throws {MinerError} FILE_UNREADABLE */
export function reportParseBench(files: readonly string[], rounds: number): ParseReport {
  return { benchmark: 'parse', machine: describeMachine(), files: files.map((file) => benchParse(file, rounds)) };
}

const warmUpRounds = 10;
const coldRounds = 5;

function benchParse(file: string, rounds: number): ParseBenchResult {
  const bytes = readInput(file);
  const times = { parse: [] as number[], compile: [] as number[], ready: [] as number[], batch: [] as number[] };
  let plan: Plan | undefined;
  for (let round = -warmUpRounds; round < rounds; round++) {
    const [parse, parsed] = millisecondsOf(() => parseDbc(bytes));
    const [compile, compiled] = millisecondsOf(() => compilePlan(parsed.database));
    const [decoder] = millisecondsOf(() => createFrameDecoder(compiled));
    const [batch] = millisecondsOf(() => createBatchDecoder(compiled));
    plan = compiled;
    if (round < 0) continue;
    times.parse.push(parse);
    times.compile.push(compile);
    times.ready.push(parse + compile + decoder);
    times.batch.push(batch);
  }
  const cold = Array.from({ length: coldRounds }, () => runCold(file));
  const median = (values: number[]): number => quantile(values, 0.5);
  return {
    file: path.basename(file),
    bytes: bytes.length,
    messages: plan!.messages.length,
    signals: plan!.signals.length,
    rounds,
    parse_ms: median(times.parse),
    compile_ms: median(times.compile),
    ready_ms: median(times.ready),
    batch_ms: median(times.batch),
    cold_ready_ms: median(cold.map(({ readyMs }) => readyMs)),
    cold_process_ms: median(cold.map(({ processMs }) => processMs)),
  };
}

function runCold(file: string): ColdRun & { processMs: number } {
  const child = path.join(import.meta.dirname, `parse-child${path.extname(import.meta.filename)}`);
  const [processMs, { stdout }] = millisecondsOf(() =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', child, file], { encoding: 'utf8' }),
  );
  return { ...(JSON.parse(stdout) as ColdRun), processMs };
}

/** The largest database at hand. */
export function largestAtHand(): string[] {
  const files = sourcesAtHand().flatMap(({ file }) => file ?? []);
  return files.sort((a, b) => statSync(b).size - statSync(a).size).slice(0, 1);
}

/** A report in words. */
export function parseText({ files }: ParseReport): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return files
    .map((result) =>
      [
        `${result.file}: ${Math.round(result.bytes / 1000)} kB, ${result.messages} messages, ${result.signals} signals`,
        `  warm   ready in ${ms(result.ready_ms)}: parse ${ms(result.parse_ms)}, compile ${ms(result.compile_ms)}`,
        `         batch decoder ${ms(result.batch_ms)} more, when it is asked for`,
        `  cold   ready in ${ms(result.cold_ready_ms)}; the whole process ${ms(result.cold_process_ms)}`,
      ].join('\n'),
    )
    .join('\n');
}
