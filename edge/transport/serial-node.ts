/** Serial ports through the `serialport` package. Node only. */
import { readdir } from 'node:fs/promises';
import type { ReadStream } from 'node:tty';
import type { SerialPort } from 'serialport';
import { edgeError, type MinerError } from '../errors/index.ts';
import { CloseSignal } from './close-signal.ts';
import { endOnHangUp } from './serial-hang-up-node.ts';
import { openReader } from './serial-reader-node.ts';
import type { Transport } from './transport.ts';

export interface SerialOptions {
  /** Bits a second, default 115,200. A pty and a USB adapter ignore it. */
  baudRate?: number;
}

/** A port as the system lists it. */
export interface SerialPortInfo {
  path: string;
  /** USB serial number: it stays when the path changes. */
  serialNumber?: string;
}

/**
 * Opens a serial port for ourselves alone.
 * @throws {MinerError} PORT_MISSING with the ports there are, PORT_BUSY, PORT_DENIED, PORT_UNUSABLE
 */
export async function openSerial(path: string, { baudRate = 115_200 }: SerialOptions = {}): Promise<Transport> {
  // Its native binding is loaded only by those who open a port.
  const { SerialPort } = await import('serialport');
  const reader = openReader(path);
  const port = new SerialPort({ path, baudRate, lock: true, autoOpen: false });
  const problem = await new Promise<Error | null>((opened) => port.open(opened));
  if (problem !== null) {
    reader?.destroy();
    throw await openFault(path, problem);
  }
  endOnHangUp(port);
  return new SerialTransport(path, port, reader);
}

class SerialTransport implements Transport {
  readonly name: string;
  readonly #port: SerialPort;
  readonly #reader: ReadStream | undefined;
  readonly #end = new CloseSignal();

  constructor(path: string, port: SerialPort, reader: ReadStream | undefined) {
    this.name = path;
    this.#port = port;
    this.#reader = reader;
    reader?.on('error', (problem) => this.#ended(this.#lost(reasonOf(problem))));
    reader?.on('end', () => this.#ended(this.#lost('the device went away')));
    // Modem lines do not exist on a pty, and a lost port may say so twice: once as error, once as close.
    port.on('error', (problem) => this.#ended(this.#lost(reasonOf(problem))));
    port.on('close', (problem?: Error | null) => this.#ended(problem ? this.#lost(reasonOf(problem)) : undefined));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#end.closed) return Promise.reject(this.#end.fault ?? this.#lost('it was closed'));
    // The callback comes once the driver took every byte. Draining further would wait for a peer that may never read.
    return new Promise((resolve, reject) => {
      this.#port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (problem) => {
        if (problem) reject(this.#end.fault ?? this.#lost(reasonOf(problem)));
        else resolve();
      });
    });
  }

  /** The port is read only from here on, and never paused after: a paused port misses the hang-up. */
  onData(receive: (bytes: Uint8Array) => void): void {
    const source = this.#reader ?? this.#port;
    source.removeAllListeners('data');
    source.on('data', receive);
  }

  onClose(closed: (fault?: MinerError) => void): void {
    this.#end.onClose(closed);
  }

  async close(): Promise<void> {
    if (this.#end.closed || !this.#port.isOpen) return;
    this.#reader?.destroy();
    await new Promise<void>((closed) => this.#port.close(() => closed()));
    this.#ended();
  }

  #ended(fault?: MinerError): void {
    if (!this.#end.close(fault)) return;
    this.#reader?.destroy();
    // Writes still queued in the stream would otherwise wait for ever.
    this.#port.destroy();
  }

  #lost(reason: string): MinerError {
    return edgeError('PORT_LOST', { port: this.name, reason });
  }
}

/** The binding reports a hang-up as whatever its last system call failed with. */
function reasonOf({ message }: Error): string {
  return /hung up|bad file descriptor|i\/o error|input\/output|no such device|enxio|eio/i.test(message)
    ? 'the device went away'
    : message;
}

/** Says which of our faults the binding's message means; it has no codes. */
async function openFault(path: string, problem: Error): Promise<MinerError> {
  const text = problem.message;
  if (/cannot lock|busy|access denied/i.test(text)) return edgeError('PORT_BUSY', { port: path }, problem);
  if (/permission denied/i.test(text)) return edgeError('PORT_DENIED', { port: path }, problem);
  if (/no such (file|device)|file not found/i.test(text)) {
    const ports = (await listSerialPorts()).map((port) => port.path);
    return edgeError('PORT_MISSING', { port: path, ports }, problem);
  }
  const reason = text.replace(/^Error:? */, '');
  return edgeError('PORT_UNUSABLE', { port: path, reason }, problem);
}

/** The serial ports of this machine that have a device behind them. Empty when the system cannot tell. */
export async function listSerialPorts(): Promise<SerialPortInfo[]> {
  try {
    const { SerialPort } = await import('serialport');
    const ports = await SerialPort.list();
    // Linux also names the 32 legacy ports that no hardware backs: those have no manufacturer or plug-and-play id.
    return ports
      .filter((port) => port.manufacturer ?? port.pnpId ?? port.vendorId)
      .map(({ path, serialNumber }) => (serialNumber === undefined ? { path } : { path, serialNumber }));
  } catch {
    // Without udevadm (containers) the list is not to be had; the names of USB adapters still tell.
    const names = await readdir('/dev').catch(() => []);
    return names.filter((name) => /^tty(ACM|USB)\d+$|^cu\.usb/.test(name)).map((name) => ({ path: `/dev/${name}` }));
  }
}

/**
 * One attempt after another at the same device: the path as given, or, once that is gone, the path at which a port
 * with the same USB serial number has appeared since.
 * @example reconnecting(serialReopener('/dev/ttyACM0'), { clock, onUp })
 */
export function serialReopener(path: string, options?: SerialOptions): () => Promise<Transport> {
  let serialNumber: string | undefined;
  return async () => {
    try {
      const transport = await openSerial(path, options);
      serialNumber ??= (await listSerialPorts()).find((port) => port.path === path)?.serialNumber;
      return transport;
    } catch (problem) {
      if ((problem as MinerError).code !== 'PORT_MISSING' || serialNumber === undefined) throw problem;
      const moved = (await listSerialPorts()).find((port) => port.serialNumber === serialNumber);
      if (moved === undefined) throw problem;
      return openSerial(moved.path, options);
    }
  };
}
