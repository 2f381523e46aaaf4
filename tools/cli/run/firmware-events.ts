/** What boot loader and trial tell, as lines of the event log; docs/run.md lists them. */
import { MinerError } from '../../../edge/errors/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import type { FirmwareEvent } from '../../firmware/index.ts';
import type { LogEvent } from '../../logging/index.ts';

const requests = { none: 'nothing', test: 'a trial', permanent: 'an update', revert: 'a revert' } as const;
const causes = {
  request: 'somebody asked for it',
  'self-test': 'the image on trial is not to stay',
  watchdog: 'the watchdog had enough',
  crash: 'the image on trial could not start',
} as const;

export function firmwareLogEvent(event: FirmwareEvent): LogEvent {
  switch (event.event) {
    case 'resume':
      return boot('info', 'boot-resume', `${requests[event.request]} goes on at ${event.unit} of ${event.units}`, {
        request: event.request,
        unit: event.unit,
        units: event.units,
      });
    case 'begin':
      return boot('info', 'boot-swap', `${requests[event.request]} is wanted: ${event.units} pieces to move`, {
        request: event.request,
        units: event.units,
      });
    case 'done':
      return boot('info', 'boot-swapped', `${requests[event.request]} is done`, { request: event.request });
    case 'refused':
      return boot('error', 'boot-refused', `${requests[event.request]} was refused: ${event.reason}`, {
        request: event.request,
        reason: event.reason,
      });
    case 'counter':
      return boot(
        'info',
        'boot-counter',
        `nothing older than security counter ${event.securityCounter} runs from now on`,
        {
          securityCounter: event.securityCounter,
        },
      );
    case 'boot': {
      const { version, isTrial } = event;
      const hash = toHex(event.hash);
      const text = `image ${version} (${hash.slice(0, 16)}…)${isTrial ? ' on trial' : ''}`;
      return boot('info', 'boot', text, { version, hash, trial: isTrial });
    }
    case 'confirmed': {
      const { version } = event;
      const facts = { version, hash: toHex(event.hash) };
      return {
        level: 'info',
        event: 'image-confirmed',
        text: `image ${version} passed its self-test: it stays`,
        facts,
      };
    }
    case 'self-test': {
      const { version, reason } = event;
      const text = `image ${version} failed its self-test: ${reason}`;
      return { level: 'error', event: 'self-test-failed', text, facts: { version, reason } };
    }
    case 'reset':
      return { level: 'warn', event: 'reset', text: `reset: ${causes[event.cause]}`, facts: { cause: event.cause } };
  }
}

function boot(level: LogEvent['level'], event: string, text: string, facts: LogEvent['facts']): LogEvent {
  return { level, event, text: `boot: ${text}`, facts };
}

/** @param standing whether the image is certified, or why nobody can say */
export function certificateLogEvent(imageHash: Uint8Array, standing: boolean | MinerError): LogEvent {
  const hash = toHex(imageHash);
  const short = `${hash.slice(0, 16)}…`;
  if (standing instanceof MinerError) {
    const text = `${standing.message}; whether image ${short} is certified is not known`;
    return { level: 'warn', event: 'image-unknown', text, facts: { hash, error: standing } };
  }
  return standing
    ? { level: 'info', event: 'image-certified', text: `image ${short} is certified for this model`, facts: { hash } }
    : {
        level: 'warn',
        event: 'image-uncertified',
        text: `nobody certified image ${short} for this model`,
        facts: { hash },
      };
}
