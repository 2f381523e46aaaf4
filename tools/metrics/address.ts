export interface HttpAddress {
  host: string;
  /** 0 takes any free one. */
  port: number;
}

/** Unless told otherwise, only this machine may ask. */
const defaultHost = '127.0.0.1';

/**
 * Reads `port` or `host:port`; IPv6 addresses stand in brackets.
 * @returns undefined when it is neither
 * @example parseHttpAddress('9100')      // { host: '127.0.0.1', port: 9100 }
 * @example parseHttpAddress('[::]:9100') // { host: '::', port: 9100 }
 */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const parts = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) return undefined;
  return { host: parts[1] ?? parts[2] ?? defaultHost, port };
}

export function formatHttpAddress({ host, port }: HttpAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
