// What people, supervisors and Prometheus are shown of a Miner, from one description of how it does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthOf } from '../../../tools/cli/run/health.ts';
import { minerMetrics } from '../../../tools/cli/run/miner-metrics.ts';
import type { Snapshot } from '../../../tools/cli/run/snapshot.ts';
import { durationText, statusText } from '../../../tools/cli/run/status-text.ts';
import { stoppedEvent } from '../../../tools/cli/run/stopped-event.ts';
import { readExposition } from '../metrics/exposition.ts';

const well: Snapshot = {
  uptimeMs: 3_600_000,
  link: { up: true, forMs: 3_500_000, outages: 1, downMs: 2500, counters: { malformed: 2 }, busState: 'error-active' },
  framesPerSecond: 1234.4,
  busLoad: 0.237,
  decodedShare: 0.98,
  samples: 1500,
  packs: { signed: 12, receipted: 11, waiting: 1 },
  counters: {
    framesReceived: 100,
    framesDecoded: 98,
    framesUndecoded: 1,
    framesDropped: 0,
    errorFrames: 1,
    framesTransport: 6,
    framesRecorded: 7,
    messagesReassembled: 8,
    adapterOverruns: 9,
    busOffs: 10,
    recordsDropped: 11,
    packsGivenUp: 12,
    samples: 1500,
    samplesDropped: 0,
    packsSigned: 12,
    packBytes: 3000,
  },
  log: { segments: 1, bytes: 4000, evicted: 0, dropped: 0, faults: 0, lastFault: undefined },
  uplink: {
    up: true,
    forMs: 1000,
    inFlight: 1,
    sent: 13,
    resent: 1,
    receipts: 11,
    receiptsRefused: 0,
    refusals: 0,
  },
  trust: { source: 'chain', forMs: 1, decoders: 1, checkpointExpires: 1_800_000_000 },
  backlog: 5,
  storage: { failing: false },
};
const unplugged: Snapshot = { ...well, link: { ...well.link, up: false, forMs: 12_000 }, framesPerSecond: 0 };
const offline: Snapshot = { ...well, uplink: { ...well.uplink!, up: false, forMs: 61_000 } };

const statusRows: [string, Snapshot, number, string][] = [
  [
    'all well, room for all',
    well,
    200,
    'port up  1.23 k frames/s  bus 24 %  decoded 98 %  1.5 k samples  packs 12 signed  1 waiting  uplink up  trust chain',
  ],
  [
    '80 columns keep what moves',
    well,
    79,
    'port up  1.23 k frames/s  bus 24 %  decoded 98 %  packs 12 signed  1 waiting',
  ],
  ['20 columns', well, 20, '1.23 k frames/s'],
  ['5 columns', well, 5, '1.23 '],
  ['no column', well, 0, ''],
  ['a port that is away outlasts all else', unplugged, 16, 'port away 12 s'],
  ['an uplink that is down outlasts what is well', offline, 16, 'uplink down 61 s'],
  ['no uplink is said', { ...well, uplink: undefined }, 30, '1.23 k frames/s  no uplink'],
  ['no frames: no share of them', { ...unplugged, decodedShare: undefined }, 32, 'port away 12 s  0 frames/s'],
  [
    'trust that has expired',
    { ...well, trust: { ...well.trust, source: 'none', forMs: 7_300_000, decoders: 0 } },
    20,
    'trust expired 2 h',
  ],
  ['an adapter off the bus', { ...well, link: { ...well.link, busState: 'bus-off' } }, 11, 'bus bus-off'],
  ['a storage that fails', { ...well, storage: { failing: true } }, 16, 'storage failing'],
];
for (const [name, snapshot, columns, expected] of statusRows) {
  test(`status: ${name}`, () => {
    const text = statusText(snapshot, columns);
    assert.equal(text, expected);
    assert.ok(text.length <= columns);
  });
}

test('status: in every width one line that fits, and never less for more room', () => {
  for (const snapshot of [well, unplugged, offline]) {
    let before = 0;
    for (let columns = 0; columns < 200; columns++) {
      const text = statusText(snapshot, columns);
      assert.ok(text.length <= columns && !text.includes('\n'));
      const parts = text.split('  ').length;
      assert.ok(columns < 20 || parts >= before, `${columns} columns: ${text}`);
      before = parts;
    }
  }
});

test('durations as exact as is of use', () => {
  const texts = [0, 999, 119_999, 120_000, 7_199_999, 7_200_000, 172_800_000].map(durationText);
  assert.deepEqual(texts, ['0 s', '0 s', '119 s', '2 min', '119 min', '2 h', '2 d']);
});

const healthRows: [string, Snapshot, string[]][] = [
  ['all well', well, []],
  ['the port is away', unplugged, ['port-down']],
  ['the adapter left the bus', { ...well, link: { ...well.link, busState: 'bus-off' } }, ['bus-off']],
  ['the adapter is error-passive', { ...well, link: { ...well.link, busState: 'error-passive' } }, []],
  ['the uplink is down for long', offline, ['uplink-down']],
  ['the uplink is down, not yet for long', { ...well, uplink: { ...well.uplink!, up: false, forMs: 60_000 } }, []],
  ['there is no uplink', { ...well, uplink: undefined }, []],
  ['the storage fails', { ...well, storage: { failing: true } }, ['storage-failing']],
  ['the chain gives no answer, what is known goes on', { ...well, trust: { ...well.trust, source: 'cache' } }, []],
  ['trust has expired', { ...well, trust: { ...well.trust, source: 'none' } }, ['trust-expired']],
  ['no decoder is approved', { ...well, trust: { ...well.trust, decoders: 0 } }, ['no-decoder']],
  ['two things at once', { ...unplugged, storage: { failing: true } }, ['port-down', 'storage-failing']],
];
for (const [name, snapshot, codes] of healthRows) {
  test(`health: ${name}: ${codes.join(', ') || 'well'}`, () => {
    const { reasons } = healthOf(snapshot, '/dev/ttyACM0');
    assert.deepEqual(
      reasons.map(({ code }) => code),
      codes,
    );
    for (const { message } of reasons) assert.match(message, /\S/);
  });
}

test('metrics: every counter of the Miner, its link, log and uplink, under stable names', () => {
  const read = readExposition(
    minerMetrics(
      () => well,
      () => 4,
    ).text(),
  );
  const readingOf = (name: string, labels: [string, string][] = []) =>
    read.get(name)?.values.get(JSON.stringify(labels));
  const expected: [string, number, [string, string][]?][] = [
    ['frames_received_total', 100],
    ['frames_decoded_total', 98],
    ['frames_undecoded_total', 1],
    ['frames_dropped_total', 0],
    ['error_frames_total', 1],
    ['samples_total', 1500],
    ['samples_dropped_total', 0],
    ['packs_signed_total', 12],
    ['pack_bytes_total', 3000],
    ['bus_load_ratio', 0.237],
    ['port_up', 1],
    ['port_outages_total', 1],
    ['port_down_seconds_total', 2.5],
    ['link_events_total', 2, [['kind', 'malformed']]],
    ['bus_state', 1, [['state', 'error-active']]],
    ['bus_state', 0, [['state', 'bus-off']]],
    ['packs_waiting', 1],
    ['receipted_seq', 11],
    ['packs_evicted_total', 0],
    ['packs_unstored_total', 0],
    ['storage_faults_total', 0],
    ['storage_failing', 0],
    ['log_bytes', 4000],
    ['log_segments', 1],
    ['uplink_up', 1],
    ['uplink_in_flight', 1],
    ['uplink_sent_total', 13],
    ['uplink_resent_total', 1],
    ['receipts_total', 11],
    ['receipts_refused_total', 0],
    ['refusals_total', 0],
    ['trust_source', 1, [['source', 'chain']]],
    ['trust_source', 0, [['source', 'none']]],
    ['checkpoint_expires_time_seconds', 1_800_000_000],
    ['backlog_values', 5],
    ['frames_transport_total', 6],
    ['frames_recorded_total', 7],
    ['messages_reassembled_total', 8],
    ['adapter_overruns_total', 9],
    ['bus_offs_total', 10],
    ['records_dropped_total', 11],
    ['packs_given_up_total', 12],
    ['decoders', 1],
    ['log_lines_dropped_total', 4],
    ['uptime_seconds', 3600],
  ];
  for (const [name, value, labels] of expected) assert.equal(readingOf(`dimo_miner_${name}`, labels), value, name);
  const ours = [...read.keys()].filter((name) => name.startsWith('dimo_miner_') && name !== 'dimo_miner_build_info');
  assert.deepEqual(
    new Set(ours),
    new Set(expected.map(([name]) => `dimo_miner_${name}`)),
    'a metric that no row names',
  );
});

test('metrics without an uplink: none of its values', () => {
  const read = readExposition(
    minerMetrics(
      () => ({ ...well, uplink: undefined }),
      () => 0,
    ).text(),
  );
  assert.deepEqual(
    [...read.keys()].filter((name) => /uplink|receipts_|refusals/.test(name)),
    [],
  );
});

test('the last event: what came of it in words, and every count for machines', () => {
  const { text, facts } = stoppedEvent(well, '.miner/packs');
  assert.equal(
    text,
    '100 frames, 98 decoded, 1500 samples, 12 packs signed, receipts up to 11; ran for 60 min\n' +
      'the port was away 1 times, 2.5 s in all\n' +
      '1 signed packs wait in .miner/packs for a receipt; the next run sends them',
  );
  assert.deepEqual(facts, {
    ...well.counters,
    malformed: 2,
    outages: 1,
    downMs: 2500,
    receipted: 11,
    waiting: 1,
    evicted: 0,
    storageFaults: 0,
  });
});
