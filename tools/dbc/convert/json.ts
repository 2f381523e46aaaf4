/** A database as JSON and back: the whole model, so that other programs can read and write DBC files through it. */
import {
  type AttributeDefinition,
  type AttributeTarget,
  type AttributeValue,
  type Database,
  type EnvironmentVariable,
  type Message,
  type MultiplexedBy,
  type Node,
  parseDbc,
  type RelationAttribute,
  type SelectorRange,
  type Signal,
  type SignalGroup,
  type SignalType,
  type SourceComment,
  type UnknownSection,
  type ValueLabel,
  writeDbc,
} from '../../../edge/dbc/index.ts';
import {
  asObject,
  type Codec,
  count,
  flag,
  integer,
  type Json,
  jsonError,
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
} from './codec.ts';

/** Name and version of the form, its first two fields. A change that old readers would misread raises the version. */
export const jsonFormat = { format: 'miner-dbc', formatVersion: 1 } as const;

const attributeValue: Codec<AttributeValue> = {
  write: (value) => ({ ...value, value: value.kind === 'string' ? value.value : number.write(value.value) }),
  read(json, place) {
    const { kind } = asObject(json, place);
    if (kind === 'string') return textValue.read(json, place);
    return numberValue.read(json, place) as AttributeValue;
  },
};
const textValue = object<{ kind: 'string'; value: string }>({ kind: oneOf('string'), value: text });
const numberValue = object<{ kind: 'int' | 'hex' | 'float' | 'enum'; value: number; text: string }>({
  kind: oneOf('int', 'hex', 'float', 'enum'),
  value: number,
  text,
});
const attributes = record(attributeValue);

const range = object<SelectorRange>({ from: integer, to: integer });
const label = object<ValueLabel>({ raw: integer, text });
const multiplexedBy = object<MultiplexedBy>({ selector: text, ranges: list(range) });

const signal = object<Signal>({
  name: text,
  longName: optional(text),
  startBit: count,
  length: count,
  byteOrder: oneOf('intel', 'motorola'),
  signed: flag,
  valueType: oneOf('integer', 'float32', 'float64'),
  scale: number,
  offset: number,
  minimum: number,
  maximum: number,
  scaleText: text,
  offsetText: text,
  minText: text,
  maxText: text,
  unit: text,
  receivers: list(text),
  isSelector: flag,
  multiplexedBy: optional(multiplexedBy),
  labels: list(label),
  comment: optional(text),
  spn: optional(number),
  startValue: optional(number),
  attributes,
});

const signalGroup = object<SignalGroup>({ name: text, repetitions: count, signals: list(text) });

const message = object<Message>({
  name: text,
  longName: optional(text),
  id: count,
  extended: flag,
  length: count,
  sender: text,
  transmitters: list(text),
  comment: optional(text),
  cycleTimeMs: optional(number),
  fd: flag,
  j1939: flag,
  signals: list(signal),
  signalGroups: list(signalGroup),
  attributes,
});

const node = object<Node>({ name: text, longName: optional(text), comment: optional(text), attributes });

const environmentVariable = object<EnvironmentVariable>({
  name: text,
  type: number,
  minText: text,
  maxText: text,
  unit: text,
  initialText: text,
  id: number,
  accessType: text,
  nodes: list(text),
  dataLength: optional(number),
  labels: list(label),
  comment: optional(text),
  attributes,
});

const target: Codec<AttributeTarget> = oneOf(
  'network',
  'node',
  'message',
  'signal',
  'environment',
  'node-message',
  'node-signal',
  'node-environment',
);

const attributeDefinition = object<AttributeDefinition>({
  name: text,
  target,
  kind: oneOf('int', 'hex', 'float', 'string', 'enum'),
  minText: optional(text),
  maxText: optional(text),
  values: optional(list(text)),
  default: optional(attributeValue),
});

const relationAttribute = object<RelationAttribute>({
  name: text,
  target: oneOf('node-message', 'node-signal', 'node-environment'),
  node: text,
  message: optional(object<{ id: number; extended: boolean }>({ id: count, extended: flag })),
  signal: optional(text),
  environmentVariable: optional(text),
  value: attributeValue,
});

const signalType = object<SignalType>({ name: text, definition: text });
const unknownSection = object<UnknownSection>({ keyword: text, text, line: count });

const sourceComment = object<SourceComment>({
  text,
  place: oneOf('before', 'after'),
  statement: text,
});

const database = object<Database>({
  version: text,
  newSymbols: list(text),
  bitTiming: text,
  comment: optional(text),
  nodes: list(node),
  messages: list(message),
  valueTables: record(list(label)),
  environmentVariables: list(environmentVariable),
  attributeDefinitions: list(attributeDefinition),
  attributes,
  relationAttributes: list(relationAttribute),
  signalTypes: list(signalType),
  unknownSections: list(unknownSection),
  sourceComments: optional(list(sourceComment)),
});

/** The whole model as JSON values, `format` and `formatVersion` first. */
export function databaseToJson(model: Database): Json {
  return { ...jsonFormat, ...asObject(database.write(model), '') };
}

/**
 * The model of such a document. What the document says is held to what the DBC language can say: the model is written
 * as a DBC and read back, and the first difference is an error, so nothing goes missing on the way to a file.
 * @throws {MinerError} `DBC_JSON` with the place in the document
 */
export function databaseFromJson(json: Json): Database {
  const { format, formatVersion, ...rest } = asObject(json, '');
  if (format !== jsonFormat.format) throw jsonError('format', format, JSON.stringify(jsonFormat.format));
  if (formatVersion !== jsonFormat.formatVersion)
    throw jsonError('formatVersion', formatVersion, String(jsonFormat.formatVersion));
  const model = database.read(rest, '');
  const difference = differenceOf(model, parseDbc(writeDbc(model)).database);
  if (difference === undefined) return model;
  const { place, given, back } = difference;
  throw jsonError(
    place,
    given,
    `what a DBC can hold; read back, it is ${back === undefined ? 'missing' : JSON.stringify(back)}`,
  );
}

/** The first place at which two models differ; places of sections in their file do not count. */
export function differenceOf(
  a: Database,
  b: Database,
): { place: string; given: Json | undefined; back: Json | undefined } | undefined {
  return firstDifference(withoutLines(a), withoutLines(b), '');
}

function withoutLines(model: Database): Json {
  const sections = model.unknownSections.map((section) => ({ ...section, line: 0 }));
  return database.write({ ...model, unknownSections: sections });
}

function firstDifference(
  given: Json | undefined,
  back: Json | undefined,
  place: string,
): { place: string; given: Json | undefined; back: Json | undefined } | undefined {
  if (given === back) return undefined;
  const isBranch = (json: Json | undefined) => typeof json === 'object' && json !== null;
  if (!isBranch(given) || !isBranch(back) || Array.isArray(given) !== Array.isArray(back))
    return { place, given, back };
  const [a, b] = [given as Record<string, Json>, back as Record<string, Json>];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const step = Array.isArray(given) ? `[${key}]` : place === '' ? key : `.${key}`;
    const [own, other] = [a, b].map((each) => (Object.hasOwn(each, key) ? each[key] : undefined));
    const found = firstDifference(own, other, place + step);
    if (found !== undefined) return found;
  }
  return undefined;
}
