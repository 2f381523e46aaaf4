/** Everything that a Miner counts, as metrics. docs/run.md lists them. */
import type { MinerCounters } from '../../../edge/miner.ts';
import { addProcessMetrics, Metrics, type ReadMetric } from '../../metrics/index.ts';
import { packageVersion } from '../version.ts';
import type { Snapshot, TrustState } from './snapshot.ts';

/** Every one of them, or this does not compile: nothing is counted and then kept from those who watch. */
const minerCounters: Readonly<Record<keyof MinerCounters, readonly [name: string, help: string]>> = {
  framesReceived: ['frames_received_total', 'CAN frames read from the port, error frames included.'],
  framesDecoded: ['frames_decoded_total', 'Frames that an approved decoder knows.'],
  framesUndecoded: ['frames_undecoded_total', 'Frames with an id that no approved decoder has.'],
  framesDropped: ['frames_dropped_total', 'Frames lost before they reached the Miner, as far as the link can tell.'],
  errorFrames: ['error_frames_total', 'Error frames of the bus.'],
  samples: ['samples_total', 'Decoded values kept for signing.'],
  samplesDropped: ['samples_dropped_total', 'Samples given up before they were stored in a pack.'],
  packsSigned: ['packs_signed_total', 'Packs signed.'],
  packBytes: ['pack_bytes_total', 'Bytes of signed packs.'],
};

const trustStates: readonly TrustState[] = ['ok', 'unreachable', 'expired'];

/** @param logLinesDropped lines of the event log that nobody took */
export function minerMetrics(snapshot: () => Snapshot, logLinesDropped: () => number): Metrics {
  const metrics = new Metrics();
  const counter = (name: string, help: string, read: (now: Snapshot) => ReturnType<ReadMetric>) =>
    metrics.counter(`dimo_miner_${name}`, help, () => read(snapshot()));
  const gauge = (name: string, help: string, read: (now: Snapshot) => ReturnType<ReadMetric>) =>
    metrics.gauge(`dimo_miner_${name}`, help, () => read(snapshot()));

  metrics.gauge('dimo_miner_build_info', 'Always 1; the version is a label.', () => 1, { version: packageVersion() });
  gauge('uptime_seconds', 'Since the Miner started.', (now) => now.uptimeMs / 1000);
  for (const [key, [name, help]] of Object.entries(minerCounters)) {
    counter(name, help, ({ counters }) => counters[key as keyof MinerCounters]);
  }
  gauge('bus_load_ratio', 'Share of the last second in which the bus carried frames, 0 to 1.', (now) => now.busLoad);

  gauge('port_up', '1 while frames can be read, 0 while the port is away.', ({ link }) => Number(link.up));
  counter('port_outages_total', 'Times the port went away.', ({ link }) => link.outages);
  counter('port_down_seconds_total', 'Time the port was away.', ({ link }) => link.downMs / 1000);
  counter('link_faults_total', 'What the serial link could not use, or told of losses, by kind.', ({ link }) =>
    Object.entries(link.counters).map(([kind, value]) => ({ labels: { kind }, value })),
  );

  gauge('packs_waiting', 'Packs stored without a receipt.', ({ packs }) => packs.waiting);
  gauge('receipted_seq', 'A gateway signed for every pack up to this number.', ({ packs }) => packs.receipted);
  counter('packs_evicted_total', 'Packs evicted from a full log; a gap is signed.', ({ log }) => log.evicted);
  counter('packs_unstored_total', 'Packs that could not be stored; a gap is signed.', ({ log }) => log.dropped);
  counter('storage_faults_total', 'Operations on the log that failed.', ({ log }) => log.faults);
  gauge('storage_failing', '1 while the log has lately failed to take a write.', (now) => Number(now.storage.failing));
  gauge('log_bytes', 'Size of the log of packs.', ({ log }) => log.bytes);
  gauge('log_segments', 'Files of the log of packs.', ({ log }) => log.segments);

  gauge('uplink_up', '1 while connected to the broker.', ({ uplink }) => uplink && Number(uplink.up));
  gauge('uplink_in_flight', 'Packs sent and not yet answered.', ({ uplink }) => uplink?.inFlight);
  counter('uplink_sent_total', 'Packs sent, repeats included.', ({ uplink }) => uplink?.sent);
  counter('uplink_resent_total', 'Packs sent again for want of a receipt.', ({ uplink }) => uplink?.resent);
  counter('receipts_total', "Gateways' receipts that held.", ({ uplink }) => uplink?.receipts);
  counter('receipts_refused_total', 'Receipts that did not verify.', ({ uplink }) => uplink?.receiptsRefused);
  counter('refusals_total', 'Packs that the gateway refused.', ({ uplink }) => uplink?.refusals);

  gauge('trust_state', '1 at the state that trust is in, 0 at the others.', ({ trust }) =>
    trustStates.map((state) => ({ labels: { state }, value: Number(trust.state === state) })),
  );
  gauge('decoders', 'Approved decoders in use.', ({ trust }) => trust.decoders);
  metrics.counter('dimo_miner_log_lines_dropped_total', 'Lines of events that nobody took.', logLinesDropped);
  return addProcessMetrics(metrics);
}
