/** What the page and its worker tell each other. Everything here survives a structured clone. */
import type { LogFormat, LogStats } from '../../../../edge/can/index.ts';
import type { Diagnostic, Encoding } from '../../../../edge/dbc/index.ts';
import type { PlanMessage } from '../../../../edge/decode/index.ts';

/** Page to worker. A newer file of the same kind takes the older one's place, also while that is being read. */
export type DeskRequest =
  | { kind: 'decoder'; file: File }
  | { kind: 'log'; file: File }
  | { kind: 'series'; signalIndex: number };

/** Worker to page. */
export type DeskReply =
  | { kind: 'decoder'; decoder: DecoderView }
  | { kind: 'progress'; step: 'reading' | 'decoding'; done: number }
  | { kind: 'log'; log: LogView }
  | { kind: 'decoded'; decoded: DecodedView }
  | { kind: 'series'; series: Series }
  | { kind: 'failed'; about: 'decoder' | 'log'; failure: Failure };

/** An error's words, as the command line would print them. */
export interface Failure {
  message: string;
  hint: string;
}

/** A DBC as the page shows it. */
export interface DecoderView {
  fileName: string;
  encoding: Encoding;
  hashes: {
    contentHash: string;
    semanticHash: string;
    /** A failure where a message is too large to compile. */
    moduleHash: string | Failure;
  };
  diagnostics: Diagnostic[];
  /** In the order of the plan. */
  messages: PlanMessage[];
  /** Of messages and signals, where the file has any: by message name, or message name, a dot and signal name. */
  comments: Map<string, string>;
}

/** A log as it was read, whatever the decoder. */
export interface LogView {
  fileName: string;
  format: LogFormat;
  stats: LogStats;
  /** False when the log is longer than the page holds. */
  isWhole: boolean;
}

/** What the decoder made of the log. Each frame is counted once. */
export interface DecodedView {
  frames: { total: number; decoded: number; unknown: number; remote: number; error: number };
  /** Microseconds of the first and last frame, in the log's own origin; NaN for a log without frames. */
  startUs: number;
  endUs: number;
  /** As in the plan. */
  messages: MessageTally[];
  /** By signalIndex. */
  signals: SignalTally[];
  /** Ids the DBC does not have, most frames first. */
  unknownIds: { id: number; extended: boolean; frames: number }[];
}

export interface MessageTally {
  frames: number;
  /** From its first to its last frame; NaN below two frames. */
  framesPerSecond: number;
  /** The last frame's; empty without one. */
  lastPayload: Uint8Array;
}

/** How one signal fared in the log. */
export interface SignalTally {
  /** Frames that held it. */
  held: number;
  /** Frames too short for it. */
  absent: number;
  outOfRange: number;
  /** Physical; NaN when no frame held it. */
  minimum: number;
  maximum: number;
  /** Of the last frame that held it. */
  last?: { value: number | bigint; label?: string; status?: string; timeUs: number };
}

/** One signal over time, thinned out where there are more points than a screen has columns. */
export interface Series {
  signalIndex: number;
  /** Seconds since the log's first frame, in the order of the log. */
  timeS: Float64Array;
  /** Physical values. */
  value: Float64Array;
  /** How many there were before. */
  pointCount: number;
}
