import { type ObdEvent, parameterValues } from '../../../edge/obd/index.ts';
import type { LogEvent } from '../../logging/index.ts';
import { durationText } from './status-text.ts';

/** What the poller tells, as lines of the event log. Readings are for a bench: a Miner decodes the frames themselves. */
export function obdLogEvent(event: ObdEvent): LogEvent {
  const { kind, ...facts } = event;
  const info = (text: string): LogEvent => ({ level: 'info', event: `obd-${kind}`, text: `OBD: ${text}`, facts });
  switch (event.kind) {
    case 'drive-started':
      return info(`${event.ecus.join(', ')} answer, ${event.addressing} ids`);
    case 'supported':
      return { ...info(`${event.ecu} has ${event.pids.length} parameters: ${pidsText(event.pids)}`), level: 'debug' };
    case 'vin': {
      const { vin, ecu, service, checkDigit } = event.reading;
      return info(`VIN ${vin} by service ${service} of ${ecu}, check digit ${checkDigit}`);
    }
    case 'calibration-ids':
      return info(`${event.ecu} runs ${event.ids.join(', ')}`);
    case 'ecu-name':
      return info(`${event.ecu} is ${event.name}`);
    case 'trouble-codes': {
      const list = (codes: string[]) => codes.join(', ') || 'none';
      return info(`${event.ecu}: trouble codes ${list(event.stored)}, pending ${list(event.pending)}`);
    }
    case 'reading': {
      const { ecu, pid, data } = event;
      const values = parameterValues(pid, data);
      const text = values.map(({ name, unit, value, label }) => `${name} ${label ?? `${value} ${unit}`.trimEnd()}`);
      const named = Object.fromEntries(values.map(({ name, value }) => [name, value]));
      return {
        level: 'debug',
        event: `obd-${kind}`,
        text: `OBD: ${ecu}: ${text.join(', ') || `parameter ${pidsText([pid])}`}`,
        facts: { ecu, pid, values: named },
      };
    }
    case 'unsupported':
      return { ...info(`${event.ecu} lacks parameter ${pidsText([event.pid])}: ${event.reason}`), level: 'debug' };
    case 'voltage-gate': {
      const goes = event.isOpen ? 'charging: asking' : 'not charged: nothing is asked';
      return info(`${event.volts.toFixed(1)} V, ${goes}`);
    }
    case 'silent': {
      const text = `nobody answers; asking again after ${durationText(event.retryMs)}`;
      return { ...info(text), level: 'warn', repeatKey: 'obd-silent' };
    }
    case 'other-tester':
      return info(`another tester is at work: nothing is asked for ${durationText(event.pauseMs)}`);
    case 'drive-ended':
      return info(`the drive ended: ${event.reason}`);
  }
}

function pidsText(pids: readonly number[]): string {
  return pids.map((pid) => pid.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}
