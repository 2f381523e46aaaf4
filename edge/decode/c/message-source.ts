/** The C functions of one message: unpack into the struct, physical values of the struct, one signal's value and range. */
import { bytesNeeded, canLeaveRange, isSigned, offsetIsNeutral } from '../layout.ts';
import { type Branch, branchesBySelector } from '../multiplexer.ts';
import type { PlanSignal } from '../types.ts';
import { dispatchLines, indented } from './dispatch.ts';
import { doubleLiteral } from './literals.ts';
import type { MessageNames, SignalNames } from './message-names.ts';
import { readBytes, Words } from './read-bits.ts';

export interface SourceStyle {
  /** Stem of the file's names. */
  file: string;
  /** How unpack reads. */
  reads: 'words' | 'bytes';
}

/** `static` or nothing, as the user's build wants it. */
export const apiMacro = ({ file }: Pick<SourceStyle, 'file'>): string => `${file.toUpperCase()}_API`;

/** Signals with a member, in slot order. */
export const heldSignals = (names: MessageNames): SignalNames[] =>
  names.signals.filter(({ member }) => member !== undefined);

/** Declares the words, each read as far as `bytes` reach. */
export function wordLines(words: Words, bytes: number, file: string): string[] {
  return words.all.map(({ name, motorola, firstByte }) => {
    const order = motorola ? 'be' : 'le';
    return `const uint64_t ${name} = ${file}_word_${order}(data + ${firstByte}, ${Math.min(8, bytes - firstByte)}u);`;
  });
}

/**
 * n * scale + offset. A factor of 1 and a sum that changes nothing are left out. `n` has to be a variable: gcc 12 makes -0
 * of `(double)0 * -1.0 + 0.0` in one expression, as it knows of a conversion, but not of a variable, that it is never -0.
 */
export function physicalText(signal: PlanSignal): string {
  const product = signal.scale === 1 ? 'n' : `n * ${doubleLiteral(signal.scale)}`;
  return offsetIsNeutral(signal) ? product : `${product} + ${doubleLiteral(signal.offset)}`;
}

/**
 * An integer as double. Cores convert signed 64-bit integers fast and unsigned ones slowly, small cores 32 bits
 * faster than 64; a narrower type never changes the value.
 */
export function numberText(signal: PlanSignal, raw: string): string {
  const signed = isSigned(signal);
  if (signal.length === 64 && !signed) return `(double)${raw}`;
  if (signal.length > 32) return `(double)(int64_t)${raw}`;
  return signed || signal.length < 32 ? `(double)(int32_t)${raw}` : `(double)(uint32_t)${raw}`;
}

/** `_unpack`: every member that the frame's selectors activate. */
export function unpackLines(names: MessageNames, style: SourceStyle): string[] {
  const held = heldSignals(names);
  const bytes = held.reduce((most, { signal }) => Math.max(most, bytesNeeded(signal)), 0);
  const words = new Words();
  const store = ({ signal, member, type }: SignalNames, isSelector: boolean): string[] => {
    const raw = style.reads === 'words' ? words.read(signal) : readBytes(signal);
    const kept = `selector${signal.slot}`;
    const value = isSelector ? kept : raw;
    const lines = isSelector
      ? [`${kept} = ${raw};`, ...(signal.selectorSlot < 0 ? [] : [`active${signal.slot} = true;`])]
      : [];
    if (type === 'float') return [...lines, `message->${member} = ${style.file}_float((uint32_t)${value});`];
    if (type === 'double') return [...lines, `message->${member} = ${style.file}_double(${value});`];
    return [...lines, `message->${member} = (${type})${value};`];
  };
  const body = selectionLines(names, store, (signal) => `selector${signal.slot}`, true);
  return [
    `${apiMacro(style)} int ${names.stem}_unpack(struct ${names.stem}_t *message, const uint8_t *data, size_t size)`,
    '{',
    ...indented([
      ...(held.length === 0 ? ['(void)message;', '(void)data;'] : []),
      ...(bytes > 0 ? [`if (size < ${bytes}u) {`, '    return -1;', '}'] : ['(void)size;']),
      ...(style.reads === 'words' ? wordLines(words, bytes, style.file) : []),
      ...body,
      'return 0;',
    ]),
    '}',
  ];
}

/** `_physical`: the doubles of all members that the struct's selectors activate. */
export function physicalLines(names: MessageNames, style: SourceStyle): string[] {
  const store = ({ signal, stem, member }: SignalNames, isSelector: boolean): string[] => [
    `physical[${signal.slot}] = ${stem}_decode(message->${member});`,
    ...(isSelector && signal.selectorSlot >= 0 ? [`active${signal.slot} = true;`] : []),
  ];
  const body = selectionLines(names, store, (signal) => structSelector(names, signal, style), false);
  return [
    `${apiMacro(style)} void ${names.stem}_physical(const struct ${names.stem}_t *message, double *physical)`,
    '{',
    ...indented(body.length === 0 ? ['(void)message;', '(void)physical;'] : body),
    '}',
  ];
}

function structSelector(names: MessageNames, signal: PlanSignal, { file }: SourceStyle): string {
  const { member, type } = names.signals[signal.slot];
  if (type === 'float' || type === 'double') return `${file}_${type}_bits(message->${member})`;
  return `(${isSigned(signal) ? 'int64_t' : 'uint64_t'})message->${member}`;
}

/**
 * The unmultiplexed members, then per selector what it activates. Flat however deep multiplexers nest: a selector that
 * is itself multiplexed leaves a flag.
 */
function selectionLines(
  names: MessageNames,
  store: (signal: SignalNames, isSelector: boolean) => string[],
  selectorValue: (signal: PlanSignal) => string,
  keepsSelectors: boolean,
): string[] {
  const branches = heldBranches(names);
  const storeOf = (one: SignalNames): string[] => store(one, branches.has(one.signal.slot));
  const before: string[] = [];
  const after: string[] = [];
  for (const { signal } of heldSignals(names)) {
    const own = branches.get(signal.slot);
    if (own === undefined) continue;
    if (keepsSelectors) before.push(`${isSigned(signal) ? 'int64_t' : 'uint64_t'} selector${signal.slot} = 0;`);
    const lines = dispatchLines({
      selector: signal,
      value: selectorValue(signal),
      branches: own,
      body: ({ signals }) => signals.flatMap(({ slot }) => storeOf(names.signals[slot])),
      otherwise: [],
    });
    if (signal.selectorSlot >= 0) {
      before.push(`bool active${signal.slot} = false;`);
      after.push(`if (active${signal.slot}) {`, ...indented(lines), '}');
    } else after.push(...lines);
  }
  const plain = heldSignals(names).filter(({ signal }) => signal.selectorSlot < 0);
  return [...before, ...plain.flatMap(storeOf), ...after];
}

/** As branchesBySelector, of signals with a member. */
function heldBranches(names: MessageNames): Map<number, Branch[]> {
  const held = new Map<number, Branch[]>();
  for (const [slot, branches] of branchesBySelector(names.message)) {
    const left = branches
      .map(({ ranges, signals }) => ({
        ranges,
        signals: signals.filter((signal) => names.signals[signal.slot].member !== undefined),
      }))
      .filter(({ ranges, signals }) => ranges.length > 0 && signals.length > 0);
    if (left.length > 0) held.set(slot, left);
  }
  return held;
}

/** `_decode` and `_is_in_range` of one signal. */
export function signalLines({ signal, stem, type }: SignalNames, style: SourceStyle): string[] {
  const api = apiMacro(style);
  const number = signal.valueType === 'integer' ? numberText(signal, 'raw') : '(double)raw';
  const inRange = canLeaveRange(signal)
    ? [
        `    const double value = ${stem}_decode(raw);`,
        `    return !(value < ${doubleLiteral(signal.minimum)} || value > ${doubleLiteral(signal.maximum)});`,
      ]
    : ['    (void)raw;', '    return true;'];
  return [
    `${api} double ${stem}_decode(${type} raw)`,
    '{',
    `    const double n = ${number};`,
    `    return ${physicalText(signal)};`,
    '}',
    '',
    `${api} bool ${stem}_is_in_range(${type} raw)`,
    '{',
    ...inRange,
    '}',
  ];
}
