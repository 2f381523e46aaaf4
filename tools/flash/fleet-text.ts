/** A fleet in words: one line for what happens, and a table at the end. */
import { printable } from '../dbc/printable.ts';
import type { FleetEvent, FleetReport } from './fleet.ts';
import type { FleetEntry } from './fleet-journal.ts';
import { flashText } from './text.ts';

/** @returns undefined for what is not worth a line among many devices */
export function fleetText(event: FleetEvent): string | undefined {
  switch (event.event) {
    case 'skipped':
      return `${event.name}: done on ${event.time}`;
    case 'begun':
      return `${event.name}: ${event.device}`;
    case 'step': {
      const text = event.step.event === 'image' ? undefined : flashText(event.step);
      return text === undefined ? undefined : `${event.name}: ${text}`;
    }
    case 'ended':
      return event.entry.error && `${event.entry.name}: ${event.entry.error.message}`;
  }
}

/** Rows for a table, their head first. */
export function fleetRows({ entries }: FleetReport): (string | number)[][] {
  const row = ({ name, device, outcome, before, after, sentBytes, seconds, error }: FleetEntry) => [
    name,
    device,
    outcome,
    printable(before ?? ''),
    printable(after ?? ''),
    sentBytes,
    Number(seconds.toFixed(1)),
    error?.code ?? '',
  ];
  return [['name', 'device', 'outcome', 'before', 'after', 'bytes', 'seconds', 'error'], ...entries.map(row)];
}

export function fleetSummary({ devices, done, failed, left }: FleetReport): string {
  const rest = left > 0 ? `, ${left} left: run it again to go on` : '';
  return `${devices} devices: ${done} done, ${failed} failed${rest}`;
}
