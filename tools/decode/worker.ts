/** The sink's thread: takes batches of frames until it is told that there are no more. */
import { parentPort, workerData } from 'node:worker_threads';
import { MinerError } from '../../edge/errors/index.ts';
import { batchOf, buffersOf, type FromSink, type ToSink } from './messages.ts';
import { createSink, type Sink, type SinkSettings } from './sink.ts';

const port = parentPort!;
const sink = await attempt(() => createSink(workerData as SinkSettings));
if (sink !== undefined) {
  port.on('message', (message: ToSink) => take(sink, message));
  say({ kind: 'ready' });
}

function take(sink: Sink, message: ToSink): void {
  attempt(() => {
    if (message.kind === 'frames') {
      const { frames } = message;
      const bytes = sink.write(batchOf(frames));
      say({ kind: 'taken', bytes, frames }, buffersOf(frames), bytes);
    } else if (message.kind === 'end') {
      const bytes = sink.end();
      say({ kind: 'ended', bytes, tally: sink.tally, files: sink.files ?? 0 }, [], bytes);
    } else {
      sink.discard?.();
      say({ kind: 'discarded' });
    }
  });
}

function say(message: FromSink, transfer: ArrayBuffer[] = [], bytes?: Uint8Array<ArrayBuffer>): void {
  port.postMessage(message, bytes === undefined ? transfer : [...transfer, bytes.buffer]);
}

/** Errors of the catalogue are told to the other thread; others end this one, which Node tells by itself. */
async function attempt<Result>(work: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    const { code, message, hint, exitCode, facts } = error;
    say({ kind: 'refused', code, message, hint, exitCode, facts });
    return undefined;
  }
}
