/** Which C identifier stands for what, for a whole plan: chosen once, so that header and source agree. */
import { bytesNeeded, isSigned } from '../layout.ts';
import type { Plan, PlanMessage, PlanSignal } from '../types.ts';
import { Identifiers, identifierPart } from './identifiers.ts';
import { statusConstants } from './status-names.ts';

/** The longest payload the C knows: past it signals are absent. CAN XL carries 2,048 bytes, J1939 transports 1,785. */
export const payloadBytesMax = 65535;

export interface SignalNames {
  signal: PlanSignal;
  /** Stem of `_decode`, `_is_in_range` and `_SLOT`. */
  stem: string;
  /** Member of the message's struct; undefined when the signal, or its selector, ends past the message's length. */
  member: string | undefined;
  /** `uint8_t` ... `int64_t`, `float` or `double`. */
  type: string;
}

export interface MessageNames {
  message: PlanMessage;
  index: number;
  /** Stem of `_t`, `_unpack`, `_physical`, `_decode` and the constants. */
  stem: string;
  /** By slot. */
  signals: SignalNames[];
}

export interface PlanNames {
  /** Stem of everything, from the caller's name. */
  stem: string;
  identifiers: Identifiers;
  messages: MessageNames[];
}

/** Names at the level of the file, by what follows the stem. */
const fileNames = [
  'find',
  'decode',
  'word_le',
  'word_be',
  'part_le',
  'part_be',
  'float',
  'double',
  'float_bits',
  'double_bits',
  'nan',
  'short',
  'cover',
  'row',
  'decoders',
  'check',
];
const fileConstants = [
  'H',
  'API',
  'MESSAGES',
  'MESSAGE_COUNT',
  'SLOT_COUNT',
  'FAST_WORDS',
  'PORTABLE',
  ...statusConstants,
];
const messageNames = ['t', 'unpack', 'physical', 'decode', 'cover'];
const messageConstants = ['ID', 'IS_EXTENDED', 'LENGTH', 'INDEX', 'SIGNAL_COUNT'];

const withSuffixes = (stem: string, lower: readonly string[], upper: readonly string[]): string[] => [
  ...lower.map((suffix) => `${stem}_${suffix}`),
  ...upper.map((suffix) => `${stem}_${suffix}`.toUpperCase()),
];

/** Chooses all names. A name that begins with a digit, as a file may, gets `dbc_` before it. */
export function namePlan(plan: Plan, name: string): PlanNames {
  const identifiers = new Identifiers();
  const part = identifierPart(name);
  const stem = identifiers.claim(/^[0-9]/.test(part) ? `dbc_${part}` : part, (candidate) =>
    withSuffixes(candidate, fileNames, fileConstants),
  );
  const messages = plan.messages.map((message, index) => {
    const own = identifiers.claim(`${stem}_${identifierPart(message.name)}`, (candidate) => [
      candidate,
      ...withSuffixes(candidate, messageNames, messageConstants),
    ]);
    return { message, index, stem: own, signals: nameSignals(message, own, identifiers) };
  });
  return { stem, identifiers, messages };
}

function nameSignals(message: PlanMessage, messageStem: string, identifiers: Identifiers): SignalNames[] {
  const members = new Identifiers();
  const names: SignalNames[] = [];
  for (const signal of message.signals) {
    const stem = identifiers.claim(`${messageStem}_${identifierPart(signal.name)}`, (candidate) =>
      withSuffixes(candidate, ['decode', 'is_in_range'], ['SLOT']),
    );
    const isHeld =
      bytesNeeded(signal) <= Math.min(message.length, payloadBytesMax) &&
      (signal.selectorSlot < 0 || names[signal.selectorSlot].member !== undefined);
    names.push({ signal, stem, member: isHeld ? members.member(signal.name) : undefined, type: rawType(signal) });
  }
  return names;
}

/** The smallest type that holds the raw value. */
function rawType(signal: PlanSignal): string {
  if (signal.valueType !== 'integer') return signal.valueType === 'float32' ? 'float' : 'double';
  const bits = [8, 16, 32, 64].find((size) => signal.length <= size);
  return `${isSigned(signal) ? 'int' : 'uint'}${bits}_t`;
}
