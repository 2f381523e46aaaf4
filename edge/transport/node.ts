/** Transports that need Node: serial ports, TCP, ptys, and the one function that tells them apart. */
import { edgeError } from '../errors/index.ts';
import { type SerialOptions, serialReopener } from './serial-node.ts';
import { openTcp } from './tcp-node.ts';
import type { Transport } from './transport.ts';

export { openPty, type Pty } from './pty-node.ts';
export { listSerialPorts, openSerial, type SerialOptions, type SerialPortInfo, serialReopener } from './serial-node.ts';
export { listenTcp, openTcp, parseTcpAddress, type TcpAddress, type TcpListener } from './tcp-node.ts';

/**
 * Opens what a person named.
 * @param spec a serial path (`/dev/ttyACM0`, `/dev/pts/3`, `COM3`), or `tcp://host:port`
 * @throws {MinerError} TRANSPORT_SPEC, and those of openSerial and openTcp
 */
export async function openTransport(spec: string, options?: SerialOptions): Promise<Transport> {
  return transportOpener(spec, options)();
}

/**
 * The same as attempts that `reconnecting` can repeat; a serial device is followed to another path.
 * @throws {MinerError} TRANSPORT_SPEC at once
 */
export function transportOpener(spec: string, options?: SerialOptions): () => Promise<Transport> {
  if (spec.startsWith('tcp:')) return () => openTcp(spec);
  if (/^(\/|COM\d+$|\\\\\.\\)/i.test(spec)) return serialReopener(spec, options);
  throw edgeError('TRANSPORT_SPEC', { spec });
}
