/** The port of `miner run`: opened or waited for, its adapter and bus told of, the vehicle asked where that is wanted. */
import type { FrameBatch } from '../../../edge/can/index.ts';
import { type CanLink, type CanLinkLoss, type CanLinkOptions, openCanLink } from '../../../edge/can-link.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { defaultObdSettings, ObdPoller } from '../../../edge/obd/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import { profileOf } from '../../../edge/slcan/index.ts';
import { transportOpener } from '../../../edge/transport/node.ts';
import { toolError } from '../../errors/index.ts';
import type { EventLog } from '../../logging/index.ts';
import type { RunFlags } from '../commands/run.ts';
import type { Stop } from '../stop.ts';
import { busLogEvent, lossLogEvent } from './bus-events.ts';
import { obdLogEvent } from './obd-events.ts';
import { portEvents } from './port-events.ts';

export interface RunPort {
  link: CanLink;
  close(): Promise<void>;
}

export interface RunPortOptions {
  clock: Clock;
  events: EventLog;
  stop: Pick<Stop, 'signal' | 'requested'>;
  /** The batch is valid during the call. */
  onFrames: (batch: FrameBatch) => void;
  onLoss?: (loss: CanLinkLoss) => void;
  onSide?: (isUp: boolean) => void;
}

const retryMsMin = 100;
const retryMsMax = 1500;

/**
 * @returns undefined when it was stopped before the port came
 * @throws {MinerError} the fault of the first attempt, unless told to wait; wrong usage either way
 */
export async function openRunPort(flags: RunFlags, options: RunPortOptions): Promise<RunPort | undefined> {
  const { clock, events, stop, onFrames, onLoss, onSide } = options;
  if (flags.obd && !flags.active) {
    throw toolError('OPTION_MISSING', {
      option: '--active',
      reason: '--obd sends on the bus, which is only listened to',
    });
  }
  const told = portEvents({ port: flags.port, clock, events, onSide });
  let poller: ObdPoller | undefined;
  const write = (event: Parameters<EventLog['write']>[0] | undefined) => event && events.write(event);
  const { profile } = flags;
  const linkOptions: Omit<CanLinkOptions, 'open'> = {
    clock,
    profile: profile === 'auto' ? profile : profileOf(profile),
    bitRate: flags.bitRate,
    ...(flags.dataBitRate !== undefined && { dataBitRate: flags.dataBitRate }),
    listenOnly: !flags.active,
    onFrames: (batch) => {
      onFrames(batch);
      poller?.receive(batch);
    },
    onUp: told.onUp,
    onDown: told.onAway,
    onBus: (event) => write(busLogEvent(event)),
    onLoss: (loss) => {
      onLoss?.(loss);
      write(lossLogEvent(loss));
    },
  };
  const link = await openOrWait(flags, linkOptions, stop, told);
  if (!link) return undefined;
  if (flags.obd) {
    poller = new ObdPoller({
      clock,
      send: (frame) => link.transmit(frame),
      settings: { pids: flags.obd === true ? defaultObdSettings.pids : flags.obd },
      onEvent: (event) => events.write(obdLogEvent(event)),
    });
    void poller.start();
  }
  return {
    link,
    close: async () => {
      poller?.stop();
      await link.close();
    },
  };
}

async function openOrWait(
  { port, wait, baud }: RunFlags,
  options: Omit<CanLinkOptions, 'open'>,
  stop: RunPortOptions['stop'],
  { onAway, onOffered }: ReturnType<typeof portEvents>,
): Promise<CanLink | undefined> {
  for (let retryMs = retryMsMin; !stop.signal.aborted; retryMs = Math.min(2 * retryMs, retryMsMax)) {
    // A fresh one each time: a link that failed has closed its own.
    const open = transportOpener(port, { ...(baud !== undefined && { baudRate: baud }), onWaiting: onOffered });
    try {
      return await unlessStopped(openCanLink({ ...options, open }), stop, () => open.close?.());
    } catch (error) {
      // What a person mistyped does not get better by waiting.
      if (!wait || !(error instanceof MinerError) || error.exitCode !== 3) throw error;
      onAway(error);
    }
    await pause(retryMs, stop.signal);
  }
  return undefined;
}

/** An attempt under way when somebody stops is not waited for; a link that it brings after all is closed again. */
function unlessStopped(
  opening: Promise<CanLink>,
  stop: RunPortOptions['stop'],
  giveUp: () => unknown,
): Promise<CanLink | undefined> {
  let isOpen = false;
  opening.then(
    () => {
      isOpen = true;
    },
    () => {},
  );
  const stopped = stop.requested.then(() => {
    if (isOpen) return undefined;
    opening.then(
      (link) => link.close(),
      () => {},
    );
    giveUp();
    return undefined;
  });
  return Promise.race([opening, stopped]);
}

/** Ends early when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
