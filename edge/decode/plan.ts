/** Compiles a database into the plan that every back end runs. */
import type { Database, Message, Signal } from '../dbc/model.ts';
import { rawLimits } from './layout.ts';
import { MessageIndex } from './message-index.ts';
import { compareSteps, compareText, normalizeRanges, type PathStep, rangesKey } from './multiplexer.ts';
import type { Plan, PlanMessage, PlanSelectorRange, PlanSignal } from './types.ts';

/**
 * Lays a database out for decoding: messages sorted by id, signals by multiplexer path and name, selectors
 * before what they select, selector ranges normalised.
 *
 * Where the file contradicts itself the plan loses no signal: one whose selector does not exist, or that selects
 * itself in a circle, is decoded as if it were not multiplexed; float types apply at 32 and 64 bits only; a range
 * with its minimum above its maximum is no range.
 */
export function compilePlan(database: Database): Plan {
  const sorted = database.messages.slice().sort((a, b) => Number(a.extended) - Number(b.extended) || a.id - b.id);
  const signals: PlanSignal[] = [];
  const messages = sorted.map((message) => {
    const planned = planMessage(message, signals.length);
    for (const signal of planned.signals) signals.push(signal);
    return planned;
  });
  const index = new MessageIndex(messages);
  return { messages, signals, find: (id, extended) => messages[index.indexOf(id, extended)] };
}

function planMessage(message: Message, firstSignalIndex: number): PlanMessage {
  const placed = place(message.signals);
  const selectors = new Set(placed.map(({ selector }) => selector));
  const slots = new Map<Signal, number>();
  for (const [slot, { signal }] of placed.entries()) if (selectors.has(signal)) slots.set(signal, slot);
  const signals = placed.map(({ signal, selector, ranges }, slot) => {
    const selectorSlot = selector === undefined ? -1 : slots.get(selector)!;
    return planSignal(signal, { signalIndex: firstSignalIndex + slot, slot, selectorSlot, selectorRanges: ranges });
  });
  return {
    name: message.name,
    id: message.id,
    extended: message.extended,
    length: message.length,
    j1939: message.j1939 && message.extended,
    cycleTimeMs: message.cycleTimeMs ?? 0,
    signals,
  };
}

type Placement = Pick<PlanSignal, 'signalIndex' | 'slot' | 'selectorSlot' | 'selectorRanges'>;

function planSignal(signal: Signal, { signalIndex, slot, selectorSlot, selectorRanges }: Placement): PlanSignal {
  return {
    name: signal.name,
    signalIndex,
    slot,
    byteOrder: signal.byteOrder,
    startBit: signal.startBit,
    length: signal.length,
    signed: signal.signed,
    valueType: valueTypeOf(signal),
    scale: signal.scale,
    offset: signal.offset,
    hasRange: (signal.minimum !== 0 || signal.maximum !== 0) && signal.minimum <= signal.maximum,
    minimum: signal.minimum,
    maximum: signal.maximum,
    unit: signal.unit,
    isSelector: signal.isSelector,
    selectorSlot,
    selectorRanges,
    labels: signal.labels,
  };
}

function valueTypeOf({ length, valueType }: Signal): PlanSignal['valueType'] {
  const fits = (valueType === 'float32' && length === 32) || (valueType === 'float64' && length === 64);
  return fits ? valueType : 'integer';
}

type RawLimits = ReturnType<typeof rawLimits>;

/** The signals that hang on one path of selectors, and the paths that continue it. */
interface PathNode {
  step: PathStep;
  signals: Signal[];
  children: PathNode[];
}

interface PlacedSignal {
  signal: Signal;
  selector: Signal | undefined;
  ranges: PlanSelectorRange[];
}

/** Signals in slot order: a path's own by name, then the paths that continue it, so selectors come first. */
function place(signals: readonly Signal[]): PlacedSignal[] {
  if (signals.every(({ multiplexedBy }) => multiplexedBy === undefined)) {
    const byName = signals.slice().sort((a, b) => compareText(a.name, b.name));
    return byName.map((signal) => ({ signal, selector: undefined, ranges: [] }));
  }
  const selectorOf = findSelectors(signals);
  const placed: PlacedSignal[] = [];
  // A stack and not a recursion: a hostile file may nest its multiplexers a hundred thousand deep.
  const pending = [pathTree(signals, selectorOf)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { ranges } = node.step;
    const byName = node.signals.sort((a, b) => compareText(a.name, b.name));
    for (const signal of byName) placed.push({ signal, selector: selectorOf.get(signal), ranges });
    for (const child of node.children.sort((a, b) => compareSteps(b.step, a.step))) pending.push(child);
  }
  return placed;
}

/** As push; but a list of one, which most are, then has no room for the 16 more that push reserves. */
function append<Key extends 'signals' | 'children'>(node: PathNode, key: Key, item: PathNode[Key][number]): void {
  const items: (typeof item)[] = node[key];
  if (items.length > 0) items.push(item);
  else Object.assign(node, { [key]: [item] });
}

function pathTree(signals: readonly Signal[], selectorOf: Map<Signal, Signal>): PathNode {
  const root: PathNode = { step: { selector: '', ranges: [] }, signals: [], children: [] };
  const nodeOf = new Map<Signal, PathNode>();
  const nodeByStep = new Map<string, PathNode>();
  const limitsOf = new Map<Signal, RawLimits>();
  const childNode = (parent: PathNode, signal: Signal, selector: Signal): PathNode => {
    let limits = limitsOf.get(selector);
    if (limits === undefined) {
      limits = rawLimits({ length: selector.length, signed: selector.signed, valueType: valueTypeOf(selector) });
      limitsOf.set(selector, limits);
    }
    const ranges = normalizeRanges(signal.multiplexedBy!.ranges, limits);
    const key = `${rangesKey(ranges)} ${selector.name}`;
    let node = nodeByStep.get(key);
    if (node === undefined) {
      node = { step: { selector: selector.name, ranges }, signals: [], children: [] };
      nodeByStep.set(key, node);
      append(parent, 'children', node);
    }
    return node;
  };
  const attach = (signal: Signal): void => {
    const selector = selectorOf.get(signal);
    const node = selector === undefined ? root : childNode(nodeOf.get(selector)!, signal, selector);
    append(node, 'signals', signal);
    nodeOf.set(signal, node);
  };
  for (const signal of signals) {
    const chain: Signal[] = [];
    for (let at: Signal | undefined = signal; at !== undefined && !nodeOf.has(at); at = selectorOf.get(at))
      chain.push(at);
    for (const next of chain.reverse()) attach(next);
  }
  return root;
}

/** Resolves selector names, leaving out those that do not exist and those on a circle. */
function findSelectors(signals: readonly Signal[]): Map<Signal, Signal> {
  const byName = new Map<string, Signal>();
  for (const signal of signals) {
    const known = byName.get(signal.name);
    if (known === undefined || (signal.isSelector && !known.isSelector)) byName.set(signal.name, signal);
  }
  const selectorOf = new Map<Signal, Signal>();
  for (const signal of signals) {
    const selector = signal.multiplexedBy && byName.get(signal.multiplexedBy.selector);
    if (selector !== undefined) selectorOf.set(signal, selector);
  }
  for (const signal of signalsOnCircles(signals, selectorOf)) selectorOf.delete(signal);
  return selectorOf;
}

/** Walks each chain of selectors once: a walk that meets its own trail has found a circle. */
function signalsOnCircles(signals: readonly Signal[], selectorOf: Map<Signal, Signal>): Signal[] {
  const walkOf = new Map<Signal, number>();
  const onCircles: Signal[] = [];
  signals.forEach((start, walk) => {
    let at: Signal | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, walk);
      at = selectorOf.get(at);
    }
    if (at === undefined || walkOf.get(at) !== walk) return;
    for (let next = selectorOf.get(at)!; ; next = selectorOf.get(next)!) {
      onCircles.push(next);
      if (next === at) return;
    }
  });
  return onCircles;
}

/** Whether some message takes several frames, so that a J1939 reassembler has to stand before the decoder. */
export function needsJ1939Transport(plan: Plan): boolean {
  return plan.messages.some(({ j1939, length }) => j1939 && length > 8);
}
