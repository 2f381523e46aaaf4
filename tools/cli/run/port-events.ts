import type { MinerError } from '../../../edge/errors/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { SlcanDevice } from '../../../edge/slcan/index.ts';
import type { EventLog } from '../../logging/index.ts';
import { durationText } from './status-text.ts';

export interface PortEventsOptions {
  port: string;
  clock: Clock;
  events: EventLog;
  /** Each change, before it is told. */
  onSide?: ((isUp: boolean) => void) | undefined;
}

export interface PortEvents {
  onUp(adapter: SlcanDevice): void;
  onAway(fault: MinerError): void;
  /** A pty of ours waits for another program to open this path. */
  onOffered(path: string): void;
}

/** Tells of a port that comes and goes; a port that stays away is said once, not at every attempt. */
export function portEvents({ port, clock, events, onSide = () => {} }: PortEventsOptions): PortEvents {
  let wasUp = false;
  let isUp = false;
  let awaySinceMs = clock.nowMs();
  const repeatKeys = new Set<string>();
  return {
    onUp: ({ version, serialNumber, profile }) => {
      const awayMs = Math.round(clock.nowMs() - awaySinceMs);
      const again = wasUp ? ` again after ${durationText(awayMs)}` : '';
      isUp = true;
      onSide(true);
      for (const key of repeatKeys) events.over(key);
      repeatKeys.clear();
      events.write({
        level: 'info',
        event: 'port-up',
        text: `reading ${port}${again} (adapter ${version || 'of unknown version'}, profile ${profile})`,
        facts: { port, adapter: { version, serialNumber, profile }, ...(wasUp && { awayMs }) },
      });
      wasUp = true;
    },
    onAway: (error) => {
      if (isUp) awaySinceMs = clock.nowMs();
      isUp = false;
      onSide(false);
      // The loss and what then keeps the port away are two things to say; each of them once.
      const repeatKey = `port-down ${error.code}`;
      repeatKeys.add(repeatKey);
      const text = `${error.message}; waiting for it`;
      events.write({ level: 'warn', event: 'port-down', text, facts: { error }, repeatKey });
    },
    onOffered: (path) => {
      const text = `waiting for an adapter at ${path}`;
      events.write({ level: 'info', event: 'port-offered', text, facts: { path } });
    },
  };
}
