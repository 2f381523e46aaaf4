import type { LogEvent } from '../../logging/index.ts';
import type { Snapshot } from './snapshot.ts';
import { durationText } from './status-text.ts';

/** The last event of a run: what came of it, and what waits. */
export function stoppedEvent(snapshot: Snapshot, packsFolder: string): LogEvent {
  const { counters, link, packs, uptimeMs, log } = snapshot;
  const lines = [
    `${counters.framesReceived} frames, ${counters.framesDecoded} decoded, ${counters.samples} samples, ` +
      `${counters.packsSigned} packs signed, receipts up to ${packs.receipted}; ran for ${durationText(uptimeMs)}`,
  ];
  if (link.outages > 0)
    lines.push(`the port was away ${link.outages} times, ${(link.downMs / 1000).toFixed(1)} s in all`);
  if (packs.waiting > 0) {
    lines.push(`${packs.waiting} signed packs wait in ${packsFolder} for a receipt; the next run sends them`);
  }
  return {
    level: 'info',
    event: 'stopped',
    text: lines.join('\n'),
    facts: {
      ...counters,
      ...link.counters,
      outages: link.outages,
      downMs: Math.round(link.downMs),
      receipted: packs.receipted,
      waiting: packs.waiting,
      evicted: log.evicted,
      storageFaults: log.faults,
    },
  };
}
