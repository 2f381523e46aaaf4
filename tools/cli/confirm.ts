/** Asks on the terminal whether something is meant. */
import { createInterface } from 'node:readline/promises';
import { toolError } from '../errors/index.ts';

/**
 * @param action what is asked about, such as `vote`
 * @throws {MinerError} CONFIRMATION_MISSING without a terminal; NOT_CONFIRMED for anything but yes; INTERRUPTED
 */
export async function confirm(action: string): Promise<void> {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY) throw toolError('CONFIRMATION_MISSING', { action });
  const lines = createInterface({ input, output });
  const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const interrupted = new Promise<never>((_, reject) =>
    lines.once('SIGINT', () => reject(toolError('INTERRUPTED', {}))),
  );
  try {
    const answer = await Promise.race([lines.question('Send it? [y/N] '), gone, interrupted]);
    if (!/^y(es)?$/i.test(answer.trim())) throw toolError('NOT_CONFIRMED', { action });
  } finally {
    lines.close();
  }
}
