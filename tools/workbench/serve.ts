/** The built page over HTTP, from this machine to its own browser. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { toolError } from '../errors/index.ts';
import { packageRoot } from '../package-root.ts';

/** Where `npm run build:workbench` puts the page. */
export const workbenchFolder = path.join(packageRoot, 'dist/workbench');

export interface WorkbenchServer {
  /** Where the page is, with a slash at the end. */
  url: string;
  /** Ends open connections and closes the port. */
  close(): Promise<void>;
}

/**
 * Everything comes from here, and nothing may be sent: `connect-src 'none'` is what lets the page promise that files
 * stay in the browser. Decoders run as WebAssembly modules, which needs 'wasm-unsafe-eval' but no eval.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/**
 * Serves the built workbench.
 * @param options.port 0 takes any free one.
 * @throws {MinerError} `WORKBENCH_NOT_BUILT` when the page is missing, `WORKBENCH_PORT` when the address is taken.
 * @example const { url, close } = await serveWorkbench({ port: 0 });
 */
export async function serveWorkbench(
  options: { port?: number; host?: string; folder?: string } = {},
): Promise<WorkbenchServer> {
  const { port = 0, host = '127.0.0.1', folder = workbenchFolder } = options;
  const files = readFiles(folder);
  const server = createServer((request, response) => answer(files, request, response));
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw toolError('WORKBENCH_PORT', { address: `${host}:${port}`, reason: (cause as Error).message }, cause);
  }
  const address = server.address() as AddressInfo;
  const hostInUrl = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${hostInUrl}:${address.port}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface ServedFile {
  bytes: Uint8Array;
  type: string;
}

/** All files by URL path. Only what is listed here is ever served, so that no request can name anything else. */
function readFiles(folder: string): ReadonlyMap<string, ServedFile> {
  if (!existsSync(path.join(folder, 'index.html'))) throw toolError('WORKBENCH_NOT_BUILT', { folder });
  const files = new Map<string, ServedFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const url = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    const type = contentTypes[path.extname(file)] ?? 'application/octet-stream';
    files.set(url, { bytes: readFileSync(file), type });
  }
  files.set('/', files.get('/index.html')!);
  return files;
}

function answer(files: ReadonlyMap<string, ServedFile>, request: IncomingMessage, response: ServerResponse): void {
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    return;
  }
  const [url] = (request.url ?? '').split('?');
  const file = files.get(url);
  if (file === undefined) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end('not found\n');
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': file.type,
    'content-length': file.bytes.length,
    // Names under assets/ carry a hash of their content.
    'cache-control': url.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}
