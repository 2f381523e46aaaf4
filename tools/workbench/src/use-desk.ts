import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks';
import type { DeskReply, DeskRequest } from './analysis/protocol.ts';
import { changeDesk, type DeskAction, type DeskState } from './desk-state.ts';

export interface Desk {
  state: DeskState;
  change(action: DeskAction): void;
  /** Hands files to the worker: a name that ends in .dbc is a decoder, everything else a log. */
  take(files: Iterable<File>): void;
}

/** The page's state, and the worker that feeds it. */
export function useDesk(): Desk {
  const [state, change] = useReducer<DeskState, DeskAction>(changeDesk, {});
  const worker = useRef<Worker>(undefined);
  useEffect(() => {
    const started = new Worker(new URL('./analysis/desk-worker.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<DeskReply>) => change({ kind: 'reply', reply: data }));
    worker.current = started;
    return () => started.terminate();
  }, []);

  const { decoded, signalIndex } = state;
  useEffect(() => {
    if (decoded !== undefined && signalIndex !== undefined) ask(worker.current, { kind: 'series', signalIndex });
  }, [decoded, signalIndex]);

  const take = useCallback((files: Iterable<File>) => {
    for (const file of files) {
      const kind = /\.dbc$/i.test(file.name) ? 'decoder' : 'log';
      change({ kind: `choose-${kind}`, name: file.name });
      ask(worker.current, { kind, file });
    }
  }, []);
  return { state, change, take };
}

function ask(worker: Worker | undefined, request: DeskRequest): void {
  worker?.postMessage(request);
}
