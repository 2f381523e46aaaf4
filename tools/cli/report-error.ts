import { styleText } from 'node:util';
import { MinerError } from '../../edge/errors/index.ts';

/** Commander stops here on `--help` and the like; everything else that reaches the top is one of these. */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof MinerError) {
    if (json) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
    process.stderr.write(`${errorText(error)}\n`);
    return error.exitCode;
  }
  // Our own mistake: the trace is what we need to mend it.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`miner: a fault of miner itself, please report it\n${text}\n`);
  return 3;
}

/** Cause and remedy, one line each. */
export function errorText(error: MinerError): string {
  const head = styleText('red', 'miner:', { stream: process.stderr });
  return `${head} ${error.message}\n  to do: ${error.hint}`;
}
