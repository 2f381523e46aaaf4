/** Transports that need Node: serial ports, TCP, ptys, and the one function that tells them apart. */
import { edgeError } from '../errors/index.ts';
import { ptyOpener } from './pty-port-node.ts';
import { globOpener, isGlob } from './serial-glob-node.ts';
import { type SerialOptions, serialReopener } from './serial-node.ts';
import { openTcp } from './tcp-node.ts';
import type { Transport, TransportOpener } from './transport.ts';

export { type AwaitedPty, awaitPty, openPty, type Pty } from './pty-node.ts';
export { listSerialPorts, openSerial, type SerialOptions, type SerialPortInfo, serialReopener } from './serial-node.ts';
export { listenTcp, openTcp, parseTcpAddress, type TcpAddress, type TcpListener } from './tcp-node.ts';

export interface OpenerOptions extends SerialOptions {
  /** A `pty:` was made and waits for another program to open this path. */
  onWaiting?: (path: string) => void;
}

/**
 * Opens what a person named.
 * @param spec a serial path (`/dev/ttyACM0`, `/dev/ttyACM*`, `/dev/pts/3`, `COM3`), `tcp://host:port`, or `pty:`
 * @throws {MinerError} TRANSPORT_SPEC, and those of openSerial, openTcp and openPty
 */
export async function openTransport(spec: string, options?: OpenerOptions): Promise<Transport> {
  return transportOpener(spec, options)();
}

/**
 * The same as attempts that `reconnecting` can repeat; a serial device is followed to another path.
 * @throws {MinerError} TRANSPORT_SPEC at once
 */
export function transportOpener(spec: string, options?: OpenerOptions): TransportOpener {
  if (spec.startsWith('tcp:')) return () => openTcp(spec);
  if (/^pty:(\/.+)?$/.test(spec)) return ptyOpener(spec.slice('pty:'.length) || undefined, options?.onWaiting);
  if (isGlob(spec)) return globOpener(spec, options);
  if (/^(\/|COM\d+$|\\\\\.\\)/i.test(spec)) return serialReopener(spec, options);
  throw edgeError('TRANSPORT_SPEC', { spec });
}
