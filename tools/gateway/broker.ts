/** The broker of a machine that has none: aedes in this process, MQTT 3.1.1 over TCP, nothing kept on disk. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { toolError } from '../errors/index.ts';

export interface Broker {
  /** mqtt://host:port */
  url: string;
  close(): Promise<void>;
}

/**
 * @param options.port 0 takes any free one
 * @throws {MinerError} BROKER_PORT when the address can't be listened on
 */
export async function startBroker(options: { host?: string; port?: number } = {}): Promise<Broker> {
  const { host = '127.0.0.1', port = 0 } = options;
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    // Its timers would keep the process alive.
    aedes.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'another program listens there' : message;
    throw toolError('BROKER_PORT', { address: `${host}:${port}`, reason }, cause);
  }
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  return {
    url: `mqtt://${host}:${boundPort}`,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
