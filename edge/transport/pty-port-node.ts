/** `pty:` as a port: a serial device of our own, at which we wait for the other program. Node on Linux and macOS. */
import { lstatSync, symlinkSync, unlinkSync } from 'node:fs';
import { edgeError } from '../errors/index.ts';
import { type AwaitedPty, awaitPty } from './pty-node.ts';
import type { TransportOpener } from './transport.ts';

/**
 * Each attempt makes a pty and waits until another program opens it; when that program closes it, the next attempt
 * makes another.
 * @param link a path that is made to lead to the pty of the moment, so that the other program can come back to it
 * @param onWaiting told where the other program is waited for, each time
 * @throws {MinerError} from an attempt: PTY_UNAVAILABLE, or PORT_LOST when it was closed meanwhile
 */
export function ptyOpener(link: string | undefined, onWaiting?: (path: string) => void): TransportOpener {
  let awaited: AwaitedPty | undefined;
  let isClosed = false;
  const open = async () => {
    awaited = await awaitPty();
    if (isClosed) awaited.close();
    else {
      if (link !== undefined) await lead(link, awaited);
      onWaiting?.(link ?? awaited.path);
    }
    return awaited.opened;
  };
  const close = async () => {
    isClosed = true;
    awaited?.close();
    if (link !== undefined && isSymbolicLink(link)) unlinkSync(link);
    await awaited?.opened.catch(() => {});
  };
  return Object.assign(open, { close });
}

/** Makes the link lead to the pty. A link of an earlier pty is replaced; anything else at its place is kept. */
async function lead(link: string, awaited: AwaitedPty): Promise<void> {
  try {
    if (isSymbolicLink(link)) unlinkSync(link);
    symlinkSync(awaited.path, link);
  } catch (problem) {
    awaited.close();
    await awaited.opened.catch(() => {});
    const { code, message } = problem as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? `${link} is there already and is no link` : message;
    throw edgeError('PTY_UNAVAILABLE', { reason }, problem);
  }
}

function isSymbolicLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
