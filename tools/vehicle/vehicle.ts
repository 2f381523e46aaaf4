/**
 * A vehicle behind an emulated SLCAN adapter, for any program that reads one: listens on a pty or on TCP, plays a
 * recorded log or a drive once a host opens the channel, and fails in every way a bench wants to see, on request.
 */
import { type CanFrame, FrameBatch } from '../../edge/can/index.ts';
import type { MinerError } from '../../edge/errors/index.ts';
import { type Clock, liveClock, SeededRandom } from '../../edge/sim/index.ts';
import { lawicel, SlcanAdapter, type SlcanAdapterCounters, type SlcanProfile } from '../../edge/slcan/index.ts';
import type { Transport } from '../../edge/transport/index.ts';
import { Bus } from './bus.ts';
import { type BusErrorKind, busErrorBits } from './bus-errors.ts';
import { type PlannedCommand, parseFaultPlan, type VehicleCommand } from './commands.ts';
import { DriveModel } from './drive-model.ts';
import { EcuNetwork } from './ecu/index.ts';
import { FaultyLine } from './faulty-line.ts';
import { obey } from './obey.ts';
import { Outlet } from './outlet.ts';
import { PlayControl } from './play-control.ts';
import { play } from './player.ts';
import { ScheduledTasks } from './scheduled-tasks.ts';
import { driveSource, logSource, type NamedSource } from './source.ts';

export { electricCarDbc } from './source.ts';

export interface VehicleOptions {
  /** `pty` (default) or `tcp://host:port`; port 0 takes a free one. */
  listen?: string;
  /** A symbolic link kept pointing at the current pty, so that a host finds it again after a re-plug. */
  link?: string;
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
  /** Begin paused: frames only on `step`. */
  step?: boolean;
  /** Commands at times after playing began, as parseFaultPlan reads them. */
  faults?: string;
  /** When the source starts: with the first opening of the channel (default), or at once. */
  startOn?: 'open' | 'listen';
  /** Firmware that the adapter plays; default lawicel. */
  profile?: SlcanProfile;
  /** How control units answer OBD and UDS requests; default 11-bit. */
  obd?: '11-bit' | '29-bit' | 'both' | 'off';
  /** What they answer as the vehicle's identification number; an example with a valid check digit unless told. */
  vin?: string;
  /** Of the emulated bus, bit/s; default 500,000. A host that sets another one hears nothing. */
  bitRate?: number;
  /** Whether frames take their time on the bus; default only at own pace. */
  paceToBitRate?: boolean;
  /** Towards the host, bits a second; 0 (default) is unlimited. */
  serialBaud?: number;
  clock?: Clock;
  onEvent?: (event: VehicleEvent) => void;
  /** Called when bytes are about to be written to the port; with it a bench knows when a frame left. */
  onWrite?: () => void;
}

/**
 * Where every frame went, at any moment:
 * `frames = sent + unheard + overrun + discarded + starved + waiting + queued`.
 */
export interface VehicleCounters {
  /** On the bus so far, or wanting on to it: played, from control units, and from a babbling node. */
  frames: number;
  sent: number;
  /**
   * Nobody had the channel open, or at another bit rate; the adapter was off the bus, or has no CAN FD; a log's error
   * frames, which are told in the firmware's own way.
   */
  unheard: number;
  /** The host or its line was too slow for the queue. */
  overrun: number;
  /** Queued when the host closed the channel or went away. */
  discarded: number;
  /** Lost arbitration to a babbling node until their nodes gave up. */
  starved: number;
  /** Waiting for arbitration now. */
  waiting: number;
  /** In the adapter now, for a bus or a host that is behind. */
  queued: number;
  /** Of `frames`: from a node that babbled. */
  babbled: number;
  /** From the host. */
  received: number;
  /** Errors put on the bus. */
  errors: number;
  /** Bytes of noise towards the host. */
  garbage: number;
  /** From the host, lost in a stall that outlasted the adapter's buffer. */
  bytesLost: number;
}

/** What `status` tells besides counters. */
export interface VehicleStatus extends VehicleCounters {
  /** Mean share of the bit rate since the first frame, and the busiest second. */
  busLoad: number;
  busLoadPeak: number;
  paused: boolean;
  plugged: boolean;
}

export type VehicleEvent =
  | { event: 'listening'; port: string; source: string; leftOut: string[]; link?: string }
  | { event: 'channel'; state: 'open' | 'listening' | 'closed'; bitRate: number; busBitRate: number }
  | ({ event: 'finished' } & VehicleCounters)
  | { event: 'unplugged' }
  /** A second host on TCP was hung up on. */
  | { event: 'refused'; client: string }
  /** The plan's turn. */
  | { event: 'planned'; command: string }
  | ({ event: 'status' } & VehicleStatus)
  | { event: 'help' }
  /** The source, or a plug, failed while it played. */
  | { event: 'fault'; code: string; message: string; hint: string };

export interface Vehicle {
  /** What the host opens. Another path after `plug` on a pty. */
  readonly port: string;
  counters(): VehicleCounters;
  status(): VehicleStatus;
  /** Starts the source from its beginning, unless it plays. */
  start(): void;
  /** Stops the source; the port stays. */
  stop(): void;
  /** Holds the source, `step` and `resume` let it go on. */
  readonly control: PlayControl;
  /** Pulls the plug: the host sees a hang-up. The drive goes on unheard. */
  unplug(durationMs?: number): Promise<void>;
  /** Plugs it in again. @throws {MinerError} PTY_UNAVAILABLE, TCP_LISTEN, VEHICLE_LINK */
  plug(): Promise<void>;
  /** The adapter neither reads nor writes for that time, without hanging up. */
  stall(durationMs: number): void;
  /** Random bytes to the host. */
  garbage(bytes: number): void;
  /** A node floods the bus with this id. */
  babble(id: number, durationMs: number): void;
  /** One error on the bus, as the adapter's firmware tells its host. */
  busError(kind: BusErrorKind): void;
  /** Error counters of the adapter's controller at 0, 96 or 128. */
  setErrorState(state: 'active' | 'warning' | 'passive'): void;
  /** The adapter's controller leaves the bus; back after that time, or when the host opens its channel anew. */
  busOff(durationMs?: number): void;
  /** Does what a line or a plan asked for. @throws {MinerError} of `plug` */
  obey(command: VehicleCommand): Promise<void>;
  /** Resolves when the source has ended and everything it sent has left. */
  readonly finished: Promise<VehicleCounters>;
  /** Stops, unplugs, and resolves `finished` and `closed`. */
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

/**
 * Starts a vehicle; resolves once it listens. On a pty it should have a process of its own, since a pty does not
 * outlive the process that made it.
 * @throws {MinerError} PTY_UNAVAILABLE, TCP_LISTEN, TRANSPORT_SPEC, LOG_*, VEHICLE_DBC, VEHICLE_LINK, VEHICLE_COMMAND
 */
export async function runVehicle(options: VehicleOptions = {}): Promise<Vehicle> {
  const { log, faults, profile = lawicel } = options;
  const plan = faults === undefined ? [] : parseFaultPlan(faults);
  const source = log === undefined ? await driveSource({ ...options, fd: profile.fd }) : await logSource(log);
  const vehicle = new PluggedVehicle(options, source, plan);
  await vehicle.plug();
  if (options.startOn === 'listen') vehicle.start();
  return vehicle;
}

/** Where a controller's counters stand in each state. @see ISO 11898-1, fault confinement */
const errorCounts = { active: 0, warning: 96, passive: 128 } as const;

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
  readonly closed: Promise<void>;
  readonly control: PlayControl;
  readonly #options: VehicleOptions;
  readonly #source: NamedSource;
  readonly #plan: readonly PlannedCommand[];
  readonly #profile: SlcanProfile;
  readonly #clock: Clock;
  readonly #bus: Bus;
  readonly #busBitRate: number;
  readonly #outlet: Outlet;
  readonly #tasks: ScheduledTasks;
  readonly #random: SeededRandom;
  readonly #ecus: EcuNetwork | undefined;
  /** The frame that a control unit sends. */
  readonly #ecuFrame = new FrameBatch(1);
  #resolveFinished: (counters: VehicleCounters) => void = () => {};
  #resolveClosed: () => void = () => {};
  #adapter: SlcanAdapter | undefined;
  #line: FaultyLine | undefined;
  /** Of adapters that are gone. */
  readonly #before: SlcanAdapterCounters = { ...noCounters };
  readonly #counts = { unplugged: 0, errors: 0, garbage: 0, bytesLost: 0 };
  #playing: AbortController | undefined;
  #hasStarted = false;

  constructor(options: VehicleOptions, source: NamedSource, plan: readonly PlannedCommand[]) {
    this.#options = options;
    this.#source = source;
    this.#plan = plan;
    this.#profile = options.profile ?? lawicel;
    this.#clock = options.clock ?? liveClock();
    this.#busBitRate = options.bitRate ?? 500_000;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.control = new PlayControl(options.step);
    this.#tasks = new ScheduledTasks(this.#clock, (problem) => this.#failed(problem));
    this.#bus = new Bus({
      clock: this.#clock,
      bitRate: this.#busBitRate,
      deliver: (batch, from, to) => this.#offer(batch, from, to),
    });
    this.#ecus = this.#createEcus();
    this.#outlet = new Outlet({
      listen: options.listen ?? 'pty',
      ...(options.link !== undefined && { link: options.link }),
      onConnect: (transport) => this.#connect(transport),
      onRefused: (client) => this.#tell({ event: 'refused', client }),
    });
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Control units that drive the same drive as the messages, from the moment that the vehicle is there. */
  #createEcus(): EcuNetwork | undefined {
    const { obd = '11-bit', vin, seed = 1, speed = 1 } = this.#options;
    if (obd === 'off') return undefined;
    const model = new DriveModel(seed);
    const startMs = this.#clock.nowMs();
    return new EcuNetwork({
      clock: this.#clock,
      addressing: obd,
      state: () => model.advanceTo((this.#clock.nowMs() - startMs) * (speed || 1)),
      ...(vin !== undefined && { vin }),
      send: (frame) => this.#sendFromEcu(frame),
    });
  }

  #sendFromEcu({ id, flags, data }: CanFrame): void {
    this.#ecuFrame.clear();
    this.#ecuFrame.push(0, id, flags, data);
    this.#bus.offer(this.#ecuFrame, 0, 1);
  }

  #receive(batch: FrameBatch): void {
    this.#bus.note(batch);
    this.#ecus?.receive(batch);
  }

  get port(): string {
    return this.#outlet.port;
  }

  counters(): VehicleCounters {
    const now = this.#adapter?.counters ?? noCounters;
    const total = (name: keyof SlcanAdapterCounters) => this.#before[name] + now[name];
    const { unplugged, errors, garbage, bytesLost } = this.#counts;
    const { babbled, starved, waiting } = this.#bus.counters();
    const queued = now.offered - now.sent - now.unheard - now.overrun - now.discarded;
    return {
      frames: total('offered') + unplugged + starved + waiting,
      sent: total('sent'),
      unheard: total('unheard') + unplugged,
      overrun: total('overrun'),
      discarded: total('discarded'),
      starved,
      waiting,
      queued,
      babbled,
      received: total('received'),
      errors,
      garbage,
      bytesLost: bytesLost + (this.#line?.bytesLost ?? 0),
    };
  }

  status(): VehicleStatus {
    const { mean, peak } = this.#bus.load();
    return {
      ...this.counters(),
      busLoad: Number(mean.toFixed(4)),
      busLoadPeak: Number(peak.toFixed(4)),
      paused: this.control.isPaused,
      plugged: this.#outlet.isPlugged,
    };
  }

  obey(command: VehicleCommand): Promise<void> {
    return obey(this, command, (event) => this.#tell(event));
  }

  #tell(event: VehicleEvent): void {
    this.#options.onEvent?.(event);
  }

  #failed({ code, message, hint }: MinerError): void {
    this.#tell({ event: 'fault', code, message, hint });
  }

  // Playing

  start(): void {
    if (this.#playing !== undefined) return;
    if (!this.#hasStarted) this.#schedulePlan();
    this.#hasStarted = true;
    const playing = new AbortController();
    this.#playing = playing;
    const { speed = 1, loop = false } = this.#options;
    const sink = {
      offer: (batch: FrameBatch, from: number, to: number) => this.#bus.offer(batch, from, to),
      whenRoom: (frames: number) => this.#adapter?.whenRoom(frames) ?? Promise.resolve(),
    };
    const { control } = this;
    play(this.#source.frames, sink, { clock: this.#clock, speed, loop, signal: playing.signal, control })
      .catch((problem: MinerError) => this.#failed(problem))
      .then(() => this.#ended(playing));
  }

  #schedulePlan(): void {
    for (const { atMs, command, line } of this.#plan) {
      this.#tasks.after(atMs, () => {
        this.#tell({ event: 'planned', command: line });
        return this.obey(command);
      });
    }
  }

  async #ended(playing: AbortController): Promise<void> {
    await this.#bus.whenCalm();
    await this.#adapter?.whenDrained();
    if (playing.signal.aborted) return;
    this.#playing = undefined;
    this.#tell({ event: 'finished', ...this.counters() });
    this.#resolveFinished(this.counters());
  }

  stop(): void {
    this.#playing?.abort();
    this.#playing = undefined;
  }

  // From the bus to the adapter

  #offer(batch: FrameBatch, from: number, to: number): void {
    if (this.#adapter === undefined) this.#counts.unplugged += to - from;
    else this.#adapter.offer(batch, from, to);
  }

  // The plug

  async plug(): Promise<void> {
    if (this.#outlet.isPlugged) return;
    await this.#outlet.plug();
    const { link } = this.#options;
    const { name: source, leftOut } = this.#source;
    this.#tell({ event: 'listening', port: this.port, source, leftOut, ...(link !== undefined && { link }) });
  }

  #connect(transport: Transport): void {
    const { serialBaud = 0, startOn = 'open', speed = 1, paceToBitRate = speed === 1, onWrite } = this.#options;
    const line = new FaultyLine(transport, onWrite === undefined ? {} : { onWrite });
    const adapter = new SlcanAdapter(line, {
      clock: this.#clock,
      profile: this.#profile,
      busBitRate: this.#busBitRate,
      paceToBitRate,
      serialBaud,
      onTransmit: (batch) => this.#receive(batch),
      onChannel: ({ state, bitRate }) => {
        this.#tell({ event: 'channel', state, bitRate, busBitRate: this.#busBitRate });
        if (state !== 'closed' && startOn === 'open' && !this.#hasStarted) this.start();
      },
    });
    this.#adapter = adapter;
    this.#line = line;
    transport.onClose(() => {
      for (const name of Object.keys(noCounters) as (keyof SlcanAdapterCounters)[]) {
        this.#before[name] += adapter.counters[name];
      }
      this.#counts.bytesLost += line.bytesLost;
      if (this.#adapter !== adapter) return;
      this.#adapter = undefined;
      this.#line = undefined;
    });
  }

  async unplug(durationMs?: number): Promise<void> {
    if (!(await this.#outlet.unplug())) return;
    this.#tell({ event: 'unplugged' });
    if (durationMs !== undefined) this.#tasks.after(durationMs, () => this.plug());
  }

  // Faults

  stall(durationMs: number): void {
    const line = this.#line;
    line?.stall();
    this.#tasks.after(durationMs, () => line?.unstall());
  }

  garbage(bytes: number): void {
    const noise = new Uint8Array(bytes);
    this.#random.fill(noise);
    this.#counts.garbage += bytes;
    // Lost when nobody is there, as noise on a cable without an end.
    this.#line?.write(noise).catch(() => {});
  }

  babble(id: number, durationMs: number): void {
    this.#bus.babble(id, durationMs);
  }

  busError(kind: BusErrorKind): void {
    const { classBits, data } = busErrorBits(kind);
    this.#counts.errors++;
    this.#adapter?.busError(classBits, data);
  }

  setErrorState(state: 'active' | 'warning' | 'passive'): void {
    const count = errorCounts[state];
    if (state === 'active') this.#adapter?.recover();
    else this.#adapter?.setErrorState(`error-${state}`, { transmitErrors: count, receiveErrors: count });
  }

  busOff(durationMs?: number): void {
    const adapter = this.#adapter;
    adapter?.busOff();
    if (durationMs !== undefined) this.#tasks.after(durationMs, () => adapter?.recover());
  }

  async close(): Promise<void> {
    this.stop();
    this.#tasks.cancelAll();
    this.#ecus?.stop();
    this.#bus.close();
    await this.unplug();
    this.#resolveFinished(this.counters());
    this.#resolveClosed();
  }
}
