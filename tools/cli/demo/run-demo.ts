/** `miner demo`: the whole loop on this machine, one step after the other, each with what it showed. */
import path from 'node:path';
import { openLogFile } from '../../../edge/can/node.ts';
import { openCanLink } from '../../../edge/can-link.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { fromHex, toHex } from '../../../edge/pack/index.ts';
import { transportOpener } from '../../../edge/transport/node.ts';
import { licenceStates } from '../../../edge/trust/index.ts';
import { type DecoderIdentity, identifyDecoder } from '../../decoder.ts';
import { loadArtifact, proveWiring } from '../../deploy/index.ts';
import { type Dip, duration, tokens } from '../../dip/index.ts';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import { enrolDevice, signConsent } from '../../registry/index.ts';
import { startVehicleProcess, type VehicleProcess } from '../../vehicle/child.ts';
import { electricCarDbc, type VehicleCounters } from '../../vehicle/index.ts';
import { Cleanup } from '../cleanup.ts';
import { type Identity, seededIdentity } from '../identity.ts';
import { sendAs, tampered } from './attacks.ts';
import { decoderDip, decoderListing, demoMaker, fundRewardsDip, licenceDip, suspensionDip } from './dips.ts';
import { type DemoGateway, type DemoMiner, openTrust, startGateway, startMiner } from './fleet.ts';
import { Narrator, type Step } from './narrator.ts';
import type { DemoReport, DipRecord, Refusal } from './report.ts';
import { type ClaimedReward, rewardEpoch } from './reward.ts';
import { orInterrupted, waitUntil } from './wait.ts';
import { type ChainWorld, startChainWorld, temporaryFolder } from './world.ts';

export interface DemoOptions {
  seed: number;
  /** Of the drive; a log plays to its own end. */
  durationS: number;
  /** A recorded log to replay instead of the built-in car, and the DBC that reads it. */
  log?: string;
  dbc?: string;
  /** Aborts when the user asks to stop. */
  signal: AbortSignal;
  /** Where the story is told. */
  out: NodeJS.WriteStream;
}

/** How long the last frames, packs and answers may take to arrive. */
const settleMs = 10_000;

/**
 * Runs the demo to its end and cleans up, whatever happens.
 * @throws {MinerError} INTERRUPTED on Ctrl-C; any fault of a part, after the story told which step it struck
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const cleanup = new Cleanup();
  try {
    return await new Demo(options, cleanup).run();
  } finally {
    await cleanup.run();
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #cleanup: Cleanup;
  readonly #narrator: Narrator;
  readonly #device: Identity;
  readonly #gatewayKey: Identity;
  readonly #decoder: { name: string; path: string; bytes: Uint8Array; identity: DecoderIdentity };
  readonly #dips: DipRecord[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #startedMs = performance.now();

  constructor(options: DemoOptions, cleanup: Cleanup) {
    this.#options = options;
    this.#cleanup = cleanup;
    this.#narrator = new Narrator(options.out);
    this.#device = seededIdentity('device', options.seed);
    this.#gatewayKey = seededIdentity('gateway', options.seed);
    const file = options.dbc ?? electricCarDbc;
    const bytes = readInput(file);
    this.#decoder = { name: path.basename(file, '.dbc'), path: file, bytes, identity: identifyDecoder(bytes) };
    if (this.#decoder.identity.plan.messages.length === 0) throw toolError('DECODER_EMPTY', { path: file });
  }

  async run(): Promise<DemoReport> {
    const { step } = this;
    // A log that is missing or unknown should not have to wait for three votes.
    if (this.#options.log) await openLogFile(this.#options.log);
    const folder = temporaryFolder(this.#cleanup);
    const world = await step('Chain: deploy the contracts, prove who may do what', (s) => this.#chain(s));
    await step('DIPs: license a maker, list a decoder, fund the rewards', (s) => this.#votes(s, world));
    await step('Enrolment: licence signer and device key sign the same message', (s) => this.#enrol(s, world));
    const gateway = await step('Gateway: its own view of the chain, its own broker', (s) =>
      this.#gateway(s, world, folder),
    );
    const vehicle = await step('Vehicle: an SLCAN adapter on a serial device', (s) => this.#vehicle(s));
    const unit = await step('Miner: only listed decoders', (s) => this.#miner(s, world, gateway, folder));
    const counters = await step('Drive: read, decode, sign, store, send, receipt', (s) =>
      this.#drive(s, vehicle, unit, gateway),
    );
    await step('Attacks: a tampered and a replayed pack', (s) => this.#attack(s, unit, gateway));
    await step('On chain: a contract verifies the same pack', (s) => this.#verifyOnChain(s, world, unit));
    const reward = await step('Reward: from the ledger to a claim', (s) => this.#reward(s, world, gateway));
    await step('Suspension: the licence is suspended by DIP', (s) => this.#suspend(s, world, unit, gateway));
    return this.#report(vehicle, counters, unit, gateway, reward);
  }

  /** What is driven, in words. */
  get #source(): string {
    const { log, dbc, seed } = this.#options;
    return log ?? (dbc ? `a drive through ${dbc}, seed ${seed}` : `the built-in electric car, seed ${seed}`);
  }

  /** One step of the story, given up on when the user asks to stop. */
  readonly step = <Result>(name: string, run: (step: Step) => Promise<Result>): Promise<Result> =>
    this.#narrator.step(name, (step) => orInterrupted(run(step), this.#options.signal));

  async #chain(step: Step): Promise<ChainWorld> {
    const world = await startChainWorld(this.#cleanup);
    const { addresses, chainId } = world.deployment;
    step.tell(`chain ${chainId} at ${world.rpcUrl}, for this run alone`);
    const { checks } = await proveWiring(world.clients.publicClient, world.deployment);
    for (const check of checks) step.tell(check);
    step.hold(`${Object.keys(addresses).length} contracts stand, and only a DIP can change them`, checks.length > 0);
    return world;
  }

  async #votes(step: Step, world: ChainWorld): Promise<void> {
    const trust = await openTrust(world);
    await this.#carry(step, world, licenceDip(world));
    step.hold('the licence is active on chain', (await licenceOf(world)) === 'active');

    const listing = decoderListing(world, this.#decoder);
    const consent = await signConsent(world.clients, world.deployment, listing, world.actors.author);
    await this.#carry(step, world, decoderDip(world, listing, consent));
    const { index, active } = await trust.decoder(fromHex(this.#decoder.identity.contentHash));
    step.hold(`the decoder is number ${index} of the registry`, active);

    await this.#carry(step, world, fundRewardsDip(world));
    const { DimoToken, RewardPool } = world.deployment.addresses;
    const { abi } = loadArtifact('DimoToken');
    const token = { address: DimoToken, abi, functionName: 'balanceOf' } as const;
    const balance = (await world.clients.publicClient.readContract({ ...token, args: [RewardPool] })) as bigint;
    step.hold(`the reward pool holds ${tokens(balance)} tokens`, balance > 0n);
  }

  async #carry(step: Step, world: ChainWorld, dip: Dip): Promise<void> {
    const carried = await world.carry(dip);
    const { level, votesFor, votesAgainst, quorum, majorityBps, advancedSeconds } = carried;
    const record: DipRecord = {
      title: dip.title,
      proposalId: carried.proposalId.toString(),
      level,
      votesFor: tokens(votesFor),
      votesAgainst: tokens(votesAgainst),
      quorum: tokens(quorum),
      state: 'executed',
    };
    this.#dips.push(record);
    step.tell(`DIP "${dip.title}"`);
    // 50 % exactly is a tie, and carries nothing.
    const majority = `${majorityBps === 5000 ? 'more than' : 'at least'} ${majorityBps / 100} %`;
    step.tell(`  level ${level}: needs ${majority} and ${record.quorum} votes`);
    step.tell(`  ${record.votesFor} for, ${record.votesAgainst} against: queued and executed`);
    step.tell(`  chain time advanced by ${duration(advancedSeconds)} for delay, vote and timelock`);
  }

  async #enrol(step: Step, world: ChainWorld): Promise<void> {
    const { maker, driver } = world.actors;
    await enrolDevice(world.clients, world.deployment, {
      device: this.#device.account,
      licenceSigner: maker,
      ...demoMaker,
      owner: driver.address,
    });
    const standing = await (await openTrust(world)).device(this.#device.signer.kid);
    step.hold(`device ${this.#device.account.address} is enrolled`, standing.effective);
    step.tell(`its owner, who will be paid, is ${driver.address}`);
  }

  async #gateway(step: Step, world: ChainWorld, folder: string): Promise<DemoGateway> {
    const gateway = await startGateway(world, this.#gatewayKey, folder, this.#cleanup);
    step.tell(`listens at ${gateway.brokerUrl}`);
    step.tell(`signs receipts as 0x${toHex(this.#gatewayKey.signer.kid)}`);
    return gateway;
  }

  async #vehicle(step: Step): Promise<VehicleProcess> {
    const { log, dbc, seed, durationS } = this.#options;
    const source = log ? { log } : { seed, durationMs: durationS * 1000, ...(dbc && { dbc }) };
    const vehicle = await startVehicleProcess({ listen: 'pty', ...source }).catch((error: unknown) => {
      if (!(error instanceof MinerError) || error.code !== 'PTY_UNAVAILABLE') throw error;
      step.tell(`no pty here (${error.message}), so TCP stands in for the serial device`);
      return startVehicleProcess({ listen: 'tcp://127.0.0.1:0', ...source });
    });
    this.#cleanup.add(() => vehicle.close());
    step.tell(`${this.#source} behind ${vehicle.port}, in a process of its own`);
    return vehicle;
  }

  async #miner(step: Step, world: ChainWorld, gateway: DemoGateway, folder: string): Promise<DemoMiner> {
    const keys = { device: this.#device, gateway: this.#gatewayKey };
    const packIntervalMs = Math.min(5000, Math.max(1000, this.#options.durationS * 250));
    const { brokerUrl } = gateway;
    const unit = await startMiner(world, keys, { brokerUrl, folder, packIntervalMs, cleanup: this.#cleanup });
    const changed = new Uint8Array([...this.#decoder.bytes, 0x0a]);
    await unit.miner.start([
      { name: `${this.#decoder.name}, with one byte more`, bytes: changed },
      { name: this.#decoder.name, bytes: this.#decoder.bytes },
    ]);
    const refused = unit.events.find((event) => event.kind === 'decoder-refused');
    const approved = unit.miner.decoders;
    const words = refused ? `${refused.decoder.name}: ${refused.decoder.standing.state}` : 'nothing';
    step.hold(
      `refused: ${words} (SHA-256 ${refused ? toHex(refused.decoder.contentHash).slice(0, 16) : ''}...)`,
      !!refused,
    );
    const [first] = approved;
    step.hold(
      `loaded: ${first?.name}, decoder ${first?.registryIndex} of the registry, ${first?.plan.signals.length} signals`,
      approved.length === 1 && toHex(first.contentHash) === this.#decoder.identity.contentHash,
    );
    return unit;
  }

  async #drive(step: Step, vehicle: VehicleProcess, unit: DemoMiner, gateway: DemoGateway): Promise<VehicleCounters> {
    const { miner, clock, log } = unit;
    const { signal } = this.#options;
    const lost = Promise.withResolvers<never>();
    const link = await openCanLink({
      open: transportOpener(vehicle.port),
      clock,
      onFrames: (batch) => miner.receive(batch),
      onDown: lost.reject,
    });
    this.#cleanup.add(() => link.close());
    const progress = setInterval(() => {
      const { framesReceived, packsSigned } = miner.counters;
      step.tell(`${framesReceived} frames, ${packsSigned} packs signed, ${log.receipted} receipted`);
    }, 5000);
    this.#cleanup.add(() => clearInterval(progress));
    const counters = await Promise.race([vehicle.finished, lost.promise]).finally(() => clearInterval(progress));
    await waitUntil('the last frames', () => miner.counters.framesReceived >= counters.sent, {
      signal,
      timeoutMs: settleMs,
    });
    miner.flush();
    const signed = miner.counters.packsSigned;
    await waitUntil('the last receipt', () => log.receipted >= signed, { signal, timeoutMs: settleMs });

    const { framesReceived, framesDecoded, framesUndecoded, errorFrames } = miner.counters;
    const missing = counters.frames - framesReceived;
    step.hold(`${counters.frames} frames played, ${framesReceived} received, ${missing} lost`, missing === 0);
    step.hold(
      `${framesDecoded} decoded, ${framesUndecoded} with an id that the decoder does not have: every frame accounted for`,
      framesDecoded + framesUndecoded + errorFrames === framesReceived && framesDecoded > 0,
    );
    const { packs, samples, bytes } = gateway.ledger.totals();
    step.hold(
      `${signed} packs signed, ${packs} accepted, receipts up to ${log.receipted}`,
      packs === signed && packs > 0,
    );
    step.hold(
      `${samples} samples stored, ${(bytes / samples).toFixed(2)} bytes each`,
      samples === miner.counters.samples,
    );
    return counters;
  }

  async #attack(step: Step, unit: DemoMiner, gateway: DemoGateway): Promise<void> {
    const pack = lastPack(unit);
    const { kid } = this.#device.signer;
    await this.#expectRefusal(step, gateway, 'one bit of a pack turned over', 'SIGNATURE_INVALID', () =>
      sendAs(kid, tampered(pack), gateway.brokerUrl),
    );
    await this.#expectRefusal(step, gateway, 'a pack sent again', 'SEQ_REPLAYED', () =>
      sendAs(kid, pack, gateway.brokerUrl),
    );
  }

  /** Sends, and waits for the gateway's next refusal. */
  async #expectRefusal(
    step: Step,
    gateway: DemoGateway,
    what: string,
    code: string,
    send: () => Promise<void> | void,
  ): Promise<void> {
    const before = gateway.verdicts.length;
    await send();
    const refused = () => gateway.verdicts.slice(before).find((event) => event.kind === 'refused')?.refusal;
    await waitUntil('the refusal', () => !!refused(), { signal: this.#options.signal, timeoutMs: settleMs });
    const refusal = refused()!;
    this.#refusals.push({ what, seq: refusal.seq ?? null, code: refusal.code, reason: refusal.reason });
    step.hold(`${what}: refused, ${refusal.code}: ${refusal.reason}`, refusal.code === code);
  }

  async #verifyOnChain(step: Step, world: ChainWorld, unit: DemoMiner): Promise<void> {
    const { clients, deployment } = world;
    const [device] = (await clients.publicClient.readContract({
      address: deployment.addresses.PackVerifier,
      abi: loadArtifact('PackVerifier').abi,
      functionName: 'verify',
      args: [`0x${toHex(lastPack(unit))}`],
    })) as [`0x${string}`, `0x${string}`];
    step.hold(`PackVerifier says that ${device} signed it`, device === this.#device.account.address);
  }

  async #reward(step: Step, world: ChainWorld, gateway: DemoGateway): Promise<ClaimedReward | undefined> {
    const reward = await rewardEpoch(world, gateway.ledger);
    const words = reward
      ? `epoch ${reward.epoch}: ${tokens(reward.amount)} tokens claimed by ${reward.account}`
      : 'no reward';
    step.hold(words, !!reward && reward.account === world.actors.driver.address.toLowerCase());
    if (reward) {
      const { packs, signals, connectedWeeks, lockLevel, decoded } = reward.vehicle;
      const streak = `${connectedWeeks} connected week${connectedWeeks === 1 ? '' : 's'}`;
      step.tell(`for ${packs} packs of ${signals} signals, ${streak}, lock level ${lockLevel}`);
      step.hold(`its platform has a listed decoder, so nothing goes to a bounty`, decoded === true);
      step.tell(`root ${reward.computed.root}`);
    }
    return reward;
  }

  async #suspend(step: Step, world: ChainWorld, unit: DemoMiner, gateway: DemoGateway): Promise<void> {
    await this.#carry(step, world, suspensionDip(world));
    step.hold('the licence is suspended on chain', (await licenceOf(world)) === 'suspended');
    await this.#expectRefusal(step, gateway, 'the next pack', 'LICENCE_NOT_ACTIVE', () => unit.miner.signStatus());
    step.hold(
      'the refused pack stays in the Miner: it goes out when the licence is back',
      unit.log.packAfter(0) !== undefined,
    );
  }

  #report(
    vehicle: VehicleProcess,
    counters: VehicleCounters,
    { miner }: DemoMiner,
    { ledger }: DemoGateway,
    reward: ClaimedReward | undefined,
  ): DemoReport {
    const { framesReceived, framesDecoded, framesUndecoded, packsSigned } = miner.counters;
    const { packs, samples, bytes } = ledger.totals();
    const steps = this.#narrator.records;
    return {
      held: steps.every((step) => step.held),
      seed: this.#options.seed,
      source: this.#source,
      port: vehicle.port,
      frames: {
        sent: counters.frames,
        received: framesReceived,
        decoded: framesDecoded,
        notInDecoder: framesUndecoded,
        lost: counters.frames - framesReceived,
      },
      packs: { signed: packsSigned, accepted: packs, refused: this.#refusals.length },
      refusals: this.#refusals,
      samples,
      bytesPerSample: samples > 0 ? bytes / samples : null,
      reward: reward ? { epoch: reward.epoch, account: reward.account, tokens: tokens(reward.amount) } : null,
      dips: this.#dips,
      steps,
      tookMs: Math.round(performance.now() - this.#startedMs),
    };
  }
}

function lastPack(unit: DemoMiner): Uint8Array {
  const signed = unit.events.filter((event) => event.kind === 'pack-signed');
  return signed[signed.length - 1].bytes;
}

async function licenceOf({ clients, deployment }: ChainWorld) {
  const status = await clients.publicClient.readContract({
    address: deployment.addresses.ManufacturerRegistry,
    abi: loadArtifact('ManufacturerRegistry').abi,
    functionName: 'statusOf',
    args: [demoMaker.manufacturerId],
  });
  return licenceStates[status as number];
}
