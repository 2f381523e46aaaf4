/** What a Miner counts, and which of it every pack carries. */
import { PackCounter } from './pack/index.ts';

/** Since boot. Every frame is in one of: decoded, undecoded, transport, error. */
export interface MinerCounters {
  framesReceived: number;
  framesDecoded: number;
  /** With an id that no approved decoder has, remote frames among them; and all that came while trust had expired. */
  framesUndecoded: number;
  /** Of J1939's transport protocol: parts of longer messages. */
  framesTransport: number;
  errorFrames: number;
  /** Of the undecoded ones: kept as they came. */
  framesRecorded: number;
  /** Messages of several frames that were put together. */
  messagesReassembled: number;
  /** Lost before they reached us, as far as the link can tell. */
  framesDropped: number;
  /** Times that the adapter said it lost frames: nobody knows how many. */
  adapterOverruns: number;
  busOffs: number;
  samples: number;
  /** Given up: no pack could be stored, or their decoder was withdrawn before they were signed. */
  samplesDropped: number;
  /** The same of recorded frames. */
  recordsDropped: number;
  packsSigned: number;
  packBytes: number;
  /** Given up on: a decoder in them was withdrawn for good. */
  packsGivenUp: number;
}

export function newCounters(): MinerCounters {
  return {
    framesReceived: 0,
    framesDecoded: 0,
    framesUndecoded: 0,
    framesTransport: 0,
    errorFrames: 0,
    framesRecorded: 0,
    messagesReassembled: 0,
    framesDropped: 0,
    adapterOverruns: 0,
    busOffs: 0,
    samples: 0,
    samplesDropped: 0,
    recordsDropped: 0,
    packsSigned: 0,
    packBytes: 0,
    packsGivenUp: 0,
  };
}

/** Field 10 of a pack; zeros are left out. @param busLoad in 1/1000 since the last pack, where the bit rate is known */
export function packCounters(
  counters: Readonly<MinerCounters>,
  packsEvicted: number,
  busLoad = 0,
): ReadonlyMap<number, number> {
  const counts: [number, number][] = [
    [PackCounter.framesReceived, counters.framesReceived],
    [PackCounter.framesDropped, counters.framesDropped],
    [PackCounter.adapterOverruns, counters.adapterOverruns],
    [PackCounter.busOffs, counters.busOffs],
    [PackCounter.packsEvicted, packsEvicted],
    [PackCounter.busLoad, busLoad],
    [PackCounter.framesUndecoded, counters.framesUndecoded],
    [PackCounter.errorFrames, counters.errorFrames],
  ];
  return new Map(counts.filter(([, count]) => count > 0));
}
