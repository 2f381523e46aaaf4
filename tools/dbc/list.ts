/** What a database holds, a line a message. */
import type { Message } from '../../edge/dbc/index.ts';
import { parseJ1939Id } from '../../edge/j1939/index.ts';
import { idText } from './identifiers.ts';

/** One message in short, as `miner dbc list --json` prints it. */
export interface MessageSummary {
  id: number;
  extended: boolean;
  name: string;
  /** Bytes. */
  length: number;
  signals: number;
  /** Selectors in the message; 0 for one that is not multiplexed. */
  multiplexers: number;
  cycleTimeMs: number | null;
  fd: boolean;
  /** Parameter group number of a J1939 message. */
  pgn: number | null;
  sender: string;
}

export function summarize({
  id,
  extended,
  name,
  length,
  signals,
  cycleTimeMs,
  fd,
  j1939,
  sender,
}: Message): MessageSummary {
  const selectors = new Set(signals.flatMap(({ multiplexedBy }) => multiplexedBy?.selector ?? []));
  return {
    id,
    extended,
    name,
    length,
    signals: signals.length,
    multiplexers: selectors.size,
    cycleTimeMs: cycleTimeMs ?? null,
    fd,
    pgn: j1939 ? parseJ1939Id(id).pgn : null,
    sender: sender === 'Vector__XXX' ? '' : sender,
  };
}

export const listHeader = ['id', 'name', 'bytes', 'signals', 'cycle', 'kind', 'sender'];

/** Cells under `listHeader`. */
export function listCells(message: Message): (string | number)[] {
  const { name, length, signals, multiplexers, cycleTimeMs, fd, pgn, sender } = summarize(message);
  const kinds = [
    ...(fd ? ['FD'] : []),
    ...(pgn === null ? [] : [`PGN ${pgn}`]),
    ...(multiplexers > 0 ? ['multiplexed'] : []),
  ];
  return [
    idText(message),
    name,
    length,
    signals,
    cycleTimeMs === null ? '' : `${cycleTimeMs} ms`,
    kinds.join(' '),
    sender,
  ];
}
