import { logFormatNames } from '../../../edge/can/index.ts';
import type { DecodedView, LogView } from './analysis/protocol.ts';
import { countText, durationText, idText, percentText, pluralText } from './view/format.ts';

interface LogCardProps {
  log: LogView;
  decoded: DecodedView | undefined;
  hasDecoder: boolean;
}

const unknownIdsShown = 12;

/** What became of every line and every frame of a log. */
export function LogCard({ log, decoded, hasDecoder }: LogCardProps) {
  const { stats } = log;
  const duration = decoded && `, ${durationText((decoded.endUs - decoded.startUs) / 1e6)}`;
  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">{log.fileName}</h2>
      <p class="facts">
        {logFormatNames[log.format]}, {pluralText(stats.frames, 'frame')}
        {duration}
      </p>
      {!log.isWhole && <p class="failure">Longer than 1 GiB unpacked: only its beginning was read.</p>}
      {decoded && <Frames decoded={decoded} />}
      {!hasDecoder && <p class="quiet">Choose a DBC to decode them.</p>}
      {decoded && decoded.unknownIds.length > 0 && <UnknownIds decoded={decoded} />}
      {stats.malformed > 0 && <MalformedLines log={log} />}
    </section>
  );
}

function Frames({ decoded: { frames } }: { decoded: DecodedView }) {
  const parts = [
    { name: 'decoded', count: frames.decoded, always: true },
    { name: 'not in the DBC', count: frames.unknown, always: true },
    { name: 'remote', count: frames.remote, always: false },
    { name: 'error frames', count: frames.error, always: false },
  ].filter(({ always, count }) => always || count > 0);
  return (
    <>
      <svg class="share" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="1" height="1" class="share-rest" />
        <rect width={frames.total > 0 ? frames.decoded / frames.total : 0} height="1" class="share-decoded" />
      </svg>
      <dl class="accounts">
        {parts.map(({ name, count }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-account={name}>
              {countText(count)} <span class="quiet">{percentText(count, frames.total)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function UnknownIds({ decoded: { unknownIds } }: { decoded: DecodedView }) {
  return (
    <details>
      <summary>{pluralText(unknownIds.length, 'id')} that the DBC does not have</summary>
      <ul class="ids">
        {unknownIds.slice(0, unknownIdsShown).map(({ id, extended, frames }) => (
          <li key={`${extended} ${id}`}>
            <code>{idText(id, extended)}</code> <span class="quiet">{countText(frames)}</span>
          </li>
        ))}
        {unknownIds.length > unknownIdsShown && <li class="quiet">and {unknownIds.length - unknownIdsShown} more</li>}
      </ul>
    </details>
  );
}

function MalformedLines({ log: { stats } }: { log: LogView }) {
  return (
    <details open>
      <summary data-account="malformed">{pluralText(stats.malformed, 'malformed line')}</summary>
      <ol class="diagnostics">
        {stats.firstMalformed.map(({ line, text, reason }) => (
          <li key={line} class="is-warning">
            <span class="place">{line}</span>
            <span class="what">{reason}</span>
            <code class="excerpt">{text}</code>
          </li>
        ))}
        {stats.malformed > stats.firstMalformed.length && <li class="quiet">and more</li>}
      </ol>
    </details>
  );
}
