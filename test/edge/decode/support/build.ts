/** Databases written by hand: what a test doesn't mention gets the dullest value. */
import type { Database, Message, Signal } from '../../../../edge/dbc/model.ts';
import { compilePlan, type FrameDecoder, type Plan } from '../../../../edge/decode/index.ts';

export function signal(name: string, facts: Partial<Signal> = {}): Signal {
  return {
    name,
    startBit: 0,
    length: 8,
    byteOrder: 'intel',
    signed: false,
    valueType: 'integer',
    scale: 1,
    offset: 0,
    scaleText: `${facts.scale ?? 1}`,
    offsetText: `${facts.offset ?? 0}`,
    minText: `${facts.minimum ?? 0}`,
    maxText: `${facts.maximum ?? 0}`,
    minimum: 0,
    maximum: 0,
    unit: '',
    receivers: [],
    isSelector: false,
    labels: [],
    attributes: new Map(),
    ...facts,
  };
}

/** `by('Mode', 1, [3n, 5n])`: active while Mode's raw value is 1 or 3 to 5. */
export function by(selector: string, ...values: (number | [bigint, bigint])[]): Signal['multiplexedBy'] {
  const ranges = values.map((value) =>
    typeof value === 'number' ? { from: BigInt(value), to: BigInt(value) } : { from: value[0], to: value[1] },
  );
  return { selector, ranges };
}

export function message(id: number, signals: Signal[], facts: Partial<Message> = {}): Message {
  return {
    name: `Message${id.toString(16)}`,
    id,
    extended: false,
    length: 8,
    sender: 'Vector__XXX',
    transmitters: [],
    signals,
    signalGroups: [],
    fd: false,
    j1939: false,
    attributes: new Map(),
    ...facts,
  };
}

export function database(...messages: Message[]): Database {
  return {
    version: '',
    newSymbols: [],
    bitTiming: '',
    nodes: [],
    valueTables: new Map(),
    messages,
    environmentVariables: [],
    attributeDefinitions: [],
    attributes: new Map(),
    relationAttributes: [],
    signalTypes: [],
    unknownSections: [],
  };
}

/** A plan of one message with id 0x100. */
export function planOf(signals: Signal[], facts: Partial<Message> = {}): Plan {
  return compilePlan(database(message(0x100, signals, facts)));
}

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export interface Outcome {
  physical: number;
  raw: number | bigint;
  status: number;
}

/** Everything a decoder says about the message it last returned, by signal name. */
export function outcomes(decoder: FrameDecoder, signals: Plan['signals']): Record<string, Outcome> {
  return Object.fromEntries(
    signals.map(({ name, slot }) => [
      name,
      { physical: decoder.physical[slot], raw: decoder.rawAt(slot), status: decoder.status[slot] },
    ]),
  );
}
