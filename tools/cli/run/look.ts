/** `miner run --look`: what decoders read from a port, for people at a bench. Nothing is approved, signed or sent. */
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import type { FrameBatch } from '../../../edge/can/index.ts';
import { openCanLink } from '../../../edge/can-link.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import {
  compilePlan,
  createFrameDecoder,
  labelAt,
  type PlanMessage,
  physicalAt,
  readObject,
  SignalStatus,
} from '../../../edge/decode/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { transportOpener } from '../../../edge/transport/node.ts';
import type { RunFlags } from '../commands/run.ts';
import { stopOnSignals } from '../stop.ts';
import { StatusLine } from './status-line.ts';

/** Each message is shown at most this often. */
const showIntervalUs = 1e6;

export async function look(flags: RunFlags, files: readonly DecoderFile[]): Promise<void> {
  const status = new StatusLine();
  const stop = stopOnSignals((note) => process.stderr.write(`${note}\n`));
  const decoders = files.map((file) => createFrameDecoder(compilePlan(parseDbc(file.bytes).database)));
  const shownUs = new Map<PlanMessage, number>();
  let frames = 0;
  let decoded = 0;
  const show = (batch: FrameBatch) => {
    frames += batch.count;
    for (let i = 0; i < batch.count; i++) {
      for (const decoder of decoders) {
        const message = decoder.decode(batch.id[i], batch.flags[i], batch.data, i * batch.stride, batch.length[i]);
        if (!message) continue;
        decoded++;
        const timeUs = batch.timeUs[i];
        if (timeUs - (shownUs.get(message) ?? Number.NEGATIVE_INFINITY) < showIntervalUs) continue;
        shownUs.set(message, timeUs);
        status.print(flags.json ? lineJson(timeUs, message, readObject(decoder, message)) : lineText(message));
      }
    }
  };
  const lineText = (message: PlanMessage) => {
    const decoder = decoders.find(({ plan }) => plan.messages.includes(message))!;
    const values = message.signals.flatMap((signal) => {
      const value = physicalAt(decoder, signal);
      const isHere =
        decoder.status[signal.slot] !== SignalStatus.absent && decoder.status[signal.slot] !== SignalStatus.inactive;
      return !isHere
        ? []
        : [`${signal.name} ${labelAt(decoder, signal) ?? `${value}${signal.unit && ` ${signal.unit}`}`}`];
    });
    return `${message.name}: ${values.join(', ')}`;
  };
  try {
    const link = await openCanLink({
      open: transportOpener(flags.port),
      clock: liveClock(),
      bitRate: flags.bitRate,
      listenOnly: !flags.active,
      onFrames: show,
      onUp: ({ version }) => process.stderr.write(`reading ${flags.port} (adapter ${version}); nothing is signed\n`),
      onDown: (fault) => process.stderr.write(`${fault.message}; waiting for it\n`),
    });
    const stopStatus = status.every(1000, () => `${frames} frames, ${decoded} decoded`);
    const ended = flags.duration
      ? new Promise((resolve) => setTimeout(resolve, flags.duration! * 1000).unref())
      : undefined;
    await Promise.race([stop.requested, ...(ended ? [ended] : [])]);
    stopStatus();
    await link.close();
    status.clear();
    process.stderr.write(`${frames} frames, ${decoded} decoded\n`);
  } finally {
    stop.release();
  }
}

function lineJson(timeUs: number, message: PlanMessage, { signals, status }: ReturnType<typeof readObject>): string {
  const { id, extended: ext, name } = message;
  const wide = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return JSON.stringify({ t: timeUs / 1e6, id, ext, name, signals, status }, wide);
}
