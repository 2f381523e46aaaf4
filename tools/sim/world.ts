/**
 * A whole Miner with its vehicle, gateway, broker and registry in virtual time: one seed and one plan, one history.
 * The code under test is the code that runs live; only what it is given is simulated.
 *
 * Live code waits by promises. Here every promise settles by microtasks alone, so a step is one timer and everything
 * that follows from it: a macrotask begins when no microtask is left, and that is when the invariants are asked.
 */
import { createHash } from 'node:crypto';
import { contentHash } from '../../edge/dbc/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import type { MinerEvent } from '../../edge/miner.ts';
import { fromHex, type OpenedPack, packHash, toHex } from '../../edge/pack/index.ts';
import {
  type CutMoment,
  DeviceClock,
  FaultyNetwork,
  MemoryStorage,
  type NodeFaults,
  PowerCut,
  SeededRandom,
  SimulatedRegistry,
  VirtualClock,
} from '../../edge/sim/index.ts';
import type { TrustView } from '../../edge/trust/index.ts';
import { receiptAad, signReceipt, type UplinkPort } from '../../edge/uplink/index.ts';
import { Device, type DeviceOptions } from './device.ts';
import type { FaultKind } from './fault-kinds.ts';
import { faultSpecs } from './faults.ts';
import { type GatewaySide, liveGateway, SmallGateway } from './gateway-side.ts';
import * as invariants from './invariants.ts';
import { Observations } from './observations.ts';
import type { Fault, Plan } from './plan.ts';
import { realSignatures, type Signatures, standInSignatures } from './signatures.ts';
import { adapterQueueFrames, decoderFiles, VehicleSide } from './vehicle-side.ts';

/** Parts to be swapped for broken ones, to see that it is noticed. */
export interface Parts {
  storage: (random: SeededRandom) => MemoryStorage;
  gateway: (gateway: GatewaySide) => GatewaySide;
  trust: (view: TrustView) => TrustView;
  device: (options: DeviceOptions) => Device;
  connect: (port: UplinkPort) => UplinkPort;
}

export interface Violation {
  invariant: invariants.InvariantName;
  problem: string;
  step: number;
  atMs: number;
}

export interface Outcome {
  violations: Violation[];
  /** SHA-256 over everything that happened, hex: equal for equal worlds. */
  trace: string;
  steps: number;
  /** Times that the power went at a storage operation: before it, within it, or right after it. */
  cuts: number;
  boots: number;
  packs: number;
  accepted: number;
  frames: number;
  /** Faults that took place, by kind. */
  faults: Partial<Record<FaultKind, number>>;
}

/** Everything has to have arrived by then. Twenty times the longest wait of an outbox. */
const settleMsMax = 30 * 60_000;
/** What a device may keep waiting: its own three timers, the outbox's, the link's, and a question under way. */
const timersMax = 12;
/** Samples and frames that wait for a storage: four packs of 4,096, and what one batch may add. */
const backlogMax = 5 * 4_096;
/** Of an outbox, unless told. */
const windowCount = 16;
const unixStartMs = 1_800_000_000_000;

export class World {
  readonly plan: Plan;
  readonly clock = new VirtualClock();
  readonly seen = new Observations();
  readonly registry = new SimulatedRegistry(this.clock);
  readonly node: NodeFaults = { isDown: false, isExpired: false, flapPercent: 0, lagMs: 0 };
  readonly storage: MemoryStorage;
  readonly network: FaultyNetwork;
  readonly vehicle: VehicleSide;
  readonly decoderHashes = decoderFiles.map(({ bytes }) => fromHex(contentHash(bytes)));
  /** Hears all notes. */
  onNote: ((line: string) => void) | undefined;
  device: Device | undefined;
  deviceClock: DeviceClock | undefined;
  driftPpm = 0;
  hasWallClock = true;
  isGatewaySilent = false;
  /** One is armed at each boot to come. */
  readonly recoveryCuts: { operationsAhead: number; moment: CutMoment }[] = [];

  readonly #parts: Partial<Parts>;
  readonly #signatures: Signatures;
  readonly #viewRandom: SeededRandom;
  readonly #trace = createHash('sha256');
  readonly #endings = new Map<Fault, () => void>();
  readonly #receipts: Uint8Array[] = [];
  readonly #violations: Violation[] = [];
  readonly #counts = { steps: 0, cuts: 0, boots: 0, packs: 0 };
  readonly #faults: Partial<Record<FaultKind, number>> = {};
  #gateway: GatewaySide | undefined;
  #samplesStored = 0;
  /** Set while the device knows that its trust has expired. */
  #decodedAtExpiry: number | undefined;
  #operationsChecked = -1;
  #isPowerHeld = false;
  #isVehicleOn = true;
  #bootTimer: (() => void) | undefined;

  constructor(plan: Plan, parts: Partial<Parts> = {}) {
    this.plan = plan;
    this.#parts = parts;
    const { seed, settings } = plan;
    // Each part has numbers of its own, so that a fault less changes as little as can be of the others.
    const randomOf = (part: number) =>
      new SeededRandom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(part, 0x85ebca77)) >>> 0);
    this.storage = parts.storage?.(randomOf(1)) ?? new MemoryStorage({ random: randomOf(1) });
    this.network = new FaultyNetwork({
      clock: this.clock,
      random: randomOf(2),
      onPack: (seq, bytes) => void this.#arrive(seq, bytes),
    });
    this.vehicle = new VehicleSide(this.clock, randomOf(3));
    this.#viewRandom = randomOf(4);
    this.#signatures =
      settings.signatures === 'real' ? realSignatures(this.registry) : standInSignatures(this.registry);
    for (const hash of this.decoderHashes.slice(0, 2)) this.registry.setDecoder(hash, 'listed');
    this.seen.mayLose = settings.syncEvery > 1 || settings.bytesMax !== undefined;
  }

  get unixMs(): number {
    return unixStartMs + this.clock.nowMs();
  }

  /** Runs the plan, then until everything has arrived. It ends at the first violation. */
  async run(): Promise<Outcome> {
    await this.#openGateway();
    this.clock.schedule(0, () => this.#boot());
    this.#scheduleTick();
    for (const fault of this.plan.faults) this.clock.schedule(fault.atMs, () => this.#begin(fault));
    while (this.clock.nowMs() < this.plan.durationMs && !this.#isOver) await this.#step();
    await this.#settle();
    this.#stop();
    await quiet();
    this.#gateway?.close();
    return {
      violations: this.#violations,
      trace: this.#trace.digest('hex'),
      ...this.#counts,
      accepted: this.seen.accepted.size,
      frames: this.vehicle.framesOffered,
      faults: this.#faults,
    };
  }

  /** For the trace: two worlds are the same when all their notes are. */
  note(what: string): void {
    const line = `${this.#counts.steps} ${this.clock.nowMs()} ${what}`;
    this.#trace.update(line);
    this.onNote?.(line);
  }

  get #isOver(): boolean {
    return this.#violations.length > 0;
  }

  async #openGateway(): Promise<void> {
    const options = {
      registry: this.registry,
      signatures: this.#signatures,
      clock: this.clock,
      onAccepted: (pack: OpenedPack) => this.#accepted(pack),
    };
    const gateway = this.plan.settings.signatures === 'real' ? await liveGateway(options) : new SmallGateway(options);
    this.#gateway = this.#parts.gateway?.(gateway) ?? gateway;
  }

  async #step(): Promise<void> {
    this.#counts.steps++;
    if (!this.clock.runNext()) throw new Error('a world without a timer');
    await quiet();
    for (const [decoder, isActive] of this.seen.refusedNow) {
      if (isActive) this.seen.refused.delete(decoder);
      else this.seen.refused.add(decoder);
    }
    this.seen.refusedNow.clear();
    this.#check();
  }

  // Faults

  #begin(fault: Fault): void {
    this.#faults[fault.kind] = (this.#faults[fault.kind] ?? 0) + 1;
    this.note(`fault ${fault.kind}`);
    const { amount = 0, moment = 'before' } = fault;
    const end = faultSpecs[fault.kind].begin(this, { amount, moment });
    if (typeof end !== 'function') return;
    this.#endings.set(fault, () => end());
    this.clock.schedule(fault.durationMs ?? 0, () => this.#end(fault));
  }

  #end(fault: Fault): void {
    const end = this.#endings.get(fault);
    this.#endings.delete(fault);
    end?.();
  }

  /** A file of the storage that holds something, by a number. */
  fileAt(choice: number): string | undefined {
    const names = this.storage.names.filter((name) => this.storage.sizeOf(name) > 0);
    return names[choice % Math.max(1, names.length)];
  }

  /** The power goes, between two storage operations. */
  cutPower(): void {
    this.storage.cutPower();
    this.device?.powerOff();
    this.#lostPower('between operations');
  }

  /** No power until told otherwise. */
  holdPower(isHeld: boolean): void {
    this.#isPowerHeld = isHeld;
    if (isHeld) this.cutPower();
    else this.#bootLater(10);
  }

  #lostPower(where: string): void {
    this.note(`power lost: ${where}`);
    this.device = undefined;
    this.network.disconnect();
    this.vehicle.hangUp();
    if (!this.#isPowerHeld) this.#bootLater(50);
  }

  // The device

  #bootLater(delayMs: number): void {
    this.#bootTimer?.();
    this.#bootTimer = this.clock.schedule(delayMs, () => this.#boot());
  }

  #boot(): void {
    this.#bootTimer = undefined;
    if (this.#isPowerHeld || this.device) return;
    this.storage.restart();
    const cut = this.recoveryCuts.shift();
    if (cut) this.storage.cutPowerAt(cut.operationsAhead, cut.moment);
    this.#counts.boots++;
    this.#samplesStored = 0;
    this.#decodedAtExpiry = undefined;
    const clock: DeviceClock = new DeviceClock(this.clock, {
      startMs: this.plan.settings.uptimeMs,
      driftPpm: this.driftPpm,
      unixMs: this.hasWallClock ? this.unixMs : undefined,
      run: (task) => device?.run(task),
    });
    this.deviceClock = clock;
    const failuresBefore = this.storage.failures;
    let device: Device | undefined;
    try {
      device = this.#makeDevice(clock);
    } catch (error) {
      clock.powerOff();
      this.#bootFailed(error, failuresBefore);
      return;
    }
    this.device = device;
    this.note(`boot ${device.log.bootCount}, receipted ${device.log.receipted}`);
    device.start();
  }

  #makeDevice(clock: DeviceClock): Device {
    const { settings } = this.plan;
    const view = this.registry.view(this.node, this.#viewRandom, (hash, { active }) => {
      if (this.device?.isAskingTrust) this.seen.refusedNow.set(toHex(hash), active);
    });
    const boot = this.#counts.boots;
    // A new boot knows nothing yet: what it was told before, it has to ask again.
    this.seen.refused.clear();
    const options: DeviceOptions = {
      clock,
      storage: this.storage,
      settings,
      signatures: this.#signatures,
      trust: this.#parts.trust?.(view) ?? view,
      files: decoderFiles,
      openPort: this.vehicle.openPort,
      connect: (run) => this.#connect(run),
      onSeq: (seq) => this.#handedOut(seq, boot),
      onPack: (seq, bytes) => this.#signed(seq, bytes, boot),
      onEvent: (event) => this.#heard(event),
      onDeath: (error) => this.#died(error),
    };
    return this.#parts.device?.(options) ?? new Device(options);
  }

  #connect(run: (task: () => unknown) => void): UplinkPort {
    const port = this.network.connect(run);
    const { send } = port;
    port.send = (seq, bytes) => {
      const hash = toHex(packHash(bytes));
      this.#hold('sentAsSigned', invariants.sentAsSigned(this.seen, seq, hash));
      this.seen.sent.set(seq, hash);
      this.note(`send ${seq}`);
      return send.call(port, seq, bytes);
    };
    return this.#parts.connect?.(port) ?? port;
  }

  #bootFailed(error: unknown, failuresBefore: number): void {
    if (!(error instanceof MinerError)) {
      this.#died(error);
      return;
    }
    this.note(`no boot: ${error.code}`);
    if (this.storage.failures === failuresBefore) this.#hold('logRecovers', invariants.logRecovers(error));
    // As a person would: off and on again, a little later.
    this.storage.cutPower();
    this.network.disconnect();
    this.#bootLater(1_000);
  }

  #died(error: unknown): void {
    if (error instanceof PowerCut) {
      this.#counts.cuts++;
      this.#lostPower(error.message);
    } else this.#crashed(error);
  }

  #crashed(error: unknown): void {
    this.#hold('neverCrashes', invariants.neverCrashes(error));
    this.#lostPower('crash');
  }

  #handedOut(seq: number, boot: number): void {
    this.#hold('seqNeverReused', invariants.seqNeverReused(this.seen, seq, boot));
    this.seen.handedOut.set(seq, boot);
    this.seen.last = Math.max(this.seen.last, seq);
  }

  #signed(seq: number, bytes: Uint8Array, boot: number): void {
    const hash = toHex(packHash(bytes));
    this.#counts.packs++;
    this.seen.signed.set(seq, { hash, boot, stored: false });
    const { decoders } = this.#signatures.openPack(bytes).body;
    const names = decoders.map(({ contentHash }) => toHex(contentHash));
    this.#hold('onlyApprovedIsSigned', invariants.onlyApprovedIsSigned(this.seen, names));
    this.note(`signed ${seq} ${hash.slice(0, 16)}`);
  }

  #heard(event: MinerEvent): void {
    if (event.kind === 'pack-signed' && event.stored) {
      this.#samplesStored += event.samples;
      const signed = this.seen.signed.get(event.seq);
      if (signed) signed.stored = true;
    }
    if (event.kind === 'trust-expired') this.#decodedAtExpiry = this.device?.miner.counters.framesDecoded ?? 0;
    if (event.kind === 'trust-restored') this.#decodedAtExpiry = undefined;
    this.note(event.kind);
  }

  // The gateway

  async #arrive(seq: number, bytes: Uint8Array): Promise<void> {
    if (this.isGatewaySilent) return;
    this.note(`arrives ${seq}`);
    for (const message of (await this.#gateway?.receive(bytes)) ?? []) {
      if (message.kind === 'receipt') this.#keepReceipt(message.bytes);
      this.network.deliver(message);
    }
  }

  #accepted({ body, hash }: OpenedPack): void {
    const { seen } = this;
    this.#hold('acceptedWasNotGivenUp', invariants.acceptedWasNotGivenUp(seen, body.seq));
    seen.accepted.set(body.seq, toHex(hash));
    for (const gap of body.gaps ?? []) {
      this.#hold('gapTellsTheTruth', invariants.gapTellsTheTruth(seen, gap));
      if (!seen.declared.some(({ from, to }) => from <= gap.from && gap.to <= to)) seen.declared.push(gap);
    }
  }

  #keepReceipt(bytes: Uint8Array): void {
    if (this.#receipts.length === 64) this.#receipts.shift();
    this.#receipts.push(bytes);
  }

  repeatReceipt(choice: number): void {
    const { length } = this.#receipts;
    if (length > 0) this.network.deliver({ kind: 'receipt', bytes: this.#receipts[choice % length] });
  }

  /** A receipt that the device must not believe: by a stranger, or by the gateway for another device. */
  forgeReceipt({ ahead, by }: { ahead: number; by: 'stranger' | 'gateway' }): void {
    const seq = this.seen.receipted + ahead;
    const hash = fromHex(this.seen.signed.get(seq)?.hash ?? '00'.repeat(32));
    const device = by === 'stranger' ? this.#signatures.device.kid : this.#signatures.stranger.kid;
    const aad = receiptAad(this.registry.chainId, this.registry.minerRegistry);
    this.network.deliver({ kind: 'receipt', bytes: signReceipt(this.#signatures[by], { device, seq, hash }, aad) });
  }

  sendGarbage(choice: number): void {
    const random = new SeededRandom(choice);
    const known = this.#receipts.at(-1);
    const bytes = random.chance(1, 2) && known ? known.slice() : new Uint8Array(random.below(200));
    if (bytes.length > 0 && known?.length === bytes.length) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    else random.fill(bytes);
    if (random.chance(1, 2)) this.network.deliver({ kind: 'receipt', bytes });
    else this.network.deliver({ kind: 'refusal', seq: random.below(1 << 20), code: 'NO_SUCH_CODE', reason: '' });
  }

  // What has to hold

  #hold(invariant: invariants.InvariantName, problem: invariants.Problem): void {
    if (problem === undefined) return;
    this.note(`${invariant}: ${problem}`);
    this.#violations.push({ invariant, problem, step: this.#counts.steps, atMs: this.clock.nowMs() });
  }

  #check(): void {
    const { device, seen, vehicle } = this;
    if (vehicle.adapter) this.#hold('adapterAddsUp', invariants.adapterAddsUp(vehicle.adapter, adapterQueueFrames));
    if (!device || device.isDead) return;
    this.#hold('framesAddUp', invariants.framesAddUp(device.miner.counters, device.handedOver));
    if (this.#decodedAtExpiry !== undefined) {
      const problem = invariants.nothingIsDecodedWithoutTrust(device.miner.counters, this.#decodedAtExpiry);
      this.#hold('nothingIsDecodedWithoutTrust', problem);
    }
    const used = {
      timers: this.deviceClock?.pending ?? 0,
      backlog: device.miner.backlog.samples + device.miner.backlog.frames,
      inFlight: device.miner.outbox?.status.inFlight ?? 0,
      logBytes: device.log.status.bytes,
    };
    const { bytesMax = Number.POSITIVE_INFINITY } = this.plan.settings;
    // Two packs may go, window or not: the one that declares the gap before all others, and a refused one.
    const limit = { timers: timersMax, backlog: backlogMax, inFlight: windowCount + 2, logBytes: bytesMax };
    this.#hold('memoryIsBounded', invariants.memoryIsBounded(used, limit));
    if (this.#operationsChecked === this.storage.operations) return;
    this.#operationsChecked = this.storage.operations;
    const { receipted } = device.log;
    if (receipted > seen.receipted) {
      this.#hold('receiptedIsHeld', invariants.receiptedIsHeld(seen, receipted));
      seen.receipted = receipted;
    }
    this.#hold('nothingIsForgottenSilently', invariants.nothingIsForgottenSilently(seen, device.log));
  }

  /** All faults end; the vehicle stops; what there is has to arrive. */
  async #settle(): Promise<void> {
    for (const fault of [...this.#endings.keys()]) this.#end(fault);
    this.storage.heal();
    this.recoveryCuts.length = 0;
    this.#isVehicleOn = false;
    const startMs = this.clock.nowMs();
    // A log that syncs at every third pack keeps up to two to itself until there is a third.
    this.#makeDurable();
    while (!this.#isOver && !this.#hasArrived) {
      const afterMs = this.clock.nowMs() - startMs;
      if (afterMs > settleMsMax) {
        this.#hold('everythingArrives', invariants.everythingArrives(this.seen, this.device?.log, afterMs));
        return;
      }
      await this.#step();
    }
    if (!this.#isOver) {
      this.#hold(
        'everythingArrives',
        invariants.everythingArrives(this.seen, this.device?.log, this.clock.nowMs() - startMs),
      );
    }
  }

  #makeDurable(): void {
    const { device } = this;
    this.clock.schedule(2 * this.plan.settings.packIntervalMs, () => this.#makeDurable());
    device?.run(() => {
      device.log.sync();
      device.miner.outbox?.notify();
    });
  }

  get #hasArrived(): boolean {
    const log = this.device?.log;
    return log !== undefined && log.receipted >= this.seen.last && log.gaps.length === 0;
  }

  #stop(): void {
    const { device } = this;
    if (!device || device.isDead) return;
    device.stop();
    if (!this.#isOver) this.#hold('samplesAddUp', invariants.samplesAddUp(device.miner.counters, this.#samplesStored));
    device.powerOff();
    this.vehicle.hangUp();
  }

  #scheduleTick(): void {
    this.clock.schedule(this.plan.settings.frameIntervalMs, () => {
      if (!this.#isVehicleOn) return;
      this.vehicle.tick();
      this.#scheduleTick();
    });
  }
}

/** Resolves once nothing is left to do but by a timer. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
