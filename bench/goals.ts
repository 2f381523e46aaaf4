/** What each back end is to reach, as a multiple of compiled C in the same run: the page shows where we miss it. */
import type { DatabaseReport } from './decode-report.ts';

export interface Goal {
  backEnd: string;
  /** The least ratio to C, or undefined where the goal does not speak of the database. */
  least(name: string, report: DatabaseReport): number | undefined;
}

/** Payload bytes per frame from which a database counts as one of CAN FD: stride and what stands beside it. */
const fdBytesIn = 64;

export const goals: readonly Goal[] = [
  {
    backEnd: 'batch',
    least: (name, { bytes_per_frame: bytes }) => (bytes.in >= fdBytesIn || name.startsWith('multiplexed') ? 1.5 : 2),
  },
  { backEnd: 'perFrame', least: () => 0.7 },
  { backEnd: 'perFrameObjects', least: () => 0.5 },
];
