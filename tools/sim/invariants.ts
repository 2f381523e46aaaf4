/**
 * What must hold in every world at every step, each as a function that returns what is wrong, or undefined.
 * test/tools/sim/bite.test.ts breaks a part of the world for each and sees it found.
 */
import { MinerError } from '../../edge/errors/index.ts';
import type { MinerCounters } from '../../edge/miner.ts';
import type { SlcanAdapter } from '../../edge/slcan/index.ts';
import type { PackLog } from '../../edge/store/index.ts';
import type { Observations } from './observations.ts';

export type Problem = string | undefined;

/** No number is handed out twice, in this boot or any other. */
export function seqNeverReused(seen: Observations, seq: number, boot: number): Problem {
  const before = seen.handedOut.get(seq);
  return before === undefined ? undefined : `seq ${seq} handed out in boot ${before} and again in boot ${boot}`;
}

/** What leaves under a number is always the one pack that was signed under it, bit for bit. */
export function sentAsSigned(seen: Observations, seq: number, hash: string): Problem {
  const signed = seen.signed.get(seq);
  if (!signed) return `pack ${seq} sent, which was never signed`;
  const sent = seen.sent.get(seq) ?? hash;
  if (sent !== hash) return `two packs sent under seq ${seq}`;
  return signed.hash === hash ? undefined : `pack ${seq} sent with other bytes than were signed`;
}

/** A pack leaves only while its storage holds it for good: what was sent is there after any cut. */
export function acceptedWasNotGivenUp(seen: Observations, seq: number): Problem {
  if (seen.mayLose || !seen.isDeclared(seq)) return undefined;
  return `pack ${seq} arrived after it was declared lost, and nothing had happened that loses packs`;
}

/** A gap speaks of what did not arrive. With evictions a pack may still be under way when it is declared lost. */
export function gapTellsTheTruth(seen: Observations, gap: { from: number; to: number }): Problem {
  if (seen.mayLose) return undefined;
  for (let seq = gap.from; seq <= gap.to; seq++) {
    if (seen.accepted.has(seq)) return `pack ${seq} declared lost after it was accepted`;
  }
  return undefined;
}

/** The device forgets on a receipt, and a receipt is given only for what the gateway has, or knows to be lost. */
export function receiptedIsHeld(seen: Observations, receipted: number): Problem {
  for (let seq = seen.receipted + 1; seq <= receipted; seq++) {
    if (!seen.accepted.has(seq) && !seen.isDeclared(seq))
      return `receipt ${receipted} covers ${seq}, which never arrived`;
  }
  return undefined;
}

/** What has no receipt is stored, or a gap of the log says that it is lost. */
export function nothingIsForgottenSilently(seen: Observations, log: PackLog): Problem {
  const { gaps } = log;
  for (let seq = log.receipted + 1; seq <= seen.last; seq++) {
    const signed = seen.signed.get(seq);
    if (!signed || log.holds(seq) || gaps.some(({ from, to }) => from <= seq && seq <= to)) continue;
    return `pack ${seq} of boot ${signed.boot} is neither stored nor in a gap`;
  }
  return undefined;
}

/** After whatever happened, a storage that works again has a log. */
export function logRecovers(error: MinerError): Problem {
  return `the log does not open, though the storage works: ${error.message}`;
}

/** No value of a decoder is signed once the device was told that it is not approved. */
export function onlyApprovedIsSigned(seen: Observations, decoders: readonly string[]): Problem {
  const refused = decoders.find((decoder) => seen.refused.has(decoder));
  return refused && `a pack names decoder ${refused.slice(0, 8)}, of which the device knew that it is not approved`;
}

/** Every frame that was handed over is counted, and under one heading. */
export function framesAddUp(counters: MinerCounters, handedOver: number): Problem {
  const { framesReceived, framesDecoded, framesUndecoded, framesTransport, errorFrames } = counters;
  if (framesReceived !== handedOver) return `${framesReceived} frames counted, ${handedOver} were handed over`;
  const sum = framesDecoded + framesUndecoded + framesTransport + errorFrames;
  return sum === framesReceived ? undefined : `${framesReceived} frames received, ${sum} accounted for`;
}

/** Every frame that the bus offered was sent, or is counted as lost for a reason, or waits. */
export function adapterAddsUp({ counters, free }: SlcanAdapter, capacity: number): Problem {
  const { offered, sent, unheard, overrun, discarded } = counters;
  const sum = sent + unheard + overrun + discarded + capacity - free;
  return sum === offered ? undefined : `${offered} frames offered to the adapter, ${sum} accounted for`;
}

/** Every sample taken is in a stored pack, or counted as dropped. Holds after an orderly stop. */
export function samplesAddUp(counters: MinerCounters, stored: number): Problem {
  const sum = stored + counters.samplesDropped;
  return sum === counters.samples ? undefined : `${counters.samples} samples taken, ${sum} stored or dropped`;
}

/** What a device may keep in memory. */
export interface MemoryUse {
  timers: number;
  /** Samples and frames not yet signed. */
  backlog: number;
  /** Packs sent and without receipt. */
  inFlight: number;
  logBytes: number;
}

/** What waits has a limit. */
export function memoryIsBounded(used: MemoryUse, limit: MemoryUse): Problem {
  for (const what of ['timers', 'backlog', 'inFlight', 'logBytes'] as const) {
    if (used[what] > limit[what]) return `${what} of the device: ${used[what]}, expected at most ${limit[what]}`;
  }
  return undefined;
}

/** While the device knows that its trust has expired, it decodes nothing. */
export function nothingIsDecodedWithoutTrust(counters: MinerCounters, decodedAtExpiry: number): Problem {
  const more = counters.framesDecoded - decodedAtExpiry;
  return more > 0 ? `${more} frames decoded after trust had expired` : undefined;
}

/** Once all faults have ended, everything arrives or is declared lost, and the device has the receipt for it. */
export function everythingArrives(seen: Observations, log: PackLog | undefined, afterMs: number): Problem {
  const after = `${Math.round(afterMs / 1000)} s after the last fault`;
  if (!log) return `the device does not run, ${after}`;
  if (log.receipted < seen.last) {
    const [gap] = log.gaps;
    return `receipted ${log.receipted} of ${seen.last} ${after}${gap ? `; first gap ${gap.from} to ${gap.to}` : ''}`;
  }
  for (const [seq, { hash, stored }] of seen.signed) {
    if (seen.accepted.get(seq) === hash || (seen.isDeclared(seq) && (seen.mayLose || !stored))) continue;
    return seen.isDeclared(seq)
      ? `pack ${seq} was stored and is declared lost, though nothing had happened that loses packs`
      : `pack ${seq} never arrived, and no gap says so`;
  }
  return undefined;
}

/** Whatever happens, the code meets it: nothing but the power going ends it. */
export function neverCrashes(error: unknown): Problem {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const where =
    stack
      ?.split('\n')
      .find((line) => line.includes('/edge/'))
      ?.trim()
      .replace(/\(?file:.*\/edge\//, 'edge/') ?? '';
  return `${error instanceof MinerError ? error.code : name}: ${message} ${where}`.trim();
}

export type InvariantName =
  | 'seqNeverReused'
  | 'sentAsSigned'
  | 'acceptedWasNotGivenUp'
  | 'gapTellsTheTruth'
  | 'receiptedIsHeld'
  | 'nothingIsForgottenSilently'
  | 'logRecovers'
  | 'onlyApprovedIsSigned'
  | 'nothingIsDecodedWithoutTrust'
  | 'framesAddUp'
  | 'adapterAddsUp'
  | 'samplesAddUp'
  | 'memoryIsBounded'
  | 'everythingArrives'
  | 'neverCrashes';
