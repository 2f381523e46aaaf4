/** Which message and which signal of one database is which of the other. */
import type { Database, Message, Signal } from '../../../edge/dbc/index.ts';
import { messageKey } from '../identifiers.ts';
import { rangesText } from '../message-view.ts';

/** Either side may be missing: then it was added or removed. */
export interface Pair<Item> {
  before?: Item;
  after?: Item;
}

/** By id; of those left over, by a name that each side has once. In the order of ids. */
export function pairMessages(before: Database, after: Database): Pair<Message>[] {
  const afterByKey = new Map(after.messages.map((message) => [messageKey(message), message]));
  const pairs: Pair<Message>[] = [];
  const lost: Message[] = [];
  for (const message of before.messages) {
    const same = afterByKey.get(messageKey(message));
    if (same === undefined) lost.push(message);
    else {
      afterByKey.delete(messageKey(message));
      pairs.push({ before: message, after: same });
    }
  }
  const found = [...afterByKey.values()];
  const all = pairs.concat(pairLeftOver(lost, found, ({ name }) => name));
  const key = ({ before: a, after: b }: Pair<Message>) => messageKey((b ?? a)!);
  return all.sort((a, b) => key(a) - key(b));
}

/**
 * By name and bits, then by name alone, in order where either occurs twice; of those left over, by the bits they lie
 * on. In the order of `after`.
 */
export function pairSignals(before: readonly Signal[], after: readonly Signal[]): Pair<Signal>[] {
  const exact = pairInOrder(before, after, (signal) => `${bitsKey(signal)} ${signal.name}`);
  const named = pairInOrder(exact.lost, exact.found, ({ name }) => name);
  const pairs = [...exact.pairs, ...named.pairs, ...pairLeftOver(named.lost, named.found, bitsKey)];
  const order = new Map(after.map((signal, index) => [signal, index]));
  const place = (pair: Pair<Signal>) => (pair.after === undefined ? after.length : order.get(pair.after)!);
  return pairs.sort((a, b) => place(a) - place(b));
}

function pairInOrder<Item>(before: readonly Item[], after: readonly Item[], keyOf: (item: Item) => string) {
  const waiting = Map.groupBy(after, keyOf);
  const pairs: Pair<Item>[] = [];
  const lost: Item[] = [];
  for (const item of before) {
    const same = waiting.get(keyOf(item))?.shift();
    if (same === undefined) lost.push(item);
    else pairs.push({ before: item, after: same });
  }
  return { pairs, lost, found: [...waiting.values()].flat() };
}

/** A pair where each side has the key once. */
function pairLeftOver<Item>(
  lost: readonly Item[],
  found: readonly Item[],
  keyOf: (item: Item) => string,
): Pair<Item>[] {
  const lostByKey = onlyOnes(lost, keyOf);
  const foundByKey = onlyOnes(found, keyOf);
  const partner = (item: Item, others: Map<string, Item>, own: Map<string, Item>) => {
    const key = keyOf(item);
    return own.get(key) === item ? others.get(key) : undefined;
  };
  return [
    ...lost.map((before) => ({ before, after: partner(before, foundByKey, lostByKey) })),
    ...found.filter((after) => partner(after, lostByKey, foundByKey) === undefined).map((after) => ({ after })),
  ];
}

function onlyOnes<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item> {
  const byKey = new Map<string, Item>();
  const repeated = new Set<string>();
  for (const item of items) {
    const key = keyOf(item);
    if (byKey.has(key)) repeated.add(key);
    byKey.set(key, item);
  }
  for (const key of repeated) byKey.delete(key);
  return byKey;
}

/** The bits, and the values of the multiplexer under which they are the signal's. */
function bitsKey({ startBit, length, byteOrder, multiplexedBy }: Signal): string {
  return `${startBit}|${length}@${byteOrder} ${rangesText(multiplexedBy?.ranges ?? [])}`;
}
