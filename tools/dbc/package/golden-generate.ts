/** Frames made up from the database itself: the corners of every message and branch, and random ones. */
import { dlcToLength, lengthToDlc } from '../../../edge/can/index.ts';
import {
  createEncoder,
  type Encoder,
  type Plan,
  type PlanMessage,
  type PlanSignal,
} from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import type { BareFrame } from './golden-expect.ts';
import { payloadBytesMax } from './golden-line.ts';

/** The signals that one set of selector values activates. */
interface Branch {
  selector: PlanSignal | undefined;
  signals: PlanSignal[];
}

/** Selector ranges of one branch whose ends are tried. */
const rangesTriedMax = 8;
/** Messages with more signals have them tried together only: one by one takes time in the square of their number. */
const signalsOneByOneMax = 2048;

/** IEEE bit patterns at the edges of float signals: 1.5, -0, infinities, NaN, the smallest number. */
const floatPatterns = {
  float32: [0x3fc00000n, 0x80000000n, 0x7f800000n, 0xff800000n, 0x7fc00000n, 1n],
  float64: [
    0x3ff8000000000000n,
    0x8000000000000000n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    1n,
  ],
} as const;

/** Messages whose id a frame can carry: DBC parks signals without a message on one beyond. */
export function reachableMessages(plan: Plan): PlanMessage[] {
  return plan.messages.filter(({ id, extended }) => id <= (extended ? 0x1fffffff : 0x7ff));
}

/** For every message: empty, short, long, all zeros, all ones; every branch and signal with its smallest and largest raw. */
export function* cornerFrames(plan: Plan): Generator<BareFrame> {
  const encoder = createEncoder(plan);
  for (const message of reachableMessages(plan)) {
    const { id, extended } = message;
    const length = Math.min(message.length, payloadBytesMax);
    const frame = (data: Uint8Array): BareFrame => ({ id, extended, data });
    yield frame(new Uint8Array(length));
    yield frame(new Uint8Array(length).fill(0xff));
    yield frame(new Uint8Array(0));
    if (length > 1) yield frame(new Uint8Array(length - 1).fill(0x55));
    // Longer than the message: signals that its length cuts off are in it.
    if (length < 64) yield frame(new Uint8Array(dlcToLength[lengthToDlc(length + 1)]).fill(0xaa));
    for (const branch of branchesOf(message)) {
      for (const values of branchCorners(branch)) {
        const data = tryEncode(encoder, message, values);
        if (data !== undefined) yield frame(data);
      }
    }
  }
}

/** Random frames without end: of random messages, half of them with a random branch selected. */
export function* randomFrames(plan: Plan, seed: number): Generator<BareFrame> {
  const random = new SeededRandom(seed);
  const encoder = createEncoder(plan);
  const messages = reachableMessages(plan).map((message) => ({ message, branches: branchesOf(message) }));
  while (messages.length > 0) {
    const { message, branches } = random.pick(messages);
    const { id, extended } = message;
    const noise = new Uint8Array(Math.min(message.length, payloadBytesMax));
    random.fill(noise);
    const { selector, signals } = random.pick(branches);
    const raws = signals
      .filter((signal) => !signal.isSelector)
      .map((signal) => [signal.name, randomRaw(signal, random)]);
    if (selector === undefined || random.chance(1, 2)) yield { id, extended, data: noise };
    else yield { id, extended, data: tryEncode(encoder, message, Object.fromEntries(raws)) ?? noise };
  }
}

function branchesOf({ signals }: PlanMessage): Branch[] {
  const branches = new Map<string, Branch>();
  for (const signal of signals) {
    const ranges = signal.selectorRanges.map(({ from, to }) => `${from}-${to}`).join();
    const key = `${signal.selectorSlot} ${ranges}`;
    const selector = signal.selectorSlot < 0 ? undefined : signals[signal.selectorSlot];
    const branch = branches.get(key) ?? { selector, signals: [] };
    branch.signals.push(signal);
    branches.set(key, branch);
  }
  return branches.size > 0 ? [...branches.values()] : [{ selector: undefined, signals: [] }];
}

type RawValues = Record<string, bigint>;

function* branchCorners({ selector, signals }: Branch): Generator<RawValues> {
  const all = (raw: (signal: PlanSignal) => bigint): RawValues =>
    Object.fromEntries(signals.map((signal) => [signal.name, raw(signal)]));
  yield all(smallest);
  yield all(largest);
  for (const { from, to } of selector === undefined ? [] : signals[0].selectorRanges.slice(0, rangesTriedMax)) {
    yield { [selector!.name]: from };
    yield { [selector!.name]: to };
  }
  // One by one as well: overlapping signals overwrite each other, and one that cannot be encoded stops the rest.
  for (const signal of signals.length > signalsOneByOneMax ? [] : signals) {
    for (const raw of edgesOf(signal)) yield { [signal.name]: raw };
  }
}

const isSigned = ({ signed, valueType }: PlanSignal): boolean => signed && valueType === 'integer';
const smallest = (signal: PlanSignal): bigint => (isSigned(signal) ? -(1n << BigInt(signal.length - 1)) : 0n);
const largest = (signal: PlanSignal): bigint => (1n << BigInt(signal.length - (isSigned(signal) ? 1 : 0))) - 1n;

function edgesOf(signal: PlanSignal): readonly bigint[] {
  return signal.valueType === 'integer' ? [smallest(signal), largest(signal)] : floatPatterns[signal.valueType];
}

function randomRaw(signal: PlanSignal, random: SeededRandom): bigint {
  const pattern = (BigInt(random.nextUint32()) << 32n) | BigInt(random.nextUint32());
  return isSigned(signal) ? BigInt.asIntN(signal.length, pattern) : BigInt.asUintN(signal.length, pattern);
}

/** @returns undefined where the database contradicts itself: a signal beyond its message, a branch nothing selects */
function tryEncode(encoder: Encoder, message: PlanMessage, values: RawValues): Uint8Array | undefined {
  if (message.length > payloadBytesMax) return undefined;
  try {
    return encoder.encode(message, values);
  } catch (error) {
    if (error instanceof MinerError) return undefined;
    throw error;
  }
}
