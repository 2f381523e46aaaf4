import type { PlanMessage, PlanSignal } from '../../../edge/decode/index.ts';
import { signalBits, signalLetter } from '../../dbc/index.ts';

interface BitGridProps {
  message: PlanMessage;
  /** The signals to draw: those of one multiplexer layout. */
  signals: readonly PlanSignal[];
  plotted: number | undefined;
  /** Of the last frame in the log. */
  payload: Uint8Array | undefined;
}

/** One bit: the signals it belongs to, more than one where they overlap. */
interface Cell {
  signals: PlanSignal[];
  /** The most significant bit of a signal, which the letter marks. */
  isMost: boolean;
}

const columns = [7, 6, 5, 4, 3, 2, 1, 0];

/** The payload bit by bit, a row a byte, bit 7 on the left. */
export function BitGrid({ message, signals, plotted, payload }: BitGridProps) {
  const cells = layOut(message, signals);
  const rows = Math.ceil(cells.length / 8);
  const hasPayload = payload !== undefined && payload.length > 0;
  if (rows === 0) return <p class="quiet">The message has no bytes.</p>;
  return (
    <table class="bits">
      <caption>Bits by signal, a row a byte{hasPayload ? '; small: the last frame' : ''}</caption>
      <thead>
        <tr>
          <td />
          {columns.map((bit) => (
            <th key={bit} scope="col">
              {bit}
            </th>
          ))}
          {hasPayload && <th scope="col">hex</th>}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: rows }, (_, byte) => (
          <tr key={byte}>
            <th scope="row">{byte}</th>
            {columns.map((bit) => (
              <BitCell key={bit} cell={cells[byte * 8 + bit]} bit={bitOf(payload, byte, bit)} plotted={plotted} />
            ))}
            {hasPayload && <td class="byte">{payload[byte]?.toString(16).toUpperCase().padStart(2, '0') ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BitCell({ cell, bit, plotted }: { cell: Cell; bit: string; plotted: number | undefined }) {
  const [signal, ...others] = cell.signals;
  if (signal === undefined) return <td class="bit is-free">{bit && <small>{bit}</small>}</td>;
  const isPlotted = cell.signals.some(({ signalIndex }) => signalIndex === plotted);
  const kinds = [`bit hue-${signal.slot % 10}`];
  if (others.length > 0) kinds.push('is-shared');
  if (isPlotted) kinds.push('is-plotted');
  if (cell.isMost) kinds.push('is-most');
  return (
    <td class={kinds.join(' ')} title={cell.signals.map(({ name }) => name).join(', ')}>
      {signalLetter(signal.slot)}
      {others.length > 0 && '+'}
      {bit && <small>{bit}</small>}
    </td>
  );
}

function bitOf(payload: Uint8Array | undefined, byte: number, bit: number): string {
  const value = payload?.[byte];
  return value === undefined ? '' : String((value >> bit) & 1);
}

/** As long as the message says, and longer where a signal stands past its end. */
function layOut(message: PlanMessage, signals: readonly PlanSignal[]): Cell[] {
  const cells: Cell[] = [];
  const grow = (bits: number) => {
    while (cells.length < bits) cells.push({ signals: [], isMost: false });
  };
  grow(message.length * 8);
  for (const signal of signals) {
    const bits = signalBits(signal);
    grow(Math.ceil((Math.max(...bits) + 1) / 8) * 8);
    for (const bit of bits) cells[bit].signals.push(signal);
    cells[bits[0]].isMost = true;
  }
  return cells;
}
