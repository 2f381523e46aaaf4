import { useState } from 'preact/hooks';
import type { PlanMessage } from '../../../edge/decode/index.ts';
import type { DecodedView, MessageTally, Series } from './analysis/protocol.ts';
import { BitGrid } from './bit-grid.tsx';
import { Plot } from './plot.tsx';
import { SignalTable } from './signal-table.tsx';
import { idText } from './view/format.ts';
import { choiceHolding, type MultiplexChoice, selectorValues, signalsHeld } from './view/multiplex-choice.ts';

interface MessageDetailProps {
  message: PlanMessage;
  tally: MessageTally | undefined;
  decoded: DecodedView | undefined;
  comments: ReadonlyMap<string, string>;
  /** signalIndex of the signal plotted. */
  plotted: number | undefined;
  series: Series | undefined;
  plot(signalIndex: number): void;
}

/** One message: its bits, its signals, and one of them over time. */
export function MessageDetail({ message, tally, decoded, comments, plotted, series, plot }: MessageDetailProps) {
  const signal = message.signals.find(({ signalIndex }) => signalIndex === plotted);
  const [picked, setPicked] = useState<MultiplexChoice>();
  const ofLastFrame = lastSelectors(message, decoded);
  const choice = picked ?? (signal ? choiceHolding(message, signal, ofLastFrame) : ofLastFrame);
  const held = signalsHeld(message, choice);
  // The bits of a frame with another layout would be read as signals that it does not hold.
  const isLastFrame = held.every(({ slot }) => choice.get(slot) === ofLastFrame.get(slot));
  const comment = comments.get(message.name);
  return (
    <section class="card detail" aria-labelledby="detail-title">
      <h2 id="detail-title">
        {message.name} <code>{idText(message.id, message.extended)}</code>
      </h2>
      {comment && <p class="comment">{comment}</p>}
      <Selectors message={message} choice={choice} change={setPicked} />
      <div class="bits-and-plot">
        <BitGrid
          message={message}
          signals={held}
          plotted={plotted}
          payload={isLastFrame ? tally?.lastPayload : undefined}
        />
        {signal && decoded && <Plot signal={signal} series={series} endS={(decoded.endUs - decoded.startUs) / 1e6} />}
      </div>
      <SignalTable
        message={message}
        held={held}
        decoded={decoded}
        comments={comments}
        plotted={plotted}
        plot={(chosen) => {
          setPicked(choiceHolding(message, chosen, choice));
          plot(chosen.signalIndex);
        }}
      />
    </section>
  );
}

/** Raw values that the log's last frames gave the selectors. */
function lastSelectors(message: PlanMessage, decoded: DecodedView | undefined): MultiplexChoice {
  const choice = new Map<number, bigint>();
  for (const { isSelector, slot, signalIndex, scale, offset } of message.signals) {
    const last = isSelector ? decoded?.signals[signalIndex].last : undefined;
    if (last === undefined) continue;
    const raw = Math.round((Number(last.value) - offset) / scale);
    if (Number.isSafeInteger(raw)) choice.set(slot, BigInt(raw));
  }
  return choice;
}

interface SelectorsProps {
  message: PlanMessage;
  choice: MultiplexChoice;
  change(choice: MultiplexChoice): void;
}

/** A multiplexed message has many layouts: which one to draw. */
function Selectors({ message, choice, change }: SelectorsProps) {
  const selectors = message.signals
    .map((selector) => ({ selector, values: selectorValues(message, selector) }))
    .filter(({ values }) => values.length > 0);
  if (selectors.length === 0) return null;
  return (
    <p class="selectors">
      Layout where
      {selectors.map(({ selector, values }) => (
        <label key={selector.slot}>
          {selector.name} is{' '}
          <select
            value={String(choice.get(selector.slot) ?? values[0])}
            onChange={({ currentTarget }) => change(new Map(choice).set(selector.slot, BigInt(currentTarget.value)))}
          >
            {withValue(values, choice.get(selector.slot)).map((value) => (
              <option key={value} value={String(value)}>
                {String(value)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </p>
  );
}

/** A log may hold values between the ones listed, or that select nothing. */
function withValue(values: bigint[], value: bigint | undefined): bigint[] {
  return value === undefined || values.includes(value) ? values : [...values, value];
}
