/** The signals of a message in words: place, type, numbers, labels and comment of each. */
import type { Signal } from '../../edge/dbc/index.ts';
import { type MessageView, multiplexPath } from './message-view.ts';
import { printable, wrap } from './printable.ts';

const header = ['start|bits', 'order', 'type', '(factor,offset)', '[min|max] unit'];

/**
 * @param letters by slot, as the picture shows them
 * @param slots which to list, in this order
 * @returns lines of at most `width` characters, except where one name or number alone is longer
 */
export function signalTable(
  view: MessageView,
  slots: readonly number[],
  letters: readonly string[],
  width = 80,
): string[] {
  const rows = slots.map((slot) => {
    const { signal } = view.signals[slot];
    return {
      head: [letters[slot], printable(signal.name)],
      facts: factsOf(signal),
      details: detailsOf(view, slot, width),
    };
  });
  const all = [{ head: ['', 'signal'], facts: header, details: [] as string[] }, ...rows];
  const letterWidth = widest(all.map(({ head }) => head[0])) + 1;
  const widths = header.map((_, i) => widest(all.map(({ facts }) => facts[i])));
  const nameWidth = widest(all.map(({ head }) => head[1]));
  const factsWidth = widths.reduce((sum, each) => sum + each + 2, -2);
  const isOneLine = letterWidth + nameWidth + 2 + factsWidth <= width;
  return all.flatMap(({ head: [letter, name], facts, details }) => {
    const lead = letter.padEnd(letterWidth);
    if (isOneLine) return [`${lead}${name.padEnd(nameWidth + 2)}${aligned(facts, widths)}`.trimEnd(), ...details];
    const indent = ' '.repeat(letterWidth + 2);
    const fits = indent.length + factsWidth <= width;
    return [
      lead + name,
      ...(fits ? [(indent + aligned(facts, widths)).trimEnd()] : flowing(facts, width, indent)),
      ...details,
    ];
  });
}

/** Not Math.max(...): a hostile file has more signals than a call takes arguments. */
function widest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

function aligned(facts: readonly string[], widths: readonly number[]): string {
  return facts.map((fact, i) => fact.padEnd(widths[i])).join('  ');
}

/** As many facts a line as fit. */
function flowing(facts: readonly string[], width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const fact of facts) {
    if (line !== indent && line.length + 2 + fact.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? fact : `  ${fact}`;
  }
  return [...lines, line];
}

/** In the DBC's own notation, and numbers as the file writes them, so that none loses a digit. */
function factsOf(signal: Signal): string[] {
  const { startBit, length, byteOrder, scaleText, offsetText, minText, maxText, unit } = signal;
  const hasRange = signal.minimum !== 0 || signal.maximum !== 0;
  const range = hasRange ? `[${minText}|${maxText}]` : '[]';
  return [
    `${startBit}|${length}`,
    byteOrder,
    typeText(signal),
    `(${scaleText},${offsetText})`,
    `${range} ${printable(unit)}`.trimEnd(),
  ];
}

/** `unsigned`, `signed`, `float32` or `float64`. */
export function typeText({ valueType, signed }: Pick<Signal, 'valueType' | 'signed'>): string {
  if (valueType !== 'integer') return valueType;
  return signed ? 'signed' : 'unsigned';
}

function detailsOf(view: MessageView, slot: number, width: number): string[] {
  const { signal, planned } = view.signals[slot];
  const path = multiplexPath(view.planned, planned);
  const lines: string[] = [];
  const add = (text: string) => {
    for (const line of wrap(text, width, '      ')) lines.push(line);
  };
  if (signal.longName !== undefined) add(`long name: ${signal.longName}`);
  if (planned.isSelector) add('selects other signals');
  if (path !== '') add(`only when ${path}`);
  if (signal.labels.length > 0)
    add(`labels: ${signal.labels.map(({ raw, text }) => `${raw} ${oneLine(text)}`).join(', ')}`);
  if (signal.startValue !== undefined) add(`start value: raw ${signal.startValue}`);
  if (signal.spn !== undefined) add(`SPN ${signal.spn}`);
  if (signal.comment !== undefined && signal.comment !== '') add(`"${signal.comment}"`);
  return lines;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
