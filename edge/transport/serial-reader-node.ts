/**
 * Reading a serial device as the event loop reads a terminal. serialport 13 reads through a poll armed anew and a
 * thread of the pool for every chunk; on a saturated bus, a chunk each millisecond, that costs twice as much.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/**
 * Opens the device a second time, for reading only, before anyone locks it. Nothing is read until there is a receiver.
 * @returns undefined where that cannot be had: on Windows, on a device that is locked, and on what is no terminal
 */
export function openReader(path: string): ReadStream | undefined {
  if (process.platform === 'win32') return undefined;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    const reader = new ReadStream(descriptor) as ReadStream & { _handle?: { fd?: number } };
    // The stream opens the terminal once more for itself and leaves ours open: the other end would never see us go.
    if (reader._handle?.fd !== descriptor) closeSync(descriptor);
    return reader;
  } catch {
    // Opening the port itself will tell what is wrong, in words.
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}
