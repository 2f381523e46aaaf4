/** What a difference between two decoders is called, and how it is worded. */
import { printable } from '../printable.ts';

/**
 * What changed. Those of `metadata` kind leave every decoded value, name, unit and label as it was; all others are
 * part of what `semanticHash` covers.
 */
export type ChangeKind =
  | 'message-added'
  | 'message-removed'
  | 'message-renamed'
  /** Another arbitration id, the name kept. */
  | 'message-id'
  /** Another payload length. */
  | 'message-resized'
  /** Matched by PGN now, or no longer. */
  | 'message-matching'
  | 'signal-added'
  | 'signal-removed'
  /** Another name for the same bits. */
  | 'signal-renamed'
  /** Other bits of the same number: start bit or byte order. */
  | 'signal-moved'
  | 'signal-resized'
  /** Signed, unsigned or float. */
  | 'signal-retyped'
  | 'signal-rescaled'
  | 'signal-ranged'
  | 'signal-unit'
  | 'signal-labels'
  /** Selected by other values or another selector, or a selector itself now, or no longer. */
  | 'signal-multiplexed'
  /** Comments, attributes, nodes, cycle times and the like. */
  | 'metadata';

/** One difference, in words and as facts. */
export interface Change {
  kind: ChangeKind;
  /** Where it is, as the newer of the two databases that has it says; none for what belongs to the whole file. */
  message?: string;
  /** `0x1A0`, three or eight hex digits. */
  id?: string;
  signal?: string;
  /** What it was and what it is, where one thing has two states. */
  before?: string;
  after?: string;
  /** One sentence without a full stop, in which the place is not repeated. */
  text: string;
}

/** True for what no decoded value, name, unit or label depends on. */
export function isMetadata({ kind }: Change): boolean {
  return kind === 'metadata';
}

/**
 * The changes as lines, grouped by message, safe for a terminal.
 * @example
 * changesText(changes)
 * // 0x1A0 Speed
 * //   WheelSpeed: factor and offset changed from 0.01, 0 to 0.02, 0
 */
export function changeLines(changes: readonly Change[]): string[] {
  const lines: string[] = [];
  let last: string | undefined;
  for (const { message, id, signal, text } of changes) {
    const heading = message === undefined ? 'file' : `${id} ${message}`;
    if (heading !== last) lines.push(printable(heading));
    last = heading;
    lines.push(`  ${printable(signal === undefined ? text : `${signal}: ${text}`)}`);
  }
  return lines;
}
