/** `GET /healthz` and `GET /metrics` of a long-running command, and nothing else. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toolError } from '../errors/index.ts';
import { formatHttpAddress, type HttpAddress } from './address.ts';
import type { Metrics } from './metrics.ts';

/** Why a service is not well: a stable code for machines, words for people. */
export interface HealthReason {
  code: string;
  message: string;
}

/** Well without any reason against it. `facts` are told either way. */
export interface Health {
  reasons: readonly HealthReason[];
  facts?: Readonly<Record<string, unknown>>;
}

export interface HttpOptions extends HttpAddress {
  metrics: Metrics;
  health: () => Health;
}

export interface HttpServer {
  /** `http://127.0.0.1:9100`, with the port that was taken. */
  readonly url: string;
  /** Ends connections that are open, too. */
  close(): Promise<void>;
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';
const jsonContentType = 'application/json; charset=utf-8';

/** A scraper asks in one short go; who takes longer, or sends more, is none. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
} as const;
const socketTimeoutMs = 10_000;
const connectionsMax = 64;

/**
 * Serves until closed. Requests never change anything; there is no access control beyond the address listened on.
 * @throws {MinerError} HTTP_LISTEN
 */
export async function serveHttp({ metrics, health, host, port }: HttpOptions): Promise<HttpServer> {
  const routes = new Map<string, () => Answer>([
    ['/healthz', () => healthAnswer(health())],
    ['/metrics', () => ({ status: 200, contentType: metricsContentType, body: metrics.text() })],
  ]);
  const server = createServer(limits, (request, response) => {
    // Bodies are not read: with one on its way, the connection can't be used again.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
      response.setHeader('connection', 'close');
    }
    const route = routes.get((request.url ?? '').split('?', 1)[0]);
    if (!route) return send(response, errorAnswer(404, 'not here: GET /healthz or GET /metrics'));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, errorAnswer(405, `${request.method} is not allowed: GET or HEAD`));
    }
    send(response, attempt(route));
  });
  server.maxConnections = connectionsMax;
  // Also for those who ask and then don't read.
  server.setTimeout(socketTimeoutMs);
  await listen(server, { host, port });
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${formatHttpAddress({ host, port: bound.port })}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (problem: NodeJS.ErrnoException) => {
      const reason = listenReasons[problem.code ?? ''] ?? problem.message;
      reject(toolError('HTTP_LISTEN', { address: formatHttpAddress({ host, port }), reason }, problem));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // Out of file descriptors, say: the next connection may do better, and the Miner goes on either way.
      server.on('error', () => {});
      resolve();
    });
  });
}

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not',
  ENOTFOUND: 'the host name is not known',
};

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** A mistake in what is read must not end what it is read from. */
function attempt(route: () => Answer): Answer {
  try {
    return route();
  } catch (problem) {
    return errorAnswer(500, String(problem));
  }
}

function healthAnswer({ reasons, facts = {} }: Health): Answer {
  const isWell = reasons.length === 0;
  const body = json({ status: isWell ? 'ok' : 'failing', reasons, ...facts });
  return { status: isWell ? 200 : 503, contentType: jsonContentType, body };
}

function errorAnswer(status: number, error: string): Answer {
  return { status, contentType: jsonContentType, body: json({ error }) };
}

/** For HEAD, Node leaves the body out. */
function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
