import { useEffect, useState } from 'preact/hooks';
import type { Failure } from './analysis/protocol.ts';
import type { DeskState } from './desk-state.ts';

interface DropFilesProps {
  state: DeskState;
  take(files: Iterable<File>): void;
}

/** Two file fields for keyboard and finger; the whole page takes what is dropped on it. */
export function DropFiles({ state, take }: DropFilesProps) {
  const isOver = useDroppedFiles(take);
  const { progress } = state;
  return (
    <section class={isOver ? 'drop is-over' : 'drop'} aria-label="Files">
      <FileField
        id="dbc-file"
        title="Decoder"
        accept=".dbc"
        expects="a DBC file"
        name={state.decoderName}
        failure={state.decoderFailure}
        take={take}
      />
      <FileField
        id="log-file"
        title="Log"
        accept=".log,.txt,.csv,.gz"
        expects="candump, ASC, BLF, TRC or SavvyCAN CSV, gzip too"
        name={state.logName}
        failure={state.logFailure}
        take={take}
      />
      <p class="drop-hint">Drop either anywhere on the page. A file that ends in .dbc is the decoder.</p>
      <div class="progress" role="status">
        {progress && (
          <>
            <label for="progress">{progress.step === 'reading' ? 'Reading the log' : 'Decoding'}</label>
            <progress id="progress" value={progress.done} max={1} />
          </>
        )}
      </div>
    </section>
  );
}

interface FileFieldProps {
  id: string;
  title: string;
  accept: string;
  expects: string;
  name: string | undefined;
  failure: Failure | undefined;
  take(files: Iterable<File>): void;
}

function FileField({ id, title, accept, expects, name, failure, take }: FileFieldProps) {
  return (
    <div class="file-field">
      <input
        id={id}
        type="file"
        accept={accept}
        aria-describedby={`${id}-about`}
        onChange={({ currentTarget }) => {
          take(currentTarget.files ?? []);
          // So that choosing the same file again, after an edit, counts as a change.
          currentTarget.value = '';
        }}
      />
      <label for={id}>
        <span class="file-title">{title}</span>
        <span class="file-name">{name ?? `Choose ${expects}`}</span>
      </label>
      <div id={`${id}-about`} role="alert" class="failure">
        {failure && (
          <>
            <strong>{failure.message}</strong>
            <br />
            To do: {failure.hint}
          </>
        )}
      </div>
    </div>
  );
}

/** @returns whether files are being held over the page */
function useDroppedFiles(take: (files: Iterable<File>) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Within the page, leaving one element means entering another.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer?.files ?? []);
    };
    const { body } = document;
    body.addEventListener('dragover', over);
    body.addEventListener('dragleave', leave);
    body.addEventListener('drop', drop);
    return () => {
      body.removeEventListener('dragover', over);
      body.removeEventListener('dragleave', leave);
      body.removeEventListener('drop', drop);
    };
  }, [take]);
  return isOver;
}
