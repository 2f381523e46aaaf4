/** Everything that a Miner counts, as metrics. docs/run.md lists them. */
import type { MinerCounters } from '../../../edge/miner.ts';
import type { CanErrorState } from '../../../edge/slcan/index.ts';
import type { TrustSource } from '../../../edge/trust/index.ts';
import { addProcessMetrics, Metrics, type ReadMetric } from '../../metrics/index.ts';
import { packageVersion } from '../version.ts';
import type { Snapshot } from './snapshot.ts';

/** Every one of them, or this does not compile: nothing is counted and then kept from those who watch. */
const minerCounters: Readonly<Record<keyof MinerCounters, readonly [name: string, help: string]>> = {
  framesReceived: ['frames_received_total', 'CAN frames read from the port, error frames included.'],
  framesDecoded: ['frames_decoded_total', 'Frames that an approved decoder knows.'],
  framesUndecoded: ['frames_undecoded_total', 'Frames with an id that no approved decoder has.'],
  framesDropped: ['frames_dropped_total', 'Frames lost before they reached the Miner, as far as the link can tell.'],
  framesTransport: ['frames_transport_total', 'Frames that are parts of longer J1939 messages.'],
  errorFrames: ['error_frames_total', 'Error frames of the bus.'],
  framesRecorded: ['frames_recorded_total', 'Frames kept as they came, among the undecoded.'],
  messagesReassembled: ['messages_reassembled_total', 'J1939 messages put together from several frames.'],
  adapterOverruns: ['adapter_overruns_total', 'Times that the adapter said it lost frames.'],
  busOffs: ['bus_offs_total', 'Times that the adapter was off the bus.'],
  samples: ['samples_total', 'Decoded values kept for signing.'],
  samplesDropped: ['samples_dropped_total', 'Samples given up before they were stored in a pack.'],
  recordsDropped: ['records_dropped_total', 'Recorded frames given up before they were stored in a pack.'],
  packsSigned: ['packs_signed_total', 'Packs signed.'],
  packBytes: ['pack_bytes_total', 'Bytes of signed packs.'],
  packsGivenUp: ['packs_given_up_total', 'Packs given up: a decoder in them was withdrawn for good.'],
};

const busStates: readonly CanErrorState[] = ['error-active', 'error-warning', 'error-passive', 'bus-off'];
const trustSources: readonly TrustSource[] = ['chain', 'cache', 'checkpoint', 'none'];

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
  counter('link_events_total', 'What the serial link counted, by kind: docs/run.md says what each is.', ({ link }) =>
    Object.entries(link.counters).map(([kind, value]) => ({ labels: { kind }, value })),
  );

  gauge('bus_state', "1 at the adapter's fault confinement state as last told, 0 at the others.", ({ link }) =>
    busStates.map((state) => ({ labels: { state }, value: Number(link.busState === state) })),
  );
  gauge('backlog_values', 'Samples and recorded frames not yet signed.', (now) => now.backlog);
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

  gauge('trust_source', '1 at where the last answer came from, 0 at the others; none: expired.', ({ trust }) =>
    trustSources.map((source) => ({ labels: { source }, value: Number(trust.source === source) })),
  );
  gauge(
    'checkpoint_expires_time_seconds',
    'Unix time at which the checkpoint ends.',
    (now) => now.trust.checkpointExpires,
  );
  gauge('decoders', 'Approved decoders in use.', ({ trust }) => trust.decoders);
  metrics.counter('dimo_miner_log_lines_dropped_total', 'Lines of events that nobody took.', logLinesDropped);
  return addProcessMetrics(metrics);
}
