/** PEM files of TLS, read and tried before anything connects with them. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { toolError } from '../errors/index.ts';

/** PEM texts. */
export interface TlsTexts {
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * @param files paths; those left out stay out
 * @throws {MinerError} TLS_FILE for the first that cannot be read or used
 */
export function readTlsFiles(files: TlsTexts): TlsTexts {
  const { ca, cert, key } = files;
  return {
    ...(ca !== undefined && { ca: tried(ca, (text) => ({ ca: certificateIn(text) })) }),
    ...(cert !== undefined && { cert: tried(cert, (text) => ({ cert: text })) }),
    // Together, so that a key which belongs to another certificate is found out here.
    ...(key !== undefined && { key: tried(key, (text) => ({ key: text, ...(cert && { cert: read(cert) }) })) }),
  };
}

function tried(path: string, use: (text: string) => Parameters<typeof createSecureContext>[0]): string {
  const text = read(path);
  try {
    createSecureContext(use(text));
  } catch (cause) {
    throw toolError('TLS_FILE', { path, reason: (cause as Error).message }, cause);
  }
  return text;
}

/** OpenSSL passes over a CA file without a certificate. */
function certificateIn(text: string): string {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no PEM certificate in it');
  return text;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw toolError('TLS_FILE', { path, reason: (cause as Error).message }, cause);
  }
}
