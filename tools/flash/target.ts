/** Which device is meant, and the way to it. */
import { existsSync, lstatSync } from 'node:fs';
import type { Clock } from '../../edge/sim/index.ts';
import { type SmpLink, serialLink, streamLink } from '../../edge/smp/index.ts';
import { openUdpSmp, smpUdpPort } from '../../edge/smp/node.ts';
import { openTcp, openTransport } from '../../edge/transport/node.ts';
import { toolError } from '../errors/index.ts';

/** One of `port`, `udp` and `tcp`. */
export interface FlashTarget {
  /** A console: serial path, pattern, or tcp://host:port of a serial server. */
  port?: string;
  /** `host` or `host:port`. */
  udp?: string;
  /** `host:port`. */
  tcp?: string;
  /** Bits a second of the serial line. */
  baud?: number;
  /** The serial line carries bare messages, as TCP does, and no console. */
  raw?: boolean;
  linePauseMs?: number;
}

/** What errors and reports call it. @throws {MinerError} DEVICE_TARGET unless it is exactly one */
export function targetName({ port, udp, tcp }: FlashTarget): string {
  const names = [port, udp === undefined ? undefined : `udp://${udp}`, tcp === undefined ? undefined : `tcp://${tcp}`];
  const given = names.filter((name) => name !== undefined);
  if (given.length === 1) return given[0];
  throw toolError('DEVICE_TARGET', { problem: given.length === 0 ? 'no device is named' : given.join(' and ') });
}

/** How long an unfinished bare message on a serial line is waited for. */
const rawTimeoutMs = 500;

/**
 * Opens the way to a device. Whether it answers is another matter.
 * @throws {MinerError} DEVICE_TARGET; UDP_REFUSED; those of openTransport and openTcp
 */
export async function openTarget(
  target: FlashTarget,
  { clock, onText }: { clock: Clock; onText?: (text: Uint8Array) => void },
): Promise<SmpLink> {
  targetName(target);
  const { port, udp, tcp, baud, raw, linePauseMs } = target;
  if (udp !== undefined) return openUdpSmp(hostAndPort(udp, smpUdpPort));
  if (tcp !== undefined) {
    const { host, port: tcpPort } = hostAndPort(tcp);
    return streamLink(await openTcp(`tcp://${host.includes(':') ? `[${host}]` : host}:${tcpPort}`));
  }
  await leadsSomewhere(port as string, clock);
  const transport = await openTransport(port as string, { baudRate: baud });
  if (raw) return streamLink(transport, { baudRate: baud, timeout: { clock, ms: rawTimeoutMs } });
  return serialLink(transport, { baudRate: baud, linePauseMs, clock, onText });
}

const linkWaitMs = 3000;
const linkLookMs = 20;

/** An emulated device's console is another pty for each program that comes: its link leads nowhere for a moment. */
async function leadsSomewhere(path: string, clock: Clock): Promise<void> {
  const untilMs = clock.nowMs() + linkWaitMs;
  while (clock.nowMs() < untilMs && isLooseLink(path)) {
    await new Promise<void>((resume) => clock.schedule(linkLookMs, resume));
  }
}

function isLooseLink(path: string): boolean {
  return !existsSync(path) && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** `host:port`, `host` where a port is usual, `[IPv6]:port`. @throws {MinerError} DEVICE_TARGET */
function hostAndPort(text: string, usualPort?: number): { host: string; port: number } {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
  const port = parts?.[3] === undefined ? usualPort : Number(parts[3]);
  if (parts === null || port === undefined || port < 1 || port > 65_535) {
    const expected = usualPort === undefined ? 'host:port' : 'host or host:port';
    throw toolError('DEVICE_TARGET', { problem: `${JSON.stringify(text)} is not ${expected}` });
  }
  return { host: parts[1] ?? parts[2], port };
}
