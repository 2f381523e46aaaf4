/** Which tables a message that was decoded by itself has rows in. */
import { type BatchTable, type FrameDecoder, type PlanMessage, SignalStatus } from '../../../edge/decode/index.ts';

/** @returns positions of the message's own table and of the branches that its selectors select, in order */
export function selectedTables(tables: readonly BatchTable[], message: PlanMessage, decoder: FrameDecoder): number[] {
  const selected: number[] = [];
  tables.forEach((table, t) => {
    if (table.message === message && (table.branch === undefined || isSelected(table.branch, decoder)))
      selected.push(t);
  });
  return selected;
}

function isSelected({ selector, ranges }: NonNullable<BatchTable['branch']>, decoder: FrameDecoder): boolean {
  const status = decoder.status[selector.slot];
  if (status === SignalStatus.absent || status === SignalStatus.inactive) return false;
  const raw = decoder.rawAt(selector.slot);
  return ranges.some(({ from, to }) => raw >= from && raw <= to);
}
