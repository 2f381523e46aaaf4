import type { CanLinkOptions } from '../../../edge/can-link.ts';
import type { MinerError } from '../../../edge/errors/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { EventLog } from '../../logging/index.ts';
import { durationText } from './status-text.ts';

export interface PortEventsOptions {
  port: string;
  clock: Clock;
  events: EventLog;
  /** Each change, before it is told. */
  onSide?: (isUp: boolean) => void;
}

/** Tells of a port that comes and goes; a port that stays away is said once, not at every attempt. */
export function portEvents({
  port,
  clock,
  events,
  onSide = () => {},
}: PortEventsOptions): Required<Pick<CanLinkOptions, 'onUp' | 'onDown'>> & { onWaiting: (fault: MinerError) => void } {
  let wasUp = false;
  let isUp = false;
  let awaySinceMs = clock.nowMs();
  const repeatKeys = new Set<string>();
  const isAway = (error: MinerError) => {
    if (isUp) awaySinceMs = clock.nowMs();
    isUp = false;
    onSide(false);
    // The loss and what then keeps the port away are two things to say; each of them once.
    const repeatKey = `port-down ${error.code}`;
    repeatKeys.add(repeatKey);
    const text = `${error.message}; waiting for it`;
    events.write({ level: 'warn', event: 'port-down', text, facts: { error }, repeatKey });
  };
  return {
    onUp: ({ version, serialNumber }) => {
      const awayMs = Math.round(clock.nowMs() - awaySinceMs);
      const again = wasUp ? ` again after ${durationText(awayMs)}` : '';
      isUp = true;
      onSide(true);
      for (const key of repeatKeys) events.over(key);
      repeatKeys.clear();
      events.write({
        level: 'info',
        event: 'port-up',
        text: `reading ${port}${again} (adapter ${version})`,
        facts: { port, adapter: { version, serialNumber }, ...(wasUp && { awayMs }) },
      });
      wasUp = true;
    },
    onDown: isAway,
    onWaiting: isAway,
  };
}
