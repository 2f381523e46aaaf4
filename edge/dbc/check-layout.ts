/** What is odd about the signals of a message: reaching past its end, sharing bits, sharing names. */
import { limits } from './limits.ts';
import type { Message, MultiplexedBy, SelectorRange, Signal } from './model.ts';
import { independentMessageId, type MessagePlace, type Reader } from './reader.ts';

const bitsMax = 64 * 8;

/** Reports signals beyond their message, duplicate names and overlaps, and fills in a missing message length. */
export function checkLayouts(reader: Reader): void {
  const budget = { comparisons: limits.overlapComparisons, owners: new Uint32Array(8 * bitsMax) };
  for (const [message, place] of reader.places) {
    const bytes = bytesUsed(message);
    if (place.lengthMissing) message.length = bytes;
    checkNames(reader, message, place);
    checkSelectors(reader, message, place);
    if (message.id === independentMessageId) continue;
    if (bytes > message.length) checkEnds(reader, message, place);
    checkOverlaps(reader, message, place, budget, Math.min(bytes * 8, bitsMax));
  }
}

/**
 * The first of the bits that a signal occupies, counted so that they follow each other: Intel counts from the least
 * significant bit of each byte, Motorola from the most significant one.
 */
function firstBit({ startBit, byteOrder }: Signal): number {
  return byteOrder === 'intel' ? startBit : startBit - (startBit % 8) + (7 - (startBit % 8));
}

function bytesUsed(message: Message): number {
  let bits = 0;
  for (const signal of message.signals) bits = Math.max(bits, firstBit(signal) + signal.length);
  return Math.ceil(bits / 8);
}

function checkNames(reader: Reader, message: Message, place: MessagePlace): void {
  const index = reader.signalsOf(message);
  if (index.size === message.signals.length) return;
  const seen = new Set<string>();
  for (const [i, { name }] of message.signals.entries()) {
    if (seen.has(name)) {
      reader.report('SIGNAL_DUPLICATE', place.signalsAt[i], `signal ${name} stands in message ${message.name} before`);
    }
    seen.add(name);
  }
}

function checkEnds(reader: Reader, message: Message, place: MessagePlace): void {
  for (const [i, signal] of message.signals.entries()) {
    const bytes = Math.ceil((firstBit(signal) + signal.length) / 8);
    if (bytes > message.length) {
      const detail = `signal ${signal.name} needs ${bytes} bytes, message ${message.name} has ${message.length}`;
      reader.report('SIGNAL_BEYOND_MESSAGE', place.signalsAt[i], detail);
    }
  }
}

/** Reports, once a signal, the values that no frame can have: too large for the selector, or of the other sign. */
function checkSelectors(reader: Reader, message: Message, place: MessagePlace): void {
  let selector: Signal | undefined;
  let reach = { from: 0n, to: 0n };
  for (const [i, { name, multiplexedBy }] of message.signals.entries()) {
    if (multiplexedBy === undefined) continue;
    const by = reader.signal(message, multiplexedBy.selector);
    if (by === undefined) continue;
    if (by !== selector) reach = rawReach(by);
    selector = by;
    const outside = multiplexedBy.ranges.find(({ from, to }) => from > reach.to || to < reach.from);
    if (outside === undefined) continue;
    const value = outside.from === outside.to ? `${outside.from}` : `${outside.from}-${outside.to}`;
    const detail = `signal ${name} hangs on ${value} of ${by.name}, which goes from ${reach.from} to ${reach.to}`;
    reader.report('MULTIPLEXER_VALUE', place.signalsAt[i], detail);
  }
}

function rawReach({ length, signed, valueType }: Signal): SelectorRange {
  const bits = BigInt(length);
  if (!signed || valueType !== 'integer') return { from: 0n, to: (1n << bits) - 1n };
  const half = 1n << (bits - 1n);
  return { from: -half, to: half - 1n };
}

/** What the search for overlaps may still cost, and its work space. */
interface Budget {
  comparisons: number;
  /** `Branch.owners` of all branches of one message: an array each would be most of a large file's memory. */
  owners: Uint32Array;
}

/** Signals that hang on the same values of the same selector, and which of them has each bit. */
interface Branch {
  by: MultiplexedBy | undefined;
  /** Where its bits begin in `Budget.owners`: index of the signal plus 1, 0 for a free bit. */
  owners: number;
  /** One bit of 32 for each 16 bits of payload, to see at once that two branches are apart. */
  coarse: number;
}

function checkOverlaps(reader: Reader, message: Message, place: MessagePlace, budget: Budget, bitCount: number): void {
  if (message.signals.length < 2) return;
  const branches = new Map<string, Branch>();
  const reported = new Set<number>();
  const report = (a: number, b: number) => {
    const later = Math.max(a, b);
    if (reported.has(later)) return;
    reported.add(later);
    const [first, second] = [message.signals[Math.min(a, b)].name, message.signals[later].name];
    reader.report(
      'SIGNAL_OVERLAP',
      place.signalsAt[later],
      `signals ${first} and ${second} of message ${message.name}`,
    );
  };
  for (const [i, signal] of message.signals.entries()) {
    const by = signal.multiplexedBy;
    const key = by === undefined ? '' : `${by.selector} ${rangeKey(by.ranges)}`;
    let branch = branches.get(key);
    if (branch === undefined) {
      if (branches.size >= limits.overlapBranches) continue;
      branch = { by, owners: freeBits(budget, branches.size, bitCount), coarse: 0 };
      branches.set(key, branch);
    }
    occupy(branch, budget.owners, signal, i, report);
  }
  if (branches.size === limits.overlapBranches) budget.comparisons = 0;
  if (branches.size > 1) {
    compareBranches(reader, message, place, { list: [...branches.values()], bitCount, report, budget });
  }
}

/** Clears the place of another branch, the `index`th of its message. */
function freeBits(budget: Budget, index: number, bitCount: number): number {
  const from = index * bitCount;
  if (from + bitCount > budget.owners.length) {
    const larger = new Uint32Array(Math.max(budget.owners.length * 2, from + bitCount));
    larger.set(budget.owners);
    budget.owners = larger;
  }
  budget.owners.fill(0, from, from + bitCount);
  return from;
}

function rangeKey(ranges: readonly SelectorRange[]): string {
  // Branches are only told apart; of very many ranges the first ones do.
  return ranges
    .slice(0, 64)
    .map(({ from, to }) => `${from}-${to}`)
    .join();
}

function occupy(
  branch: Branch,
  owners: Uint32Array,
  signal: Signal,
  index: number,
  report: (a: number, b: number) => void,
): void {
  const from = firstBit(signal);
  const to = Math.min(from + signal.length, bitsMax);
  for (let at = from; at < to; at++) {
    // One numbering for both byte orders: byte, then bit from the least significant.
    const bit = signal.byteOrder === 'intel' ? at : at - (at % 8) + (7 - (at % 8));
    const owner = owners[branch.owners + bit];
    if (owner === 0) owners[branch.owners + bit] = index + 1;
    else report(owner - 1, index);
    branch.coarse |= 1 << (bit >> 4);
  }
}

function compareBranches(
  reader: Reader,
  message: Message,
  place: MessagePlace,
  search: { list: readonly Branch[]; bitCount: number; report: (a: number, b: number) => void; budget: Budget },
): void {
  const { list: branches, bitCount, report, budget } = search;
  const { owners } = budget;
  for (let i = 1; i < branches.length; i++) {
    for (let j = 0; j < i; j++) {
      if ((branches[i].coarse & branches[j].coarse) === 0) continue;
      if (budget.comparisons <= 0) {
        reader.report('OVERLAP_UNCHECKED', place.at, `message ${message.name}`);
        return;
      }
      budget.comparisons--;
      const shared = sharedBit(owners, branches[i].owners, branches[j].owners, bitCount);
      if (shared >= 0 && mayBothBeActive(reader, message, branches[i].by, branches[j].by, budget)) {
        report(owners[branches[i].owners + shared] - 1, owners[branches[j].owners + shared] - 1);
      }
    }
  }
}

function sharedBit(owners: Uint32Array, a: number, b: number, bitCount: number): number {
  for (let bit = 0; bit < bitCount; bit++) if (owners[a + bit] !== 0 && owners[b + bit] !== 0) return bit;
  return -1;
}

/** Nesting deeper than this is not followed: the branches count as if they could be active together. */
const depthMax = 16;

/** False only when some selector above both needs to have two values at once. */
function mayBothBeActive(
  reader: Reader,
  message: Message,
  a: MultiplexedBy | undefined,
  b: MultiplexedBy | undefined,
  budget: Budget,
): boolean {
  const above = (by: MultiplexedBy | undefined) => {
    const chain: MultiplexedBy[] = [];
    for (let each = by; each !== undefined && chain.length < depthMax; ) {
      chain.push(each);
      each = reader.signal(message, each.selector)?.multiplexedBy;
    }
    return chain;
  };
  const chainA = above(a);
  return above(b).every((y) =>
    chainA.every((x) => x === y || x.selector !== y.selector || rangesMeet(x.ranges, y.ranges, budget)),
  );
}

function rangesMeet(a: readonly SelectorRange[], b: readonly SelectorRange[], budget: Budget): boolean {
  for (const x of a) {
    budget.comparisons -= b.length;
    if (budget.comparisons < 0) return false;
    for (const y of b) if (x.from <= y.to && y.from <= x.to) return true;
  }
  return false;
}
