import type { CanLinkLoss } from '../../../edge/can-link.ts';
import type { LinkLoss } from '../../../edge/miner.ts';
import type { SlcanBusEvent } from '../../../edge/slcan/index.ts';
import type { LogEvent } from '../../logging/index.ts';

/** What an adapter tells of its bus, as lines of the event log. Overruns come as losses. */
export function busLogEvent(event: SlcanBusEvent): LogEvent | undefined {
  if (event.type === 'overrun') return undefined;
  if (event.type === 'error') {
    const errorClass = `0x${event.errorClass.toString(16)}`;
    const text = `bus error, class ${errorClass}`;
    return { level: 'debug', event: 'bus-error', text, facts: { errorClass }, repeatKey: `bus-error ${errorClass}` };
  }
  const { state, transmitErrors, receiveErrors } = event;
  const counters =
    transmitErrors === undefined ? '' : `, ${transmitErrors} transmit and ${receiveErrors} receive errors`;
  return {
    level: state === 'error-active' ? 'info' : 'warn',
    event: 'bus-state',
    text: `the adapter is ${state}${counters}`,
    facts: { state, ...(transmitErrors !== undefined && { transmitErrors, receiveErrors }) },
    // A node that babbles takes the state back and forth.
    repeatKey: `bus-state ${state}`,
  };
}

/** @returns undefined for what another event tells already: a port that is back, an adapter that left the bus */
export function lossLogEvent(loss: CanLinkLoss): LogEvent | undefined {
  switch (loss.kind) {
    case 'overrun': {
      const text = `the adapter had no room: frames lost, ${loss.where === 'receive' ? 'from' : 'to'} the bus`;
      const repeatKey = `overrun ${loss.where}`;
      return { level: 'warn', event: 'overrun', text, facts: { where: loss.where }, repeatKey };
    }
    case 'garbage': {
      const text = 'lines came that nobody can read; frames may be lost with them: the wrong --profile or --baud?';
      return { level: 'warn', event: 'garbage', text, facts: { lines: loss.lines }, repeatKey: 'garbage' };
    }
    case 'outage':
    case 'bus-off':
      return undefined;
  }
}

/** What the Miner puts into its packs of it: at least this much never arrived. */
export function minerLoss(loss: CanLinkLoss): LinkLoss {
  switch (loss.kind) {
    case 'overrun':
      return loss.where === 'receive' ? { frames: 1, overruns: 1 } : {};
    case 'garbage':
      return { frames: loss.lines };
    case 'bus-off':
      return { busOffs: 1 };
    case 'outage':
      return {};
  }
}
