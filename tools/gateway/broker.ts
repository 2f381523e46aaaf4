/**
 * The broker of a machine that has none: aedes in this process, MQTT 3.1.1 over TCP or TLS, nothing kept on disk.
 * With a CA it asks devices for certificates, and each may use the topics of its own address alone.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import { toolError } from '../errors/index.ts';

export interface Broker {
  /** mqtt://host:port, or mqtts:// with TLS. */
  url: string;
  /** A way in for this process: no socket, no certificate, every topic. */
  connect(): Duplex;
  close(): Promise<void>;
}

export interface BrokerOptions {
  /** 127.0.0.1 unless told: of a network only by request. */
  host?: string;
  /** 0 takes any free one. */
  port?: number;
  /** PEM texts. With `ca`, only clients with a certificate of it come in, named by the device's address in hex. */
  tls?: { cert: string; key: string; ca?: string };
}

/** @throws {MinerError} BROKER_PORT when the address can't be listened on; TLS_FILE for a certificate that is none */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const inside = new WeakSet<object>();
  const sockets = new Set<Socket>();
  const aedes = await Aedes.createBroker(tls?.ca === undefined ? {} : ownTopicsOnly(inside));
  const handle = (socket: Socket) => aedes.handle(socket);
  let server: Server;
  try {
    server = tls ? tlsServer(tls, handle) : createServer(handle);
  } catch (error) {
    aedes.close();
    throw error;
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
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
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls ? 'mqtts' : 'mqtt'}://${shownHost}:${boundPort}`,
    connect: () => {
      const [ours, theirs] = duplexPair();
      inside.add(ours);
      aedes.handle(ours);
      return theirs;
    },
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function tlsServer({ cert, key, ca }: NonNullable<BrokerOptions['tls']>, handle: (socket: Socket) => void): Server {
  const asksClients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  try {
    const server = createTlsServer({ cert, key, ...asksClients }, handle);
    // Whoever fails to shake hands is disconnected already.
    server.on('tlsClientError', () => {});
    return server;
  } catch (cause) {
    throw toolError('TLS_FILE', { path: 'the broker’s certificate', reason: (cause as Error).message }, cause);
  }
}

/** A device publishes its packs, and listens to what is for it. */
function ownTopicsOnly(inside: WeakSet<object>): ConstructorParameters<typeof Aedes>[0] {
  const isInside = (client: Client | null) => client !== null && inside.has(client.conn as object);
  return {
    authorizePublish: (client, { topic }, done) => {
      const allowed = client === null || isInside(client) || topic === `dimo/1/${addressOf(client)}/packs`;
      done(allowed ? null : new Error(`not allowed to publish to ${topic}`));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const own = ['receipts', 'refusals'].map((what) => `dimo/1/${addressOf(client)}/${what}`);
      done(null, isInside(client) || own.includes(subscription.topic) ? subscription : null);
    },
  };
}

/** The name in the client's certificate, which was verified when it connected. */
function addressOf(client: Client | null): string | undefined {
  const socket = client?.conn as unknown;
  if (!(socket instanceof TLSSocket)) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  const text = Array.isArray(name) ? undefined : name;
  return text !== undefined && /^[0-9a-f]{40}$/.test(text) ? text : undefined;
}
