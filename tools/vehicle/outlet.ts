/** Where hosts plug in: a pty, also under a name that stays, or a TCP port for one host at a time. */
import { lstatSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import type { Transport } from '../../edge/transport/index.ts';
import { listenTcp, openPty } from '../../edge/transport/node.ts';
import { toolError } from '../errors/index.ts';

export interface OutletOptions {
  /** `pty`, or `tcp://host:port`. */
  listen: string;
  /** Path of a symbolic link that points at the current pty while there is one. */
  link?: string;
  /** A host may come, or has come. */
  onConnect: (transport: Transport) => void;
  /** Another one came while one was there. */
  onRefused: (name: string) => void;
}

/** What a second host on TCP reads before it is hung up on. */
const refusal = Buffer.from('# another host has this adapter\r\n');

export class Outlet {
  readonly #options: OutletOptions;
  #port = '';
  #pull: (() => Promise<void>) | undefined;

  /** @throws {MinerError} VEHICLE_LINK */
  constructor(options: OutletOptions) {
    this.#options = options;
    const { listen, link } = options;
    if (link !== undefined && listen !== 'pty') {
      throw toolError('VEHICLE_LINK', { path: link, reason: `a link points at a pty, not at ${listen}` });
    }
  }

  /** What a host opens; on a pty another path after each `plug`. */
  get port(): string {
    return this.#port;
  }

  get isPlugged(): boolean {
    return this.#pull !== undefined;
  }

  /** @throws {MinerError} PTY_UNAVAILABLE, TCP_LISTEN, TRANSPORT_SPEC, VEHICLE_LINK */
  async plug(): Promise<void> {
    if (this.#pull !== undefined) return;
    const { listen, link, onConnect } = this.#options;
    if (listen !== 'pty') return this.#listenTcp(listen);
    const { path, transport } = await openPty();
    try {
      if (link !== undefined) pointLink(link, path);
    } catch (problem) {
      await transport.close();
      throw problem;
    }
    this.#port = path;
    this.#pull = async () => {
      if (link !== undefined) removeLink(link, path);
      await transport.close();
    };
    onConnect(transport);
  }

  async #listenTcp(listen: string): Promise<void> {
    const clients = new Set<Transport>();
    // The same port again after an unplug, also when any free one was asked for.
    const listener = await listenTcp(this.#port || listen, (client) => this.#welcome(client, clients));
    this.#port = listener.address;
    this.#pull = async () => {
      for (const client of clients) await client.close();
      await listener.close();
    };
  }

  /** One host at a time, as on a cable. */
  #welcome(client: Transport, clients: Set<Transport>): void {
    const { onConnect, onRefused } = this.#options;
    if (clients.size > 0) {
      onRefused(client.name);
      // Read, or the reset for what was left unread would overtake the line.
      client.onData(() => {});
      const close = () => client.close();
      client.write(refusal).then(close, close);
      return;
    }
    clients.add(client);
    client.onClose(() => clients.delete(client));
    onConnect(client);
  }

  /** Hangs up. @returns false when nothing was plugged in */
  async unplug(): Promise<boolean> {
    const pull = this.#pull;
    if (pull === undefined) return false;
    this.#pull = undefined;
    await pull();
    return true;
  }
}

/** Replaces the link in one step, so that a host never finds half of it. */
function pointLink(link: string, target: string): void {
  try {
    const found = lstatSync(link, { throwIfNoEntry: false });
    if (found !== undefined && !found.isSymbolicLink()) {
      throw toolError('VEHICLE_LINK', { path: link, reason: 'something else than a link is there' });
    }
    const next = `${link}.${process.pid}.next`;
    symlinkSync(target, next);
    renameSync(next, link);
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException;
    if (code === 'VEHICLE_LINK') throw problem;
    throw toolError('VEHICLE_LINK', { path: link, reason: message }, problem);
  }
}

/** Removes the link, if it is still ours. */
function removeLink(link: string, target: string): void {
  try {
    if (readlinkSync(link) === target) unlinkSync(link);
  } catch {
    // Somebody removed or replaced it: then it is theirs.
  }
}
