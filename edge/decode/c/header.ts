/** The header: constants, structs and declarations. */
import { isSigned, rawLimits } from '../layout.ts';
import type { Plan } from '../types.ts';
import { SignalStatus } from '../types.ts';
import { commentText, identifierPart } from './identifiers.ts';
import { integerLiteral } from './literals.ts';
import type { MessageNames, PlanNames, SignalNames } from './message-names.ts';
import { apiMacro, heldSignals } from './message-source.ts';
import { statusSuffixes } from './status-names.ts';

/** Writes the header of a plan whose names are chosen. */
export function headerText(plan: Plan, names: PlanNames): string {
  const { stem, messages } = names;
  const upper = stem.toUpperCase();
  const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
  return [
    ...opening(stem),
    '',
    `#define ${upper}_MESSAGE_COUNT ${messages.length}`,
    '/* Signals of the largest message: the length the arrays given to the decode functions must have. */',
    `#define ${upper}_SLOT_COUNT ${slots}`,
    '',
    ...statusLines(upper),
    '',
    ...messageList(names),
    '',
    ...frameFunctions(stem),
    ...messages.flatMap((message) => ['', ...messageLines(message, names)]),
    '',
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
    '',
  ].join('\n');
}

function opening(stem: string): string[] {
  const upper = stem.toUpperCase();
  return [
    '/* Generated from a DBC file. Same file, same text. */',
    `#ifndef ${upper}_H`,
    `#define ${upper}_H`,
    '',
    '#include <stdbool.h>',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    '/* Goes before every function; define it as static to include the source file into another. */',
    `#ifndef ${upper}_API`,
    `#define ${upper}_API`,
    '#endif',
  ];
}

const statusMeaning: Record<keyof typeof SignalStatus, string> = {
  ok: 'The value stands.',
  outOfRange: 'The value stands, but lies outside minimum and maximum.',
  absent: 'The frame is too short to hold the signal, or its selector; NaN and 0.',
  inactive: 'Its multiplexer selects other signals in this frame; NaN and 0.',
  unknownMultiplexer: 'Of a selector: no signal hangs on this raw value. The value stands.',
  error: 'J1939: the error indicator. The value stands.',
  notAvailable: 'J1939: not available. The value stands.',
};

function statusLines(upper: string): string[] {
  const names = Object.keys(SignalStatus) as (keyof typeof SignalStatus)[];
  return names.flatMap((name) => [
    `/* ${statusMeaning[name]} */`,
    `#define ${upper}_${statusSuffixes[name]} ${SignalStatus[name]}`,
  ]);
}

/** An X macro, so that a program can do something for every message. */
function messageList({ stem, messages }: PlanNames): string[] {
  const rows = messages.map(({ stem: message, index }) => `    X(${message}, ${index})`);
  return [
    '/* X(name, index) for every message. */',
    [`#define ${stem.toUpperCase()}_MESSAGES(X)`, ...rows].join(' \\\n'),
  ];
}

function frameFunctions(stem: string): string[] {
  const api = apiMacro({ file: stem });
  return [
    '/*',
    ' * Index of the message that frames with this key carry, or -1. The key is the arbitration id, with bit 31 set when it',
    ' * has 29 bits. J1939 messages answer to their parameter group too.',
    ' */',
    `${api} int ${stem}_find(uint32_t key);`,
    '',
    '/*',
    ' * Finds and decodes one data frame of any size, short ones included; never reads past `size` bytes. Of each signal the',
    ' * slot _SLOT receives: raw * scale + offset; the raw integer (signed ones sign-extended: cast to int64_t; floats as their',
    ' * bit pattern); the status. Returns the index, or -1 with nothing written.',
    ' */',
    `${api} int ${stem}_decode(uint32_t key, const uint8_t *data, size_t size, double *physical, uint64_t *raw, uint8_t *status);`,
  ];
}

function messageLines(names: MessageNames, { identifiers, stem: file }: PlanNames): string[] {
  const { message, stem, index, signals } = names;
  const upper = stem.toUpperCase();
  const api = apiMacro({ file });
  const id =
    message.id <= 0xffffffff ? `UINT32_C(0x${message.id.toString(16)})` : `UINT64_C(0x${message.id.toString(16)})`;
  return [
    `/* ${commentText(message.name)} */`,
    `#define ${upper}_ID ${id}`,
    `#define ${upper}_IS_EXTENDED ${message.extended ? 1 : 0}`,
    `#define ${upper}_LENGTH ${message.length}u`,
    `#define ${upper}_INDEX ${index}`,
    `#define ${upper}_SIGNAL_COUNT ${signals.length}u`,
    ...signals.flatMap((signal) => constantLines(signal, names, identifiers)),
    '',
    ...structLines(names),
    '',
    '/* Reads the members that the frame activates; the others keep what they held. -1 when the frame is too short, else 0. */',
    `${api} int ${stem}_unpack(struct ${stem}_t *message, const uint8_t *data, size_t size);`,
    '/* Writes raw * scale + offset of the activated members to the slots of their signals. */',
    `${api} void ${stem}_physical(const struct ${stem}_t *message, double *physical);`,
    `/* As ${file}_decode, when the message is known. */`,
    `${api} void ${stem}_decode(const uint8_t *data, size_t size, double *physical, uint64_t *raw, uint8_t *status);`,
    ...signals.flatMap(({ stem: signal, type }) => [
      `${api} double ${signal}_decode(${type} raw);`,
      `${api} bool ${signal}_is_in_range(${type} raw);`,
    ]),
  ];
}

/** The slot, and a constant for each label that the signal can carry. */
function constantLines(
  { signal, stem }: SignalNames,
  names: MessageNames,
  identifiers: PlanNames['identifiers'],
): string[] {
  const limits = rawLimits(signal);
  const labels = signal.valueType === 'integer' ? signal.labels : [];
  return [
    `#define ${stem.toUpperCase()}_SLOT ${names.signals[signal.slot].signal.slot}u`,
    ...labels
      .filter(({ raw }) => raw >= limits.minimum && raw <= limits.maximum)
      .map(({ raw, text }) => {
        const label = identifiers.claim(`${stem}_${identifierPart(text)}`, (candidate) => [
          `${candidate}_choice`.toUpperCase(),
        ]);
        return `#define ${`${label}_choice`.toUpperCase()} ${integerLiteral(raw, isSigned(signal))}`;
      }),
  ];
}

function structLines(names: MessageNames): string[] {
  const held = heldSignals(names);
  const left = names.signals.length - held.length;
  const members = held.flatMap(({ signal, member, type }) => {
    const unit = signal.unit === '' ? '' : `, ${commentText(signal.unit)}`;
    const range = signal.hasRange ? `, ${signal.minimum} to ${signal.maximum}` : '';
    const selected = signal.selectorSlot < 0 ? '' : `, selected by ${names.signals[signal.selectorSlot].member}`;
    return [
      `    /* ${commentText(signal.name)}: * ${signal.scale} + ${signal.offset}${range}${unit}${selected} */`,
      `    ${type} ${member};`,
    ];
  });
  return [
    ...(left === 0
      ? []
      : [
          `/* ${left} signals end past the message's ${names.message.length} bytes: only ${names.stem}_decode reads them. */`,
        ]),
    `struct ${names.stem}_t {`,
    ...(held.length === 0 ? ['    /* No signals; C wants a member. */', '    uint8_t nothing;'] : members),
    '};',
  ];
}
