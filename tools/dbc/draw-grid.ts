/** Draws a payload as hardware people know it: bytes as rows, bits 7 to 0 as columns, a box around each signal. */
import type { PlanSignal } from '../../edge/decode/index.ts';
import { signalBits } from './layout.ts';

/** A signal as it is drawn. */
export interface DrawnSignal {
  signal: PlanSignal;
  letter: string;
  /** Without control characters; '' leaves the letter alone. */
  name: string;
}

/** What a piece of the picture is, for colouring: the position of a signal among those drawn, or its kind. */
export type Tone = number | 'overlap' | 'frame';

export interface GridOptions {
  /** Bytes that the message has; signals past them are drawn, their rows marked. */
  lengthBytes: number;
  /** Columns to fill; at least 40 are used, at most 96. Default 80. */
  width?: number;
  /** Colours a piece of text without changing its width. Default: plain. */
  paint?: (text: string, tone: Tone) => string;
}

/** Explains the marks. */
export const gridLegend = '> start bit, Motorola (highest)   < start bit, Intel (lowest)   · unused';

/** The signals that share a bit, and which bit of the signal it is; none where the bit is unused. */
interface Cell {
  owners: number[];
  /** Of the first owner, 0 the least significant. */
  bit: number;
  /** Past the end of the message. */
  past: boolean;
}

interface Row {
  label: string;
  cells: Cell[];
}

/** A byte without signals, within the message or past its end. */
const unusedCells = (past: boolean): Cell[] => Array.from({ length: 8 }, () => ({ owners: [], bit: 0, past }));
/** Longer pictures do without lines between the rows. */
const ruledRowsMax = 16;

/** @returns lines without line ends; bits that two signals share show the letters of both */
export function drawGrid(signals: readonly DrawnSignal[], options: GridOptions): string[] {
  const { lengthBytes, width = 80, paint = (text) => text } = options;
  const rows = rowsOf(signals, lengthBytes);
  const labelWidth = Math.max(4, ...rows.map(({ label }) => label.length)) + 1;
  const cellWidth = Math.min(10, Math.max(3, Math.floor((width - labelWidth - 1) / 8) - 1));
  const frame = (text: string) => paint(text, 'frame');
  const header = Array.from({ length: 8 }, (_, column) => centre(String(7 - column), cellWidth)).join(' ');
  const lines = [`${'byte'.padEnd(labelWidth)} ${header}`.trimEnd()];
  if (rows.length === 0) return [...lines, `${' '.repeat(labelWidth)} no payload`];
  const ruled = rows.length <= ruledRowsMax;
  rows.forEach((row, index) => {
    const above = rows[index - 1]?.cells;
    const isRule = above === undefined || (ruled && row.cells.some((cell, c) => !sameRegion(cell, above[c])));
    if (isRule) lines.push(' '.repeat(labelWidth) + frame(rule(above, row.cells, cellWidth)));
    lines.push(row.label.padStart(labelWidth - 1).padEnd(labelWidth) + drawRow(row.cells, signals, cellWidth, paint));
  });
  lines.push(' '.repeat(labelWidth) + frame(rule(rows[rows.length - 1].cells, undefined, cellWidth)));
  return lines;
}

/** Pairs of signals named at most: a hostile file may lay thousands over each other. */
export const overlapPairsMax = 32;

/** The drawn signals that share bits, in pairs; at most `overlapPairsMax`, even where there are more. */
export function overlapsOf(signals: readonly DrawnSignal[]): [DrawnSignal, DrawnSignal][] {
  const pairs = new Set<string>();
  for (const cells of cellsByByte(signals, 0).values()) {
    for (const { owners } of cells) {
      // A pair among more than so many owners is past the bound anyway.
      const shown = owners.slice(0, overlapPairsMax + 1);
      for (const [i, owner] of shown.entries()) for (const other of shown.slice(i + 1)) pairs.add(`${owner} ${other}`);
      if (pairs.size >= overlapPairsMax) break;
    }
  }
  return [...pairs].slice(0, overlapPairsMax).map((pair) => {
    const [a, b] = pair.split(' ').map(Number);
    return [signals[a], signals[b]];
  });
}

function cellsByByte(signals: readonly DrawnSignal[], lengthBytes: number): Map<number, Cell[]> {
  const bytes = new Map<number, Cell[]>();
  signals.forEach(({ signal }, owner) => {
    signalBits(signal).forEach((bit, index) => {
      const byte = Math.floor(bit / 8);
      let cells = bytes.get(byte);
      if (cells === undefined) {
        cells = unusedCells(byte >= lengthBytes);
        bytes.set(byte, cells);
      }
      const cell = cells[7 - (bit % 8)];
      if (cell.owners.length === 0) cell.bit = signal.length - 1 - index;
      cell.owners.push(owner);
    });
  });
  return bytes;
}

/** Three and more unused bytes in a row become one row. */
function rowsOf(signals: readonly DrawnSignal[], lengthBytes: number): Row[] {
  const used = cellsByByte(signals, lengthBytes);
  const rows: Row[] = [];
  const mark = (byte: number) => (byte < lengthBytes ? '' : '!');
  let next = 0;
  const skipTo = (end: number): void => {
    const cells = unusedCells(end > lengthBytes);
    if (end - next >= 3) rows.push({ label: `${next}-${end - 1}${mark(end - 1)}`, cells });
    else for (let byte = next; byte < end; byte++) rows.push({ label: `${byte}${mark(byte)}`, cells });
  };
  for (const byte of [...used.keys()].sort((a, b) => a - b)) {
    // What lies between the message's end and a signal past it is shown apart.
    if (byte > lengthBytes && next < lengthBytes) {
      skipTo(lengthBytes);
      next = lengthBytes;
    }
    skipTo(byte);
    rows.push({ label: `${byte}${mark(byte)}`, cells: used.get(byte)! });
    next = byte + 1;
  }
  skipTo(lengthBytes);
  return rows;
}

function sameRegion(a: Cell | undefined, b: Cell | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.owners.length === 0 && a.past !== b.past) return false;
  return a.owners.length === b.owners.length && a.owners.every((owner, i) => owner === b.owners[i]);
}

/** By which of up 1, down 2, left 4, right 8 a line leaves the corner. */
const corners = '   │ ┘┐┤ └┌├─┴┬┼';

function rule(above: readonly Cell[] | undefined, below: readonly Cell[] | undefined, cellWidth: number): string {
  const across = (column: number) => column >= 0 && column < 8 && !sameRegion(above?.[column], below?.[column]);
  const along = (cells: readonly Cell[] | undefined, column: number) =>
    cells !== undefined && !sameRegion(cells[column - 1], cells[column]);
  let text = '';
  for (let column = 0; column <= 8; column++) {
    const up = along(above, column) ? 1 : 0;
    const down = along(below, column) ? 2 : 0;
    const left = across(column - 1) ? 4 : 0;
    const right = across(column) ? 8 : 0;
    text += corners[up | down | left | right];
    if (column < 8) text += (right ? '─' : ' ').repeat(cellWidth);
  }
  return text;
}

function drawRow(
  cells: readonly Cell[],
  signals: readonly DrawnSignal[],
  cellWidth: number,
  paint: (text: string, tone: Tone) => string,
): string {
  let text = paint('│', 'frame');
  for (let from = 0; from < 8; ) {
    let to = from + 1;
    while (to < 8 && sameRegion(cells[from], cells[to])) to++;
    const { owners } = cells[from];
    const width = (to - from) * (cellWidth + 1) - 1;
    if (owners.length === 0) {
      const dots = Array.from({ length: to - from }, () => centre('·', cellWidth)).join(' ');
      text += paint(dots, 'frame');
    } else if (owners.length > 1) text += paint(overlapText(owners, signals, width), 'overlap');
    else text += paint(runText(signals[owners[0]], cells[from].bit, cells[to - 1].bit, width), owners[0]);
    text += paint('│', 'frame');
    from = to;
  }
  return text;
}

function overlapText(owners: readonly number[], signals: readonly DrawnSignal[], width: number): string {
  const letters = owners.length > width ? '!' : owners.map((owner) => signals[owner].letter).join('+');
  return centre(letters.length <= width ? letters : '!', width);
}

/** Letter, name and which bits, as much of them as has room: `>A Speed [15:8]`. */
function runText({ letter, name, signal }: DrawnSignal, high: number, low: number, width: number): string {
  const startsLeft = signal.byteOrder === 'motorola' && high === signal.length - 1;
  const startsRight = signal.byteOrder === 'intel' && low === 0;
  const isWhole = high === signal.length - 1 && low === 0;
  const slice = isWhole ? '' : high === low ? ` [${high}]` : ` [${high}:${low}]`;
  const left = startsLeft ? '>' : letter.length + 2 > width ? '' : ' ';
  const right = startsRight ? '<' : '';
  const room = width - left.length - Math.max(right.length, letter.length + 2 > width ? 0 : 1);
  const spare = room - letter.length - slice.length - 1;
  const named = startsLeft || startsRight ? cutTo(name, spare) : '';
  let text = letter + (named && ` ${named}`);
  if (text.length + slice.length <= room) text += slice;
  return left + text.slice(0, room).padEnd(width - left.length - right.length) + right;
}

/** The text, or its beginning and an ellipsis where at least four characters have room. */
function cutTo(text: string, room: number): string {
  if (text.length <= room) return text;
  return room >= 4 ? `${text.slice(0, room - 1)}…` : '';
}

function centre(text: string, width: number): string {
  const left = Math.max(0, Math.floor((width - text.length) / 2));
  return (' '.repeat(left) + text).padEnd(width);
}
