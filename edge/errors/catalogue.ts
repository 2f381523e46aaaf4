/** Every error the Miner can report, by folder. docs/errors.md is drawn from this table. */
import { errorFactory, spec } from './miner-error.ts';

export const edgeErrors = {
  // can: logs
  LOG_FORMAT_UNKNOWN: spec<{ path: string; firstLine: string }>({
    exitCode: 1,
    message: (f) => `${f.path}: not a known log format; it begins with ${JSON.stringify(f.firstLine)}`,
    hint: () => 'candump -L text and SavvyCAN/GVRET CSV are read; convert the log with its own tool first',
  }),
} as const;

export const edgeError = errorFactory(edgeErrors);
export type EdgeErrorCode = keyof typeof edgeErrors;
