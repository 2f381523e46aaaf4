/** How arbitration ids are written, and found again by what people type. */
import type { Message } from '../../edge/dbc/index.ts';
import { toolError } from '../errors/index.ts';
import { nearest } from './nearest.ts';

type Identified = Pick<Message, 'id' | 'extended'>;

/** The id as a DBC writes it: bit 31 stands for 29 bits. Unique in a database. */
export function messageKey({ id, extended }: Identified): number {
  return extended ? id + 0x80000000 : id;
}

/**
 * Three hex digits for 11 bits, eight for 29, as candump writes them.
 * @example idText({ id: 0x1a0, extended: false })  // '0x1A0'
 */
export function idText({ id, extended }: Identified): string {
  const digits = id.toString(16).toUpperCase();
  return `0x${digits.padStart(extended ? 8 : 3, '0')}`;
}

/**
 * The one message a word means: its name, its long name, or its id, decimal or as 0x hex, with or without bit 31.
 * @throws {MinerError} `DBC_MESSAGE_UNKNOWN` with the nearest names, `DBC_MESSAGE_AMBIGUOUS` with the ids to choose from
 */
export function findMessage(messages: readonly Message[], wanted: string): Message {
  const candidates = matches(messages, wanted);
  if (candidates.length === 1) return candidates[0];
  if (candidates.length > 1)
    throw toolError('DBC_MESSAGE_AMBIGUOUS', {
      wanted,
      candidates: candidates.map(nameAndId),
      bit31: bothFormats(candidates),
    });
  throw toolError('DBC_MESSAGE_UNKNOWN', {
    wanted,
    near: nearest(
      wanted,
      messages.map(({ name }) => name),
    ),
    count: messages.length,
  });
}

function matches(messages: readonly Message[], wanted: string): Message[] {
  const named = messages.filter(({ name }) => name === wanted);
  if (named.length > 0) return named;
  const longNamed = messages.filter(({ longName }) => longName === wanted);
  if (longNamed.length > 0) return longNamed;
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(wanted)) return [];
  const number = Number(wanted);
  return messages.filter((message) => message.id === number || messageKey(message) === number);
}

/** A number that is both an 11-bit and a 29-bit id: bit 31 tells them apart, eight hex digits do not. */
function bothFormats([first, ...rest]: readonly Message[]): boolean {
  return rest.some(({ id, extended }) => id === first.id && extended !== first.extended);
}

function nameAndId(message: Message): string {
  return `${message.name} (${idText(message)}${message.extended ? ', extended' : ''})`;
}
