/**
 * Pseudo-terminals: a serial device that we play. Node on Linux and macOS only.
 * Facts: the baud rate is ignored; modem-line calls on the device fail with ENOTTY; some 16 KiB fit in before a
 * reader is needed; when our process ends, whoever has the device open sees a hang-up.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { edgeError, type MinerError } from '../errors/index.ts';
import { CloseSignal } from './close-signal.ts';
import type { Transport } from './transport.ts';

/** A serial device of our own. */
export interface Pty {
  /** What the other program opens: `/dev/pts/3`. It may close it and open it again. */
  readonly path: string;
  /** Our end. Closing it unplugs the device. */
  readonly transport: Transport;
}

interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}

/**
 * Makes a pty whose device is raw from the start: no echo, no line editing, every byte value passes.
 * @throws {MinerError} PTY_UNAVAILABLE
 */
export async function openPty(): Promise<Pty> {
  const { path, master, device } = await makePty();
  return { path, transport: new PtyTransport(path, master, device) };
}

/** A pty that nobody has opened yet. */
export interface AwaitedPty {
  /** What the other program opens. */
  readonly path: string;
  /**
   * Resolves once another program has opened the device; its closing it is a loss then.
   * @throws {MinerError} PORT_LOST when it was closed before
   */
  readonly opened: Promise<Transport>;
  /** Stops waiting and unplugs the device. */
  close(): void;
}

/** How often we look whether somebody has come. */
const lookIntervalMs = 20;

/**
 * Makes a pty and waits at it for another program: an adapter's emulation, or socat's end of something.
 * @throws {MinerError} PTY_UNAVAILABLE
 */
export async function awaitPty(): Promise<AwaitedPty> {
  const { path, master, device } = await makePty();
  // Let go of, so that our end tells whether anyone else has it open; it stays raw as long as our end lives.
  await device.close();
  let isClosed = false;
  const waiting = async (): Promise<Transport> => {
    const bytes = new Uint8Array(4096);
    while (!isClosed) {
      const count = readIfOpened(master, bytes);
      if (count !== undefined) return new PtyTransport(path, master, undefined, bytes.subarray(0, count));
      await delay(lookIntervalMs);
    }
    closeSync(master);
    throw edgeError('PORT_LOST', { port: `pty:${path}`, reason: 'it was closed' });
  };
  return {
    path,
    opened: waiting(),
    close: () => {
      isClosed = true;
    },
  };
}

/** @returns bytes that came, 0 for none yet; undefined while no program has the device open */
function readIfOpened(master: number, bytes: Uint8Array): number | undefined {
  try {
    return readSync(master, bytes);
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
  }
}

interface Device {
  close(): Promise<void>;
}

async function makePty(): Promise<{ path: string; master: number; device: Device }> {
  let opened: ReturnType<NativePty['open']>;
  try {
    // The package's own open() also reads the device side, and so would steal bytes meant for the other program.
    const require = createRequire(import.meta.url);
    const { requireBinary } = require('@lydell/node-pty/requireBinary.js');
    opened = (requireBinary('pty.node') as NativePty).open(80, 24);
  } catch (problem) {
    throw edgeError('PTY_UNAVAILABLE', { reason: firstLine(problem) }, problem);
  }
  try {
    return { path: opened.pty, master: opened.master, device: await holdDevice(opened.pty) };
  } catch (problem) {
    closeSync(opened.master);
    throw edgeError('PTY_UNAVAILABLE', { reason: firstLine(problem) }, problem);
  } finally {
    closeSync(opened.slave);
  }
}

/**
 * Opens the device ourselves, and never reads it: this makes it raw (the binding sets the terminal up as for any
 * serial port), and keeps it alive while no other program has it open; else our end would fail with EIO.
 */
async function holdDevice(path: string): Promise<Device> {
  const { SerialPort } = await import('serialport');
  return SerialPort.binding.open({ path, baudRate: 115_200, lock: false, hupcl: false });
}

/** Turns of the event loop spent on a full pty before its reader gets whole milliseconds. */
const eagerRetries = 16;

class PtyTransport implements Transport {
  readonly name: string;
  readonly #master: number;
  readonly #device: Device | undefined;
  /** What was read before there was a receiver. */
  #early: Uint8Array | undefined;
  readonly #reader: ReadStream;
  readonly #end = new CloseSignal();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(path: string, master: number, device: Device | undefined, early?: Uint8Array) {
    this.name = `pty:${path}`;
    this.#master = master;
    this.#device = device;
    this.#early = early;
    this.#reader = new ReadStream(master);
    // EIO: nobody has the device open any more.
    this.#reader.on('error', ({ message }) =>
      this.#finish(this.#lost(/EIO/.test(message) ? 'the other program closed it' : message)),
    );
    this.#reader.on('close', () => this.#finish(this.#lost('the terminal was closed')));
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => this.#writeAll(bytes));
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  /** The master is non-blocking: while it is full we come back later, so that this process never hangs on a reader. */
  async #writeAll(bytes: Uint8Array): Promise<void> {
    let retries = 0;
    for (let at = 0; at < bytes.length; ) {
      if (this.#end.closed) throw this.#end.fault ?? this.#lost('it was closed');
      const count = this.#writeSome(bytes, at);
      if (count > 0) {
        at += count;
        retries = 0;
      } else {
        await (retries++ < eagerRetries ? nextTurn() : delay(1));
      }
    }
  }

  #writeSome(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.#master, bytes, at);
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw this.#lost((problem as Error).message);
    }
  }

  onData(receive: (bytes: Uint8Array) => void): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined && early.length > 0) receive(early);
    this.#reader.removeAllListeners('data');
    this.#reader.on('data', receive);
  }

  onClose(closed: (fault?: MinerError) => void): void {
    this.#end.onClose(closed);
  }

  async close(): Promise<void> {
    await this.#finish();
  }

  async #finish(fault?: MinerError): Promise<void> {
    if (!this.#end.close(fault)) return;
    this.#reader.destroy();
    await this.#device?.close();
  }

  #lost(reason: string): MinerError {
    return edgeError('PORT_LOST', { port: this.name, reason });
  }
}

function firstLine(problem: unknown): string {
  return String((problem as Error)?.message ?? problem).split('\n')[0];
}
