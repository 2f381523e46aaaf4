/** Which selector each multiplexed signal hangs on: the marks of SG_, and SG_MUL_VAL_ where a file has it. */
import type { Message, Signal } from './model.ts';
import type { MultiplexMark, Reader } from './reader.ts';

/** Sets `multiplexedBy` on every multiplexed signal; afterwards no signal selects itself, however indirectly. */
export function resolveMultiplexing(reader: Reader): void {
  const marks = reader.marks.filter((mark) => reader.places.has(mark.message));
  const marked = new Set(marks.map((mark) => mark.signal));
  applyRules(reader, marked);
  applyMarks(reader, marks, marked);
  for (const message of new Set(reader.rules.map((rule) => rule.message))) breakCycles(reader, message);
}

function applyRules(reader: Reader, marked: ReadonlySet<Signal>): void {
  for (const { message, signal, selector, ranges, at } of reader.rules) {
    if (!selector.isSelector || !marked.has(signal)) {
      const { name } = selector.isSelector ? signal : selector;
      reader.report('MULTIPLEXER_UNMARKED', at, `signal ${name} of message ${message.name} has no such mark`);
      selector.isSelector = true;
    }
    const before = signal.multiplexedBy;
    if (before !== undefined && before.selector === selector.name) {
      for (const range of ranges) before.ranges.push(range);
      continue;
    }
    if (before !== undefined) {
      const detail = `signal ${signal.name} of message ${message.name} hangs on ${before.selector} already`;
      reader.report('MULTIPLEXER_CONFLICT', at, detail);
    }
    signal.multiplexedBy = { selector: selector.name, ranges };
  }
}

/**
 * The selector that a plain `mN` means: the first selector that hangs on nothing, else the only one there is.
 * @param hangs whether a signal is marked `mN`, or an SG_MUL_VAL_ names it
 */
export function defaultSelector(signals: readonly Signal[], hangs: (signal: Signal) => boolean): Signal | undefined {
  const selectors = signals.filter((signal) => signal.isSelector);
  return selectors.find((signal) => !hangs(signal)) ?? (selectors.length === 1 ? selectors[0] : undefined);
}

function applyMarks(reader: Reader, marks: readonly MultiplexMark[], marked: ReadonlySet<Signal>): void {
  const hangs = (signal: Signal) => marked.has(signal) || signal.multiplexedBy !== undefined;
  let current: Message | undefined;
  let selector: Signal | undefined;
  let ambiguous = false;
  // The marks of one message stand side by side.
  for (const { message, signal, value, at } of marks) {
    if (message !== current) {
      current = message;
      selector = defaultSelector(message.signals, hangs);
      ambiguous = message.signals.filter((each) => each.isSelector && !hangs(each)).length > 1;
    }
    if (signal.multiplexedBy !== undefined) continue;
    const mark = `signal ${signal.name} of message ${message.name} is marked m${value}`;
    if (selector === undefined || selector === signal) {
      reader.report('MULTIPLEXER_MISSING', at, mark);
      continue;
    }
    if (ambiguous) reader.report('MULTIPLEXER_AMBIGUOUS', at, mark);
    signal.multiplexedBy = { selector: selector.name, ranges: [{ from: value, to: value }] };
  }
}

/** Follows every chain of selectors once, and cuts it where it comes back to itself. */
function breakCycles(reader: Reader, message: Message): void {
  const done = new Set<Signal>();
  for (const start of message.signals) {
    const chain = new Set<Signal>();
    let signal: Signal | undefined = start;
    while (signal?.multiplexedBy !== undefined && !done.has(signal)) {
      chain.add(signal);
      const selector = reader.signal(message, signal.multiplexedBy.selector);
      if (selector !== undefined && chain.has(selector)) {
        const at = reader.places.get(message)?.at ?? 0;
        reader.report('MULTIPLEXER_CYCLE', at, `signal ${signal.name} of message ${message.name}`);
        delete signal.multiplexedBy;
        break;
      }
      signal = selector;
    }
    for (const each of chain) done.add(each);
  }
}
