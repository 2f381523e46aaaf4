import { useState } from 'preact/hooks';
import type { Diagnostic, Severity } from '../../../edge/dbc/index.ts';
import type { DecoderView } from './analysis/protocol.ts';
import { countText, pluralText } from './view/format.ts';

/** What a DBC is, and what is wrong with it. */
export function DecoderCard({ decoder }: { decoder: DecoderView }) {
  const { fileName, messages, encoding, hashes, diagnostics } = decoder;
  const signalCount = messages.reduce((sum, message) => sum + message.signals.length, 0);
  return (
    <section class="card" aria-labelledby="decoder-title">
      <h2 id="decoder-title">{fileName}</h2>
      <p class="facts">
        {pluralText(messages.length, 'message')}, {pluralText(signalCount, 'signal')}, {encoding}
      </p>
      <dl class="hashes">
        <Hash name="contentHash" about="the exact bytes of the file" value={hashes.contentHash} />
        <Hash name="semanticHash" about="what it means, however it is formatted" value={hashes.semanticHash} />
        <Hash
          name="moduleHash"
          about="the WebAssembly module that it compiles to, which decodes here too"
          value={typeof hashes.moduleHash === 'string' ? hashes.moduleHash : hashes.moduleHash.message}
        />
      </dl>
      <Diagnostics diagnostics={diagnostics} />
    </section>
  );
}

function Hash({ name, about, value }: { name: string; about: string; value: string }) {
  return (
    <div class="hash">
      <dt>
        {name} <span class="quiet">{about}</span>
      </dt>
      <dd data-hash={name}>{value}</dd>
    </div>
  );
}

/** Shown at first; a file of another kind altogether can bring thousands. */
const shownAtFirst = 12;
const severities: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' };

function Diagnostics({ diagnostics }: { diagnostics: Diagnostic[] }) {
  const [isAll, setAll] = useState(false);
  const counts = Object.entries(severities).map(([severity, word]) =>
    pluralText(diagnostics.filter((d) => d.severity === severity).length, word),
  );
  const shown = isAll ? diagnostics : diagnostics.slice(0, shownAtFirst);
  return (
    <section aria-labelledby="diagnostics-title">
      <h3 id="diagnostics-title">
        Diagnostics <span class="quiet">{counts.join(', ')}</span>
      </h3>
      {diagnostics.length === 0 && <p class="good">Nothing deviates from the language.</p>}
      <ol class="diagnostics">
        {shown.map((diagnostic) => (
          <li
            key={`${diagnostic.line}:${diagnostic.column}:${diagnostic.code}:${diagnostic.message}`}
            class={`is-${diagnostic.severity}`}
          >
            <span class="place">
              {diagnostic.line}:{diagnostic.column}
            </span>
            <span class="severity">{diagnostic.severity}</span> <code>{diagnostic.code}</code>
            <span class="what">{diagnostic.message}</span>
            <code class="excerpt">{diagnostic.excerpt}</code>
          </li>
        ))}
      </ol>
      {shown.length < diagnostics.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {countText(diagnostics.length)}
        </button>
      )}
    </section>
  );
}
