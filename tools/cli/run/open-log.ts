/** The event log of `miner run`: standard output, a file as well when wanted, and a status line where there is room. */
import type { Clock } from '../../../edge/sim/index.ts';
import { EventLog, FileLines } from '../../logging/index.ts';
import { Screen } from './screen.ts';

export interface RunLog {
  events: EventLog;
  screen: Screen;
  /** Lines that nobody took. */
  dropped(): number;
  /** Waits a little for a slow reader. */
  close(): Promise<void>;
}

export interface RunLogOptions {
  clock: Clock;
  json: boolean;
  verbose: boolean;
  file: string | undefined;
  /** Nobody reads standard output any more. */
  onGone: (reason: string) => void;
  /** Every line for people, whatever else becomes of it. */
  onText?: (text: string) => void;
}

const flushMs = 1000;

/** @throws {MinerError} LOG_FILE */
export function openRunLog({ clock, json, verbose, file, onGone, onText }: RunLogOptions): RunLog {
  const lossJson = (lines: number) => {
    const unixMs = clock.unixMs();
    const time = unixMs === undefined ? undefined : new Date(unixMs).toISOString();
    return JSON.stringify({ time, level: 'warn', event: 'lines-dropped', lines });
  };
  const lossText = (count: number) => `${count} lines left out here: nobody took them in time`;
  const screen = new Screen({ status: !json, lossLine: json ? lossJson : lossText, onGone });
  const fileLines =
    file === undefined
      ? undefined
      : new FileLines(file, () => clock.nowMs(), {
          lossLine: lossJson,
          onFault: (reason) =>
            events.write({
              level: 'warn',
              event: 'log-file-failed',
              text: `${file}: cannot be written (${reason}); trying again`,
              facts: { path: file, reason },
              repeatKey: 'log-file-failed',
            }),
        });
  const events: EventLog = new EventLog({
    clock,
    json,
    verbose,
    out: screen,
    ...(fileLines && { file: fileLines }),
    ...(onText && { onText }),
  });
  return {
    events,
    screen,
    dropped: () => screen.dropped + (fileLines?.dropped ?? 0),
    close: async () => {
      // Erased only once the lines above it are out: a terminal that is busy draws no status, and erases none.
      await screen.flush(flushMs);
      screen.clearStatus();
      await Promise.all([screen.flush(flushMs), fileLines?.flush(flushMs)]);
    },
  };
}
