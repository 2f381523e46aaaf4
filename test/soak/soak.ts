/**
 * A Miner among everything that happens to one: chain, gateway, vehicle and Miner as processes of their own, a plug
 * that is pulled and put in elsewhere, a broker that goes and comes back. Afterwards every count has to add up.
 */
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Ended, electricCar, type Running, runMiner, startMiner } from '../tools/cli/miner-process.ts';
import { type ReadFamily, readExposition } from '../tools/metrics/exposition.ts';

export interface SoakOptions {
  /** At least; longer while fewer than `times` of each have happened. */
  seconds: number;
  times: number;
  /** Between two pulled plugs, and between two restarts of the broker. */
  unplugEverySeconds: number;
  restartEverySeconds: number;
  scrapeEverySeconds: number;
  /** Before the Miner is stopped: end everything that it depends on. */
  endAlone: boolean;
  onProgress?: (line: string) => void;
}

export interface Scrape {
  seconds: number;
  rssBytes: number;
  heapBytes: number;
  waiting: number;
  inFlight: number;
  /** Every counter, by name and labels. */
  counters: Map<string, number>;
}

export interface SoakReport {
  unplugs: number;
  /** Pulled plugs, and the one at the end that stays out. */
  outages: number;
  restarts: number;
  /** From each loss of the port to the next frame that could be read. */
  awayMs: number[];
  /** Answers of /healthz: while the plug was out, and at the end of the run. */
  healthUnplugged: { status: number; codes: string[] }[];
  healthAtEnd: { status: number; codes: string[] };
  scrapes: Scrape[];
  /** Seconds from the signal to the Miner's end, and what it said last. */
  stopSeconds: number;
  exitCode: number | null;
  stopped: Record<string, number | string>;
  /** What gateways accepted in all. */
  accepted: { seqs: number[]; samples: number };
}

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = new SoakRun(options);
  try {
    return await run.report();
  } finally {
    await run.close();
  }
}

class SoakRun {
  readonly #options: SoakOptions;
  readonly #data = mkdtempSync(path.join(tmpdir(), 'miner-soak-'));
  readonly #link = path.join(this.#data, 'can');
  readonly #running = new Set<Running>();
  readonly #endedGateways: Ended[] = [];
  #started = performance.now();

  constructor(options: SoakOptions) {
    this.#options = options;
  }

  async report(): Promise<SoakReport> {
    const { seconds, times, endAlone } = this.#options;
    const chain = this.#start(['chain', '--port', '0', '--data', this.#data]);
    await chain.seen(/ready at/);
    let gateway = await this.#startGateway('0');
    const brokerPort = (await gateway.seen(/mqtt:\/\/[\d.]+:(\d+)/))[1];
    await runMiner(['enrol', '--data', this.#data]);
    let vehicle = await this.#plugIn();
    const miner = this.#start([
      ...['run', '--port', this.#link, '--dbc', electricCar, '--data', this.#data, '--json'],
      ...['--pack-s', '0.5', '--sample-ms', '100', '--trust-s', '1', '--http', '0'],
    ]);
    const url = (await miner.seen(/"url":"(http:[^"]+)"/))[1];
    await miner.seen(/"event":"pack-signed"/);
    const report = { unplugs: 0, restarts: 0, scrapes: [] as Scrape[] };
    const healthUnplugged: SoakReport['healthUnplugged'] = [];
    this.#started = performance.now();
    let unplugAt = this.#options.unplugEverySeconds;
    let restartAt = this.#options.restartEverySeconds;
    while (this.#seconds < seconds || Math.min(report.unplugs, report.restarts) < times) {
      report.scrapes.push(await this.#scrape(url));
      if (this.#seconds >= unplugAt) {
        vehicle = await this.#replug(vehicle, miner, async () => {
          healthUnplugged.push(await readHealth(url));
        });
        report.unplugs++;
        unplugAt = this.#seconds + this.#options.unplugEverySeconds;
      }
      if (this.#seconds >= restartAt) {
        await this.#stopGateway(gateway);
        await delay(500);
        gateway = await this.#startGateway(brokerPort);
        report.restarts++;
        restartAt = this.#seconds + this.#options.restartEverySeconds;
      }
      await delay(1000 * this.#options.scrapeEverySeconds);
    }
    // A receipt after the last restart shows that the Miner is connected again.
    const receipts = countIn(miner, /"event":"receipted"/g);
    await until(() => countIn(miner, /"event":"receipted"/g) > receipts);
    report.scrapes.push(await this.#scrape(url));
    const healthAtEnd = await readHealth(url);
    if (endAlone) {
      await this.#stopGateway(gateway);
      const downs = countIn(miner, /"event":"port-down"/g);
      for (const { child, ended } of [chain, vehicle]) {
        child.kill('SIGKILL');
        await ended;
      }
      await until(() => countIn(miner, /"event":"port-down"/g) > downs);
    }
    const stopping = performance.now();
    miner.child.kill('SIGTERM');
    const { code, stdout } = await miner.ended;
    const stopSeconds = (performance.now() - stopping) / 1000;
    if (!endAlone) await this.#stopGateway(gateway);
    const events = eventsOf(stdout);
    return {
      ...report,
      outages: report.unplugs + (endAlone ? 1 : 0),
      healthUnplugged,
      healthAtEnd,
      awayMs: events.flatMap(({ event, awayMs }) => (event === 'port-up' && awayMs !== undefined ? [awayMs] : [])),
      stopSeconds,
      exitCode: code,
      stopped: (events.at(-1) ?? {}) as SoakReport['stopped'],
      accepted: this.#accepted(),
    };
  }

  async close(): Promise<void> {
    for (const { child, ended } of this.#running) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#data, { recursive: true, force: true });
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #start(args: string[]): Running {
    const started = startMiner(args);
    this.#running.add(started);
    started.ended.then(() => this.#running.delete(started));
    return started;
  }

  async #startGateway(port: string): Promise<Running> {
    const gateway = this.#start(['gateway', '--data', this.#data, '--port', port, '--json']);
    await gateway.seen(/"event":"listening"/);
    return gateway;
  }

  async #stopGateway(gateway: Running): Promise<void> {
    gateway.child.kill('SIGINT');
    this.#endedGateways.push(await gateway.ended);
  }

  /** A vehicle, and the link that a Miner reads turned to it. */
  async #plugIn(): Promise<Running> {
    const vehicle = this.#start(['vehicle']);
    const [, pty] = await vehicle.seen(/listening: open (\S+) in/);
    this.#turnLink(pty);
    return vehicle;
  }

  #turnLink(pty: string): void {
    symlinkSync(pty, `${this.#link}.new`);
    renameSync(`${this.#link}.new`, this.#link);
  }

  /** Pulls the plug and puts it in again under another path: the new pty is there before the old one goes. */
  async #replug(old: Running, miner: Running, whileOut: () => Promise<void>): Promise<Running> {
    const ups = countIn(miner, /"event":"port-up"/g);
    const next = this.#start(['vehicle']);
    const [, pty] = await next.seen(/listening: open (\S+) in/);
    const downs = countIn(miner, /"event":"port-down"/g);
    old.child.kill('SIGKILL');
    await until(() => countIn(miner, /"event":"port-down"/g) > downs);
    await whileOut();
    this.#turnLink(pty);
    await until(() => countIn(miner, /"event":"port-up"/g) > ups);
    this.#options.onProgress?.(`replugged as ${pty}`);
    return next;
  }

  async #scrape(url: string): Promise<Scrape> {
    const families = readExposition(await (await fetch(`${url}/metrics`)).text());
    const value = (name: string) => families.get(name)?.values.get('[]') ?? Number.NaN;
    const scrape = {
      seconds: this.#seconds,
      rssBytes: value('process_resident_memory_bytes'),
      heapBytes: value('nodejs_heap_size_used_bytes'),
      waiting: value('dimo_miner_packs_waiting'),
      inFlight: value('dimo_miner_uplink_in_flight'),
      counters: countersOf(families),
    };
    this.#options.onProgress?.(
      `${scrape.seconds.toFixed(0)} s: ${(scrape.rssBytes / 1e6).toFixed(1)} MB resident, ` +
        `${(scrape.heapBytes / 1e6).toFixed(1)} MB heap, ${scrape.waiting} packs wait`,
    );
    return scrape;
  }

  #accepted(): SoakReport['accepted'] {
    const accepted = this.#endedGateways
      .flatMap(({ stdout }) => eventsOf(stdout))
      .filter(({ event }) => event === 'accepted');
    return {
      seqs: accepted.map(({ seq }) => seq ?? Number.NaN).sort((a, b) => a - b),
      samples: accepted.reduce((sum, { samples = 0 }) => sum + samples, 0),
    };
  }
}

interface Event {
  event: string;
  seq?: number;
  samples?: number;
  awayMs?: number;
}

function eventsOf(stdout: string): Event[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
}

function countersOf(families: Map<string, ReadFamily>): Map<string, number> {
  const counters = new Map<string, number>();
  for (const [name, { type, values }] of families) {
    if (type === 'counter') for (const [labels, value] of values) counters.set(`${name} ${labels}`, value);
  }
  return counters;
}

async function readHealth(url: string): Promise<{ status: number; codes: string[] }> {
  const response = await fetch(`${url}/healthz`);
  const { reasons } = (await response.json()) as { reasons: { code: string }[] };
  return { status: response.status, codes: reasons.map(({ code }) => code) };
}

function countIn({ output }: Running, pattern: RegExp): number {
  return output.stdout.match(pattern)?.length ?? 0;
}

const untilSecondsMax = 60;

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > 1000 * untilSecondsMax) throw new Error(`not so within ${untilSecondsMax} s: ${condition}`);
    await delay(10);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
