/** SMP over UDP, the asking side: a datagram is a message. Node only. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { edgeError } from '../../errors/index.ts';
import type { SmpLink } from './link.ts';

/** What a datagram on Ethernet holds beside the heads of IPv4 and UDP: a longer one is torn, and lost with any piece. */
const datagramBytesMax = 1500 - 20 - 8;

/**
 * Opens a socket for one device. Nothing is sent yet, so nobody need be there.
 * @param address `host` and `port`
 * @throws {MinerError} UDP_REFUSED when the host is not known
 */
export async function openUdpSmp({ host, port }: { host: string; port: number }): Promise<SmpLink> {
  const name = `udp://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const found = await lookup(host).catch((problem: NodeJS.ErrnoException) => {
    throw edgeError('UDP_REFUSED', { address: name, reason: problem.code ?? problem.message }, problem);
  });
  const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
  const closing: (() => void)[] = [];
  let isClosed = false;
  let receive: (message: Uint8Array) => void = () => {};
  socket.on('message', (packet) => receive(packet));
  // Nobody listens there yet, or not any more: a device that boots is like that. Time-outs tell.
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.connect(port, found.address, ((problem?: NodeJS.ErrnoException) => {
      if (problem === undefined) return resolve();
      socket.close();
      reject(edgeError('UDP_REFUSED', { address: name, reason: problem.code ?? problem.message }, problem));
    }) as () => void);
  });
  return {
    name,
    messageBytesMax: (bufferBytes) => Math.min(bufferBytes, datagramBytesMax),
    wireMs: () => 0,
    send(message) {
      if (isClosed) return Promise.reject(edgeError('PORT_LOST', { port: name, reason: 'it was closed' }));
      return new Promise((resolve) => socket.send(message, () => resolve()));
    },
    onMessage(receiver) {
      receive = receiver;
    },
    onClose: (closed) => closing.push(() => closed()),
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const closed of closing) closed();
      await new Promise<void>((closed) => socket.close(() => closed()));
    },
  };
}
