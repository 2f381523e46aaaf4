/** The worker behind the desk: parses and decodes, so that the page itself never waits. */
import { failureOf } from './failure.ts';
import type { DeskReply, DeskRequest } from './protocol.ts';
import { type DeskDecoder, readDecoder } from './read-decoder.ts';
import { type DeskLog, readLog } from './read-log.ts';
import { collectSeries } from './series.ts';
import { Tally } from './tally.ts';

/** Batches of 8192 frames between two looks at what else was asked. */
const batchesPerTurn = 16;

let decoder: DeskDecoder | undefined;
let log: DeskLog | undefined;
let startUs = 0;
/** Count what was asked for; work begun for an older count is dropped. */
let decoderRun = 0;
let logRun = 0;

self.addEventListener('message', ({ data }: MessageEvent<DeskRequest>) => {
  if (data.kind === 'decoder') void takeDecoder(data.file);
  else if (data.kind === 'log') void takeLog(data.file);
  else sendSeries(data.signalIndex);
});

function reply(message: DeskReply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function takeDecoder(file: File): Promise<void> {
  const run = ++decoderRun;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (run !== decoderRun) return;
    decoder = readDecoder(file.name, bytes);
    reply({ kind: 'decoder', decoder: decoder.view });
    await decodeLog();
  } catch (problem) {
    if (run === decoderRun) reply({ kind: 'failed', about: 'decoder', failure: failureOf(problem) });
  }
}

async function takeLog(file: File): Promise<void> {
  const run = ++logRun;
  const isStale = () => run !== logRun;
  log = undefined;
  try {
    const read = await readLog(file, {
      isStale,
      onProgress: progressTeller(),
    });
    if (read === undefined || isStale()) return;
    log = read;
    reply({ kind: 'log', log: log.view });
    await decodeLog();
  } catch (problem) {
    if (!isStale()) reply({ kind: 'failed', about: 'log', failure: failureOf(problem) });
  }
}

/** Tells each hundredth once: a large log comes in thousands of pieces. */
function progressTeller(): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done < told + 0.01) return;
    told = done;
    reply({ kind: 'progress', step: 'reading', done });
  };
}

/** Decodes the log that was read with the decoder that was read, once there are both. */
async function decodeLog(): Promise<void> {
  if (decoder === undefined || log === undefined) return;
  const runs = [decoderRun, logRun];
  const { batches } = log;
  const tally = new Tally(decoder.decoder);
  for (let index = 0; index < batches.length; index++) {
    tally.add(batches[index]);
    if ((index + 1) % batchesPerTurn !== 0) continue;
    reply({ kind: 'progress', step: 'decoding', done: (index + 1) / batches.length });
    await new Promise((resolve) => setTimeout(resolve));
    if (runs[0] !== decoderRun || runs[1] !== logRun) return;
  }
  const decoded = tally.finish();
  startUs = decoded.startUs;
  reply({ kind: 'decoded', decoded });
}

function sendSeries(signalIndex: number): void {
  if (decoder === undefined || log === undefined || signalIndex >= decoder.plan.signals.length) return;
  const series = collectSeries(decoder.decoder, log.batches, signalIndex, startUs);
  reply({ kind: 'series', series }, [series.timeS.buffer, series.value.buffer] as Transferable[]);
}
