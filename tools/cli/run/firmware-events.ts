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
    case 'resume': {
      const { request, unit, units } = event;
      const text = `boot: ${requests[request]} goes on at ${unit} of ${units}`;
      return { level: 'info', event: 'boot-resume', text, facts: { request, unit, units } };
    }
    case 'begin': {
      const { request, units } = event;
      const text = `boot: ${requests[request]} is wanted: ${units} pieces to move`;
      return { level: 'info', event: 'boot-swap', text, facts: { request, units } };
    }
    case 'done': {
      const { request } = event;
      return { level: 'info', event: 'boot-swapped', text: `boot: ${requests[request]} is done`, facts: { request } };
    }
    case 'refused': {
      const { request, reason } = event;
      const text = `boot: ${requests[request]} was refused: ${reason}`;
      return { level: 'error', event: 'boot-refused', text, facts: { request, reason } };
    }
    case 'counter': {
      const { securityCounter } = event;
      const text = `boot: nothing older than security counter ${securityCounter} runs from now on`;
      return { level: 'info', event: 'boot-counter', text, facts: { securityCounter } };
    }
    case 'boot': {
      const { version, isTrial } = event;
      const hash = toHex(event.hash);
      const text = `boot: image ${version} (${hash.slice(0, 16)}…)${isTrial ? ' on trial' : ''}`;
      return { level: 'info', event: 'boot', text, facts: { version, hash, trial: isTrial } };
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
