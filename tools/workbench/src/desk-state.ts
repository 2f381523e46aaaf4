/** Everything the page shows, and how it changes. */
import type { PlanMessage, PlanSignal } from '../../../edge/decode/index.ts';
import type { DecodedView, DecoderView, DeskReply, Failure, LogView, Series } from './analysis/protocol.ts';

export interface DeskState {
  /** Of the file last chosen, read or not. */
  decoderName?: string;
  logName?: string;
  decoder?: DecoderView;
  log?: LogView;
  decoded?: DecodedView;
  series?: Series;
  progress?: { step: 'reading' | 'decoding'; done: number };
  decoderFailure?: Failure;
  logFailure?: Failure;
  /** Position in the plan of the message shown. */
  messageIndex?: number;
  /** True once somebody chose it: until then the page may choose a better one. */
  isMessageChosen?: boolean;
  isSignalChosen?: boolean;
  /** The signal plotted. */
  signalIndex?: number;
}

export type DeskAction =
  | { kind: 'choose-decoder'; name: string }
  | { kind: 'choose-log'; name: string }
  | { kind: 'choose-message'; messageIndex: number }
  | { kind: 'choose-signal'; signalIndex: number }
  | { kind: 'reply'; reply: DeskReply };

export function changeDesk(state: DeskState, action: DeskAction): DeskState {
  switch (action.kind) {
    case 'choose-decoder':
      return { ...state, decoderName: action.name, decoderFailure: undefined };
    case 'choose-log':
      return {
        ...state,
        logName: action.name,
        logFailure: undefined,
        log: undefined,
        decoded: undefined,
        series: undefined,
        progress: { step: 'reading', done: 0 },
      };
    case 'choose-message':
      return { ...withMessage(state, action.messageIndex), isMessageChosen: true, isSignalChosen: false };
    case 'choose-signal':
      return { ...state, signalIndex: action.signalIndex, isMessageChosen: true, isSignalChosen: true };
    case 'reply':
      return takeReply(state, action.reply);
  }
}

function takeReply(state: DeskState, reply: DeskReply): DeskState {
  switch (reply.kind) {
    case 'decoder':
      return takeDecoder(state, reply.decoder);
    case 'progress':
      return { ...state, progress: { step: reply.step, done: reply.done } };
    case 'log':
      return { ...state, log: reply.log, progress: undefined };
    case 'decoded':
      return showMoving({ ...state, decoded: reply.decoded, progress: undefined });
    case 'series':
      return { ...state, series: reply.series };
    case 'failed':
      return reply.about === 'decoder'
        ? { ...state, decoderFailure: reply.failure, progress: undefined }
        : { ...state, logFailure: reply.failure, progress: undefined };
  }
}

/** What was chosen stays chosen by its name, so that a mended copy of a DBC opens where the last one stood. */
function takeDecoder(state: DeskState, decoder: DecoderView): DeskState {
  const before = state.messageIndex === undefined ? undefined : state.decoder?.messages[state.messageIndex];
  const found = decoder.messages.findIndex(({ name }) => name === before?.name);
  const isMessageChosen = state.isMessageChosen === true && found >= 0;
  const signalName = before?.signals.find(({ signalIndex }) => signalIndex === state.signalIndex)?.name;
  const signal = decoder.messages[found]?.signals.find(({ name }) => name === signalName);
  const isSignalChosen = isMessageChosen && state.isSignalChosen === true && signal !== undefined;
  const firstIndex = decoder.messages.length > 0 ? 0 : undefined;
  const next = withMessage(
    { ...state, decoder, decoded: undefined, series: undefined, isMessageChosen, isSignalChosen },
    found >= 0 ? found : firstIndex,
  );
  return isSignalChosen ? { ...next, signalIndex: signal.signalIndex } : next;
}

function withMessage(state: DeskState, messageIndex: number | undefined): DeskState {
  if (messageIndex === undefined) return { ...state, messageIndex, signalIndex: undefined };
  const message = state.decoder?.messages[messageIndex];
  const signal = message && worthPlotting(state, message);
  return { ...state, messageIndex, signalIndex: signal?.signalIndex };
}

/** Until a message is chosen, shows the first one with a quantity that moves. */
function showMoving(state: DeskState): DeskState {
  const { decoder, messageIndex } = state;
  if (decoder === undefined) return state;
  if (state.isMessageChosen) return state.isSignalChosen ? state : withMessage(state, messageIndex);
  const moving = decoder.messages.findIndex((message) => message.signals.some((signal) => isQuantity(state, signal)));
  return withMessage(state, moving >= 0 ? moving : messageIndex);
}

/** A quantity that moves, or else anything that moves. */
function worthPlotting(state: DeskState, { signals }: PlanMessage): PlanSignal | undefined {
  return (
    signals.find((signal) => isQuantity(state, signal)) ??
    signals.find((signal) => isMoving(state, signal)) ??
    signals[0]
  );
}

function isQuantity(state: DeskState, signal: PlanSignal): boolean {
  return signal.unit !== '' && isMoving(state, signal);
}

function isMoving({ decoded }: DeskState, { signalIndex }: PlanSignal): boolean {
  const tally = decoded?.signals[signalIndex];
  return tally !== undefined && tally.minimum < tally.maximum;
}
