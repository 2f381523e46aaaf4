/**
 * Pseudo-terminals: a serial device that we play. Node on Linux and macOS only.
 * Facts: the baud rate is ignored; modem-line calls on the device fail with ENOTTY; some 16 KiB fit in before a
 * reader is needed; when our process ends, whoever has the device open sees a hang-up.
 */
import { closeSync, writeSync } from 'node:fs';
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
    const device = await holdDevice(opened.pty);
    return { path: opened.pty, transport: new PtyTransport(opened.pty, opened.master, device) };
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
async function holdDevice(path: string): Promise<{ close(): Promise<void> }> {
  const { SerialPort } = await import('serialport');
  return SerialPort.binding.open({ path, baudRate: 115_200, lock: false, hupcl: false });
}

/** Turns of the event loop spent on a full pty before its reader gets whole milliseconds. */
const eagerRetries = 16;

class PtyTransport implements Transport {
  readonly name: string;
  readonly #master: number;
  readonly #device: { close(): Promise<void> };
  readonly #reader: ReadStream;
  readonly #end = new CloseSignal();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(path: string, master: number, device: { close(): Promise<void> }) {
    this.name = `pty:${path}`;
    this.#master = master;
    this.#device = device;
    this.#reader = new ReadStream(master);
    this.#reader.on('error', (problem) => this.#finish(this.#lost(problem.message)));
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
    await this.#device.close();
  }

  #lost(reason: string): MinerError {
    return edgeError('PORT_LOST', { port: this.name, reason });
  }
}

function firstLine(problem: unknown): string {
  return String((problem as Error)?.message ?? problem).split('\n')[0];
}
