/** One message, drawn and listed. */
import type { Message } from '../../edge/dbc/index.ts';
import type { PlanSignal } from '../../edge/decode/index.ts';
import { parseJ1939Id } from '../../edge/j1939/index.ts';
import { type DrawnSignal, drawGrid, gridLegend, overlapPairsMax, overlapsOf, type Tone } from './draw-grid.ts';
import { idText } from './identifiers.ts';
import { type Picture, picturesMax, picturesOf, signalBits, signalLetter } from './layout.ts';
import type { MessageView } from './message-view.ts';
import { printable, wrap } from './printable.ts';
import { signalTable } from './signal-table.ts';

export interface ShowOptions {
  /** Columns. Default 80. */
  width?: number;
  /** Slots to single out: only their pictures are drawn, only they are named and listed. */
  only?: readonly number[];
  /** Whether to explain the marks of the pictures. Default true. */
  legend?: boolean;
  /** Colours by slot. Default: plain. */
  paint?: (text: string, tone: Tone) => string;
}

/**
 * A heading, one picture for each choice of its multiplexers, what overlaps or lies past the end, and the signals.
 * @returns lines without line ends, without control characters but those of `paint`
 */
export function showMessage(view: MessageView, options: ShowOptions = {}): string[] {
  const { width = 80, only, legend = true } = options;
  const { message, planned } = view;
  const letters = letterBySlot(planned.signals);
  const slots = only ?? byPlace(planned.signals).map(({ slot }) => slot);
  const pictures = picturesOf(planned);
  const lines = [...heading(message, width), ''];
  for (const { title, signals } of only === undefined ? pictures : holding(pictures, only)) {
    if (title !== '') lines.push(...wrap(title, width));
    lines.push(...drawPicture(view, signals, letters, options), '');
  }
  if (pictures.length === picturesMax) lines.push(`more than ${picturesMax} pictures: the rest is left out`, '');
  if (planned.signals.length === 0) return lines;
  if (legend) lines.push(...legendLines(width), '');
  return lines.concat(signalTable(view, slots, letters, width));
}

/** `0x1A0 Speed, 8 bytes, CAN FD, every 20 ms, from ECU`, and its comment. */
function heading(message: Message, width: number): string[] {
  const { name, longName, length, fd, j1939, cycleTimeMs, sender, comment } = message;
  const facts = [
    `${idText(message)} ${printable(name)}`,
    `${message.extended ? '29-bit id' : 'id'} ${message.id}`,
    length === 1 ? '1 byte' : `${length} bytes`,
    ...(fd ? ['CAN FD'] : []),
    ...(j1939 ? [groupText(message.id)] : []),
    ...(cycleTimeMs === undefined ? [] : [`every ${cycleTimeMs} ms`]),
    ...(sender === '' || sender === 'Vector__XXX' ? [] : [`from ${printable(sender)}`]),
    ...(longName === undefined ? [] : [`long name ${printable(longName)}`]),
  ];
  return [...wrap(facts.join(', '), width), ...(comment ? wrap(`"${comment}"`, width) : [])];
}

function legendLines(width: number): string[] {
  return width >= gridLegend.length ? [gridLegend] : gridLegend.split(/ {3}/);
}

function drawPicture(
  { message, signals }: MessageView,
  held: readonly PlanSignal[],
  letters: readonly string[],
  { width = 80, only, paint }: ShowOptions,
): string[] {
  const inOrder = held.toSorted((a, b) => compareLetters(letters[a.slot], letters[b.slot]));
  const nameOf = ({ slot }: PlanSignal) => printable(signals[slot].signal.name);
  const drawn: DrawnSignal[] = inOrder.map((signal) => ({
    signal,
    letter: letters[signal.slot],
    name: only === undefined || only.includes(signal.slot) ? nameOf(signal) : '',
  }));
  const tone = (each: Tone): Tone => (typeof each === 'number' ? inOrder[each].slot : each);
  const lines = drawGrid(drawn, {
    lengthBytes: message.length,
    width,
    paint: paint && ((text, each) => paint(text, tone(each))),
  });
  const overlaps = overlapsOf(drawn);
  for (const [a, b] of overlaps)
    lines.push(
      ...wrap(`${a.letter} ${nameOf(a.signal)} and ${b.letter} ${nameOf(b.signal)} share bits`, width, '     '),
    );
  if (overlaps.length === overlapPairsMax) lines.push('     and there may be more that share bits');
  if (lines.some((line) => /^ *[\d-]+!/.test(line)))
    lines.push(`     ! past the end: the message has ${message.length} bytes`);
  return lines;
}

function compareLetters(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

function holding(pictures: readonly Picture[], slots: readonly number[]): Picture[] {
  return pictures.filter(({ signals }) => signals.some(({ slot }) => slots.includes(slot)));
}

/** Letters follow the bits through the payload, as one reads the picture. */
function letterBySlot(signals: readonly PlanSignal[]): string[] {
  const letters: string[] = [];
  byPlace(signals).forEach(({ slot }, index) => {
    letters[slot] = signalLetter(index);
  });
  return letters;
}

/** Those always there first, each by its first bit in the order of the picture, branches in that of the plan. */
function byPlace(signals: readonly PlanSignal[]): PlanSignal[] {
  const place = (signal: PlanSignal) => Math.min(...signalBits(signal).map((bit) => bit - (bit % 8) + 7 - (bit % 8)));
  const branch = ({ selectorSlot, selectorRanges }: PlanSignal) =>
    selectorSlot < 0 ? '' : `${selectorSlot} ${selectorRanges.map(({ from, to }) => `${from}-${to}`)}`;
  const order = new Map<string, number>();
  for (const signal of signals) if (!order.has(branch(signal))) order.set(branch(signal), order.size);
  const placed = signals.map((signal) => ({ signal, group: order.get(branch(signal))!, at: place(signal) }));
  placed.sort((a, b) => a.group - b.group || a.at - b.at || a.signal.slot - b.signal.slot);
  return placed.map(({ signal }) => signal);
}

function groupText(id: number): string {
  const { pgn } = parseJ1939Id(id);
  return `J1939 PGN ${pgn} (0x${pgn.toString(16).toUpperCase()})`;
}
