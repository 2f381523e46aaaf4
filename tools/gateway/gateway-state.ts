/** How a running gateway does, for those who watch it: health and metrics. docs/gateway.md lists them. */
import type { MinerError } from '../../edge/errors/index.ts';
import { addProcessMetrics, type Health, type HealthReason, Metrics } from '../metrics/index.ts';
import type { Gateway, GatewayEvent } from './gateway.ts';
import type { Ledger } from './ledger.ts';
import type { Serving } from './serve.ts';

export interface GatewayParts {
  gateway: Gateway;
  ledger: Ledger;
  serving: Serving;
}

export class GatewayState {
  readonly #parts: GatewayParts;
  /** Why the last pack got no verdict; undefined once one has. */
  #deferral: MinerError | undefined;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** To be told of every event of the gateway. */
  note(event: GatewayEvent): void {
    this.#deferral = event.kind === 'deferred' ? event.error : undefined;
  }

  health(): Health {
    const { ledger, serving } = this.#parts;
    const reasons: HealthReason[] = [];
    if (!serving.isUp) reasons.push({ code: 'broker-down', message: 'not connected to the broker: no pack comes in' });
    if (this.#deferral) {
      const code = this.#deferral.code === 'LEDGER_UNUSABLE' ? 'ledger-failing' : 'chain-unreachable';
      reasons.push({ code, message: `packs get no verdict: ${this.#deferral.message}` });
    }
    return { reasons, facts: { broker: { up: serving.isUp }, packsWithoutSampleFile: ledger.waitingTotals().packs } };
  }

  metrics(): Metrics {
    const { gateway, ledger, serving } = this.#parts;
    const metrics = new Metrics();
    const count = (name: string, help: string, read: () => number) =>
      metrics.counter(`dimo_gateway_${name}_total`, help, read);
    count('packs_accepted', 'Packs verified and stored since the start.', () => gateway.status.accepted);
    count('samples', 'Samples of those packs.', () => gateway.status.samples);
    count('pack_bytes', 'Bytes of those packs.', () => gateway.status.bytes);
    count('packs_deferred', 'Packs without a verdict: chain or ledger did not answer.', () => gateway.status.deferred);
    count('receipts', 'Receipts signed.', () => gateway.status.receipts);
    count('commits', 'Transactions that packs and refusals were stored in.', () => gateway.status.commits);
    metrics.counter('dimo_gateway_packs_refused_total', 'Packs refused since the start, by reason.', () =>
      Object.entries(gateway.status.refused).map(([code, value]) => ({ labels: { code }, value })),
    );
    metrics.gauge('dimo_gateway_broker_up', '1 while connected to the broker.', () => (serving.isUp ? 1 : 0));
    metrics.gauge('dimo_gateway_devices', 'Devices that the ledger has a pack of.', () => ledger.deviceCount());
    metrics.gauge(
      'dimo_gateway_packs_waiting',
      'Packs in the ledger whose samples are in no file yet.',
      () => ledger.waitingTotals().packs,
    );
    return addProcessMetrics(metrics);
  }
}
