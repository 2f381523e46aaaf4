/** The reading thread's view of the sink. */
import { Worker } from 'node:worker_threads';
import type { FrameBatch } from '../../edge/can/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { batchOf, buffersOf, type FromSink, partsOf, type ToSink } from './messages.ts';
import type { SinkSettings } from './sink.ts';
import type { Tally } from './tally.ts';

export interface SinkResult {
  tally: Tally;
  files: number;
}

/** Takes the bytes of the output stream, in order. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

/** Batches on their way at most: enough that neither thread waits for the other, some megabytes. */
const pendingMax = 6;

export class SinkThread {
  readonly #worker: Worker;
  readonly #takeBytes: TakeBytes;
  readonly #recycle: (batch: FrameBatch) => void;
  #pending = 0;
  #result: SinkResult | undefined;
  #ready = false;
  /** It removed its files, or is gone and can't. */
  #discarded = false;
  #failure: unknown;
  /** Lets those go on who wait for something to change. */
  #wake: () => void = () => {};
  /** Output follows in the order in which it came. */
  #written: Promise<void> = Promise.resolve();

  /** @param recycle gets each batch back when it is decoded */
  constructor(settings: SinkSettings, takeBytes: TakeBytes, recycle: (batch: FrameBatch) => void) {
    const script = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    this.#worker = new Worker(script, { workerData: settings });
    this.#takeBytes = takeBytes;
    this.#recycle = recycle;
    this.#worker.on('message', (message: FromSink) => this.#hear(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => {
      this.#discarded = true;
      this.#wake();
    });
  }

  /** Whether the fault is the sink's own: what it wrote can't be finished. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Waits until the database is read. @throws {MinerError} what is wrong with it, before anything is written */
  async ready(): Promise<void> {
    await this.#until(() => this.#ready);
  }

  /** Hands the batch over; it must not be touched again. Waits while the sink is behind. */
  async write(batch: FrameBatch): Promise<void> {
    await this.#until(() => this.#pending < pendingMax);
    this.#pending++;
    const frames = partsOf(batch);
    this.#say({ kind: 'frames', frames }, buffersOf(frames));
  }

  /** Waits until everything is written. */
  async end(): Promise<SinkResult> {
    this.#say({ kind: 'end' });
    await this.#until(() => this.#result !== undefined);
    return this.#result!;
  }

  /** Removes the files of a run that failed, if the thread still can. */
  async discard(): Promise<void> {
    this.#failure = undefined;
    this.#say({ kind: 'discard' });
    await this.#until(() => this.#discarded).catch(() => {});
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #say(message: ToSink, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromSink): void {
    if (message.kind === 'refused') {
      const { code, message: text, hint, exitCode, facts } = message;
      this.#fail(new MinerError(code, { message: text, hint, exitCode }, facts));
    } else if (message.kind === 'ready' || message.kind === 'discarded') {
      if (message.kind === 'ready') this.#ready = true;
      else this.#discarded = true;
      this.#wake();
    } else {
      if (message.kind === 'taken') this.#recycle(batchOf(message.frames));
      this.#written = this.#written
        .then(() => message.bytes && this.#takeBytes(message.bytes))
        .then(() => {
          if (message.kind === 'taken') this.#pending--;
          else this.#result = { tally: message.tally, files: message.files };
          this.#wake();
        })
        .catch((error) => this.#fail(error));
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (this.#failure === undefined && !holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
