import { useState } from 'preact/hooks';
import type { PlanMessage } from '../../../edge/decode/index.ts';
import type { DecodedView, DecoderView } from './analysis/protocol.ts';
import { countText, idText, rateText } from './view/format.ts';

interface MessageTableProps {
  decoder: DecoderView;
  decoded: DecodedView | undefined;
  /** Positions in the plan. */
  chosen: number;
  choose(messageIndex: number): void;
}

/** More rows than this make scrolling slow, and nobody reads them. */
const rowsMax = 400;

/** Every message of the DBC, with what the log has of it. */
export function MessageTable({ decoder, decoded, chosen, choose }: MessageTableProps) {
  const [filter, setFilter] = useState('');
  const found = decoder.messages
    .map((message, index) => ({ message, index }))
    .filter(({ message }) => matches(message, filter.trim().toLowerCase()));
  return (
    <section class="card messages" aria-labelledby="messages-title">
      <div class="title-row">
        <h2 id="messages-title">Messages</h2>
        <input
          type="search"
          aria-label="Filter by message, signal or id"
          placeholder="Name, signal or id"
          value={filter}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="List of messages">
        <table>
          <thead>
            <tr>
              <th scope="col">Message</th>
              <th scope="col">Id</th>
              <th scope="col" class="number">
                Bytes
              </th>
              <th scope="col" class="number">
                Signals
              </th>
              <th scope="col" class="number">
                Cycle ms
              </th>
              <th scope="col" class="number">
                Frames
              </th>
              <th scope="col" class="number">
                Per s
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, rowsMax).map(({ message, index }) => (
              <MessageRow
                key={index}
                message={message}
                tally={decoded?.messages[index]}
                isChosen={index === chosen}
                choose={() => choose(index)}
              />
            ))}
          </tbody>
        </table>
      </section>
      {found.length === 0 && <p class="quiet">No message has that in its name, its id or its signals.</p>}
      {found.length > rowsMax && (
        <p class="quiet">
          The first {rowsMax} of {countText(found.length)}: filter to see the others.
        </p>
      )}
    </section>
  );
}

interface MessageRowProps {
  message: PlanMessage;
  tally: DecodedView['messages'][number] | undefined;
  isChosen: boolean;
  choose(): void;
}

function MessageRow({ message, tally, isChosen, choose }: MessageRowProps) {
  const isSilent = tally !== undefined && tally.frames === 0;
  return (
    <tr class={`${isChosen ? 'is-chosen' : ''} ${isSilent ? 'is-silent' : ''}`}>
      <th scope="row">
        <button type="button" class="row-button" aria-current={isChosen ? 'true' : undefined} onClick={choose}>
          {message.name}
        </button>
      </th>
      <td>
        <code>{idText(message.id, message.extended)}</code>
      </td>
      <td class="number">{message.length}</td>
      <td class="number">{message.signals.length}</td>
      <td class="number">{message.cycleTimeMs || '–'}</td>
      <td class="number">{tally ? countText(tally.frames) : '–'}</td>
      <td class="number">{tally ? rateText(tally.framesPerSecond) : '–'}</td>
    </tr>
  );
}

function matches(message: PlanMessage, text: string): boolean {
  if (text === '') return true;
  return (
    message.name.toLowerCase().includes(text) ||
    idText(message.id, message.extended).toLowerCase().includes(text) ||
    String(message.id) === text ||
    message.signals.some((signal) => signal.name.toLowerCase().includes(text))
  );
}
