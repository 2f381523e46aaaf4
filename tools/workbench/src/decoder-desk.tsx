import { DecoderCard } from './decoder-card.tsx';
import { DropFiles } from './drop-files.tsx';
import { LogCard } from './log-card.tsx';
import { MessageDetail } from './message-detail.tsx';
import { MessageTable } from './message-table.tsx';
import { useDesk } from './use-desk.ts';

/** The page: what came in on top, messages below it, and the chosen one beside them. */
export function DecoderDesk() {
  const { state, change, take } = useDesk();
  const { decoder, log, decoded, messageIndex, signalIndex, series } = state;
  const message = decoder && messageIndex !== undefined ? decoder.messages[messageIndex] : undefined;
  return (
    <>
      <header class="page-head">
        <h1>
          Decoder desk <span class="product">miner workbench</span>
        </h1>
        <p>Check a DBC against a log of the bus. Both stay in this browser: the page may not send anything anywhere.</p>
      </header>
      <main>
        <DropFiles state={state} take={take} />
        {!decoder && !log && <Welcome />}
        <div class="cards">
          {decoder && <DecoderCard decoder={decoder} />}
          {log && <LogCard log={log} decoded={decoded} hasDecoder={decoder !== undefined} />}
        </div>
        {decoder && message && messageIndex !== undefined && (
          <div class="bench">
            <MessageTable
              decoder={decoder}
              decoded={decoded}
              chosen={messageIndex}
              choose={(index) => change({ kind: 'choose-message', messageIndex: index })}
            />
            <MessageDetail
              key={`${decoder.hashes.contentHash} ${messageIndex}`}
              message={message}
              tally={decoded?.messages[messageIndex]}
              decoded={decoded}
              comments={decoder.comments}
              plotted={signalIndex}
              series={series?.signalIndex === signalIndex ? series : undefined}
              plot={(index) => change({ kind: 'choose-signal', signalIndex: index })}
            />
          </div>
        )}
      </main>
    </>
  );
}

/** What the page is for, while there is nothing on it. */
function Welcome() {
  return (
    <section class="card welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">What it shows</h2>
      <ul>
        <li>
          <strong>From a DBC:</strong> every deviation from the language with its line and column, the three hashes by
          which a vote names a decoder, and where each signal lies in its message.
        </li>
        <li>
          <strong>From a log:</strong> which lines are frames, and which are not and why.
        </li>
        <li>
          <strong>From both:</strong> what became of every frame, the last value and the range of every signal, and any
          of them over time. The code is the Miner's own, and so is the compiled module that decodes.
        </li>
      </ul>
    </section>
  );
}
