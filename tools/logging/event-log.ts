/** What happened, as lines for people or as JSON lines; what happens again and again is said once and then counted. */
import type { Clock } from '../../edge/sim/index.ts';
import type { LineOutput } from './line-output.ts';

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LogEvent {
  level: Level;
  /** Stable, in kebab-case: what machines look for. */
  event: string;
  /** For people; without it, only machines are told. */
  text?: string;
  /** For machines, under stable keys. */
  facts?: Readonly<Record<string, unknown>>;
  /** Events of one key within a minute of each other are said once, until `over(key)`. */
  repeatKey?: string;
}

export interface EventLogOptions {
  clock: Clock;
  /** JSON lines instead of words on `out`; `file` gets JSON lines either way. */
  json?: boolean;
  /** Debug events too. */
  verbose?: boolean;
  out: LineOutput;
  file?: LineOutput;
  /** Every line for people, also where `out` gets JSON. */
  onText?: (text: string) => void;
  /** 60 s unless told. */
  repeatMs?: number;
}

/** Of keys that never end; the oldest goes. */
const repeatKeysMax = 64;

export class EventLog {
  readonly #options: EventLogOptions;
  readonly #repeatMs: number;
  readonly #repeats = new Map<string, { saidMs: number; unsaid: number }>();

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#repeatMs = options.repeatMs ?? 60_000;
  }

  write(event: LogEvent): void {
    const { json, verbose, out, file, clock, onText } = this.#options;
    if (event.level === 'debug' && !verbose) return;
    const repeated = this.#repeated(event.repeatKey);
    if (repeated === undefined) return;
    const line = jsonLine(event, clock.unixMs(), repeated);
    file?.write(line);
    if (json) out.write(line);
    if (event.text === undefined) return;
    const text = repeated > 0 ? `${event.text} (${repeated} times more)` : event.text;
    if (!json) out.write(text);
    onText?.(text);
  }

  /** What was repeated has ended. @returns how often it came without being said */
  over(repeatKey: string): number {
    const unsaid = this.#repeats.get(repeatKey)?.unsaid ?? 0;
    this.#repeats.delete(repeatKey);
    return unsaid;
  }

  /** @returns how often it came unsaid since it was said last, or undefined when it is not to be said now */
  #repeated(key: string | undefined): number | undefined {
    if (key === undefined) return 0;
    const nowMs = this.#options.clock.nowMs();
    const before = this.#repeats.get(key);
    if (before && nowMs - before.saidMs < this.#repeatMs) {
      before.unsaid++;
      return undefined;
    }
    if (!before && this.#repeats.size >= repeatKeysMax) this.#repeats.delete(this.#repeats.keys().next().value!);
    this.#repeats.set(key, { saidMs: nowMs, unsaid: 0 });
    return before?.unsaid ?? 0;
  }
}

/** `time` is left out while the clock does not know it. */
function jsonLine({ level, event, facts }: LogEvent, unixMs: number | undefined, repeated: number): string {
  const time = unixMs === undefined ? undefined : new Date(unixMs).toISOString();
  return JSON.stringify({ time, level, event, ...facts, ...(repeated > 0 && { repeated }) }, plain);
}

/** What JSON has no word for must not end a Miner. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
