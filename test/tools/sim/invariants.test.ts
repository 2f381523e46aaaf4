// Invariants that no broken part brings about by itself, held to their words one by one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { newCounters } from '../../../edge/miner-counters.ts';
import type { SlcanAdapter } from '../../../edge/slcan/index.ts';
import {
  acceptedWasNotGivenUp,
  adapterAddsUp,
  gapTellsTheTruth,
  logRecovers,
  memoryIsBounded,
  nothingIsDecodedWithoutTrust,
} from '../../../tools/sim/invariants.ts';
import { Observations } from '../../../tools/sim/observations.ts';

function observed({ accepted = [] as number[], declared = [] as [number, number][], mayLose = false } = {}) {
  const seen = new Observations();
  for (const seq of accepted) seen.accepted.set(seq, 'hash');
  for (const [from, to] of declared) seen.declared.push({ from, to, reason: 1 });
  seen.mayLose = mayLose;
  return seen;
}

function adapter(counters: Partial<SlcanAdapter['counters']>, free: number): SlcanAdapter {
  const none = { offered: 0, sent: 0, unheard: 0, overrun: 0, discarded: 0 };
  return { counters: { ...none, ...counters }, free } as SlcanAdapter;
}

const none = { timers: 0, backlog: 0, inFlight: 0, logBytes: 0 };
const rows: [string, string | undefined, RegExp | undefined][] = [
  [
    'a pack that arrives after its gap',
    acceptedWasNotGivenUp(observed({ declared: [[3, 5]] }), 4),
    /pack 4 arrived after/,
  ],
  ['the same after damage', acceptedWasNotGivenUp(observed({ declared: [[3, 5]], mayLose: true }), 4), undefined],
  ['a pack beside the gap', acceptedWasNotGivenUp(observed({ declared: [[3, 5]] }), 6), undefined],
  [
    'a gap over an accepted pack',
    gapTellsTheTruth(observed({ accepted: [2] }), { from: 1, to: 2 }),
    /pack 2 declared lost/,
  ],
  ['a gap beside it', gapTellsTheTruth(observed({ accepted: [3] }), { from: 1, to: 2 }), undefined],
  [
    'a frame that nobody counts',
    adapterAddsUp(adapter({ offered: 9, sent: 5, overrun: 2 }, 9), 10),
    /9 frames offered.*, 8/,
  ],
  ['every frame counted, one waiting', adapterAddsUp(adapter({ offered: 8, sent: 5, overrun: 2 }, 9), 10), undefined],
  ['frames decoded after expiry', nothingIsDecodedWithoutTrust({ ...newCounters(), framesDecoded: 7 }, 5), /^2 frames/],
  ['none decoded after it', nothingIsDecodedWithoutTrust({ ...newCounters(), framesDecoded: 5 }, 5), undefined],
  [
    'a backlog past its limit',
    memoryIsBounded({ ...none, backlog: 2 }, { ...none, backlog: 1 }),
    /backlog of the device: 2/,
  ],
  [
    'a log that does not open',
    logRecovers(edgeError('STORAGE_IO', { name: 'f', operation: 'read', reason: 'EIO' })),
    /f/,
  ],
];
for (const [what, found, expected] of rows) {
  test(`${what} is ${expected ? 'found' : 'no violation'}`, () => {
    if (expected) assert.match(found ?? 'nothing', expected);
    else assert.equal(found, undefined);
  });
}
