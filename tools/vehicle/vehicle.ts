/**
 * A vehicle behind an emulated SLCAN adapter, for any program that reads one: listens on a pty or on TCP, and plays
 * a recorded log or a drive once a host opens the channel.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameBatch } from '../../edge/can/index.ts';
import { readLogFile } from '../../edge/can/node.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan } from '../../edge/decode/index.ts';
import { edgeError, type MinerError } from '../../edge/errors/index.ts';
import { type Clock, liveClock } from '../../edge/sim/index.ts';
import { SlcanAdapter, type SlcanAdapterCounters } from '../../edge/slcan/index.ts';
import type { Transport } from '../../edge/transport/index.ts';
import { listenTcp, openPty } from '../../edge/transport/node.ts';
import { packageRoot } from '../package-root.ts';
import { driveFrames, messagesLeftOut } from './drive-source.ts';
import { type FrameSource, play } from './player.ts';

/** The DBC that is driven when none is given. */
export const electricCarDbc = path.join(packageRoot, 'tools/vehicle/electric-car.dbc');

export interface VehicleOptions {
  /** `pty` (default) or `tcp://host:port`; port 0 takes a free one. */
  listen?: string;
  /** A recorded log to replay; without one the drive model drives. */
  log?: string;
  /** DBC through which the drive is encoded; default the electric car of this folder. */
  dbc?: string;
  /** Of the drive; default 1. */
  seed?: number;
  /** Length of the drive; without end when left out. A log ends by itself. */
  durationMs?: number;
  /** 1 (default) own pace, 2 twice as fast, 0 as fast as the host reads. */
  speed?: number;
  /** Start the source again at its end. */
  loop?: boolean;
  /** When the source starts: with the first opening of the channel (default), or at once. */
  startOn?: 'open' | 'listen';
  /** Of the emulated bus, bit/s; default 500,000. A host that sets another one hears nothing. */
  bitRate?: number;
  /** Whether frames take their time on the bus; default only at own pace. */
  paceToBitRate?: boolean;
  /** Towards the host, bits a second; 0 (default) is unlimited. */
  serialBaud?: number;
  clock?: Clock;
  onEvent?: (event: VehicleEvent) => void;
}

/** Where every frame of the source went: `frames = sent + unheard + overrun + discarded`, once finished. */
export interface VehicleCounters {
  /** Played so far. */
  frames: number;
  sent: number;
  /** Nobody had the channel open, or at another bit rate. */
  unheard: number;
  /** The host or its line was too slow for the queue. */
  overrun: number;
  /** Queued when the host closed the channel or went away. */
  discarded: number;
  /** From the host. */
  received: number;
}

export type VehicleEvent =
  | { event: 'listening'; port: string; source: string; leftOut: string[] }
  | { event: 'channel'; state: 'open' | 'listening' | 'closed'; bitRate: number; busBitRate: number }
  | ({ event: 'finished' } & VehicleCounters)
  | { event: 'unplugged' }
  /** The source failed while it played. */
  | { event: 'fault'; code: string; message: string; hint: string };

export interface Vehicle {
  /** What the host opens. Another path after `plug` on a pty. */
  readonly port: string;
  counters(): VehicleCounters;
  /** Starts the source from its beginning, unless it plays. */
  start(): void;
  /** Stops the source; the port stays. */
  stop(): void;
  /** Pulls the plug: the host sees a hang-up. The drive goes on unheard. */
  unplug(): Promise<void>;
  /** Plugs it in again. @throws {MinerError} PTY_UNAVAILABLE, TCP_LISTEN */
  plug(): Promise<void>;
  /** Resolves when the source has ended and everything it sent has left. */
  readonly finished: Promise<VehicleCounters>;
  /** Stops, unplugs, and resolves `finished`. */
  close(): Promise<void>;
}

/**
 * Starts a vehicle; resolves once it listens. On a pty it should have a process of its own, since a pty does not
 * outlive the process that made it.
 * @throws {MinerError} PTY_UNAVAILABLE, TCP_LISTEN, TRANSPORT_SPEC, LOG_*, VEHICLE_DBC
 */
export async function runVehicle(options: VehicleOptions = {}): Promise<Vehicle> {
  const source = options.log === undefined ? await driveSource(options) : await logSource(options.log);
  const vehicle = new PluggedVehicle(options, source);
  await vehicle.plug();
  if (options.startOn === 'listen') vehicle.start();
  return vehicle;
}

interface NamedSource {
  frames: FrameSource;
  name: string;
  leftOut: string[];
}

async function logSource(path: string): Promise<NamedSource> {
  // Read a little first: a log that is missing or unknown should fail now, not when a host comes.
  const beginning = readLogFile(path);
  await beginning.next();
  await beginning.return(undefined);
  return { frames: () => readLogFile(path), name: path, leftOut: [] };
}

async function driveSource({ dbc = electricCarDbc, seed = 1, durationMs }: VehicleOptions): Promise<NamedSource> {
  const bytes = await readFile(dbc).catch((problem: NodeJS.ErrnoException) => {
    throw edgeError('VEHICLE_DBC', {
      path: dbc,
      problem: problem.code === 'ENOENT' ? 'no such file' : problem.message,
    });
  });
  const { database, diagnostics } = parseDbc(bytes);
  const plan = compilePlan(database);
  const leftOut = messagesLeftOut(plan);
  if (plan.messages.length === leftOut.length) {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const problem = first
      ? `line ${first.line}: ${first.message}`
      : 'it has no message that a classic CAN frame carries';
    throw edgeError('VEHICLE_DBC', { path: dbc, problem });
  }
  const drive = durationMs === undefined ? { plan, seed } : { plan, seed, durationMs };
  return { frames: () => driveFrames(drive), name: `${dbc}, seed ${seed}`, leftOut };
}

const noCounters: SlcanAdapterCounters = {
  offered: 0,
  sent: 0,
  unheard: 0,
  overrun: 0,
  discarded: 0,
  received: 0,
  answersDropped: 0,
};

class PluggedVehicle implements Vehicle {
  readonly finished: Promise<VehicleCounters>;
  readonly #options: VehicleOptions;
  readonly #source: NamedSource;
  readonly #clock: Clock;
  readonly #busBitRate: number;
  #resolveFinished: (counters: VehicleCounters) => void = () => {};
  #port = '';
  #adapter: SlcanAdapter | undefined;
  /** Of adapters that are gone. */
  readonly #before: SlcanAdapterCounters = { ...noCounters };
  /** Frames played while nothing was plugged in. */
  #unplugged = 0;
  #pullPlug: (() => Promise<void>) | undefined;
  #playing: AbortController | undefined;
  #hasStarted = false;

  constructor(options: VehicleOptions, source: NamedSource) {
    this.#options = options;
    this.#source = source;
    this.#clock = options.clock ?? liveClock();
    this.#busBitRate = options.bitRate ?? 500_000;
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
  }

  get port(): string {
    return this.#port;
  }

  counters(): VehicleCounters {
    const now = this.#adapter?.counters ?? noCounters;
    const total = (name: keyof SlcanAdapterCounters) => this.#before[name] + now[name];
    return {
      frames: total('offered') + this.#unplugged,
      sent: total('sent'),
      unheard: total('unheard') + this.#unplugged,
      overrun: total('overrun'),
      discarded: total('discarded'),
      received: total('received'),
    };
  }

  start(): void {
    if (this.#playing !== undefined) return;
    this.#hasStarted = true;
    const playing = new AbortController();
    this.#playing = playing;
    const { speed = 1, loop = false } = this.#options;
    const sink = {
      offer: (batch: FrameBatch, from: number, to: number) => this.#offer(batch, from, to),
      whenRoom: (frames: number) => this.#adapter?.whenRoom(frames) ?? Promise.resolve(),
    };
    play(this.#source.frames, sink, { clock: this.#clock, speed, loop, signal: playing.signal })
      .catch(({ code, message, hint }: MinerError) => this.#tell({ event: 'fault', code, message, hint }))
      .then(() => this.#ended(playing));
  }

  async #ended(playing: AbortController): Promise<void> {
    await this.#adapter?.whenDrained();
    if (playing.signal.aborted) return;
    this.#playing = undefined;
    this.#tell({ event: 'finished', ...this.counters() });
    this.#resolveFinished(this.counters());
  }

  #tell(event: VehicleEvent): void {
    this.#options.onEvent?.(event);
  }

  #offer(batch: FrameBatch, from: number, to: number): void {
    if (this.#adapter === undefined) this.#unplugged += to - from;
    else this.#adapter.offer(batch, from, to);
  }

  stop(): void {
    this.#playing?.abort();
    this.#playing = undefined;
  }

  async plug(): Promise<void> {
    if (this.#pullPlug !== undefined) return;
    const { listen = 'pty' } = this.#options;
    if (listen === 'pty') {
      const { path, transport } = await openPty();
      this.#port = path;
      this.#pullPlug = () => transport.close();
      this.#connect(transport);
    } else {
      const clients = new Set<Transport>();
      // The same port again after an unplug, also when any free one was asked for.
      const listener = await listenTcp(this.#port || listen, (client) => this.#welcome(client, clients));
      this.#port = listener.address;
      this.#pullPlug = async () => {
        for (const client of clients) await client.close();
        await listener.close();
      };
    }
    this.#tell({ event: 'listening', port: this.#port, source: this.#source.name, leftOut: this.#source.leftOut });
  }

  /** One host at a time, as on a cable; another one is turned away. */
  #welcome(client: Transport, clients: Set<Transport>): void {
    if (clients.size > 0) {
      client.close();
      return;
    }
    clients.add(client);
    client.onClose(() => clients.delete(client));
    this.#connect(client);
  }

  #connect(transport: Transport): void {
    const { serialBaud = 0, startOn = 'open', speed = 1, paceToBitRate = speed === 1 } = this.#options;
    const adapter = new SlcanAdapter(transport, {
      clock: this.#clock,
      busBitRate: this.#busBitRate,
      paceToBitRate,
      serialBaud,
      onChannel: ({ state, bitRate }) => {
        this.#tell({ event: 'channel', state, bitRate, busBitRate: this.#busBitRate });
        if (state !== 'closed' && startOn === 'open' && !this.#hasStarted) this.start();
      },
    });
    this.#adapter = adapter;
    transport.onClose(() => {
      for (const name of Object.keys(noCounters) as (keyof SlcanAdapterCounters)[]) {
        this.#before[name] += adapter.counters[name];
      }
      if (this.#adapter === adapter) this.#adapter = undefined;
    });
  }

  async unplug(): Promise<void> {
    const pull = this.#pullPlug;
    if (pull === undefined) return;
    this.#pullPlug = undefined;
    await pull();
    this.#tell({ event: 'unplugged' });
  }

  async close(): Promise<void> {
    this.stop();
    await this.unplug();
    this.#resolveFinished(this.counters());
  }
}
