/** SMP over UDP: a datagram is a packet. Node only. */
import { createSocket, type SocketType } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { edgeError } from '../errors/index.ts';
import type { SmpServer } from './server.ts';

/** Where Zephyr's server listens. */
export const smpUdpPort = 1337;

export interface UdpSmpOptions {
  server: SmpServer;
  /** An address of this machine; 127.0.0.1 unless told, for SMP has no password. */
  host?: string;
  /** 1337 unless told; 0 takes any free one. */
  port?: number;
}

export interface UdpSmpListener {
  /** `udp://host:port` with the port taken. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens until closed.
 * @throws {MinerError} UDP_LISTEN
 */
export function listenUdpSmp({
  server,
  host = '127.0.0.1',
  port = smpUdpPort,
}: UdpSmpOptions): Promise<UdpSmpListener> {
  const type: SocketType = isIPv6(host) ? 'udp6' : 'udp4';
  const socket = createSocket(type);
  socket.on('message', (packet, sender) => {
    const peer = `udp://${sender.address}:${sender.port}`;
    // An answer that cannot be sent is a lost one: the client asks again.
    for (const answer of server.receive(packet, peer)) socket.send(answer, sender.port, sender.address, () => {});
  });
  return new Promise((resolve, reject) => {
    const asked = `udp://${formatHost(host)}:${port}`;
    socket.once('error', (problem: NodeJS.ErrnoException) => {
      socket.close();
      reject(edgeError('UDP_LISTEN', { address: asked, reason: problem.code ?? problem.message }, problem));
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      // Only the sending of one answer can fail from here on.
      socket.on('error', () => {});
      const bound = socket.address().port;
      resolve({
        address: `udp://${formatHost(host)}:${bound}`,
        port: bound,
        close: () => new Promise((closed) => socket.close(() => closed())),
      });
    });
  });
}

function formatHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
