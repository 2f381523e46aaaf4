/** Byte streams over TCP: an adapter on another machine, or where no pty can be had. Node only. */
import { connect, createServer, type Socket } from 'node:net';
import { edgeError, type MinerError } from '../errors/index.ts';
import { CloseSignal } from './close-signal.ts';
import type { Transport } from './transport.ts';

const connectTimeoutMs = 5000;

export interface TcpAddress {
  host: string;
  /** 0 takes any free one when listening. */
  port: number;
}

/**
 * Reads `tcp://host:port`; IPv6 addresses stand in brackets.
 * @throws {MinerError} TRANSPORT_SPEC
 */
export function parseTcpAddress(spec: string): TcpAddress {
  const parts = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/.exec(spec);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) throw edgeError('TRANSPORT_SPEC', { spec });
  return { host: parts[1] ?? parts[2], port };
}

export function formatTcpAddress({ host, port }: TcpAddress): string {
  return host.includes(':') ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}

/** @throws {MinerError} TRANSPORT_SPEC, TCP_REFUSED */
export function openTcp(spec: string): Promise<Transport> {
  const address = parseTcpAddress(spec);
  const socket = connect({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 });
  return new Promise((resolve, reject) => {
    const refused = (reason: string, cause?: unknown) => {
      socket.destroy();
      reject(edgeError('TCP_REFUSED', { address: spec, reason }, cause));
    };
    socket.setTimeout(connectTimeoutMs, () => refused(`no answer within ${connectTimeoutMs} ms`));
    socket.once('error', (problem: NodeJS.ErrnoException) => refused(reasonOf(problem), problem));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners();
      resolve(new TcpTransport(spec, socket));
    });
  });
}

/** Someone who listens, until closed. Closing does not end the connections handed out. */
export interface TcpListener {
  /** `tcp://host:port` with the port taken. */
  readonly address: string;
  close(): Promise<void>;
}

/** @throws {MinerError} TRANSPORT_SPEC, TCP_LISTEN */
export function listenTcp(spec: string, onClient: (client: Transport) => void): Promise<TcpListener> {
  const wanted = parseTcpAddress(spec);
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 }, (socket) => {
    const host = socket.remoteAddress ?? 'unknown';
    onClient(new TcpTransport(formatTcpAddress({ host, port: socket.remotePort ?? 0 }), socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (problem: NodeJS.ErrnoException) =>
      reject(edgeError('TCP_LISTEN', { address: spec, reason: reasonOf(problem) }, problem)),
    );
    server.listen(wanted.port, wanted.host, () => {
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : wanted.port;
      resolve({
        address: formatTcpAddress({ host: wanted.host, port }),
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}

class TcpTransport implements Transport {
  readonly name: string;
  readonly #socket: Socket;
  readonly #end = new CloseSignal();

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
    socket.on('error', (problem) => this.#end.close(this.#lost(reasonOf(problem))));
    // Half-open streams help nobody here: the other end is done, so are we. Unread data still comes before `end`.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#end.close(this.#lost('the other end closed it')));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#end.closed) return Promise.reject(this.#end.fault ?? this.#lost('it was closed'));
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (problem) => {
        if (problem) reject(this.#end.fault ?? this.#lost(reasonOf(problem)));
        else resolve();
      });
    });
  }

  onData(receive: (bytes: Uint8Array) => void): void {
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', receive);
  }

  onClose(closed: (fault?: MinerError) => void): void {
    this.#end.onClose(closed);
  }

  async close(): Promise<void> {
    if (!this.#end.close()) return;
    await new Promise<void>((closed) => {
      this.#socket.once('close', () => closed());
      this.#socket.destroy();
    });
  }

  #lost(reason: string): MinerError {
    return edgeError('PORT_LOST', { port: this.name, reason });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the host name is not known',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the other end reset it',
  EPIPE: 'the other end closed it',
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not',
};

function reasonOf(problem: NodeJS.ErrnoException): string {
  return reasons[problem.code ?? ''] ?? problem.message;
}
