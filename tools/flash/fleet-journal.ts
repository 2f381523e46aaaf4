/** What became of each device of a fleet, kept on disk, so that the same command goes on after an interruption. */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { toolError } from '../errors/index.ts';

/** One line of the journal, and one row of the report. */
export interface FleetEntry {
  name: string;
  device: string;
  /** Of the image that was to be brought there. */
  hash: string;
  version: string;
  /** What was to be done with it: another wish makes the entry void. */
  wish: string;
  outcome: 'done' | 'failed';
  /** What ran before and afterwards, as far as we know. */
  before?: string;
  after?: string;
  sentBytes: number;
  seconds: number;
  /** Code, message and remedy of what went wrong. */
  error?: { code: string; message: string; hint: string };
  /** When it was finished. */
  time: string;
}

const bytesMax = 64 << 20;
/** Of every line: its first field. */
const lineBegin = '{"name":';

export class FleetJournal {
  readonly path: string;
  readonly #descriptor: number;
  readonly #done = new Map<string, FleetEntry>();

  /**
   * Opens the journal, or begins one.
   * @throws {MinerError} DEVICE_JOURNAL when it is no journal, or cannot be written
   */
  constructor(path: string) {
    this.path = path;
    const text = existsSync(path) ? this.#read() : '';
    const whole = this.#withoutTornLine(text);
    for (const entry of this.#entries(whole)) this.#done.set(keyOf(entry), entry);
    this.#descriptor = this.#attempt(() => openSync(path, 'a'));
    this.#attempt(() => ftruncateSync(this.#descriptor, Buffer.byteLength(whole)));
  }

  /** The entry of a device that needs nothing any more: the same image, and the same wish, were done. */
  find(wanted: Pick<FleetEntry, 'name' | 'device' | 'hash' | 'wish'>): FleetEntry | undefined {
    const entry = this.#done.get(keyOf(wanted));
    return entry?.outcome === 'done' ? entry : undefined;
  }

  /** On the disk when it returns. */
  add(entry: FleetEntry): void {
    this.#done.set(keyOf(entry), entry);
    this.#write(`${JSON.stringify(entry)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(): string {
    const bytes = this.#attempt(() => readFileSync(this.path));
    if (bytes.length > bytesMax) this.#refuse(`${bytes.length} bytes, expected ${bytesMax} at most`);
    return bytes.toString();
  }

  /** A kill in the middle of a write leaves a line without an end; what else ends so is not ours. */
  #withoutTornLine(text: string): string {
    const end = text.lastIndexOf('\n') + 1;
    const torn = text.slice(end);
    if (!lineBegin.startsWith(torn.slice(0, lineBegin.length))) this.#refuse('its last line is no entry');
    return text.slice(0, end);
  }

  #entries(text: string): FleetEntry[] {
    return text.split('\n').flatMap((line, index) => {
      if (line === '') return [];
      return parseEntry(line) ?? this.#refuse(`line ${index + 1} is no entry`);
    });
  }

  #write(text: string): void {
    this.#attempt(() => {
      writeSync(this.#descriptor, text);
      fsyncSync(this.#descriptor);
    });
  }

  #attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      throw toolError('DEVICE_JOURNAL', { path: this.path, problem: (cause as Error).message }, cause);
    }
  }

  #refuse(problem: string): never {
    throw toolError('DEVICE_JOURNAL', { path: this.path, problem });
  }
}

function parseEntry(line: string): FleetEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<FleetEntry> | null;
    const texts = [entry?.name, entry?.device, entry?.hash, entry?.wish, entry?.outcome];
    return texts.every((text) => typeof text === 'string') ? (entry as FleetEntry) : undefined;
  } catch {
    return undefined;
  }
}

function keyOf({ name, device, hash, wish }: Pick<FleetEntry, 'name' | 'device' | 'hash' | 'wish'>): string {
  return JSON.stringify([name, device, hash, wish]);
}
