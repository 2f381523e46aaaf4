import type { PlanMessage, PlanSignal } from '../../../edge/decode/index.ts';
import { signalLetter } from '../../dbc/index.ts';
import type { DecodedView, SignalTally } from './analysis/protocol.ts';
import { countText, valueText } from './view/format.ts';

interface SignalTableProps {
  message: PlanMessage;
  /** The signals of the layout drawn above. */
  held: readonly PlanSignal[];
  decoded: DecodedView | undefined;
  comments: ReadonlyMap<string, string>;
  plotted: number | undefined;
  plot(signal: PlanSignal): void;
}

/** All signals of a message: the last value of each, and the range that the log shows. */
export function SignalTable({ message, held, decoded, comments, plotted, plot }: SignalTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={`Signals of ${message.name}`}>
      <table class="signals">
        <thead>
          <tr>
            <th scope="col">Signal</th>
            <th scope="col" class="number">
              Last value
            </th>
            <th scope="col">Unit</th>
            <th scope="col">Label</th>
            <th scope="col" class="number">
              Seen from
            </th>
            <th scope="col" class="number">
              to
            </th>
            <th scope="col">Bits</th>
          </tr>
        </thead>
        <tbody>
          {message.signals.map((signal) => (
            <SignalRow
              key={signal.slot}
              signal={signal}
              isHeld={held.includes(signal)}
              tally={decoded?.signals[signal.signalIndex]}
              comment={comments.get(`${message.name}.${signal.name}`)}
              isPlotted={signal.signalIndex === plotted}
              plot={() => plot(signal)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface SignalRowProps {
  signal: PlanSignal;
  isHeld: boolean;
  tally: SignalTally | undefined;
  comment: string | undefined;
  isPlotted: boolean;
  plot(): void;
}

function SignalRow({ signal, isHeld, tally, comment, isPlotted, plot }: SignalRowProps) {
  const last = tally?.last;
  return (
    <tr class={isPlotted ? 'is-chosen' : ''} data-signal={signal.name}>
      <th scope="row">
        <button
          type="button"
          class="row-button"
          aria-current={isPlotted ? 'true' : undefined}
          title={comment}
          onClick={plot}
        >
          <span class={`letter ${isHeld ? `hue-${signal.slot % 10}` : 'is-away'}`}>{signalLetter(signal.slot)}</span>
          {signal.name}
        </button>
      </th>
      <td class="number" data-last={last && String(last.value)}>
        {last ? valueText(last.value, signal) : '–'}
      </td>
      <td>{signal.unit}</td>
      <td>{last?.label}</td>
      <td class="number">{tally ? valueText(tally.minimum, signal) : '–'}</td>
      <td class="number">{tally ? valueText(tally.maximum, signal) : '–'}</td>
      <td>
        <code>
          {signal.startBit}|{signal.length}
        </code>{' '}
        {signal.byteOrder === 'intel' ? 'Intel' : 'Motorola'}
        {remarks(tally).map((remark) => (
          <span key={remark} class="remark">
            {remark}
          </span>
        ))}
      </td>
    </tr>
  );
}

function remarks(tally: SignalTally | undefined): string[] {
  const found: string[] = [];
  if (tally === undefined) return found;
  if (tally.outOfRange > 0) found.push(`${countText(tally.outOfRange)} out of range`);
  if (tally.absent > 0) found.push(`absent from ${countText(tally.absent)} short frames`);
  if (tally.last?.status !== undefined && tally.last.status !== 'out-of-range')
    found.push(`last: ${tally.last.status}`);
  return found;
}
