/** How a running Miner shows how it does: a status line, events now and then, health and metrics over HTTP. */
import { serveHttp } from '../../metrics/index.ts';
import type { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { healthOf } from './health.ts';
import { minerMetrics } from './miner-metrics.ts';
import type { MinerWatch } from './miner-watch.ts';
import type { RunLog } from './open-log.ts';
import { statusText } from './status-text.ts';

const statusEveryMs = 1000;
/** Without a terminal, how the Miner does is a line now and then. */
const statusEventEveryMs = 60_000;

/** @throws {MinerError} HTTP_LISTEN */
export async function serveState(flags: RunFlags, watch: MinerWatch, log: RunLog, cleanup: Cleanup): Promise<void> {
  if (!flags.http) return;
  const server = await serveHttp({
    ...flags.http,
    metrics: minerMetrics(() => watch.snapshot(), log.dropped),
    health: () => healthOf(watch.snapshot(), flags.port),
  });
  cleanup.add(() => server.close());
  const text = `health and metrics at ${server.url}/healthz and /metrics`;
  log.events.write({ level: 'info', event: 'http', text, facts: { url: server.url } });
}

/** Ticks either way; what is shown, and how often, depends on who looks. @returns what ends that */
export function showStatus(watch: MinerWatch, { screen, events }: RunLog): () => void {
  let sinceEventMs = 0;
  const timer = setInterval(() => {
    watch.tick();
    const snapshot = watch.snapshot();
    screen.showStatus((columns) => statusText(snapshot, columns));
    sinceEventMs += statusEveryMs;
    if (screen.hasStatus || sinceEventMs < statusEventEveryMs) return;
    sinceEventMs = 0;
    const { link, log, uplink, counters, ...facts } = snapshot;
    events.write({
      level: 'info',
      event: 'status',
      text: statusText(snapshot, Number.POSITIVE_INFINITY),
      facts: { ...facts, port: { up: link.up }, uplink: uplink && { up: uplink.up }, ...counters },
    });
  }, statusEveryMs);
  return () => clearInterval(timer);
}
