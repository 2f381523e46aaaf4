/** `miner run --look`: what decoders read from a port, for people at a bench. Nothing is approved, signed or sent. */
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import {
  compilePlan,
  type FrameDecoder,
  labelAt,
  type PlanMessage,
  physicalAt,
  readObject,
  SignalStatus,
} from '../../../edge/decode/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { FrameWalk } from '../../decode/frame-walk.ts';
import { toolError } from '../../errors/index.ts';
import { EventLog } from '../../logging/index.ts';
import type { RunFlags } from '../commands/run.ts';
import { stopOnSignals } from '../stop.ts';
import { openRunPort, pause } from './open-port.ts';
import { Screen } from './screen.ts';

/** Each message is shown at most this often. */
const showIntervalUs = 1e6;
const statusEveryMs = 1000;

/** @throws {MinerError} DECODER_EMPTY, and what opening the port throws */
export async function look(flags: RunFlags, files: readonly DecoderFile[]): Promise<void> {
  const clock = liveClock();
  const stop = stopOnSignals((text) => notes.write({ level: 'info', event: 'stopping', text }));
  const screen = new Screen({
    status: !flags.json,
    lossLine: (lines) =>
      flags.json ? JSON.stringify({ lost: lines }) : `${lines} lines left out here: too slow a reader`,
    onGone: () => stop.request('nobody reads the output any more'),
  });
  // Who asks the vehicle wants to see what it answers.
  const verbose = flags.verbose === true || flags.obd !== undefined;
  // Values are what is asked for; where they are piped on, what happens to the port must not stand between them.
  const notes = new EventLog({ clock, verbose, out: screen.hasStatus ? screen : standardError });
  const walks = files.map(walkOf);
  const shownUs = new Map<PlanMessage, number>();
  const counts = () => {
    const decoded = walks.reduce((sum, { tally }) => sum + tally.decoded, 0);
    const reassembled = walks.reduce((sum, { tally }) => sum + tally.reassembled, 0);
    const whole = reassembled > 0 ? `, ${reassembled} messages put together` : '';
    return `${walks[0].tally.frames} frames, ${decoded} decoded${whole}`;
  };
  const timer = setInterval(() => screen.showStatus((columns) => counts().slice(0, columns)), statusEveryMs);
  try {
    const port = await openRunPort(flags, {
      clock,
      events: notes,
      stop,
      onFrames: (batch) => {
        for (const { walk, decoder } of walks) {
          walk(batch, (message, timeUs) => {
            if (timeUs - (shownUs.get(message) ?? Number.NEGATIVE_INFINITY) < showIntervalUs) return;
            shownUs.set(message, timeUs);
            screen.write(flags.json ? lineJson(timeUs, message, decoder) : lineText(message, decoder));
          });
        }
      },
    });
    if (port)
      await Promise.race([stop.requested, ...(flags.duration ? [pause(flags.duration * 1000, stop.signal)] : [])]);
    await port?.close();
    screen.clearStatus();
    notes.write({ level: 'info', event: 'stopped', text: `${counts()}; nothing was signed` });
  } finally {
    clearInterval(timer);
    await screen.flush(1000);
    stop.release();
  }
}

const standardError = {
  dropped: 0,
  write: (line: string) => void process.stderr.write(`${line}\n`),
  flush: async () => {},
};

function walkOf({ name, bytes }: DecoderFile) {
  const plan = compilePlan(parseDbc(bytes).database);
  if (plan.messages.length === 0) throw toolError('DECODER_EMPTY', { path: name });
  const frames = new FrameWalk(plan);
  return { walk: frames.walk.bind(frames), decoder: frames.decoder, tally: frames.tally };
}

function lineText({ name, signals }: PlanMessage, decoder: FrameDecoder): string {
  const values = signals.flatMap((signal) => {
    const status = decoder.status[signal.slot];
    if (status === SignalStatus.absent || status === SignalStatus.inactive) return [];
    const label = labelAt(decoder, signal);
    return [`${signal.name} ${label ?? `${physicalAt(decoder, signal)}${signal.unit && ` ${signal.unit}`}`}`];
  });
  return `${name}: ${values.join(', ')}`;
}

function lineJson(timeUs: number, message: PlanMessage, decoder: FrameDecoder): string {
  const { id, extended: ext, name } = message;
  const { signals, status } = readObject(decoder, message);
  const wide = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return JSON.stringify({ t: timeUs / 1e6, id, ext, name, signals, status }, wide);
}
